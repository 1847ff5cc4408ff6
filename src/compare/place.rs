//! Where in the contract the comparison is. A path is only built for a violation.

use crate::contract::path::ContractPath;

use super::violation::Context;

/// A key of the contract, with the item of the list below it, and what it stands under.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    up: Option<&'a Place<'a>>,
    key: &'static str,
    item: Option<(usize, Option<&'a str>)>,
}

impl<'a> Place<'a> {
    /// The value of `key`.
    pub fn key(up: Option<&'a Place<'a>>, key: &'static str) -> Self {
        Self { up, key, item: None }
    }

    /// The item of the list under `key`.
    pub fn item(up: Option<&'a Place<'a>>, key: &'static str, index: usize, label: Option<&'a str>) -> Self {
        Self { up, key, item: Some((index, label)) }
    }

    /// The path, for a violation.
    pub fn path(&self) -> ContractPath {
        let mut chain = vec![self];
        while let Some(up) = chain.last().and_then(|place| place.up) {
            chain.push(up);
        }
        let mut path = ContractPath::default();
        for place in chain.into_iter().rev() {
            path = path.key(place.key);
            if let Some((index, label)) = place.item {
                path = path.item(index, label);
            }
        }
        path
    }

    /// The part of the contract that rules on module structure belong to here.
    pub fn structure(&self) -> Context {
        let mut place = Some(self);
        while let Some(here) = place {
            if here.key == "classes" {
                return Context::Class;
            }
            place = here.up;
        }
        Context::Module
    }
}
