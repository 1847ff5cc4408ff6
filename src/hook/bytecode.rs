//! Where Python keeps the compiled form of a source (PEP 3147, PEP 488), without running the functions that tell.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::once::intern;
use super::originals::Originals;
use super::python;

/// What those functions go by.
pub struct Bytecode {
    implementation: Py<PyAny>,
    source_suffixes: Py<PyList>,
    compiled_suffixes: Py<PyList>,
    /// The part of the name for the level of optimisation, which stays what it was when Python started.
    optimization: String,
}

impl Bytecode {
    /// Looks it up; what must stay as it is goes to `originals`. None if somebody has changed it already.
    pub fn new(
        external: &Bound<'_, PyAny>,
        bootstrap: &Bound<'_, PyAny>,
        originals: &mut Originals,
    ) -> PyResult<Option<Self>> {
        let py = external.py();
        let sys = python::sys(py)?;
        let (mut own, mut of_spec) = (Originals::new(), Originals::new());
        own.take_from_module(external, &["_get_cached", "cache_from_source", "_path_split"])?;
        of_spec.take_from_class(&bootstrap.getattr("ModuleSpec")?, &["cached"])?;
        let is_own = own.come_from(py, external)? && of_spec.come_from(py, bootstrap)?;
        if !is_own || external.getattr("_PYCACHE")?.ne("__pycache__")? {
            return Ok(None);
        }
        own.extend(of_spec);
        own.take_from_module(external, &["_PYCACHE", "SOURCE_SUFFIXES", "BYTECODE_SUFFIXES"])?;
        own.take_from_module(bootstrap, &["_bootstrap_external"])?;
        own.take_from_module(sys.as_any(), &["implementation"])?;
        originals.extend(own);
        let suffixes = |name: &str| PyResult::Ok(external.getattr(name)?.cast_into::<PyList>()?.unbind());
        let level: u8 = sys.getattr("flags")?.getattr("optimize")?.extract()?;
        Ok(Some(Self {
            implementation: sys.getattr("implementation")?.unbind(),
            source_suffixes: suffixes("SOURCE_SUFFIXES")?,
            compiled_suffixes: suffixes("BYTECODE_SUFFIXES")?,
            optimization: if level == 0 { String::new() } else { format!(".opt-{level}") },
        }))
    }

    /// What the `cached` of a spec for the file `stem` + `suffix` in `folder` is; none where Python must say.
    pub fn place(&self, py: Python<'_>, folder: &str, stem: &str, suffix: &Bound<'_, PyString>) -> Option<String> {
        let first = |list: &Py<PyList>| list.bind(py).get_item(0).ok()?.cast_into_exact::<PyString>().ok();
        let is_source = python::is_same_text(suffix, first(&self.source_suffixes)?.as_any());
        // Of a file `.py`, Python takes the suffix for the stem.
        if !is_source
            || folder.is_empty()
            || stem.is_empty()
            || !python::of_sys(py, intern!(py, "pycache_prefix"))?.is_none()
        {
            return None;
        }
        let tag =
            self.implementation.bind(py).getattr(intern!(py, "cache_tag")).ok()?.cast_into_exact::<PyString>().ok()?;
        let (tag, extension) = (tag.to_str().ok()?, first(&self.compiled_suffixes)?);
        let name = [stem, ".", tag, &self.optimization, extension.to_str().ok()?].concat();
        // Python would leave out what ends in a separator, or is nothing but one.
        (!name.ends_with('/')).then(|| [folder, "/__pycache__/", &name].concat())
    }
}
