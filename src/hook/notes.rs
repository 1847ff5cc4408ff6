//! Where modules were found, as noted at that moment: their own `__spec__` can be rewritten later.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::once::intern;
use super::python;

/// What is noted of one module.
pub struct Note<'py> {
    /// Its spec.
    pub spec: Bound<'py, PyAny>,
    /// The spec's origin and loader. What can't be read counts as not there.
    pub origin: Option<Bound<'py, PyAny>>,
    /// See `origin`.
    pub loader: Option<Bound<'py, PyAny>>,
}

impl<'py> Note<'py> {
    /// What `spec` says.
    pub fn of(spec: &Bound<'py, PyAny>) -> Self {
        let py = spec.py();
        let origin = python::attribute(spec, intern!(py, "origin"));
        let loader = python::attribute(spec, intern!(py, "loader"));
        Self { spec: spec.clone(), origin, loader }
    }
}

/// Notes by module name: (origin, spec, loader).
pub struct Notes {
    by_name: Py<PyDict>,
}

impl Notes {
    /// None yet.
    pub fn new(py: Python<'_>) -> Self {
        Self { by_name: PyDict::new(py).unbind() }
    }

    /// Notes how the module `name` was found.
    pub fn put(&self, name: &Bound<'_, PyString>, note: &Note<'_>) -> PyResult<()> {
        self.by_name.bind(name.py()).set_item(name, (&note.origin, &note.spec, &note.loader))
    }

    /// The file that the module `name` was found in; none if it was never found, or in no file.
    pub fn origin(&self, py: Python<'_>, name: &str) -> Option<String> {
        self.field(py, name, 0).and_then(|origin| python::string(&origin))
    }

    /// The spec that the module `name` was found by.
    pub fn spec<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        self.field(py, name, 1)
    }

    /// The loader of the module `name`.
    pub fn loader<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        self.field(py, name, 2)
    }

    /// Forgets all but some.
    pub fn keep(&self, py: Python<'_>, wanted: impl Fn(&str) -> bool) -> PyResult<()> {
        let notes = self.by_name.bind(py);
        for name in notes.keys() {
            if !python::string(&name).is_some_and(|text| wanted(&text)) {
                notes.del_item(name)?;
            }
        }
        Ok(())
    }

    /// What was noted of the module `name`, to see that it is still the same.
    pub fn of<'py>(&self, name: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        self.by_name.bind(name.py()).get_item(name).ok().flatten()
    }

    /// Whether the module `name` was found by this very `spec`, in `file`.
    pub fn is_in(&self, name: &Bound<'_, PyString>, spec: &Bound<'_, PyAny>, file: &Bound<'_, PyAny>) -> bool {
        let note = self.of(name).and_then(|note| note.cast_into::<PyTuple>().ok());
        note.is_some_and(|note| {
            let is = |index, is_it: &dyn Fn(Bound<'_, PyAny>) -> bool| note.get_item(index).is_ok_and(is_it);
            let is_file = |noted: Bound<'_, PyAny>| noted.is(file) || python::is_same_text(&noted, file);
            is(1, &|noted| noted.is(spec)) && is(0, &is_file)
        })
    }

    /// Whether the module `name` was found by this very `spec`.
    pub fn is_of(&self, name: &Bound<'_, PyString>, spec: &Bound<'_, PyAny>) -> bool {
        let note = self.of(name);
        note.and_then(|note| note.cast::<PyTuple>().ok()?.get_item(1).ok()).is_some_and(|noted| noted.is(spec))
    }

    fn field<'py>(&self, py: Python<'py>, name: &str, index: usize) -> Option<Bound<'py, PyAny>> {
        let note = self.by_name.bind(py).get_item(name).ok()??;
        let field = note.cast::<PyTuple>().ok()?.get_item(index).ok()?;
        Some(field).filter(|field| !field.is_none())
    }
}
