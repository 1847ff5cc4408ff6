//! Why a contract can't be used.

use crate::text::Span;

/// One reason why a contract can't be used, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// One sentence: what is wrong.
    pub message: String,
    /// Where in the text; none if the text as a whole is meant (or could not be decoded).
    pub span: Option<Span>,
    /// The key path, where known: `classes[0].methods`.
    pub path: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A contract whose bytes can't be had, for this reason.
    #[must_use]
    pub fn unreadable(reason: &str) -> Self {
        Self {
            message: format!("the contract can't be read: {reason}"),
            span: None,
            path: None,
            help: Some("make it a readable file, or remove it".to_owned()),
        }
    }
}
