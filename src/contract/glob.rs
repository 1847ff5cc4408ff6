//! Globs over dotted module names and over `/`-separated file paths.

/// A compiled glob.
#[derive(Clone, Debug)]
pub struct Glob {
    /// As written.
    pub text: String,
}

impl Glob {
    /// Whether the whole dotted module name matches.
    #[must_use]
    pub fn matches_module(&self, name: &str) -> bool {
        self.text == name
    }
}
