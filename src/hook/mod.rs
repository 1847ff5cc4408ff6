//! All of pyo3: how the core meets a running interpreter. Nothing here decides; it asks the core.

mod arguments;
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
mod frames;
mod govern;
mod guards;
mod importer;
mod install;
mod lines;
mod live;
mod loaded_from;
mod loading;
mod logging;
mod memo;
mod notes;
mod overrides;
mod panics;
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

/// The extension module. Importing it has no side effect.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::checking::{Report, check};
    #[pymodule_export]
    use super::embedded::Spy;
    #[pymodule_export]
    use super::exports::{cache_clear, cache_info, decisions, install, is_installed, uninstall};
    #[pymodule_export]
    use super::finder::Finder;
    #[pymodule_export]
    use super::program::{main, status};

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        use pyo3::types::PyModuleMethods;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
