//! Regular expressions of a contract.

/// A regular expression that must match a whole text, in linear time.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
}

impl Pattern {
    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.text == text
    }
}
