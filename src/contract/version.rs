//! Version requirements (DESIGN 6).

/// A version requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// As written.
    pub text: String,
}

impl Requirement {
    /// Whether `version` fits; none if `version` is not a version.
    #[must_use]
    pub fn matches(&self, version: &str) -> Option<bool> {
        Some(self.text == version)
    }
}
