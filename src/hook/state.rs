//! Everything the hook keeps, in one object that lives as long as the process.
//!
//! Locks guard plain data only and are never held while Python code can run; as they are taken and
//! released with the interpreter attached, a `fork` never finds one taken by another thread.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::once::Once;
use super::once::intern;
use parking_lot::RwLock;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use importspy_hook::contract::trust::Trusted;
use importspy_hook::observed::platform::Platform;

use super::cache::Cache;
use super::contracts::Contracts;
use super::decisions::Log;
use super::environ::Environ;
use super::files::RealPaths;
use super::finder::{self, Finder};
use super::frames::Machinery;
use super::guards::Discovery;
use super::import_lock::ImportLock;
use super::loaded_from::Loaders;
use super::modules::Modules;
use super::overrides::{Overrides, Site};
use super::passes::Passes;
use super::source::Sources;
use super::stock::Stock;
use super::{api, errors, memo, platform, python};

static STATE: Once<State> = Once::new();

thread_local! {
    /// Whether this thread is inside a decision: what Python code does meanwhile passes untouched.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// What happens to an import that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is looked at.
    Off,
    /// It is blocked.
    Enforce,
    /// It goes on, with a warning.
    Report,
}

/// The hook.
pub struct State {
    /// The interpreter's import machinery.
    pub machinery: Machinery,
    /// What the interpreter holds while it asks finders.
    pub import_lock: ImportLock,
    /// Python's own finders.
    pub stock: Stock,
    /// Tells where loaders have code from.
    pub loaders: Loaders,
    /// Contracts as read.
    pub contracts: Contracts,
    /// Sources as parsed.
    pub sources: Sources,
    /// Where we run.
    pub platform: Platform,
    /// Environment variables.
    pub environ: Environ,
    /// Decisions that still hold.
    pub cache: Cache,
    /// What was decided lately.
    pub decisions: Log,
    /// The finder that stands in `sys.meta_path`.
    pub finder: Py<Finder>,
    /// What was installed, and over what.
    pub overrides: Overrides,
    /// Paths with their links resolved.
    pub real_paths: RealPaths,
    /// The modules that were found.
    pub modules: Modules,
    /// Who was let through to run what.
    pub passes: Passes,
    mode: AtomicU8,
    /// Importers that whoever installed the hook vouches for.
    trusted: RwLock<Arc<[Trusted]>>,
}

impl State {
    /// The state, made at the first `install()`.
    pub fn create(py: Python<'_>) -> PyResult<&'static Self> {
        if api::interpreter_id(py) != 0 {
            return Err(PyRuntimeError::new_err(
                "importspy_hook does not guard subinterpreters: use it in the main interpreter",
            ));
        }
        STATE.get_or_try_init(py, || {
            let modules = python::modules(py)?;
            let builtins = modules.as_any().get_item("builtins")?;
            let os = modules.get_item("os")?.ok_or_else(|| {
                PyRuntimeError::new_err("importspy_hook needs the module os, which every Python start-up loads")
            })?;
            errors::get_ready_for_forks(py, &os)?;
            Ok(Self {
                machinery: Machinery::new(py, &modules)?,
                import_lock: ImportLock::new(&modules)?,
                stock: Stock::new(py, &modules)?,
                loaders: Loaders::new(&modules)?,
                contracts: Contracts::default(),
                sources: Sources::new(&modules, &builtins)?,
                platform: platform::read(py, &modules)?,
                environ: Environ::new(os)?,
                cache: Cache::default(),
                decisions: Log::default(),
                finder: Py::new(py, Finder)?,
                overrides: Overrides::default(),
                real_paths: RealPaths::default(),
                modules: Modules::new(py, Discovery::new(&modules)?),
                passes: Passes::new(py),
                mode: AtomicU8::new(Mode::Off as u8),
                trusted: RwLock::new(Arc::default()),
            })
        })
    }

    /// The state, if `install()` was ever called.
    ///
    /// Subinterpreters that share the extension have no state: its objects belong to the main one.
    pub fn get(py: Python<'_>) -> Option<&'static Self> {
        STATE.get(py).filter(|_| api::interpreter_id(py) == 0)
    }

    /// The state, if it is to look at this thread's imports now.
    pub fn active(py: Python<'_>) -> Option<&'static Self> {
        Self::get(py).filter(|state| state.mode() != Mode::Off && !is_busy())
    }

    /// What happens to an import that does not fit.
    pub fn mode(&self) -> Mode {
        match self.mode.load(Ordering::Acquire) {
            0 => Mode::Off,
            1 => Mode::Enforce,
            _ => Mode::Report,
        }
    }

    /// Switches.
    pub fn set_mode(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::Release);
        memo::forget();
    }

    /// Importers that whoever installed the hook vouches for.
    pub fn trusted(&self) -> Arc<[Trusted]> {
        Arc::clone(&self.trusted.read())
    }

    /// Vouches for these importers from now on, and for no others.
    pub fn set_trusted(&self, trusted: Vec<Trusted>) {
        *self.trusted.write() = trusted.into();
    }

    /// Whether `import` statements lead to our function, with none of somebody else's in front.
    pub fn is_import_ours(&self, py: Python<'_>, modules: &Bound<'_, PyDict>) -> bool {
        let present = || {
            let builtins = modules.get_item(intern!(py, "builtins")).ok()??;
            python::namespace(&builtins)?.get_item(intern!(py, "__import__")).ok()?
        };
        present().is_some_and(|present| self.overrides.is_ours(Site::Import, &present))
    }

    /// Forgets what was read and decided; the next imports look again.
    pub fn clear(&self, py: Python<'_>) {
        self.modules.clear(py);
        self.cache.clear();
        self.real_paths.clear();
        self.contracts.clear();
        self.sources.clear();
    }

    /// The spec of a module that need not be loaded, found without importing anything.
    pub fn locate<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let path = match name.rfind('.') {
            None => py.None().into_bound(py),
            Some(dot) => {
                let parent = &name[..dot];
                let locations = match python::loaded(py, parent)? {
                    Some(package) => python::namespace(&package)
                        .and_then(|namespace| namespace.get_item(intern!(py, "__path__")).ok().flatten()),
                    None => self
                        .locate(py, parent)?
                        .and_then(|spec| python::attribute(&spec, intern!(py, "submodule_search_locations"))),
                };
                match locations {
                    Some(locations) => locations,
                    None => return Ok(None),
                }
            }
        };
        quietly(|| finder::ask_others(py, &self.finder, name, &path, None))
    }
}

/// Whether this thread is inside a decision.
pub fn is_busy() -> bool {
    BUSY.get()
}

/// Runs `body` as part of a decision: imports that it causes are nobody's business.
pub fn quietly<T>(body: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            BUSY.set(self.0);
        }
    }
    let _restore = Restore(BUSY.replace(true));
    body()
}

/// What stands in `sys.meta_path`: Python takes any sequence. Nothing, if it is none (as at the very end).
pub fn finders(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyAny>>> {
    let present = python::sys(py)?.getattr(intern!(py, "meta_path"))?;
    if present.try_iter().is_err() {
        return Ok(Vec::new());
    }
    let (finders, result) = python::items(&present);
    result.map(|()| finders)
}

/// `sys.meta_path` as a list, to change it. Another sequence is replaced by a list of the same.
pub fn meta_path(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let present = python::sys(py)?.getattr(intern!(py, "meta_path"))?;
    if let Ok(list) = present.cast::<PyList>() {
        return Ok(list.clone());
    }
    if present.try_iter().is_err() {
        let kind = python::text(present.get_type().as_any(), intern!(py, "__name__")).unwrap_or_default();
        return Err(PyTypeError::new_err(format!("sys.meta_path must be a list of finders, not {kind}")));
    }
    let list = PyList::new(py, finders(py)?)?;
    python::sys(py)?.setattr(intern!(py, "meta_path"), &list)?;
    Ok(list)
}

/// A copy of the dictionary of loaded modules, safe to walk while imports go on.
pub fn loaded_modules(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    python::modules(py)?.copy()
}
