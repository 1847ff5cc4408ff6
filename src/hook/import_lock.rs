//! The interpreter's own import lock, which it holds while it asks a finder.
//!
//! A judgement may import: the exception classes, `importlib.metadata`, what a loader or a log handler needs. A
//! thread that waits for a module which another thread is importing, and holds the lock that the other one needs
//! for its next step, waits for ever.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::once::intern;
use super::panics;

/// The functions of `_imp` that take it and give it up.
pub struct ImportLock {
    acquire: Py<PyAny>,
    release: Py<PyAny>,
}

impl ImportLock {
    /// Looks the functions up.
    pub fn new(modules: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = modules.py();
        let imp = modules.as_any().get_item(intern!(py, "_imp"))?;
        Ok(Self { acquire: imp.getattr("acquire_lock")?.unbind(), release: imp.getattr("release_lock")?.unbind() })
    }

    /// Runs `body` while this thread does not hold the lock.
    pub fn released<T>(&self, py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
        let mut times = 0_usize;
        // It counts how often it was taken, and raises once this thread does not hold it.
        while self.release.call0(py).is_ok() {
            times += 1;
        }
        // Also if it panics: whoever asked us gives the lock up when we are done.
        let result = panics::caught(py, body);
        for _ in 0..times {
            self.acquire.call0(py)?;
        }
        result
    }
}
