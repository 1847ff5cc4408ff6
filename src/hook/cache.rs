//! Decisions that are remembered (DESIGN 13), each with the evidence it rests on.
//!
//! A remembered decision counts as long as its evidence does: the contract's content, the importer
//! (the same module object with the same spec, as far initialised as then), the environment
//! variables and the live bindings that were asked for. Nothing else is looked at again, so a
//! decision that rests on anything else is not remembered.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyType, PyWeakrefMethods, PyWeakrefReference};

use crate::contract::loader::Loaded;
use crate::observed::world::Environment;
use crate::report::Report;

use super::importer::{Importer, Progress};
use super::{live, python};

/// Decisions that are kept; a full table starts anew.
const KEPT: usize = 4096;

/// Guarded module, contract path, importer.
type Key = (String, String, String);

/// What was decided.
#[derive(Clone)]
pub enum Outcome {
    /// The import may go on.
    Allowed,
    /// It may not.
    Blocked(Arc<Report>),
}

/// Why a remembered decision could not be used; seen in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// This importer was not seen before.
    New,
    /// The contract has changed.
    Contract,
    /// The importer was loaded anew, or has come further.
    Importer,
    /// An environment variable has changed.
    Environment,
    /// A binding of the importer, or of a module that it takes something from, has changed.
    Binding,
    /// Code that belongs to no module has no identity to remember it by.
    Anonymous,
}

/// What a decision rests on, gathered while it is made.
pub struct Evidence {
    environment: Vec<(String, u64)>,
    bindings: Vec<(String, Option<Py<PyAny>>)>,
    elsewhere: Vec<(String, String, Option<Py<PyAny>>)>,
    /// Whether everything that it rests on is here.
    complete: bool,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { environment: Vec::new(), bindings: Vec::new(), elsewhere: Vec::new(), complete: true }
    }
}

impl Evidence {
    /// Something was asked for that is not looked at again.
    pub fn leave_out(&mut self) {
        self.complete = false;
    }

    /// A binding of the importer was asked for. `is_written` says that its content was read from source,
    /// so that only which object it is matters.
    pub fn binding(&mut self, name: &str, object: Option<&Bound<'_, PyAny>>, is_written: bool) {
        self.complete &= object.is_none_or(|object| is_settled(object, is_written));
        self.bindings.push((name.to_owned(), object.map(|it| it.clone().unbind())));
    }

    /// A binding of another, loaded module was asked for.
    pub fn elsewhere(&mut self, module: &str, name: &str, object: Option<&Bound<'_, PyAny>>, is_written: bool) {
        self.complete &= object.is_none_or(|object| is_settled(object, is_written));
        self.elsewhere.push((module.to_owned(), name.to_owned(), object.map(|it| it.clone().unbind())));
    }
}

/// Whether `object` stays what it is: it can't change, or its content does not come from it.
fn is_settled(object: &Bound<'_, PyAny>, is_written: bool) -> bool {
    object.is_none()
        || object.is_exact_instance_of::<PyString>()
        || object.is_exact_instance_of::<PyInt>()
        || object.is_exact_instance_of::<PyBool>()
        || object.is_exact_instance_of::<PyFloat>()
        || object.is_exact_instance_of::<PyBytes>()
        || (is_written && (object.is_instance_of::<PyType>() || live::is_function(object)))
        || object.cast::<PyType>().is_ok_and(live::is_static)
}

/// Whether what was bound then is bound now.
fn is_same(now: Option<&Bound<'_, PyAny>>, then: Option<&Py<PyAny>>) -> bool {
    match (now, then) {
        (Some(now), Some(then)) => now.is(then),
        (None, None) => true,
        _ => false,
    }
}

struct Entry {
    contract: Arc<Loaded>,
    importer: Py<PyWeakrefReference>,
    spec: Option<Py<PyAny>>,
    ended: bool,
    evidence: Evidence,
    outcome: Outcome,
}

/// The remembered decisions.
#[derive(Default)]
pub struct Cache {
    entries: Mutex<HashMap<Key, Arc<Entry>>>,
    hasher: RandomState,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Cache {
    /// Hits, misses, decisions kept.
    pub fn info(&self) -> (u64, u64, usize) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed), self.entries.lock().len())
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let entries = std::mem::take(&mut *self.entries.lock());
        // Dropped without the lock: objects of the program may be freed here, which runs its code.
        drop(entries);
        self.hits.store(0, Ordering::Relaxed);
        self.misses.store(0, Ordering::Relaxed);
    }

    /// Notes an environment variable that a decision asked for; its value is not kept.
    pub fn note_environment(&self, evidence: &mut Evidence, name: &str, value: &Environment) {
        evidence.environment.push((name.to_owned(), self.fingerprint(value)));
    }

    /// The remembered decision, if its evidence still holds.
    pub fn get(
        &self,
        key: &(&str, &str),
        contract: &Arc<Loaded>,
        importer: &Importer<'_>,
        environment: impl Fn(&str) -> Environment,
    ) -> Result<Outcome, Miss> {
        let found = self.look_up(key, contract, importer, environment);
        let count = if found.is_ok() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        if let Err(reason) = &found {
            tracing::debug!(
                target: "importspy_hook::cache",
                module = key.0, importer = importer.label(), reason = ?reason, "no remembered decision"
            );
        }
        found
    }

    fn look_up(
        &self,
        (module, path): &(&str, &str),
        contract: &Arc<Loaded>,
        importer: &Importer<'_>,
        environment: impl Fn(&str) -> Environment,
    ) -> Result<Outcome, Miss> {
        let (Some(name), Some(object)) = (&importer.name, &importer.module) else { return Err(Miss::Anonymous) };
        let py = object.py();
        let key = ((*module).to_owned(), (*path).to_owned(), name.clone());
        let entry = self.entries.lock().get(&key).map(Arc::clone).ok_or(Miss::New)?;
        if !Arc::ptr_eq(&entry.contract, contract) {
            return Err(Miss::Contract);
        }
        let same_module = entry.importer.bind(py).upgrade().is_some_and(|seen| seen.is(object));
        let spec = python::spec(object);
        let same_spec = match (&spec, &entry.spec) {
            (Some(now), Some(then)) => now.is(then),
            (None, None) => true,
            _ => false,
        };
        if !same_module || !same_spec || entry.ended != (importer.progress == Progress::Ended) {
            return Err(Miss::Importer);
        }
        if entry.evidence.environment.iter().any(|(name, then)| self.fingerprint(&environment(name)) != *then) {
            return Err(Miss::Environment);
        }
        let here = |name: &str| importer.globals.get_item(name).ok().flatten();
        let there = |module: &str, name: &str| {
            let module = python::loaded(py, module).ok().flatten()?;
            python::namespace(&module)?.get_item(name).ok().flatten()
        };
        let (own, others) = (&entry.evidence.bindings, &entry.evidence.elsewhere);
        let unchanged = own.iter().all(|(name, then)| is_same(here(name).as_ref(), then.as_ref()))
            && others.iter().all(|(module, name, then)| is_same(there(module, name).as_ref(), then.as_ref()));
        if !unchanged {
            return Err(Miss::Binding);
        }
        Ok(entry.outcome.clone())
    }

    /// Remembers a decision, if its evidence is all there.
    pub fn put(
        &self,
        (module, path): (&str, &str),
        contract: &Arc<Loaded>,
        importer: &Importer<'_>,
        evidence: Evidence,
        outcome: Outcome,
    ) {
        let (Some(name), Some(object)) = (&importer.name, &importer.module) else { return };
        let ended = importer.progress == Progress::Ended;
        // While it initialises, what is bound now proves nothing about the next import.
        if !evidence.complete || (!ended && !evidence.bindings.is_empty()) {
            return;
        }
        let Ok(weak) = PyWeakrefReference::new(object) else { return };
        let entry = Entry {
            contract: Arc::clone(contract),
            importer: weak.unbind(),
            spec: python::spec(object).map(Bound::unbind),
            ended,
            evidence,
            outcome,
        };
        let key = (module.to_owned(), path.to_owned(), name.clone());
        let dropped = {
            let mut entries = self.entries.lock();
            let full = (entries.len() >= KEPT).then(|| std::mem::take(&mut *entries));
            (full, entries.insert(key, Arc::new(entry)))
        };
        drop(dropped);
    }

    fn fingerprint(&self, value: &Environment) -> u64 {
        match value {
            Environment::Absent => 0,
            Environment::NotUnicode => 1,
            Environment::Text(text) => self.hasher.hash_one(text) | 2,
        }
    }
}
