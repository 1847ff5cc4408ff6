//! Steps from a node of a contract to one below it, whatever its keys.

use std::borrow::Cow;

use super::path;

/// One step down.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Into the value of a key.
    Key(Cow<'static, str>),
    /// Into an item, from 0.
    Index(usize),
}

impl Step {
    pub(super) fn key(key: &'static str) -> Self {
        Self::Key(Cow::Borrowed(key))
    }
}

impl From<&path::Step> for Step {
    fn from(step: &path::Step) -> Self {
        match step {
            path::Step::Key(key) => Self::key(key),
            path::Step::Item { index, .. } => Self::Index(*index),
        }
    }
}
