//! The functions that the Python package offers.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use importspy_hook::contract::trust::Trusted;

use super::decisions::Decision;
use super::state::State;
use super::{install as installation, logging, panics, program};

/// Put the hook in front of Python's imports.
#[pyfunction]
#[pyo3(signature = (*, mode = "enforce", log_level = None, trusted_importers = None))]
pub fn install(
    py: Python<'_>,
    mode: &str,
    log_level: Option<&Bound<'_, PyAny>>,
    trusted_importers: Option<Vec<String>>,
) -> PyResult<()> {
    panics::caught(py, || {
        let level = log_level.map(logging::level).transpose()?;
        let trusted = trusted_importers.map(|globs| globs.iter().map(|glob| trusted(glob)).collect()).transpose()?;
        installation::install(py, mode, trusted)?;
        program::note_caller(py);
        logging::listen();
        level.map_or(Ok(()), |level| logging::set_level(py, level))
    })
}

fn trusted(glob: &str) -> PyResult<Trusted> {
    Trusted::new(glob).map_err(|reason| PyValueError::new_err(format!("trusted_importers: '{glob}': {reason}")))
}

/// Take the hook out again.
#[pyfunction]
pub fn uninstall(py: Python<'_>) -> PyResult<()> {
    panics::caught(py, || installation::uninstall(py))
}

/// Whether the hook is in place.
#[pyfunction]
pub fn is_installed(py: Python<'_>) -> PyResult<bool> {
    installation::is_installed(py)
}

/// The latest decisions, oldest first.
#[pyfunction]
pub fn decisions(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let Some(state) = State::get(py) else { return Ok(Vec::new()) };
    let as_dict = |decision: Decision| {
        let fields = PyDict::new(py);
        fields.set_item("module", decision.module)?;
        fields.set_item("importer", decision.importer)?;
        fields.set_item("contract", decision.contract)?;
        fields.set_item("allowed", decision.allowed)?;
        fields.set_item("reason", decision.reason.as_str())?;
        fields.set_item("codes", decision.codes)?;
        fields.set_item("microseconds", decision.microseconds)?;
        Ok(fields)
    };
    state.decisions.all().into_iter().map(as_dict).collect()
}

/// Forget everything that was read, found and decided.
#[pyfunction]
pub fn cache_clear(py: Python<'_>) {
    if let Some(state) = State::get(py) {
        state.clear(py);
        state.decisions.clear();
    }
}

/// Counts of decisions that were remembered, of those that were made anew, and of those kept now.
#[pyfunction]
pub fn cache_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let fields = PyDict::new(py);
    let (hits, misses, size) = State::get(py).map_or((0, 0, 0), |state| state.cache.info());
    fields.set_item("hits", hits)?;
    fields.set_item("misses", misses)?;
    fields.set_item("size", size)?;
    Ok(fields)
}
