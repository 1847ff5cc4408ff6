//! What is made once in a process and kept.
//!
//! Cells of pyo3 let other threads run while they are being filled. A child that one of these forks at that moment has a
//! cell which is never filled, and waits for it for ever. Here the value is made before the cell is touched: whoever
//! fills it is attached all the while, and forks need that, too.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// A cell that is filled once.
pub struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    /// Empty.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// What it holds, if it was filled.
    pub fn get(&self, _py: Python<'_>) -> Option<&T> {
        self.0.get()
    }

    /// What it holds; else what `make` gives. If several threads make it at once, one result is kept.
    pub fn get_or_try_init(&self, _py: Python<'_>, make: impl FnOnce() -> PyResult<T>) -> PyResult<&T> {
        if let Some(value) = self.0.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(self.0.get_or_init(|| value))
    }

    /// The same for what can't fail.
    pub fn get_or_init(&self, _py: Python<'_>, make: impl FnOnce() -> T) -> &T {
        self.0.get().unwrap_or_else(|| {
            let value = make();
            self.0.get_or_init(|| value)
        })
    }
}

/// A name as an interned `str`.
pub struct Name(&'static str, Once<Py<PyString>>);

impl Name {
    /// Not made yet.
    pub const fn new(text: &'static str) -> Self {
        Self(text, Once::new())
    }

    /// The `str`.
    pub fn get<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        self.1.get_or_init(py, || PyString::intern(py, self.0).unbind()).bind(py)
    }
}

/// A literal as an interned `str` that is made once.
macro_rules! intern {
    ($py:expr, $text:expr) => {{
        static NAME: $crate::once::Name = $crate::once::Name::new($text);
        NAME.get($py)
    }};
}
pub(crate) use intern;
