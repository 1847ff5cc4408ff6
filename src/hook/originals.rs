//! Parts of the interpreter as they are when nobody has changed them, and whether they still are.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::api::Position;
use super::once::intern;
use super::{api, python};

/// Attributes of modules and classes that must be what they were.
pub struct Originals {
    places: Vec<Place>,
}

struct Place {
    /// The live namespace of a module or class.
    namespace: Py<PyDict>,
    /// The number of a class's names: one that is added could matter (`__getattribute__`).
    size: Option<usize>,
    entries: Vec<Entry>,
}

struct Entry {
    name: Py<PyString>,
    value: Py<PyAny>,
    /// Where it stands in its namespace, as far as is known: a look there takes a fraction of a search.
    position: Position,
}

impl Originals {
    /// None yet.
    pub const fn new() -> Self {
        Self { places: Vec::new() }
    }

    /// Takes what the module `owner` has under these names.
    pub fn take_from_module(&mut self, owner: &Bound<'_, PyAny>, names: &[&str]) -> PyResult<()> {
        self.take(owner, names, false)
    }

    /// Takes what the class `owner` has under these names. Nothing may be added to it either.
    pub fn take_from_class(&mut self, owner: &Bound<'_, PyAny>, names: &[&str]) -> PyResult<()> {
        self.take(owner, names, true)
    }

    fn take(&mut self, owner: &Bound<'_, PyAny>, names: &[&str], is_class: bool) -> PyResult<()> {
        let py = owner.py();
        let namespace = api::namespace(owner)?;
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            let name = PyString::intern(py, name);
            let value = namespace.as_any().get_item(&name)?.unbind();
            entries.push(Entry { name: name.unbind(), value, position: Position::default() });
        }
        let size = is_class.then(|| namespace.len());
        self.places.push(Place { namespace: namespace.unbind(), size, entries });
        Ok(())
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.places.extend(others.places);
    }

    /// Whether all of them are the Python functions that `module` came with: somebody may have been faster
    /// than we.
    pub fn come_from(&self, py: Python<'_>, module: &Bound<'_, PyAny>) -> PyResult<bool> {
        let globals = module.getattr(intern!(py, "__dict__"))?;
        for Entry { name, value, .. } in self.places.iter().flat_map(|place| &place.entries) {
            let value = value.bind(py);
            let Some((plain, code)) = function_in(value)? else { return Ok(false) };
            let file = python::text(&code, intern!(py, "co_filename")).unwrap_or_default();
            let is_of_module = plain.getattr_opt(intern!(py, "__globals__"))?.is_some_and(|other| other.is(&globals));
            if !is_of_module || !file.starts_with("<frozen ") || !code.getattr(intern!(py, "co_name"))?.eq(name)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether all of them are what they were.
    pub fn stand(&self, py: Python<'_>) -> bool {
        self.places.iter().all(|place| {
            let all = place.namespace.bind(py);
            let holds = |entry: &Entry| entry.position.holds(all, entry.name.bind(py), entry.value.bind(py));
            place.size.is_none_or(|size| all.len() == size) && place.entries.iter().all(holds)
        })
    }
}

/// The Python function that `value` is, or wraps as a class's method or property, and its code; none if there is none.
fn function_in<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
    let py = value.py();
    // Most are functions: what is not there is expensive to ask for.
    let mut plain = value.clone();
    for wrapped in [None, Some(intern!(py, "__func__")), Some(intern!(py, "fget"))] {
        if let Some(wrapped) = wrapped {
            let Some(inner) = value.getattr_opt(wrapped)? else { continue };
            plain = inner;
        }
        if let Some(code) = plain.getattr_opt(intern!(py, "__code__"))? {
            return Ok(Some((plain, code)));
        }
    }
    Ok(None)
}
