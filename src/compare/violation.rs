//! A violation: one way in which the observed model falls short of the contract.

use crate::contract::path::ContractPath;
use crate::text::Span;

use super::code::Code;

/// The part of the contract that a violation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// Architecture, operating system, Python.
    Runtime,
    /// Environment variables and secrets.
    Environment,
    /// Module structure: file name, version, variables, functions, other modules.
    Module,
    /// Inside a class.
    Class,
}

impl Context {
    /// As it stands in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Environment => "environment",
            Self::Module => "module",
            Self::Class => "class",
        }
    }
}

/// One finding. Places are byte offsets; they become lines and columns only when shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Its stable code.
    pub code: Code,
    /// Which part of the contract.
    pub context: Context,
    /// The rule that is broken: `classes[Extension].methods[run].arguments[msg]`.
    pub path: ContractPath,
    /// The key below `path` whose value disagrees (`value`, `annotation`), to underline just that.
    pub key: Option<&'static str>,
    /// One sentence: what is wrong.
    pub message: String,
    /// What the contract asks for, as text.
    pub expected: Option<String>,
    /// What was found, as text. Never the value of an environment variable.
    pub found: Option<String>,
    /// What to do about it.
    pub help: String,
    /// Where in the importer's source; none if there is no such place.
    pub importer_span: Option<Span>,
}
