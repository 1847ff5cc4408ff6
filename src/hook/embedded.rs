//! Embedded mode: a module has its own importer validated (DESIGN 9).

use std::path::PathBuf;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::frames::{Machinery, back};
use super::govern::{self, Asker};
use super::importer::Importer;
use super::memo::Trail;
use super::once::intern;
use super::state::State;
use super::{api, logging, panics, python};

/// Validates the module that imports the one which calls it.
///
///     caller = Spy().importspy(filepath="spymodel.yml")
///
/// It needs no `install()`, and changes nothing about how Python imports.
#[pyclass(frozen, subclass, module = "importspy_hook")]
pub struct Spy;

#[pymethods]
impl Spy {
    #[new]
    fn new() -> Self {
        Self
    }

    /// Validate the importer of the calling module against a contract; return the importer.
    ///
    /// A relative `filepath` is taken from the folder of the calling module, else from the working folder; without
    /// `filepath`, the contract beside the calling module applies. `log_level` is that of `install()`. With
    /// `info_module`, that module is validated and returned instead; nothing exempts it.
    ///
    /// Raises `ContractViolation` or `ContractError`, both of which are a `ValueError`. If nobody imports the calling
    /// module (it is the program), only the environment part applies, and the module itself is returned.
    #[allow(clippy::unused_self, clippy::needless_pass_by_value, reason = "Python calls it as a method")]
    #[pyo3(signature = (filepath = None, log_level = None, info_module = None))]
    fn importspy<'py>(
        &self,
        py: Python<'py>,
        filepath: Option<PathBuf>,
        log_level: Option<&Bound<'py, PyAny>>,
        info_module: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        panics::caught(py, || {
            if let Some(level) = log_level {
                logging::set_level(py, logging::level(level)?)?;
            }
            let named =
                info_module.map(|named| named.cast::<PyModule>().map_err(|_| not_a_module(named))).transpose()?;
            importspy(py, filepath.as_ref().map(|path| path.to_string_lossy()).as_deref(), named)
        })
    }
}

fn importspy<'py>(
    py: Python<'py>,
    path: Option<&str>,
    named: Option<&Bound<'py, PyModule>>,
) -> PyResult<Bound<'py, PyAny>> {
    panics::keep_quiet(py);
    let state = State::create(py)?;
    let Some(inner) = state.machinery.innermost(py, None)? else {
        return Err(PyValueError::new_err("importspy() is for the code of a module: no Python code calls it"));
    };
    let outer = state.machinery.beyond(py, &inner)?;
    let caller = Importer::of(py, inner)?;
    let guard = state.modules.discovery.named(&caller, path)?;
    if let Some(named) = named {
        let importer = Importer::named(py, named)?;
        govern::validate_for(py, state, &guard, Some(&importer), Asker::ModuleOf, &mut Trail::default())?;
        return Ok(named.clone().into_any());
    }
    let Some(outer) = outer else {
        govern::validate_for(py, state, &guard, None, Asker::Module, &mut Trail::default())?;
        return module(py, &state.machinery, &caller, None);
    };
    let frame = outer.frame.clone();
    let importer = Importer::of(py, outer)?;
    govern::validate_for(py, state, &guard, Some(&importer), Asker::Module, &mut Trail::default())?;
    module(py, &state.machinery, &importer, Some(frame))
}

fn not_a_module(value: &Bound<'_, PyAny>) -> PyErr {
    let kind = python::text(value.get_type().as_any(), intern!(value.py(), "__name__")).unwrap_or_default();
    PyTypeError::new_err(format!("info_module must be a module, not an object of type '{kind}'"))
}

/// The module object of an importer; `frame` is where its code runs.
fn module<'py>(
    py: Python<'py>,
    machinery: &Machinery,
    importer: &Importer<'py>,
    frame: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let found = match &importer.module {
        Some(module) => Some(module.clone()),
        None => being_executed(py, machinery, &importer.globals, frame)?,
    };
    found.ok_or_else(|| {
        PyValueError::new_err(format!("{} fits the contract, but there is no module to return", importer.label()))
    })
}

/// The module that a loader executes in `globals`: plugin loaders need not register it in `sys.modules`.
fn being_executed<'py>(
    py: Python<'py>,
    machinery: &Machinery,
    globals: &Bound<'py, PyDict>,
    mut frame: Option<Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    while let Some(this) = frame {
        if machinery.is_machinery(py, &this, &api::frame_code(&this))? {
            let locals = this.getattr(intern!(py, "f_locals"))?;
            if let Ok(module) = locals.get_item(intern!(py, "module"))
                && python::namespace(&module).is_some_and(|namespace| namespace.is(globals))
            {
                return Ok(Some(module));
            }
        } else if !this.getattr(intern!(py, "f_globals"))?.is(globals) {
            break;
        }
        frame = back(py, &this)?;
    }
    Ok(None)
}
