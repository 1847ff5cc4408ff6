//! A world in which there is nothing but one file and the platform: what holds in it holds everywhere.

use crate::observed::model::Binding;
use crate::observed::platform::Platform;
use crate::observed::world::{Environment, Imported, Located, Phase, World};

pub struct Alone<'a> {
    pub platform: &'a Platform,
}

impl World for Alone<'_> {
    fn platform(&self) -> &Platform {
        self.platform
    }

    fn environment_variable(&self, _: &str) -> Environment {
        Environment::Absent
    }

    fn phase(&self) -> Phase {
        Phase::Absent
    }

    fn live(&self, _: &str) -> Option<Binding> {
        None
    }

    fn imported(&self, _: &str, _: &str) -> Imported {
        Imported::Unknown
    }

    fn locate(&self, _: &str) -> Located {
        Located::Absent
    }

    fn distribution_version(&self) -> Option<String> {
        None
    }
}
