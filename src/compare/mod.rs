//! Contract x observed -> violations.

pub mod code;
pub mod violation;

mod annotation;
mod attribute;
mod class;
mod deployment;
mod disclosure;
mod environment;
mod finding;
mod hierarchy;
mod imports;
mod judge;
mod message;
mod module;
mod place;
mod resolve;
mod show;
mod signature;
mod values;

#[cfg(test)]
mod tests;

use std::path::is_separator;
use std::sync::Arc;

use crate::contract::model::Contract;
use crate::observed::model::Module;
use crate::observed::world::World;

use deployment::Surroundings;
use imports::Imports;
use place::Place;
use resolve::Names;
use violation::Violation;

/// The importer as the comparison sees it.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Its file, if it has one; for `filename` rules.
    pub file: Option<String>,
    /// Its static structure; none if it has no source, or its source can't be used.
    pub module: Option<Arc<Module>>,
    /// Why there is no static structure, as a clause for `unproven` messages ("its source does not parse").
    pub no_source: Option<String>,
}

/// How much of the contract applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Whole,
    /// Only where the code runs: importers inside the boundary, trusted ones, and none at all.
    EnvironmentOnly,
}

/// Every way in which `subject`, in its `world`, falls short of `contract`, in contract order.
#[must_use]
pub fn compare(contract: &Contract, subject: &Subject, scope: Scope, world: &dyn World) -> Vec<Violation> {
    let imports = Imports::new(world);
    let label = subject.file.as_deref().and_then(|file| file.rsplit(is_separator).next()).unwrap_or("the importer");
    let names = Names {
        imports: &imports,
        module: subject.module.as_ref(),
        phase: world.phase(),
        no_source: subject.no_source.as_deref(),
        label,
        own: true,
    };
    let mut out = Vec::new();
    if scope == Scope::Whole {
        if let Some(pattern) = &contract.module.filename {
            module::filename(pattern, subject.file.as_deref(), &Place::key(None, "filename"), &mut out);
        }
        module::compare(&contract.module, &names, None, &|| world.distribution_version(), &mut out);
    }
    let around = Surroundings { subject, scope, names: &names };
    deployment::compare(&contract.deployments, &around, &mut out);
    out
}
