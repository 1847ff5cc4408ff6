//! What of an importer's values may be shown: what source spells, and nothing else (DESIGN 6 and 7).

use crate::observed::model::{Binding, BindingKind, Known, Variable};
use crate::value::Value;

use super::imports::Home;

/// Whether a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disclosure {
    /// It stands in a source as a literal.
    Spelled,
    /// It was read from a live object: it may be a secret.
    Hidden,
}

impl Disclosure {
    /// That of a value found at `home`.
    pub fn at(home: &Home) -> Self {
        match home {
            Home::Own | Home::Other(_) => Self::Spelled,
            Home::Live => Self::Hidden,
        }
    }

    /// That of a live binding, where the source has a literal of the same name: it says no more than that.
    pub fn of_live(live: &BindingKind, source: Option<&Binding>) -> Self {
        match (literal(live), source.and_then(|source| literal(&source.kind))) {
            (Some(live), Some(spelled)) if live == spelled => Self::Spelled,
            _ => Self::Hidden,
        }
    }

    /// Whether `value` may be shown. Of `None`, its type already tells all.
    pub fn shows(self, value: &Value) -> bool {
        self == Self::Spelled || *value == Value::None
    }
}

fn literal(kind: &BindingKind) -> Option<&Value> {
    match kind {
        BindingKind::Variable(Variable { value: Known::Literal(value), .. }) => Some(value),
        _ => None,
    }
}
