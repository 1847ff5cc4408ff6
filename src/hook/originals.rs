//! Parts of the interpreter as they are when nobody has changed them, and whether they still are.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::once::intern;
use super::{python, raw};

/// Attributes of modules and classes that must be what they were.
pub struct Originals {
    places: Vec<Place>,
}

struct Place {
    namespace: Namespace,
    entries: Vec<(Py<PyString>, Py<PyAny>)>,
}

/// The live namespace of a module or class.
enum Namespace {
    Module(Py<PyDict>),
    /// With the number of its names: one that is added could matter (`__getattribute__`).
    Class(Py<PyAny>, usize),
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
        let namespace = owner.getattr(intern!(py, "__dict__"))?;
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            let name = PyString::intern(py, name);
            entries.push((name.clone().unbind(), namespace.get_item(name)?.unbind()));
        }
        let namespace = if is_class {
            let size = namespace.len()?;
            Namespace::Class(namespace.unbind(), size)
        } else {
            Namespace::Module(namespace.cast_into()?.unbind())
        };
        self.places.push(Place { namespace, entries });
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
        for (name, value) in self.places.iter().flat_map(|place| &place.entries) {
            let value = value.bind(py);
            let plain = value.getattr_opt(intern!(py, "__func__"))?.unwrap_or_else(|| value.clone());
            let Some(code) = plain.getattr_opt(intern!(py, "__code__"))? else { return Ok(false) };
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
        self.places.iter().all(|place| match &place.namespace {
            Namespace::Module(all) => {
                place.entries.iter().all(|(name, value)| raw::holds(all.bind(py), name.bind(py), value.bind(py)))
            }
            Namespace::Class(all, size) => {
                let all = all.bind(py);
                all.len().is_ok_and(|now| now == *size)
                    && place.entries.iter().all(|(name, value)| all.get_item(name).is_ok_and(|now| now.is(value)))
            }
        })
    }
}
