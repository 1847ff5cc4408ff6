//! Python's own finders of built-in and frozen modules: what they do not know can be told by one call
//! into C each, where their `find_spec` takes several in Python.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Those finders, as they are before anybody has changed them.
pub struct Stock {
    finders: [Known; 2],
}

struct Known {
    finder: Py<PyAny>,
    /// The function behind its `find_spec`.
    find_spec: Py<PyAny>,
    /// Falsy for a name of which that function says nothing.
    knows: Py<PyAny>,
}

impl Stock {
    /// Looks them up.
    pub fn new(modules: &Bound<'_, PyDict>) -> PyResult<Self> {
        let bootstrap = modules.as_any().get_item("_frozen_importlib")?;
        let imp = modules.as_any().get_item("_imp")?;
        let known = |name: &str, knows: Bound<'_, PyAny>| {
            let finder = bootstrap.getattr(name)?;
            let find_spec = finder.getattr("find_spec")?.getattr("__func__")?.unbind();
            PyResult::Ok(Known { finder: finder.unbind(), find_spec, knows: knows.unbind() })
        };
        // Python 3.10 asks `is_frozen`, later ones `find_frozen`.
        let frozen = imp.getattr_opt("find_frozen")?.map_or_else(|| imp.getattr("is_frozen"), Ok)?;
        Ok(Self { finders: [known("BuiltinImporter", imp.getattr("is_builtin")?)?, known("FrozenImporter", frozen)?] })
    }

    /// Whether `find_spec` of `finder` certainly answers `None` for `name`.
    pub fn is_ignorant(
        &self,
        finder: &Bound<'_, PyAny>,
        find_spec: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
    ) -> bool {
        let py = name.py();
        let Some(known) = self.finders.iter().find(|known| finder.is(&known.finder)) else { return false };
        let is_own = || find_spec.getattr(intern!(py, "__func__")).is_ok_and(|function| function.is(&known.find_spec));
        // What raises here raises there.
        let is_answered = || known.knows.bind(py).call1((name,)).map_or(true, |it| it.is_truthy().unwrap_or(true));
        is_own() && !is_answered()
    }
}
