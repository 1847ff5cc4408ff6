//! Everything the hook keeps, in one object that lives as long as the process.
//!
//! Locks guard plain data only and are never held while Python code can run; as they are taken and
//! released with the interpreter attached, a `fork` never finds one taken by another thread.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString};

use crate::contract::trust::Trusted;
use crate::observed::platform::Platform;

use super::cache::Cache;
use super::contracts::Contracts;
use super::decisions::Log;
use super::environ::Environ;
use super::files::RealPaths;
use super::finder::{self, Finder};
use super::frames::Machinery;
use super::guards::{Discovery, Guarding, Shared};
use super::import_lock::ImportLock;
use super::loaded_from::Loaders;
use super::notes::Notes;
use super::overrides::{Overrides, Site};
use super::source::Sources;
use super::stock::Stock;
use super::{errors, memo, platform, python, raw};

static STATE: PyOnceLock<State> = PyOnceLock::new();

/// Modules that may be known before any are forgotten.
const SHED_AT_LEAST: usize = 8192;

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
    /// Finds contracts beside modules.
    pub discovery: Discovery,
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
    /// Where modules were found.
    pub notes: Notes,
    /// Specs of guarded modules, by name, that the finder handed to an import which was let through: what
    /// is executed from such a spec, once, needs no second look.
    passes: Py<PyDict>,
    /// Names of modules that have no contract, nor have the packages above them: the fast path's. True
    /// for those with nothing guarded below them.
    unguarded: Py<PyDict>,
    /// Names of packages with something guarded below them.
    above: Mutex<HashSet<String>>,
    /// What is known of modules: their guard, or that they have none of their own.
    guards: Mutex<HashMap<String, Option<Shared>>>,
    /// How many modules are known before those that are no longer loaded are forgotten.
    shed_at: AtomicUsize,
    mode: AtomicU8,
    /// Importers that whoever installed the hook vouches for.
    trusted: RwLock<Arc<[Trusted]>>,
}

impl State {
    /// The state, made at the first `install()`.
    pub fn create(py: Python<'_>) -> PyResult<&'static Self> {
        if raw::interpreter_id(py) != 0 {
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
                discovery: Discovery::new(&modules)?,
                contracts: Contracts::default(),
                sources: Sources::new(&modules, &builtins)?,
                platform: platform::read(py, &modules)?,
                environ: Environ::new(os)?,
                cache: Cache::default(),
                decisions: Log::default(),
                finder: Py::new(py, Finder)?,
                overrides: Overrides::default(),
                unguarded: PyDict::new(py).unbind(),
                above: Mutex::default(),
                real_paths: RealPaths::default(),
                notes: Notes::new(py),
                passes: PyDict::new(py).unbind(),
                guards: Mutex::default(),
                shed_at: AtomicUsize::new(SHED_AT_LEAST),
                mode: AtomicU8::new(Mode::Off as u8),
                trusted: RwLock::new(Arc::default()),
            })
        })
    }

    /// The state, if `install()` was ever called.
    ///
    /// Subinterpreters that share the extension have no state: its objects belong to the main one.
    pub fn get(py: Python<'_>) -> Option<&'static Self> {
        STATE.get(py).filter(|_| raw::interpreter_id(py) == 0)
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

    /// The guards of all modules with contracts that were met so far.
    pub fn guarded(&self) -> Vec<Shared> {
        self.guards.lock().values().flatten().map(Arc::clone).collect()
    }

    /// Whether `import` statements lead to our function, with none of somebody else's in front.
    pub fn is_import_ours(&self, py: Python<'_>, modules: &Bound<'_, PyDict>) -> bool {
        let present = || {
            let builtins = modules.get_item(intern!(py, "builtins")).ok()??;
            python::namespace(&builtins)?.get_item(intern!(py, "__import__")).ok()?
        };
        present().is_some_and(|present| self.overrides.is_ours(Site::Import, &present))
    }

    /// The unguarded names, for the fast path.
    pub fn unguarded(&self) -> &Py<PyDict> {
        &self.unguarded
    }

    /// Whether neither `name` nor a package above it has a contract.
    pub fn is_unguarded<'py>(&self, py: Python<'py>, name: impl IntoPyObject<'py>) -> bool {
        self.unguarded.bind(py).contains(name).unwrap_or(false)
    }

    /// The guard of `name` as its spec tells, remembered for later imports of the loaded module.
    pub fn classify(&self, py: Python<'_>, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<Option<Shared>> {
        let guard = self.discovery.guard(name, spec)?.map(Arc::new);
        let key = PyString::new(py, name);
        self.notes.put(&key, spec)?;
        if let Some(guard) = &guard {
            tracing::debug!(
                target: "importspy_hook::discovery",
                module = name, contracts = guard.contracts.len(), "contract found"
            );
            self.forget_unguarded(py, name)?;
            self.mark_above(py, name)?;
        } else {
            // The fast path sees the whole dotted name only: what is below a guarded package is not for it.
            let parent = name.rfind('.').map(|dot| &name[..dot]);
            if parent.is_none_or(|parent| self.is_unguarded(py, parent)) {
                let free_below = self.is_free_below(name);
                self.unguarded.bind(py).set_item(key, free_below)?;
            }
        }
        let is_guarded = guard.is_some();
        let old = self.guards.lock().insert(name.to_owned(), guard.clone());
        if is_guarded || old.flatten().is_some() {
            memo::forget();
        }
        self.shed(py)?;
        Ok(guard)
    }

    /// Gives the import that was let through a pass for what `spec` describes.
    pub fn let_pass(&self, py: Python<'_>, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<()> {
        self.passes.bind(py).set_item(name, spec)
    }

    /// Whether `spec` has a pass, which is good for one time.
    pub fn takes_pass(&self, py: Python<'_>, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<bool> {
        let passes = self.passes.bind(py);
        let has = passes.get_item(name)?.is_some_and(|pass| pass.is(spec));
        if has {
            // Another thread may have been faster.
            let _ = passes.call_method1(intern!(py, "pop"), (name, py.None()))?;
        }
        Ok(has)
    }

    /// Puts a module that came past the finder under watch. Where it was found is not noted: nobody but
    /// those who loaded it says so.
    pub fn watch(&self, py: Python<'_>, guard: &Shared) -> PyResult<()> {
        self.forget_unguarded(py, &guard.module)?;
        self.mark_above(py, &guard.module)?;
        let mut guards = self.guards.lock();
        let known = guards.entry(guard.module.clone()).or_default();
        if known.is_none() {
            *known = Some(Arc::clone(guard));
        }
        memo::forget();
        Ok(())
    }

    /// Whether a guarded module is known.
    pub fn any_guarded(&self) -> bool {
        self.guards.lock().values().any(Option::is_some)
    }

    /// Whether no module below `name` is known to have a contract.
    pub fn is_free_below(&self, name: &str) -> bool {
        !self.above.lock().contains(name)
    }

    /// Notes the packages above the guarded module `name`.
    fn mark_above(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        let unguarded = self.unguarded.bind(py);
        for (dot, _) in name.match_indices('.') {
            let package = &name[..dot];
            self.above.lock().insert(package.to_owned());
            if unguarded.contains(package)? {
                unguarded.set_item(package, false)?;
            }
        }
        Ok(())
    }

    /// Takes `name` and all below it off the fast path.
    fn forget_unguarded(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        let unguarded = self.unguarded.bind(py);
        // What is below it is there only if it is.
        if !unguarded.contains(name)? {
            return Ok(());
        }
        raw::forget_names(py);
        for known in unguarded.keys() {
            let text = python::string(&known).unwrap_or_default();
            if text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
                unguarded.del_item(known)?;
            }
        }
        Ok(())
    }

    /// Forgets modules that are no longer loaded, now and then: a process may load names without end.
    fn shed(&self, py: Python<'_>) -> PyResult<()> {
        if self.guards.lock().len() < self.shed_at.load(Ordering::Relaxed) {
            return Ok(());
        }
        let loaded = loaded_modules(py)?;
        let is_loaded = |name: &str| loaded.contains(name).unwrap_or(true);
        // Names of `sys.modules` may be of a class of the program's, loaders may be freed: not under the lock.
        let known = std::mem::take(&mut *self.guards.lock());
        let (kept, gone): (HashMap<_, _>, HashMap<_, _>) = known.into_iter().partition(|(name, _)| is_loaded(name));
        let unguarded = self.unguarded.bind(py);
        raw::forget_names(py);
        for name in gone.keys().filter(|name| unguarded.contains(name.as_str()).unwrap_or(false)) {
            unguarded.del_item(name)?;
        }
        self.notes.keep(py, is_loaded)?;
        self.shed_at.store(kept.len() * 2 + SHED_AT_LEAST, Ordering::Relaxed);
        *self.above.lock() = above(kept.iter().filter(|(_, guard)| guard.is_some()).map(|(name, _)| name.as_str()));
        let newer: Vec<_> = {
            let mut guards = self.guards.lock();
            kept.into_iter().filter_map(|(name, guard)| guards.insert(name, guard)).collect()
        };
        drop((gone, newer));
        Ok(())
    }

    /// The guard of a module that is loaded; none if it has no contract.
    pub fn guard_of_loaded(&self, py: Python<'_>, name: &str, module: &Bound<'_, PyAny>) -> PyResult<Option<Shared>> {
        if self.is_unguarded(py, name) {
            return Ok(None);
        }
        if let Some(known) = self.guards.lock().get(name) {
            return Ok(known.clone());
        }
        // A module that has replaced itself, or dropped its spec, is still the module that was found.
        match self.notes.spec(py, name).or_else(|| python::spec(module)) {
            Some(spec) => self.classify(py, name, &spec),
            None => Ok(None),
        }
    }

    /// The guard of what `spec` describes: as the finder has learnt it if it gave that very spec, else as the
    /// spec tells.
    pub fn guard_of_spec(&self, py: Python<'_>, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<Option<Shared>> {
        if self.notes.spec(py, name).is_some_and(|noted| noted.is(spec)) {
            if self.is_unguarded(py, name) {
                return Ok(None);
            }
            if let Some(known) = self.guards.lock().get(name) {
                return Ok(known.clone());
            }
        }
        Ok(self.discovery.guard(name, spec)?.map(Arc::new))
    }

    /// Whether the finder gave this very `spec` for `name`, in `file`, and nothing there is guarded.
    pub fn is_noted_unguarded(
        &self,
        name: &Bound<'_, PyString>,
        spec: &Bound<'_, PyAny>,
        file: &Bound<'_, PyAny>,
    ) -> bool {
        self.notes.is_in(name, spec, file) && self.unguarded.bind(name.py()).contains(name).unwrap_or(false)
    }

    /// The guard of a module that was found before, loaded or not. Where it was found is known even after
    /// [`Self::clear`].
    pub fn guard_of_found(&self, py: Python<'_>, name: &str) -> PyResult<Option<Shared>> {
        if let Some(known) = self.guards.lock().get(name) {
            return Ok(known.clone());
        }
        match self.notes.spec(py, name) {
            Some(spec) => self.classify(py, name, &spec),
            None => Ok(None),
        }
    }

    /// The guard of a loaded module once more, if the folder of one of its contracts has changed: a
    /// nearer contract may have come, or the one that applied may have gone.
    pub fn fresh(&self, py: Python<'_>, guard: Shared) -> PyResult<Option<Shared>> {
        if guard.contracts.iter().all(Guarding::is_fresh) {
            return Ok(Some(guard));
        }
        let Some(spec) = self.notes.spec(py, &guard.module) else { return Ok(Some(guard)) };
        if self.discovery.guard(&guard.module, &spec)?.is_none() {
            // It is gone, and may come back: the module stays under watch.
            return Ok(Some(guard));
        }
        self.classify(py, &guard.module, &spec)
    }

    /// Forgets what was read and decided; the next imports look again.
    pub fn clear(&self, py: Python<'_>) {
        // Dropped without the lock: loaders may be freed here, which can run code of the program.
        let guards = std::mem::take(&mut *self.guards.lock());
        drop(guards);
        raw::forget_names(py);
        self.unguarded.bind(py).clear();
        self.above.lock().clear();
        memo::forget();
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

/// The packages above `names`.
fn above<'a>(names: impl Iterator<Item = &'a str>) -> HashSet<String> {
    names.flat_map(|name| name.match_indices('.').map(|(dot, _)| name[..dot].to_owned())).collect()
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
