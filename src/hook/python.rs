//! Short ways to things every interpreter has.

use super::once::Once;
use super::once::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::api;

static SYS: Once<Py<PyModule>> = Once::new();

/// `sys`. Looked up once, before anything is installed: an import from here would come back to us.
pub fn sys(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    Ok(SYS.get_or_try_init(py, || py.import(intern!(py, "sys")).map(Bound::unbind))?.bind(py))
}

/// What `sys` has under `name`.
pub fn of_sys<'py>(py: Python<'py>, name: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    sys(py).ok()?.dict().get_item(name).ok()?
}

/// `sys.modules`, or what the interpreter has kept of it if a program has put there what is no dictionary.
pub fn modules(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let present = match of_sys(py, intern!(py, "modules")) {
        Some(present) => present,
        None => sys(py)?.getattr(intern!(py, "modules"))?,
    };
    present.cast_into().or_else(|other| api::interpreters_modules(py).ok_or_else(|| other.into()))
}

/// The loaded module `name`; `None` in `sys.modules` counts as not loaded.
pub fn loaded<'py>(py: Python<'py>, name: impl IntoPyObject<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(modules(py)?.get_item(name)?.filter(|module| !module.is_none()))
}

/// A module's namespace, read without asking the module: `importlib.util.LazyLoader` loads a module
/// at the first attribute that anybody asks for.
pub fn namespace<'py>(module: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    module.cast::<PyModule>().ok().map(PyModuleMethods::dict)
}

/// A module's `__spec__`, read without asking the module.
pub fn spec<'py>(module: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let spec = namespace(module)?.get_item(intern!(module.py(), "__spec__")).ok().flatten();
    spec.filter(|spec| !spec.is_none())
}

/// What `object` gives when it is iterated over, up to the first error.
///
/// `collect` would ask the iterator for its length, for which pyo3 imports the module `operator`: ours or, where
/// the program has a file of that name, the program's.
pub fn items<'py>(object: &Bound<'py, PyAny>) -> (Vec<Bound<'py, PyAny>>, PyResult<()>) {
    let mut items = Vec::new();
    let mut fill = || {
        for item in object.try_iter()? {
            items.push(item?);
        }
        Ok(())
    };
    let result = fill();
    (items, result)
}

/// An attribute, or none if it is missing, raises, or is `None`.
pub fn attribute<'py>(object: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    object.getattr_opt(name).ok().flatten().filter(|value| !value.is_none())
}

/// A text attribute of a type or function, read without running the program's code.
pub fn plain_text(object: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> Option<String> {
    api::plain_attribute(object, name).and_then(|value| string(&value))
}

/// A text attribute, or none.
pub fn text(object: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> Option<String> {
    attribute(object, name).and_then(|value| string(&value))
}

/// A `str` as Rust text: file names that are not UTF-8 keep a readable form.
pub fn string(value: &Bound<'_, PyAny>) -> Option<String> {
    value.cast::<PyString>().ok().map(|text| text.to_string_lossy().into_owned())
}

static FUNCTION: Once<Option<Py<PyType>>> = Once::new();

/// Whether `value` is a function that is written in Python.
pub fn is_function(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    // Of the import system's functions, any will do.
    let kind = FUNCTION.get_or_try_init(py, || {
        let bootstrap = modules(py)?.as_any().get_item("_frozen_importlib")?;
        let kind = bootstrap.getattr("_call_with_frames_removed")?.get_type();
        // Somebody may have put something else there.
        let is_it = kind.name()? == "function";
        Ok(is_it.then(|| kind.unbind()))
    });
    kind.is_ok_and(|kind| kind.as_ref().is_some_and(|kind| value.get_type().is(kind)))
}

/// Whether both are exactly `str`, and equal.
pub fn is_same_text(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> bool {
    let is_text = |it: &Bound<'_, PyAny>| it.is_exact_instance_of::<PyString>();
    is_text(one) && is_text(other) && one.eq(other).unwrap_or(false)
}
