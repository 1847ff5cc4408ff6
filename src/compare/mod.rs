//! Contract x observed -> violations.

pub mod code;
pub mod violation;

mod annotation;
mod finding;
mod place;
mod show;
mod values;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::contract::model::Contract;
use crate::observed::model::Module;
use crate::observed::world::World;

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
    let _ = (contract, subject, scope, world);
    Vec::new()
}
