//! What is known of the modules that were found: which of them have contracts, and what the fast path may pass.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::guards::{Discovery, Guard, Guarding, Shared};
use super::notes::{Note, Notes};
use super::state::loaded_modules;
use super::{fast, memo, python, raw};

/// Modules that may be known before any are forgotten.
const SHED_AT_LEAST: usize = 8192;

/// The modules that were found.
pub struct Modules {
    /// Finds contracts beside modules.
    pub discovery: Discovery,
    /// Where modules were found.
    pub notes: Notes,
    /// Names of modules that have no contract, nor have the packages above them: the fast path's. True
    /// for those with nothing guarded below them.
    unguarded: Py<PyDict>,
    /// Names of packages with something guarded below them.
    above: Mutex<HashSet<String>>,
    /// What is known of other modules: their guard, or that they have none of their own.
    guards: Mutex<HashMap<String, Option<Shared>>>,
    /// How often everything was forgotten.
    times_cleared: AtomicUsize,
    /// How many modules are known before those that are no longer loaded are forgotten.
    shed_at: AtomicUsize,
}

impl Modules {
    /// None yet.
    pub fn new(py: Python<'_>, discovery: Discovery) -> Self {
        Self {
            discovery,
            notes: Notes::new(py),
            unguarded: PyDict::new(py).unbind(),
            above: Mutex::default(),
            guards: Mutex::default(),
            times_cleared: AtomicUsize::new(0),
            shed_at: AtomicUsize::new(SHED_AT_LEAST),
        }
    }

    /// The guards of all modules with contracts that were met so far.
    pub fn guarded(&self) -> Vec<Shared> {
        self.guards.lock().values().flatten().map(Arc::clone).collect()
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
        let guard = self.discovery.guard(name, spec)?;
        let note = Note::of(spec);
        self.learn(&PyString::new(py, name), name, &note, guard)
    }

    /// Notes that `name`, found as `note` says, has no contract of its own.
    pub fn learn_unguarded(&self, name: &Bound<'_, PyString>, note: &Note<'_>) -> PyResult<()> {
        self.learn(name, name.to_str()?, note, None).map(|_| ())
    }

    fn learn(
        &self,
        key: &Bound<'_, PyString>,
        name: &str,
        note: &Note<'_>,
        guard: Option<Guard>,
    ) -> PyResult<Option<Shared>> {
        let py = key.py();
        let guard = guard.map(Arc::new);
        self.notes.put(key, note)?;
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
                if self.guards.lock().remove(name).flatten().is_some() {
                    memo::forget();
                }
                self.shed(py)?;
                return Ok(None);
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

    /// How often everything was forgotten: what was seen before the last time counts no more.
    pub fn times_cleared(&self) -> usize {
        self.times_cleared.load(Ordering::Acquire)
    }

    /// Whether a guarded module is known.
    pub fn any_guarded(&self) -> bool {
        self.guards.lock().values().any(Option::is_some)
    }

    /// Whether no module below `name` is known to have a contract.
    pub fn is_free_below(&self, name: &str) -> bool {
        let above = self.above.lock();
        above.is_empty() || !above.contains(name)
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
        let unguarded = self.unguarded.bind(py);
        if self.guards.lock().len() + unguarded.len() < self.shed_at.load(Ordering::Relaxed) {
            return Ok(());
        }
        let loaded = loaded_modules(py)?;
        let is_loaded = |name: &str| loaded.contains(name).unwrap_or(true);
        // Names of `sys.modules` may be of a class of the program's, loaders may be freed: not under the lock.
        let known = std::mem::take(&mut *self.guards.lock());
        let (kept, gone): (HashMap<_, _>, HashMap<_, _>) = known.into_iter().partition(|(name, _)| is_loaded(name));
        raw::forget_names(py);
        for name in unguarded.keys() {
            // With a package goes what is below it: a name is there only if all above it are.
            let text = python::string(&name).unwrap_or_default();
            let packages_are_loaded = text.match_indices('.').all(|(dot, _)| is_loaded(&text[..dot]));
            if !packages_are_loaded || !is_loaded(&text) {
                unguarded.del_item(name)?;
            }
        }
        self.notes.keep(py, is_loaded)?;
        self.shed_at.store((kept.len() + unguarded.len()) * 2 + SHED_AT_LEAST, Ordering::Relaxed);
        let older: Vec<_> = {
            let mut guards = self.guards.lock();
            // What other threads have learnt meanwhile is newer.
            let older = kept.into_iter().filter_map(|(name, guard)| match guards.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(guard);
                    None
                }
                Entry::Occupied(_) => guard,
            });
            let older = older.collect();
            let guarded = guards.iter().filter(|(_, guard)| guard.is_some());
            *self.above.lock() = above(guarded.map(|(name, _)| name.as_str()));
            older
        };
        drop((gone, older));
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
        if self.is_unguarded(py, name) {
            return Ok(None);
        }
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
        match self.discovery.guard(&guard.module, &spec)? {
            Some(newer) => self.learn(&PyString::new(py, &guard.module), &guard.module, &Note::of(&spec), Some(newer)),
            // It is gone, and may come back: the module stays under watch.
            None => Ok(Some(guard)),
        }
    }

    /// Forgets which modules have contracts, but not where they were found.
    pub fn clear(&self, py: Python<'_>) {
        // Dropped without the lock: loaders may be freed here, which can run code of the program.
        let guards = std::mem::take(&mut *self.guards.lock());
        drop(guards);
        raw::forget_names(py);
        self.unguarded.bind(py).clear();
        self.above.lock().clear();
        self.times_cleared.fetch_add(1, Ordering::AcqRel);
        fast::no_longer_know_all();
        memo::forget();
    }
}

/// The packages above `names`.
fn above<'a>(names: impl Iterator<Item = &'a str>) -> HashSet<String> {
    names.flat_map(|name| name.match_indices('.').map(|(dot, _)| name[..dot].to_owned())).collect()
}
