//! Building violations.

use crate::text::Span;

use super::code::{ALL, Category, Code, Entity};
use super::place::Place;
use super::violation::{Context, Violation};

/// A violation under construction.
pub(super) struct Finding(Violation);

impl Finding {
    /// `entity`, at `place`, falls short in the way of `category`.
    pub fn new(category: Category, entity: Entity, place: &Place<'_>, message: String) -> Self {
        let code = Code::new(category, entity);
        debug_assert!(ALL.contains(&code), "{code} is not among the codes that are documented");
        let context = match entity {
            Entity::Architecture | Entity::OperatingSystem | Entity::PythonVersion | Entity::Interpreter => {
                Context::Runtime
            }
            Entity::EnvironmentVariable | Entity::Secret => Context::Environment,
            _ => place.structure(),
        };
        Self(Violation {
            code,
            context,
            path: place.path(),
            key: None,
            message,
            expected: None,
            found: None,
            help: String::new(),
            importer_span: None,
        })
    }

    /// The key below the place whose value disagrees.
    pub fn key(mut self, key: &'static str) -> Self {
        self.0.key = Some(key);
        self
    }

    /// What the contract asks for.
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.0.expected = Some(text.into());
        self
    }

    /// What was found.
    pub fn found(mut self, text: impl Into<String>) -> Self {
        self.0.found = Some(text.into());
        self
    }

    /// What to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.0.help = text.into();
        self
    }

    /// Where in the importer.
    pub fn at(mut self, span: Option<Span>) -> Self {
        self.0.importer_span = span;
        self
    }

    /// Done.
    pub fn push(self, out: &mut Vec<Violation>) {
        out.push(self.0);
    }
}
