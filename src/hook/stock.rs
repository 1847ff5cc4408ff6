//! Python's own finders, asked without running their interpreted code, as long as nobody has changed them.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::notes::Note;
use super::originals::Originals;
use super::path_finder::PathFinder;

/// What was found.
pub enum Found<'py> {
    /// A module that was found for one of Python's own finders.
    Stock {
        /// How.
        note: Note<'py>,
        /// What its spec's `cached` is, if that is known.
        cached: Option<String>,
        /// Whether the listing of its folder shows that no contract stands beside it.
        is_bare: bool,
    },
    /// A spec of which no more is known.
    Other(Bound<'py, PyAny>),
}

impl<'py> Found<'py> {
    /// Its spec.
    pub fn spec(self) -> Bound<'py, PyAny> {
        match self {
            Self::Stock { note, .. } => note.spec,
            Self::Other(spec) => spec,
        }
    }
}

/// Those finders, as they are before anybody has changed them.
pub struct Stock {
    /// What they do not know can be told by one call into C each.
    built_in: Vec<Known>,
    /// Finds modules in folders.
    path_finder: Option<PathFinder>,
}

/// A finder of built-in or frozen modules.
struct Known {
    finder: Py<PyAny>,
    find_spec: Originals,
    /// Falsy for a name of which it says nothing.
    knows: Py<PyAny>,
}

impl Stock {
    /// Looks them up.
    pub fn new(py: Python<'_>, modules: &Bound<'_, PyDict>) -> PyResult<Self> {
        let bootstrap = modules.as_any().get_item("_frozen_importlib")?;
        let imp = modules.as_any().get_item("_imp")?;
        let known = |name: &str, knows: Bound<'_, PyAny>| {
            let finder = bootstrap.getattr(name)?;
            let mut find_spec = Originals::new();
            find_spec.take_from_class(&finder, &["find_spec"])?;
            let is_own = find_spec.come_from(py, &bootstrap)?;
            PyResult::Ok(is_own.then(|| Known { finder: finder.unbind(), find_spec, knows: knows.unbind() }))
        };
        // Python 3.10 asks `is_frozen`, later ones `find_frozen`.
        let frozen = imp.getattr_opt("find_frozen")?.map_or_else(|| imp.getattr("is_frozen"), Ok)?;
        Ok(Self {
            built_in: [known("BuiltinImporter", imp.getattr("is_builtin")?), known("FrozenImporter", frozen)]
                .into_iter()
                .filter_map(|known| known.ok().flatten())
                .collect(),
            // Where anything that it is made of is missing, it is not Python's own any more.
            path_finder: PathFinder::new(py, modules).unwrap_or_default(),
        })
    }

    /// What `finder.find_spec(name, path, target)` returns; none if it must be called.
    pub fn find_spec<'py>(
        &self,
        finder: &Bound<'py, PyAny>,
        name: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        target: Option<&Bound<'py, PyAny>>,
    ) -> Option<PyResult<Option<Found<'py>>>> {
        let py = name.py();
        if let Some(known) = self.built_in.iter().find(|known| finder.is(&known.finder)) {
            // What raises here raises there.
            let is_answered = || known.knows.bind(py).call1((name,)).map_or(true, |it| it.is_truthy().unwrap_or(true));
            return (known.find_spec.stand(py) && !is_answered()).then_some(Ok(None));
        }
        self.path_finder.as_ref()?.find_spec(finder, name, path, target)
    }
}
