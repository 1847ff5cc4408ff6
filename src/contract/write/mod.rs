//! From what a module declares to the text of a contract that it fits.
//!
//! `draft` decides what to ask for: what the source shows beyond doubt. `text` writes it down, with
//! what was left out in comments.

mod draft;
mod scalar;
mod secrets;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub use draft::draft;
pub use text::text;

use std::collections::BTreeMap;

use super::model::Contract;

/// What to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Names with a leading underscore as well.
    pub private: bool,
    /// Values of constants and defaults.
    pub values: bool,
    /// Where the code may run.
    pub environment: bool,
}

/// A contract to be written.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What it asks for. Only what [`draft`] fills in is written.
    pub contract: Contract,
    /// Whether the module may bind and remove names behind its source's back.
    pub dynamic: bool,
    /// What it does not ask for, and why.
    pub left_out: BTreeMap<Reason, Vec<String>>,
}

impl Draft {
    /// Notes that `name` is left out.
    pub fn leave_out(&mut self, reason: Reason, name: impl Into<String>) {
        self.left_out.entry(reason).or_default().push(name.into());
    }
}

/// Why something is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It begins with an underscore.
    Private,
    /// It is what another module has.
    Imported,
    /// It is bound under a condition.
    Conditional,
    /// It is annotated and never given a value.
    Unset,
    /// A contract can't spell it.
    Unspeakable,
    /// The source does not prove it.
    Unproven,
    /// The value may be a secret.
    Secret,
    /// The value is too long, or can change, or can't be written in YAML.
    Value,
}

impl Reason {
    /// In words, for a comment.
    fn words(self) -> &'static str {
        match self {
            Self::Private => "private names and what every object has; --private asks for them as well",
            Self::Imported => "imported names",
            Self::Conditional => "bound under a condition only",
            Self::Unset => "annotated, but never given a value",
            Self::Unspeakable => "names that a contract can't spell",
            Self::Unproven => "not to be proven by the source alone",
            Self::Secret => "values that may be secrets",
            Self::Value => "values that are long, can change or have no form in YAML",
        }
    }
}
