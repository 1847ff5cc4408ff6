//! First imports of modules that have no contract: most of what a program does as it starts (DESIGN 12).
//!
//! The long way (`wrapper`) looks at each name that an import reaches, before and after. Here nothing is loaded that
//! could be looked at before; and as a rule the finder has noted meanwhile that there is nothing to look at after.

use pyo3::prelude::*;

use super::fast::Asked;
use super::state::State;
use super::{api, calls, errors, install, wrapper};

/// Does what `asked` asks for by `pass_on`; none, and nothing is done, if it must go the long way.
pub fn import<'py>(
    asked: &Asked<'py>,
    pass_on: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> Option<PyResult<Bound<'py, PyAny>>> {
    let py = asked.target.py();
    let state = State::active(py)?;
    let target = asked.target.to_str().ok()?;
    if !asked.is_first() || calls::frame_of(target).is_some() {
        return None;
    }
    let _call = calls::begin(target, api::frame_address());
    let result = pass_on().and_then(|module| {
        if asked.is_clear() != Some(true) {
            wrapper::validate_handed_out(py, state, target, asked.from.as_ref())?;
        }
        install::complete(py, state, target)?;
        Ok(module)
    });
    Some(result.map_err(|error| errors::trimmed(py, state, error)))
}
