//! What stands in for functions of `importlib`: the original, minus its frames in tracebacks.
//!
//! It does not govern: the originals call what does (see `overrides`). But a denial that passes through
//! them carries frames of `importlib`, and the traceback is to end at the user's own line.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::errors;
use super::once::intern;
use super::state::State;

/// A callable that is its original in every other respect: its code, signature, source and
/// documentation.
#[pyclass(frozen, name = "function", module = "importlib")]
pub struct Trimmed {
    original: Py<PyAny>,
    name: &'static str,
}

impl Trimmed {
    /// Around `original`, which is `importlib.name`.
    pub fn new(original: Py<PyAny>, name: &'static str) -> Self {
        Self { original, name }
    }
}

#[pymethods]
impl Trimmed {
    #[pyo3(signature = (*arguments, **named))]
    fn __call__(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        self.original.call(py, arguments, named).map_err(|error| match State::get(py) {
            Some(state) => errors::trimmed(py, state, error),
            None => error,
        })
    }

    fn __getattr__<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = name.py();
        // `inspect` looks through `__wrapped__` for the signature and the source.
        if name.eq(intern!(py, "__wrapped__"))? {
            return Ok(self.original.bind(py).clone());
        }
        self.original.bind(py).getattr(name.cast()?)
    }

    #[getter]
    fn __doc__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.original.bind(py).getattr(intern!(py, "__doc__"))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.original.bind(py).repr()?.to_string_lossy().into_owned())
    }

    fn __reduce__(&self) -> &'static str {
        self.name
    }
}
