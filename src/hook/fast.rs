//! The fast path: imports that need no look beyond a few tables (DESIGN 12).
//!
//! Every question here has the answer that the long way (`wrapper`) would give, or none; then the long
//! way is taken. No code of the program runs meanwhile.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::once::intern;
use super::{api, memo, python, wrapper};

/// An import of loaded modules, perhaps.
pub struct Asked<'py> {
    /// Names of modules without a contract, none of whose packages has one; true for those with
    /// nothing guarded below them either.
    unguarded: Bound<'py, PyDict>,
    /// The absolute name.
    pub target: Bound<'py, PyString>,
    /// What stands after `from target import`; none for a plain import.
    pub from: Option<Bound<'py, PyTuple>>,
}

impl<'py> Asked<'py> {
    /// The import that these arguments of `__import__` ask for; none if they are of unusual kinds.
    ///
    /// `unguarded` must be a dict and `name` a str.
    pub fn new(
        unguarded: Bound<'py, PyAny>,
        name: &Bound<'py, PyAny>,
        globals: Option<&Bound<'py, PyAny>>,
        from: &Bound<'py, PyAny>,
        level: c_int,
    ) -> Option<Self> {
        let unguarded = unguarded.cast_into().ok()?;
        let target = absolute(name.cast().ok()?, globals, level)?;
        let from = if from.is_none() { None } else { Some(from.cast_exact().ok()?.clone()) };
        Some(Self { unguarded, target, from })
    }

    /// Whether nothing stands in its way.
    pub fn passes(&self) -> bool {
        let py = self.target.py();
        match self.is_clear() {
            Some(is_clear) => is_clear,
            None => memo::find(py, &self.target).is_some_and(|memo| {
                let takes =
                    |from: &Bound<'py, PyTuple>| memo.free_below && self.takes_nothing_guarded(from).unwrap_or(false);
                self.from.as_ref().is_none_or(takes) && memo.holds(py)
            }),
        }
    }

    /// Whether all that it reaches is loaded and known to have no contract; none if that is not known of the
    /// target.
    pub fn is_clear(&self) -> Option<bool> {
        let free_below = self.unguarded.get_item(&self.target).ok()??;
        Some(self.from.as_ref().is_none_or(|from| {
            free_below.is_truthy().unwrap_or(false) && self.takes_nothing_guarded(from).unwrap_or(false)
        }))
    }

    /// Whether it loads its target, below packages of which none has a contract.
    pub fn is_first(&self) -> bool {
        self.loads().unwrap_or(false)
    }

    fn loads(&self) -> PyResult<bool> {
        let py = self.target.py();
        let modules = python::modules(py)?;
        if modules.contains(&self.target)? {
            return Ok(false);
        }
        let name = self.target.to_str()?;
        for (dot, _) in name.rmatch_indices('.') {
            let package = PyString::new(py, &name[..dot]);
            // Those above it have none either.
            if self.unguarded.contains(&package)? {
                break;
            }
            if modules.contains(&package)? {
                return Ok(false);
            }
        }
        Ok(!name.is_empty())
    }

    /// Whether every name in `from` is there, and is no module with a contract.
    ///
    /// `self.target` has nothing guarded below it, as far as is known: so what is not in `sys.modules`
    /// is no module, or was none when it was found.
    fn takes_nothing_guarded(&self, from: &Bound<'py, PyTuple>) -> Option<bool> {
        let py = self.target.py();
        let modules = api::interpreters_modules(py)?;
        let namespace = python::namespace(&modules.get_item(&self.target).ok()??)?;
        for name in from.iter_borrowed() {
            let name = name.cast_exact::<PyString>().ok()?.to_owned();
            // Python would look for a submodule, or ask the module.
            let value = namespace.get_item(&name).ok()??;
            if KNOWS_ALL.load(Ordering::Acquire) && is_no_module(&value) {
                continue;
            }
            let full = join(&self.target, &name, 1)?;
            if modules.contains(&full).ok()? && !self.unguarded.contains(&full).ok()? {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// Whether all that was loaded before the hook, or found since, is known: until the first time that something is forgotten.
static KNOWS_ALL: AtomicBool = AtomicBool::new(true);

/// Must be called when it is forgotten which modules have contracts.
pub fn no_longer_know_all() {
    KNOWS_ALL.store(false, Ordering::Release);
}

/// Whether `value` is a class or a function, as most of what is imported by name. A guarded module that has put one in
/// its own place is known, and so is that its package has something guarded below it.
fn is_no_module(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyType>() || python::is_function(value)
}

/// The absolute name of an import; none where Python must say what is wrong.
pub fn absolute<'py>(
    name: &Bound<'py, PyString>,
    globals: Option<&Bound<'py, PyAny>>,
    level: c_int,
) -> Option<Bound<'py, PyString>> {
    if level == 0 {
        return Some(name.clone());
    }
    let globals = globals?.cast::<PyDict>().ok()?;
    let package = globals.get_item(intern!(name.py(), "__package__")).ok()??;
    join(package.cast_exact().ok()?, name, level)
}

/// Joined names that are kept, by where their parts are in memory: those of import statements are
/// constants of the code.
const KEPT: usize = 1024;

struct Joined {
    package: Py<PyString>,
    name: Py<PyString>,
    level: c_int,
    full: Py<PyString>,
}

static JOINED: Mutex<[Option<Joined>; KEPT]> = Mutex::new([const { None }; KEPT]);

/// `name` as seen from `package`, `level` dots up; none if there is no such place. Both must be exactly `str`.
fn join<'py>(
    package: &Bound<'py, PyString>,
    name: &Bound<'py, PyString>,
    level: c_int,
) -> Option<Bound<'py, PyString>> {
    let py = package.py();
    // Objects are aligned to sixteen bytes.
    let at =
        (package.as_ptr() as usize >> 4) ^ (name.as_ptr() as usize >> 4).rotate_left(5) ^ level.unsigned_abs() as usize;
    let at = at % KEPT;
    if let Some(known) = &JOINED.lock()[at]
        && known.package.is(package)
        && known.name.is(name)
        && known.level == level
    {
        return Some(known.full.bind(py).clone());
    }
    let full = wrapper::resolve(name.to_str().ok()?, package.to_str().ok()?, usize::try_from(level).ok()?)?;
    let full = PyString::new(py, &full);
    let joined =
        Joined { package: package.clone().unbind(), name: name.clone().unbind(), level, full: full.clone().unbind() };
    let old = JOINED.lock()[at].replace(joined);
    drop(old);
    Some(full)
}
