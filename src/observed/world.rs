//! The one door between the core and the outside: facts, asked for when a rule needs them.
//!
//! The core never does I/O. An implementation answers from a live interpreter, from a tree of
//! files, or from data in a test. It must not execute or import anything.

use std::sync::Arc;

use super::model::{Binding, Module};
use super::platform::Platform;

/// Answers questions about the environment and the importer's surroundings.
pub trait World {
    /// Where the code runs.
    fn platform(&self) -> &Platform;

    /// An environment variable, read afresh.
    fn environment_variable(&self, name: &str) -> Environment;

    /// The life phase of the importer's live namespace.
    fn phase(&self) -> Phase;

    /// What `name` is bound to in the importer's live namespace now.
    fn live(&self, name: &str) -> Option<Binding>;

    /// What the name `name` of the module `module` is, without importing that module.
    fn imported(&self, module: &str, name: &str) -> Imported;

    /// The module that a `modules[]` entry names by its file name, found without importing it.
    fn locate(&self, filename: &str) -> Located;

    /// The version of the installed distribution that provides the importer, if there is one.
    fn distribution_version(&self) -> Option<String>;
}

/// An environment variable's state. The value is never shown, logged or stored.
#[derive(Clone, PartialEq, Eq)]
pub enum Environment {
    /// Not set.
    Absent,
    /// Set to this text.
    Text(String),
    /// Set, but not decodable as Unicode.
    NotUnicode,
}

/// How far the importer's namespace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is no live namespace (command line).
    Absent,
    /// Its top-level code is running; `offset` is the byte offset, in its source, of the start of
    /// the line being executed, if known: bindings that stand before it have happened.
    Initialising {
        /// Byte offset of the start of the running line.
        offset: Option<usize>,
    },
    /// Its top-level code has ended.
    Initialised,
}

/// An imported name, as found without importing.
#[derive(Clone, Debug)]
pub enum Imported {
    /// The module is loaded and this is its live binding.
    Live(Binding),
    /// The module is not loaded, or its live object tells less than its source: its parsed source.
    /// The name is to be looked up in it.
    Source(Arc<Module>),
    /// The module is there but has no such name.
    Absent,
    /// It can't be told.
    Unknown,
}

/// A module named by a contract.
#[derive(Clone, Debug)]
pub enum Located {
    /// No such module.
    Absent,
    /// It is there, but its source can't be read: only its presence is known.
    Opaque {
        /// Its version, if known.
        version: Option<String>,
    },
    /// Found and parsed.
    Found {
        /// Its file, for reports.
        file: String,
        /// Its structure.
        module: Arc<Module>,
        /// The version of the distribution that provides it.
        version: Option<String>,
    },
}

/// The module that a `modules[]` entry means: `pkg/mod.py` is `pkg.mod`, `pkg/__init__.py` is `pkg`; a glob
/// names none.
#[must_use]
pub fn module_of_file(filename: &str) -> Option<String> {
    let path = filename.trim_start_matches("./");
    let path = path.strip_suffix(".py").unwrap_or(path);
    let path = path.strip_suffix("/__init__").unwrap_or(path);
    let fits = !path.is_empty()
        && path.split('/').all(|part| {
            !part.is_empty() && part.chars().all(|character| character.is_alphanumeric() || "_.-".contains(character))
        });
    fits.then(|| path.replace('/', "."))
}
