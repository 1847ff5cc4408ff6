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

/// Notes by module name. One dict for each part: the garbage collector would have to look at every tuple.
pub struct Notes {
    specs: Py<PyDict>,
    origins: Py<PyDict>,
    loaders: Py<PyDict>,
}

impl Notes {
    /// None yet.
    pub fn new(py: Python<'_>) -> Self {
        let empty = || PyDict::new(py).unbind();
        Self { specs: empty(), origins: empty(), loaders: empty() }
    }

    /// Notes how the module `name` was found.
    pub fn put(&self, name: &Bound<'_, PyString>, note: &Note<'_>) -> PyResult<()> {
        let py = name.py();
        self.specs.bind(py).set_item(name, &note.spec)?;
        self.origins.bind(py).set_item(name, &note.origin)?;
        self.loaders.bind(py).set_item(name, &note.loader)
    }

    /// The file that the module `name` was found in; none if it was never found, or in no file.
    pub fn origin(&self, py: Python<'_>, name: &str) -> Option<String> {
        let origin = self.origins.bind(py).get_item(name).ok()??;
        python::string(&origin)
    }

    /// The spec that the module `name` was found by.
    pub fn spec<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        self.specs.bind(py).get_item(name).ok()?
    }

    /// The loader of the module `name`.
    pub fn loader<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        self.loaders.bind(py).get_item(name).ok()?.filter(|loader| !loader.is_none())
    }

    /// Forgets all but some.
    pub fn keep(&self, py: Python<'_>, wanted: impl Fn(&str) -> bool) -> PyResult<()> {
        for notes in [&self.specs, &self.origins, &self.loaders] {
            let notes = notes.bind(py);
            for name in notes.keys() {
                if !python::string(&name).is_some_and(|text| wanted(&text)) {
                    notes.del_item(name)?;
                }
            }
        }
        Ok(())
    }

    /// The spec that the module `name` was found by, to see that it is still the same.
    pub fn of<'py>(&self, name: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        self.specs.bind(name.py()).get_item(name).ok()?
    }

    /// Whether the module `name` was found by this very `spec`, in `file`.
    pub fn is_in(&self, name: &Bound<'_, PyString>, spec: &Bound<'_, PyAny>, file: &Bound<'_, PyAny>) -> bool {
        let is_file = |noted: Bound<'_, PyAny>| noted.is(file) || python::is_same_text(&noted, file);
        let origin = || self.origins.bind(name.py()).get_item(name).ok()?;
        self.is_of(name, spec) && origin().is_some_and(is_file)
    }

    /// Whether the module `name` was found by this very `spec`.
    pub fn is_of(&self, name: &Bound<'_, PyString>, spec: &Bound<'_, PyAny>) -> bool {
        self.of(name.as_any()).is_some_and(|noted| noted.is(spec))
    }
}
