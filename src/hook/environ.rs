//! Environment variables, as the program sees and changes them: in `os.environ`.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use importspy_hook::observed::world::Environment;

use super::once::intern;
use super::{api, python};

/// How to read `os.environ`.
pub struct Environ {
    /// The module `os`: programs replace `os.environ` as a whole, too.
    os: Py<PyAny>,
    /// The type of Python's own `os.environ` and its `__getitem__`, where what it stores is known: names
    /// and values in UTF-8, in a dict. Asking that dict costs a tenth of asking through two methods.
    own: Option<(Py<PyAny>, Py<PyAny>)>,
}

impl Environ {
    /// Looks at the module `os`.
    pub fn new(os: Bound<'_, PyAny>) -> PyResult<Self> {
        let py = os.py();
        let encoding = python::sys(py)?.call_method0(intern!(py, "getfilesystemencoding"))?;
        let is_known = cfg!(unix) && encoding.eq("utf-8")?;
        let kind = os.getattr(intern!(py, "environ"))?.get_type();
        let is_own = kind.getattr(intern!(py, "__module__"))?.eq("os")?;
        let own = if is_known && is_own {
            Some((kind.clone().into_any().unbind(), kind.getattr(intern!(py, "__getitem__"))?.unbind()))
        } else {
            None
        };
        Ok(Self { os: os.unbind(), own })
    }

    /// `os.environ`, as it stands now.
    pub fn object<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        python::namespace(self.os.bind(py))?.get_item(intern!(py, "environ")).ok().flatten()
    }

    /// The variable `name`. What can't be read counts as not set.
    pub fn read(&self, py: Python<'_>, name: &str) -> Environment {
        let Some(environ) = self.object(py) else { return Environment::Absent };
        if let Some(stored) = self.stored(&environ) {
            return match stored.get_item(PyBytes::new(py, name.as_bytes())) {
                Ok(Some(value)) => value
                    .cast::<PyBytes>()
                    .map_or(Environment::Absent, |it| text(std::str::from_utf8(it.as_bytes()).ok())),
                _ => Environment::Absent,
            };
        }
        match environ.call_method1(intern!(py, "get"), (name,)) {
            Ok(value) => value.cast::<PyString>().map_or(Environment::Absent, |it| text(it.to_str().ok())),
            Err(_) => Environment::Absent,
        }
    }

    /// The dict in `environ`, if that is Python's own.
    fn stored<'py>(&self, environ: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
        let py = environ.py();
        let (kind, getitem) = self.own.as_ref()?;
        let is_own = environ.get_type().is(kind)
            && kind.bind(py).getattr(intern!(py, "__getitem__")).is_ok_and(|present| present.is(getitem));
        if !is_own {
            return None;
        }
        api::plain_attribute(environ, intern!(py, "_data"))?.cast_into_exact().ok()
    }
}

fn text(value: Option<&str>) -> Environment {
    value.map_or(Environment::NotUnicode, |text| Environment::Text(text.to_owned()))
}
