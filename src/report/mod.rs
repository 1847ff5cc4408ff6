//! Reports: one file each format.

pub mod codes;
pub(crate) mod escape;
mod excerpt;
pub mod json;
pub mod lines;
pub mod places;
pub mod problem;
pub mod survey;
pub mod text;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use crate::compare::violation::Violation;
use crate::observed::platform::Platform;

/// What came of validating one importer against one contract: everything a report needs, as data.
#[derive(Clone, Debug)]
pub struct Report {
    /// The guarded module's name.
    pub module: String,
    /// Who imports it.
    pub importer: Importer,
    /// The contract.
    pub contract: Source,
    /// Where the code runs.
    pub platform: Platform,
    /// Everything that is wrong, in contract order. Empty: it fits.
    pub violations: Vec<Violation>,
}

/// The importer, for people.
#[derive(Clone, Debug, Default)]
pub struct Importer {
    /// Its module name; none if it is anonymous.
    pub name: Option<String>,
    /// Its source, if it has one.
    pub source: Option<Source>,
    /// The line of the import, from 1, in `source`.
    pub line: Option<usize>,
}

/// A text and where it came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path or name, for display.
    pub path: String,
    /// The text that positions refer to (after decoding and removal of a BOM).
    pub text: Arc<str>,
}
