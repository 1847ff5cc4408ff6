//! The contract as data (DESIGN 6). Every part that is absent or null asks for nothing.

use std::sync::Arc;

use crate::observed::model::ParameterKind;
use crate::value::Value;

use super::glob::Glob;
use super::pattern::Pattern;
use super::version::Requirement;

/// A parsed `spymodel.yml`.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    /// What the importer must declare.
    pub module: ModuleRules,
    /// Where it may run: alternatives. Empty: anywhere.
    pub deployments: Vec<Deployment>,
    /// Which modules of its folder a folder-wide contract guards. None: all of them.
    pub protects: Option<Vec<Glob>>,
    /// Module names that are exempt from everything but the environment part.
    pub trusted_importers: Vec<Glob>,
}

/// Rules on one module: the importer, or one named under `modules`.
#[derive(Clone, Debug, Default)]
pub struct ModuleRules {
    /// The module's file: a `/`-separated suffix or glob.
    pub filename: Option<FilePattern>,
    /// Its version.
    pub version: Option<Requirement>,
    /// Module variables.
    pub variables: Vec<VariableRule>,
    /// Functions.
    pub functions: Vec<FunctionRule>,
    /// Classes.
    pub classes: Vec<ClassRule>,
}

/// A rule on a module variable.
#[derive(Clone, Debug, Default)]
pub struct VariableRule {
    /// Its name.
    pub name: String,
    /// Its annotation, as written in the contract.
    pub annotation: Option<String>,
    /// Its value.
    pub value: Option<Value>,
    /// A regular expression for the whole text of its value.
    pub pattern: Option<Arc<Pattern>>,
    /// The allowed values.
    pub one_of: Option<Vec<Value>>,
}

/// Class attribute, instance attribute, or either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttributeKind {
    /// Either will do.
    #[default]
    Either,
    /// `type: class`.
    Class,
    /// `type: instance`.
    Instance,
}

/// A rule on an attribute of a class.
#[derive(Clone, Debug, Default)]
pub struct AttributeRule {
    /// As for a variable.
    pub variable: VariableRule,
    /// Where it must live.
    pub kind: AttributeKind,
}

/// A rule on a function or method.
#[derive(Clone, Debug, Default)]
pub struct FunctionRule {
    /// Its name.
    pub name: String,
    /// Parameters that must exist, in this relative order.
    pub arguments: Vec<ArgumentRule>,
    /// Its return annotation, as written in the contract.
    pub return_annotation: Option<String>,
    /// Whether it must be `async def`, or must not.
    pub is_async: Option<bool>,
}

/// A rule on a parameter.
#[derive(Clone, Debug, Default)]
pub struct ArgumentRule {
    /// Its name, without stars.
    pub name: String,
    /// Its annotation.
    pub annotation: Option<String>,
    /// Its default.
    pub value: Option<Value>,
    /// Its kind.
    pub kind: Option<ParameterKind>,
}

/// A rule on a class.
#[derive(Clone, Debug, Default)]
pub struct ClassRule {
    /// Its name.
    pub name: String,
    /// Attributes.
    pub attributes: Vec<AttributeRule>,
    /// Methods.
    pub methods: Vec<FunctionRule>,
    /// Direct or inherited bases; each may carry rules of its own.
    pub superclasses: Vec<ClassRule>,
}

/// One alternative of where code may run.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// Canonical architecture names, one of which must be the machine's. Empty: any.
    pub arch: Vec<&'static str>,
    /// Systems: alternatives. Empty: any.
    pub systems: Vec<System>,
}

/// One alternative of an operating system.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// Canonical operating system names. Empty: any.
    pub os: Vec<&'static str>,
    /// Environment variables that must be set.
    pub environment: EnvironmentRules,
    /// Pythons: alternatives. Empty: any.
    pub pythons: Vec<Python>,
}

/// Rules on environment variables.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentRules {
    /// Variables with rules on their values.
    pub variables: Vec<EnvironmentRule>,
    /// Names that must be set.
    pub secrets: Vec<String>,
}

/// A rule on an environment variable. Values are the *text* of the contract's scalars (`3.10` stays
/// `3.10`), because environment variables are text.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentRule {
    /// Its name.
    pub name: String,
    /// `int`, `float`, `bool` make the comparison typed; anything else compares text.
    pub annotation: Option<String>,
    /// The text it must have.
    pub value: Option<String>,
    /// A regular expression for the whole text.
    pub pattern: Option<Arc<Pattern>>,
    /// The allowed texts.
    pub one_of: Option<Vec<String>>,
}

/// One alternative of a Python.
#[derive(Clone, Debug, Default)]
pub struct Python {
    /// Version requirement on the interpreter.
    pub version: Option<Requirement>,
    /// Canonical interpreter names. Empty: any.
    pub interpreter: Vec<&'static str>,
    /// Further rules for the importer, and modules that must be there.
    pub modules: Vec<ModuleRules>,
}

/// A file name rule: `/`-separated, matched against the end of the importer's path.
#[derive(Clone, Debug)]
pub struct FilePattern {
    /// As written.
    pub text: String,
    /// Compiled.
    pub glob: Glob,
}
