//! The running interpreter and machine.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use importspy_hook::contract::names;
use importspy_hook::observed::platform::Platform;

use super::once::intern;
use super::python;

/// Reads the platform once, from modules that every interpreter has loaded: importing `platform`
/// would cost every process a millisecond.
pub fn read(py: Python<'_>, modules: &Bound<'_, PyDict>) -> PyResult<Platform> {
    let sys = python::sys(py)?;
    let sys_platform = python::text(sys, intern!(py, "platform")).unwrap_or_default();
    let os = modules.get_item("os")?;
    let os_name = os.as_ref().and_then(|os| python::text(os, intern!(py, "name"))).unwrap_or_default();
    let version = sys.getattr(intern!(py, "version_info"))?;
    let number = |index: usize| version.get_item(index)?.extract::<u32>();
    let python_text = python::text(sys, intern!(py, "version"))
        .and_then(|text| text.split_whitespace().next().map(str::to_owned))
        .unwrap_or_default();
    let implementation = sys.getattr(intern!(py, "implementation"))?;
    let implementation = python::text(&implementation, intern!(py, "name")).unwrap_or_default();
    let machine = os.as_ref().and_then(machine).unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    Ok(Platform {
        arch: names::architecture(&machine).map_or(machine, str::to_owned),
        os: names::operating_system(&sys_platform).map_or_else(|| sys_platform.clone(), str::to_owned),
        python: (number(0)?, number(1)?, number(2)?),
        python_text,
        interpreter: names::interpreter(&implementation).map_or(implementation, str::to_owned),
        sys_platform,
        os_name,
    })
}

/// `os.uname().machine`, what `platform.machine()` says where there is an `uname`.
fn machine(os: &Bound<'_, PyAny>) -> Option<String> {
    let py = os.py();
    let uname = os.call_method0(intern!(py, "uname")).ok()?;
    python::text(&uname, intern!(py, "machine")).filter(|text| !text.is_empty())
}
