//! The arguments of the functions that ours stand in for.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString, PyTuple};

use super::once::intern;
use super::overrides::Site;
use super::{api, raw};

/// The arguments of a call, as given.
pub struct Call<'py> {
    /// Positional.
    pub positional: Vec<Bound<'py, PyAny>>,
    /// By keyword.
    pub named: Option<Bound<'py, PyDict>>,
}

impl<'py> Call<'py> {
    /// An argument, by position or by name.
    pub fn argument(&self, index: usize, name: &str) -> Option<Bound<'py, PyAny>> {
        let named = || self.named.as_ref().and_then(|named| named.get_item(name).ok().flatten());
        self.positional.get(index).cloned().or_else(named)
    }

    /// As [`Self::pass_on`], with the interpreter's own `__import__` called directly.
    pub fn import_with(&self, py: Python<'py>, to: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match (self.positional.as_slice(), &self.named) {
            ([name, globals, locals, from, level], None) if raw::original_is_builtin() => {
                match level.extract::<std::ffi::c_int>() {
                    Ok(level) => raw::builtin_import(name, Some(globals), Some(locals), Some(from), level),
                    Err(_) => self.pass_on(py, to),
                }
            }
            _ => self.pass_on(py, to),
        }
    }

    /// The same call with arguments that say the same each time they are asked; none if these do. What is judged
    /// must be what is imported.
    pub fn settled(&self, py: Python<'py>, site: Site) -> PyResult<Option<Self>> {
        let (package, level) = if site == Site::Import { (None, 4) } else { (Some(1), 2) };
        let mut new = Vec::new();
        for (index, name) in [Some((0, "name")), package.map(|index| (index, "package"))].into_iter().flatten() {
            if let Some(value) = self.argument(index, name)
                && let Ok(text) = value.cast::<PyString>()
                && text.cast_exact::<PyString>().is_err()
            {
                new.push((index, name, api::exact_text(text)?.into_any()));
            }
        }
        let mut is_relative = false;
        if let Some(number) = self.argument(level, "level") {
            if number.is_exact_instance_of::<PyInt>() {
                is_relative = api::as_long(&number) != Some(0);
            } else {
                let number: std::ffi::c_long = number.extract()?;
                is_relative = number != 0;
                new.push((level, "level", number.into_pyobject(py)?.into_any()));
            }
        }
        if site == Site::Import
            && is_relative
            && let Some(globals) = self.argument(1, "globals").and_then(|globals| globals.cast_into::<PyDict>().ok())
        {
            let get = |key| globals.get_item(key).map(|value| value.filter(|value| !value.is_none()));
            // The parent of a spec is computed when it is asked for.
            if get(intern!(py, "__package__"))?.is_none()
                && let Some(spec) = get(intern!(py, "__spec__"))?
            {
                let known = PyDict::new(py);
                known.set_item(intern!(py, "__package__"), spec.getattr(intern!(py, "parent"))?)?;
                new.push((1, "globals", known.into_any()));
            }
        }
        if new.is_empty() {
            return Ok(None);
        }
        let named = self.named.as_ref().map(PyDictMethods::copy).transpose()?;
        let mut settled = Self { positional: self.positional.clone(), named };
        for (index, name, value) in new {
            match (settled.positional.get_mut(index), &settled.named) {
                (Some(argument), _) => *argument = value,
                (None, Some(named)) => named.set_item(name, value)?,
                (None, None) => {}
            }
        }
        Ok(Some(settled))
    }

    /// Calls `to` with the same arguments.
    pub fn pass_on(&self, py: Python<'py>, to: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        to.call(PyTuple::new(py, &self.positional)?, self.named.as_ref())
    }
}
