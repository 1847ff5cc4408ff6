//! Violation codes: `CATEGORY-ENTITY`, stable.

use std::fmt;

/// In which way something falls short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// It is not there.
    Missing,
    /// It is there but different.
    Mismatch,
    /// It is outside the allowed set.
    Invalid,
    /// It could not be established, so it blocks.
    Unproven,
}

/// What falls short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// The importer's file name.
    Filename,
    /// The importer's version.
    Version,
    /// A module variable.
    Variable,
    /// A function.
    Function,
    /// A parameter of a function or method.
    Argument,
    /// A return annotation.
    Return,
    /// A class.
    Class,
    /// An attribute of a class.
    Attribute,
    /// A method.
    Method,
    /// A base class.
    Superclass,
    /// The machine's architecture.
    Architecture,
    /// The operating system.
    OperatingSystem,
    /// The Python version.
    PythonVersion,
    /// The Python implementation.
    Interpreter,
    /// An environment variable.
    EnvironmentVariable,
    /// A secret (an environment variable's presence).
    Secret,
    /// Another module.
    Module,
}

/// A violation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    /// In which way.
    pub category: Category,
    /// What.
    pub entity: Entity,
}

/// Every code that a comparison can come to, in order. Other combinations make no sense: an architecture can't be missing.
pub const ALL: &[Code] = &{
    use Category::{Invalid, Mismatch, Missing, Unproven};
    use Entity::{
        Architecture, Argument, Attribute, Class, EnvironmentVariable, Filename, Function, Interpreter, Method, Module,
        OperatingSystem, PythonVersion, Return, Secret, Superclass, Variable, Version,
    };
    [
        Code::new(Missing, Filename),
        Code::new(Missing, Version),
        Code::new(Missing, Variable),
        Code::new(Missing, Function),
        Code::new(Missing, Argument),
        Code::new(Missing, Class),
        Code::new(Missing, Attribute),
        Code::new(Missing, Method),
        Code::new(Missing, Superclass),
        Code::new(Missing, EnvironmentVariable),
        Code::new(Missing, Secret),
        Code::new(Missing, Module),
        Code::new(Mismatch, Filename),
        Code::new(Mismatch, Version),
        Code::new(Mismatch, Variable),
        Code::new(Mismatch, Function),
        Code::new(Mismatch, Argument),
        Code::new(Mismatch, Return),
        Code::new(Mismatch, Class),
        Code::new(Mismatch, Attribute),
        Code::new(Mismatch, Method),
        Code::new(Mismatch, Architecture),
        Code::new(Mismatch, OperatingSystem),
        Code::new(Mismatch, PythonVersion),
        Code::new(Mismatch, Interpreter),
        Code::new(Mismatch, EnvironmentVariable),
        Code::new(Invalid, Variable),
        Code::new(Invalid, Attribute),
        Code::new(Invalid, Architecture),
        Code::new(Invalid, OperatingSystem),
        Code::new(Invalid, Interpreter),
        Code::new(Invalid, EnvironmentVariable),
        Code::new(Unproven, Version),
        Code::new(Unproven, Variable),
        Code::new(Unproven, Function),
        Code::new(Unproven, Argument),
        Code::new(Unproven, Class),
        Code::new(Unproven, Attribute),
        Code::new(Unproven, Method),
        Code::new(Unproven, Superclass),
        Code::new(Unproven, Module),
    ]
};

impl Code {
    /// The code of `category` and `entity`.
    #[must_use]
    pub const fn new(category: Category, entity: Entity) -> Self {
        Self { category, entity }
    }
}

impl Category {
    /// As it stands in codes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Mismatch => "mismatch",
            Self::Invalid => "invalid",
            Self::Unproven => "unproven",
        }
    }
}

impl Entity {
    /// As it stands in codes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filename => "filename",
            Self::Version => "version",
            Self::Variable => "variable",
            Self::Function => "function",
            Self::Argument => "argument",
            Self::Return => "return",
            Self::Class => "class",
            Self::Attribute => "attribute",
            Self::Method => "method",
            Self::Superclass => "superclass",
            Self::Architecture => "architecture",
            Self::OperatingSystem => "operating-system",
            Self::PythonVersion => "python-version",
            Self::Interpreter => "interpreter",
            Self::EnvironmentVariable => "environment-variable",
            Self::Secret => "secret",
            Self::Module => "module",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.category.as_str(), self.entity.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_code_stands_once_in_order() {
        assert!(ALL.is_sorted_by(|a, b| a < b), "{ALL:?}");
    }
}
