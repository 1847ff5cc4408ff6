//! What the hooks in `sys.path_hooks` that Python comes with would make of a folder.
//!
//! `zipimporter` looks at it and says no, the second hook looks at it and says yes, and the `FileFinder` that it
//! makes looks at it once more. One look is enough for the three, and that pays for the two that a package's
//! contract takes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::once::intern;
use super::originals::Originals;
use super::{files, python};

/// The two hooks, as Python came with them.
pub struct PathHooks {
    zip: Py<PyAny>,
    folder: Py<PyAny>,
    file_finder: Py<PyAny>,
    originals: Originals,
}

impl PathHooks {
    /// Looks them up; none if they do not stand there, in this order.
    pub fn new(py: Python<'_>, modules: &Bound<'_, PyDict>, file_finder: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let Some(zipimport) = modules.get_item("zipimport")? else { return Ok(None) };
        let zip = zipimport.getattr("zipimporter")?;
        let mut originals = Originals::new();
        originals.take_from_class(&zip, &["__init__"])?;
        if !originals.come_from(py, &zipimport)? {
            return Ok(None);
        }
        originals.take_from_module(&zipimport, &["_bootstrap_external"])?;
        let Some((first, folder)) = standing(py) else { return Ok(None) };
        // The function that `FileFinder.path_hook` makes: its code is a constant of that one's.
        let maker = file_finder.getattr("path_hook")?.getattr("__func__")?.getattr("__code__")?.getattr("co_consts")?;
        let Some(code) = folder.getattr_opt("__code__")? else { return Ok(None) };
        let mut is_ours = false;
        for constant in maker.try_iter()? {
            is_ours |= constant?.is(&code);
        }
        if !first.is(&zip) || !is_ours {
            return Ok(None);
        }
        Ok(Some(Self {
            zip: zip.unbind(),
            folder: folder.unbind(),
            file_finder: file_finder.clone().unbind(),
            originals,
        }))
    }

    /// The finder for `entry`, which is not in `finders` so far, put there, and the folder's present state;
    /// none if the hooks must be asked themselves.
    pub fn new_finder<'py>(
        &self,
        finders: &Bound<'py, PyDict>,
        entry: &Bound<'py, PyString>,
    ) -> PyResult<Option<(Bound<'py, PyAny>, files::Kind)>> {
        let py = entry.py();
        let is_stock = standing(py).is_some_and(|(zip, folder)| zip.is(&self.zip) && folder.is(&self.folder));
        let Ok(path) = entry.to_str() else { return Ok(None) };
        // Elsewhere, "here" is another folder tomorrow.
        if !is_stock || !path.starts_with('/') || !self.originals.stand(py) {
            return Ok(None);
        }
        let Some(details) = self.details(py) else { return Ok(None) };
        let Some(folder) = files::kind(py, path).filter(|kind| kind.is_folder) else { return Ok(None) };
        let arguments = PyTuple::new(py, std::iter::once(entry.clone().into_any()).chain(details).collect::<Vec<_>>())?;
        let finder = self.file_finder.bind(py).call1(arguments)?;
        finders.set_item(entry, &finder)?;
        Ok(Some((finder, folder)))
    }

    /// The loaders that the second hook gives a finder, from its closure.
    fn details<'py>(&self, py: Python<'py>) -> Option<Vec<Bound<'py, PyAny>>> {
        let cells = self.folder.bind(py).getattr(intern!(py, "__closure__")).ok()?;
        let cell = |index: usize| cells.get_item(index).ok()?.getattr(intern!(py, "cell_contents")).ok();
        let details = cell(1)?.cast_into_exact::<PyTuple>().ok()?;
        cell(0)?.is(&self.file_finder).then(|| details.iter().collect())
    }
}

/// The first two hooks.
fn standing(py: Python<'_>) -> Option<(Bound<'_, PyAny>, Bound<'_, PyAny>)> {
    let hooks = python::of_sys(py, intern!(py, "path_hooks"))?.cast_into_exact::<PyList>().ok()?;
    Some((hooks.get_item(0).ok()?, hooks.get_item(1).ok()?))
}
