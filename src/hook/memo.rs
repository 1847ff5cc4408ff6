//! Imports that were let through because of remembered decisions, by where they stand: the same
//! statement of the same importer may pass again as long as all that it rests on holds.
//!
//! The long way (`wrapper`, `govern`) makes the decisions; this only sees, in a fraction of the time,
//! that it would come to the same one. Whatever is not as it was is for the long way to judge.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use importspy_hook::bounded::Bounded;

use super::cache::Entry;
use super::files::Stamp;
use super::guards::{Guarding, Seen};
use super::importer::{Importer, Progress};
use super::once::intern;
use super::state::{self, State};
use super::{api, python};

/// Imports that are remembered.
const KEPT: usize = 4096;

/// Target, code and namespace, by address. The memo keeps the first two alive; the namespace is that of a
/// module which it can see alive.
type Key = (usize, usize, usize);

static TABLE: LazyLock<Bounded<Key, Arc<Memo>>> = LazyLock::new(|| Bounded::new(KEPT));

/// Counts what makes all memos void: other guards, another mode.
static EPOCH: AtomicU64 = AtomicU64::new(0);

/// Makes all memos void.
pub fn forget() {
    EPOCH.fetch_add(1, Ordering::AcqRel);
}

/// What one import has passed on its way.
pub struct Trail {
    epoch: u64,
    files: Vec<(String, Stamp)>,
    entries: Vec<Arc<Entry>>,
    is_whole: bool,
}

impl Default for Trail {
    fn default() -> Self {
        Self { epoch: EPOCH.load(Ordering::Acquire), files: Vec::new(), entries: Vec::new(), is_whole: true }
    }
}

impl Trail {
    /// It has passed something that has to be looked at each time.
    pub fn break_off(&mut self) {
        self.is_whole = false;
    }

    /// It has read the contract of `guarding`, with its file as `stamp` says.
    pub fn pass_contract(&mut self, guarding: &Guarding, stamp: Option<Stamp>) {
        let (Ok(place), Some(file)) = (&guarding.place, stamp) else { return self.break_off() };
        match (guarding.rank.is_nearest(), guarding.seen) {
            (true, _) => {}
            // A nearer contract may come to the folder.
            (false, Seen::At(folder)) => self.files.push((guarding.folder.clone(), folder)),
            (false, _) => return self.break_off(),
        }
        self.files.push((place.path().to_owned(), file));
    }

    /// It was let through by a remembered decision.
    pub fn pass_decision(&mut self, entry: Arc<Entry>) {
        self.entries.push(entry);
    }
}

/// An import that was let through.
pub struct Memo {
    target: Py<PyString>,
    /// Kept alive: no other code can get its address.
    _code: Py<PyAny>,
    /// The importer's name, the very object in its namespace.
    name: Py<PyAny>,
    /// What was noted when the importer was found.
    note: Option<Py<PyAny>>,
    /// Whether no module below the target has a contract.
    pub free_below: bool,
    trail: Trail,
}

/// Remembers that `importer` was let through to `target`, if all that it rests on is known.
pub fn put(py: Python<'_>, state: &State, target: &Bound<'_, PyString>, importer: &Importer<'_>, trail: Trail) {
    let (Some(code), Some(_)) = (&importer.code, &importer.module) else { return };
    let Ok(Some(name)) = importer.globals.get_item(intern!(py, "__name__")) else { return };
    // The program's code in between may import in turn, or change what `import` means.
    let may_stay = trail.is_whole
        && !trail.entries.is_empty()
        && importer.is_direct
        && trail.entries.iter().all(|entry| entry.ended == (importer.progress == Progress::Ended))
        && (importer.progress == Progress::Ended || is_top_level(code, importer))
        && !target.to_string_lossy().starts_with("importlib");
    if !may_stay {
        return;
    }
    let key = (target.as_ptr() as usize, code.as_ptr() as usize, importer.globals.as_ptr() as usize);
    let memo = Memo {
        target: target.clone().unbind(),
        _code: code.clone().unbind(),
        note: state.modules.notes.of(&name).map(Bound::unbind),
        name: name.unbind(),
        free_below: state.modules.is_free_below(&target.to_string_lossy()),
        trail,
    };
    TABLE.put(key, Arc::new(memo));
}

/// Whether `code` is the file's own top level, which runs as long as its importer initialises.
fn is_top_level(code: &Bound<'_, PyAny>, importer: &Importer<'_>) -> bool {
    let name = python::text(code, intern!(code.py(), "co_name"));
    name.is_some_and(|name| name == "<module>") && !importer.is_pseudo()
}

/// What is remembered of the import of `target` by the running code.
pub fn find(py: Python<'_>, target: &Bound<'_, PyString>) -> Option<Arc<Memo>> {
    if state::is_busy() {
        return None;
    }
    // Where nothing is guarded, there is none: no frame object need be made.
    if TABLE.is_empty() {
        return None;
    }
    let globals = api::current_globals(py)?.as_ptr() as usize;
    let code = api::frame_code(&api::current_frame(py)?).as_ptr() as usize;
    let key = (target.as_ptr() as usize, code, globals);
    let memo = TABLE.get(&key)?;
    (memo.trail.epoch == EPOCH.load(Ordering::Acquire)).then_some(memo)
}

impl Memo {
    /// Whether all that it rests on holds.
    pub fn holds(&self, py: Python<'_>) -> bool {
        self.hold(py).unwrap_or(false)
    }

    fn hold(&self, py: Python<'_>) -> Option<bool> {
        let state = State::active(py)?;
        let modules = api::interpreters_modules(py)?;
        let globals = api::current_globals(py)?.cast_into::<PyDict>().ok()?;
        // The target is loaded, and `import` leads straight to us.
        let target = modules.get_item(&self.target).ok()??;
        if target.is_none() || !state.is_import_ours(py, &modules) {
            return Some(false);
        }
        let name = globals.get_item(intern!(py, "__name__")).ok()??;
        let module = modules.get_item(&self.name).ok()??;
        let note = state.modules.notes.of(&name);
        let is_importer = name.is(&self.name)
            && python::namespace(&module)?.is(&globals)
            && note.as_ref().map(Bound::as_ptr) == self.note.as_ref().map(Py::as_ptr);
        let environment = |name: &str| state.environ.read(py, name);
        let trail = &self.trail;
        let holds = is_importer
            && trail.files.iter().all(|(path, stamp)| Stamp::of(path).as_ref() == Some(stamp))
            && trail.entries.iter().all(|entry| state.cache.still_holds(entry, &module, &globals, environment));
        if holds {
            state.cache.count_hits(trail.entries.len());
        }
        Some(holds)
    }
}
