//! All of pyo3: how the core meets a running interpreter. Nothing here decides; it asks the core.

mod api;
mod arguments;
mod bytecode;
mod cache;
mod calls;
mod checking;
mod contracts;
mod decisions;
mod embedded;
mod environ;
mod errors;
mod exports;
mod fast;
mod files;
mod finder;
mod first;
mod foreign;
mod frames;
mod govern;
mod guards;
mod import_lock;
mod importer;
mod install;
mod instances;
mod lines;
mod live;
mod loaded_from;
mod loading;
mod logging;
mod memo;
mod modules;
mod notes;
mod once;
mod originals;
mod overrides;
mod panics;
mod passes;
mod path_finder;
mod path_hooks;
mod platform;
mod program;
mod python;
mod raw;
mod source;
mod state;
mod stock;
mod trimmed;
mod undecided;
mod world;
mod wrapper;

use pyo3::prelude::*;
use pyo3::types::PyList;

/// The extension module. Importing it has no side effect.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // pyo3 asks for the list first. Where there is none, it makes a class for its own exceptions to tell what is wrong.
    module.setattr("__all__", PyList::empty(module.py()))?;
    module.add_class::<checking::Report>()?;
    module.add_class::<embedded::Spy>()?;
    module.add_class::<finder::Finder>()?;
    module.add_function(wrap_pyfunction!(checking::check, module)?)?;
    module.add_function(wrap_pyfunction!(exports::cache_clear, module)?)?;
    module.add_function(wrap_pyfunction!(exports::cache_info, module)?)?;
    module.add_function(wrap_pyfunction!(exports::decisions, module)?)?;
    module.add_function(wrap_pyfunction!(exports::install, module)?)?;
    module.add_function(wrap_pyfunction!(exports::is_installed, module)?)?;
    module.add_function(wrap_pyfunction!(exports::uninstall, module)?)?;
    module.add_function(wrap_pyfunction!(program::main, module)?)?;
    module.add_function(wrap_pyfunction!(program::status, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
