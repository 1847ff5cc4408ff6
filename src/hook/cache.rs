//! Decisions that are remembered (DESIGN 13), each with the evidence it rests on.
//!
//! A remembered decision counts as long as its evidence does: the contract's content, the importer
//! (the same module object with the same spec, as far initialised as then), the environment
//! variables and the live bindings that were asked for. Nothing else is looked at again, so a
//! decision that rests on anything else is not remembered.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyString, PyType, PyWeakrefMethods, PyWeakrefReference};

use importspy_hook::bounded::Bounded;
use importspy_hook::contract::loader::Loaded;
use importspy_hook::observed::world::Environment;
use importspy_hook::report::Report;

use super::importer::{Importer, Progress};
use super::{live, python};

/// Decisions that are kept.
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
    /// This importer was not seen before, or nothing is remembered of it any more.
    New,
    /// What it rested on can change without a sign (a list, say), or was still under way: it was not remembered.
    NotKept,
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

/// What was bound to a name; none if nothing was.
type Value = Option<Py<PyAny>>;

/// What a decision rests on, gathered while it is made.
pub struct Evidence {
    environment: Vec<(String, u64)>,
    bindings: Vec<(Py<PyString>, Value)>,
    elsewhere: Vec<(Py<PyString>, Py<PyString>, Value)>,
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
    pub fn binding(&mut self, name: &Bound<'_, PyString>, object: Option<&Bound<'_, PyAny>>, is_written: bool) {
        self.complete &= object.is_none_or(|object| is_settled(object, is_written));
        self.bindings.push((name.clone().unbind(), object.map(|it| it.clone().unbind())));
    }

    /// A binding of another, loaded module was asked for.
    pub fn elsewhere(
        &mut self,
        (module, name): (&Bound<'_, PyString>, &Bound<'_, PyString>),
        object: Option<&Bound<'_, PyAny>>,
        is_written: bool,
    ) {
        self.complete &= object.is_none_or(|object| is_settled(object, is_written));
        self.elsewhere.push((module.clone().unbind(), name.clone().unbind(), object.map(|it| it.clone().unbind())));
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

/// A remembered decision.
pub struct Entry {
    contract: Arc<Loaded>,
    importer: Py<PyWeakrefReference>,
    spec: Option<Py<PyAny>>,
    /// Whether the importer had ended its initialisation.
    pub ended: bool,
    evidence: Evidence,
    /// What was decided.
    pub outcome: Outcome,
}

impl Entry {
    /// Whether `object` is the importer that it was made for, found as it was then.
    fn is_of(&self, object: &Bound<'_, PyAny>) -> bool {
        let same_module = self.importer.bind(object.py()).upgrade().is_some_and(|seen| seen.is(object));
        same_module
            && match (&python::spec(object), &self.spec) {
                (Some(now), Some(then)) => now.is(then),
                (None, None) => true,
                _ => false,
            }
    }

    /// Whether the bindings that it rests on are what they were.
    fn are_bindings_same(&self, py: Python<'_>, globals: &Bound<'_, PyDict>) -> bool {
        let here = |name: &Py<PyString>| globals.get_item(name).ok().flatten();
        let there = |module: &Py<PyString>, name: &Py<PyString>| {
            let module = python::modules(py).ok()?.get_item(module).ok()??;
            python::namespace(&module)?.get_item(name).ok().flatten()
        };
        let (own, others) = (&self.evidence.bindings, &self.evidence.elsewhere);
        own.iter().all(|(name, then)| is_same(here(name).as_ref(), then.as_ref()))
            && others.iter().all(|(module, name, then)| is_same(there(module, name).as_ref(), then.as_ref()))
    }
}

/// The remembered decisions.
pub struct Cache {
    /// None for what was decided but can't be remembered.
    entries: Bounded<Key, Option<Arc<Entry>>>,
    hasher: RandomState,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            entries: Bounded::new(KEPT),
            hasher: RandomState::default(),
            hits: AtomicU64::default(),
            misses: AtomicU64::default(),
        }
    }
}

impl Cache {
    /// Hits, misses, decisions kept.
    pub fn info(&self) -> (u64, u64, usize) {
        let size = self.entries.count(Option::is_some);
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed), size)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries.clear();
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
    ) -> Result<Arc<Entry>, Miss> {
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
    ) -> Result<Arc<Entry>, Miss> {
        let (Some(name), Some(object)) = (&importer.name, &importer.module) else { return Err(Miss::Anonymous) };
        let py = object.py();
        let key = ((*module).to_owned(), (*path).to_owned(), name.clone());
        let entry = self.entries.get(&key).ok_or(Miss::New)?.ok_or(Miss::NotKept)?;
        if !Arc::ptr_eq(&entry.contract, contract) {
            return Err(Miss::Contract);
        }
        if !entry.is_of(object) || entry.ended != (importer.progress == Progress::Ended) {
            return Err(Miss::Importer);
        }
        if !self.is_environment_same(&entry, environment) {
            return Err(Miss::Environment);
        }
        if !entry.are_bindings_same(py, &importer.globals) {
            return Err(Miss::Binding);
        }
        Ok(entry)
    }

    /// Whether the evidence of `entry` still holds for its importer `module` with the namespace `globals`. The contract and the importer's progress are the caller's to look at.
    pub fn still_holds(
        &self,
        entry: &Entry,
        module: &Bound<'_, PyAny>,
        globals: &Bound<'_, PyDict>,
        environment: impl Fn(&str) -> Environment,
    ) -> bool {
        entry.is_of(module)
            && self.is_environment_same(entry, environment)
            && entry.are_bindings_same(module.py(), globals)
    }

    /// Counts decisions that were used again.
    pub fn count_hits(&self, number: usize) {
        self.hits.fetch_add(number as u64, Ordering::Relaxed);
    }

    fn is_environment_same(&self, entry: &Entry, environment: impl Fn(&str) -> Environment) -> bool {
        entry.evidence.environment.iter().all(|(name, then)| self.fingerprint(&environment(name)) == *then)
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
        let lasts = evidence.complete && (ended || evidence.bindings.is_empty());
        let weak = PyWeakrefReference::new(object).ok().filter(|_| lasts);
        let entry = weak.map(|weak| {
            Arc::new(Entry {
                contract: Arc::clone(contract),
                importer: weak.unbind(),
                spec: python::spec(object).map(Bound::unbind),
                ended,
                evidence,
                outcome,
            })
        });
        let key = (module.to_owned(), path.to_owned(), name.clone());
        self.entries.put(key, entry);
    }

    fn fingerprint(&self, value: &Environment) -> u64 {
        match value {
            Environment::Absent => 0,
            Environment::NotUnicode => 1,
            Environment::Text(text) => self.hasher.hash_one(text) | 2,
        }
    }
}
