//! Passes of imports that were let through to a guarded module: what is executed from the spec that the finder handed
//! to such an import needs no second look, once.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::once::intern;

/// Specs by the name of their module.
pub struct Passes {
    by_name: Py<PyDict>,
}

impl Passes {
    /// None yet.
    pub fn new(py: Python<'_>) -> Self {
        Self { by_name: PyDict::new(py).unbind() }
    }

    /// Gives the import that was let through a pass for what `spec` describes.
    pub fn give(&self, py: Python<'_>, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<()> {
        self.by_name.bind(py).set_item(name, spec)
    }

    /// Whether `spec` has a pass, which is good for one time.
    pub fn take(&self, py: Python<'_>, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<bool> {
        let passes = self.by_name.bind(py);
        let has = passes.get_item(name)?.is_some_and(|pass| pass.is(spec));
        if has {
            // Another thread may have been faster.
            let _ = passes.call_method1(intern!(py, "pop"), (name, py.None()))?;
        }
        Ok(has)
    }
}
