//! Paths into a contract, for people (`classes[Extension].methods[run]`) and for finding the text.

use std::fmt;

/// A step of a [`ContractPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A key of a mapping.
    Key(&'static str),
    /// An item of a list: its index from 0, and its name where it has one.
    Item {
        /// Index from 0.
        index: usize,
        /// `name` of the item; shown instead of the index.
        label: Option<String>,
    },
}

/// Where in a contract a rule stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContractPath(pub Vec<Step>);

impl ContractPath {
    /// This path and a key below it.
    #[must_use]
    pub fn key(&self, key: &'static str) -> Self {
        self.with(Step::Key(key))
    }

    /// This path and an item below it.
    #[must_use]
    pub fn item(&self, index: usize, label: Option<&str>) -> Self {
        self.with(Step::Item { index, label: label.map(str::to_owned) })
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for ContractPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if i == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Item { label: Some(label), .. } => write!(f, "[{label}]")?,
                Step::Item { index, label: None } => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
