//! Where modules were found, as noted at that moment: their own `__spec__` can be rewritten later.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

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

/// A note as it is kept. Not a tuple: the garbage collector would have to look at one for each module.
#[pyclass(frozen)]
struct Kept {
    origin: Option<Py<PyAny>>,
    spec: Py<PyAny>,
    loader: Option<Py<PyAny>>,
}

/// Notes by module name.
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
        let py = name.py();
        let own = |value: &Option<Bound<'_, PyAny>>| value.clone().map(Bound::unbind);
        let kept = Kept { origin: own(&note.origin), spec: note.spec.clone().unbind(), loader: own(&note.loader) };
        self.by_name.bind(py).set_item(name, Bound::new(py, kept)?)
    }

    /// The file that the module `name` was found in; none if it was never found, or in no file.
    pub fn origin(&self, py: Python<'_>, name: &str) -> Option<String> {
        let note = self.kept(PyString::new(py, name).as_any())?;
        note.get().origin.as_ref().and_then(|origin| python::string(origin.bind(py)))
    }

    /// The spec that the module `name` was found by.
    pub fn spec<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        Some(self.kept(PyString::new(py, name).as_any())?.get().spec.bind(py).clone())
    }

    /// The loader of the module `name`.
    pub fn loader<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        let note = self.kept(PyString::new(py, name).as_any())?;
        note.get().loader.as_ref().map(|loader| loader.bind(py).clone())
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
        self.kept(name.as_any()).is_some_and(|note| {
            let is_file = |noted: &Py<PyAny>| noted.is(file) || python::is_same_text(noted.bind(file.py()), file);
            note.get().spec.is(spec) && note.get().origin.as_ref().is_some_and(is_file)
        })
    }

    /// Whether the module `name` was found by this very `spec`.
    pub fn is_of(&self, name: &Bound<'_, PyString>, spec: &Bound<'_, PyAny>) -> bool {
        self.kept(name.as_any()).is_some_and(|note| note.get().spec.is(spec))
    }

    fn kept<'py>(&self, name: &Bound<'py, PyAny>) -> Option<Bound<'py, Kept>> {
        self.of(name)?.cast_into().ok()
    }
}
