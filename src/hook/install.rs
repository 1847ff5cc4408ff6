//! Putting the hook in place and taking it out again.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use importspy_hook::contract::trust::Trusted;

use super::once::intern;
use super::overrides::Site;
use super::state::{self, Mode, State};
use super::{panics, python, raw};

/// Puts the hook in place. Doing it again repairs what somebody has removed, and changes nothing else.
///
/// `trusted` are importers to vouch for; none: those of the installation that is there, if it is no looser.
pub fn install(py: Python<'_>, mode: &str, trusted: Option<Vec<Trusted>>) -> PyResult<()> {
    let wanted = match mode {
        "enforce" => Mode::Enforce,
        "report" => Mode::Report,
        other => {
            return Err(PyValueError::new_err(format!("mode must be 'enforce' or 'report', not '{other}'")));
        }
    };
    panics::keep_quiet(py);
    let state = State::create(py)?;
    match state.mode() {
        Mode::Enforce if wanted == Mode::Report => {
            return Err(PyValueError::new_err(
                "importspy_hook is installed with mode='enforce'; call uninstall() before install(mode='report')",
            ));
        }
        Mode::Enforce if trusted.as_ref().is_some_and(|wanted| adds_to(wanted, &state.trusted())) => {
            return Err(PyValueError::new_err(
                "importspy_hook is installed with mode='enforce'; call uninstall() before install(trusted_importers=...) \
                 to trust others than it does",
            ));
        }
        _ => {}
    }
    let finders = state::meta_path(py)?;
    if !finders.iter().any(|finder| finder.is(&state.finder)) {
        finders.insert(0, &state.finder)?;
    }
    state.overrides.govern(py)?;
    let (import, _) = state.overrides.originals(py, Site::Import);
    // A looser installation, or none, vouches for nobody in a stricter one.
    let keeps = trusted.is_none() && state.mode() == wanted;
    if !keeps {
        state.set_trusted(trusted.unwrap_or_default());
    }
    state.set_mode(wanted);
    state.overrides.complete(py)?;
    raw::arm(py, state.modules.unguarded(), is_interpreters_own(py, import.as_ref()));
    classify_loaded(py, state)
}

/// Whether somebody would be trusted who is not yet.
fn adds_to(wanted: &[Trusted], present: &[Trusted]) -> bool {
    wanted.iter().any(|wanted| present.iter().all(|present| present.text != wanted.text))
}

/// Takes the hook out: what stood there before stands there again, unless somebody else has put
/// something in its place since, which then stays.
pub fn uninstall(py: Python<'_>) -> PyResult<()> {
    let Some(state) = State::get(py) else { return Ok(()) };
    state.set_mode(Mode::Off);
    state.set_trusted(Vec::new());
    raw::disarm();
    if state::finders(py)?.iter().any(|finder| finder.is(&state.finder)) {
        let finders = state::meta_path(py)?;
        while let Some(at) = finders.iter().position(|finder| finder.is(&state.finder)) {
            finders.del_item(at)?;
        }
    }
    state.overrides.restore(py)?;
    state.clear(py);
    Ok(())
}

/// Whether the hook is in place and looks at imports: the finder stands in `sys.meta_path`, and nobody has
/// put functions of the interpreter back.
pub fn is_installed(py: Python<'_>) -> PyResult<bool> {
    let Some(state) = State::get(py) else { return Ok(false) };
    let stands = state::finders(py)?.iter().any(|finder| finder.is(&state.finder));
    Ok(state.mode() != Mode::Off && stands && !state.overrides.put_back(py)?)
}

/// Looks after functions of `importlib`, `runpy` and `zipimport` once those are loaded.
pub fn complete(py: Python<'_>, state: &State, imported: &str) -> PyResult<()> {
    let is_watched = imported.starts_with("importlib") || matches!(imported, "runpy" | "zipimport");
    if !is_watched || state.mode() == Mode::Off {
        return Ok(());
    }
    state.overrides.complete(py)
}

/// Whether `function` is the interpreter's own `__import__`, whose C function can be called directly.
fn is_interpreters_own(py: Python<'_>, function: Option<&Py<PyAny>>) -> bool {
    let Some(function) = function.map(|it| it.bind(py)) else { return false };
    let of_builtins = python::attribute(function, intern!(py, "__self__"))
        .and_then(|module| python::text(&module, intern!(py, "__name__")))
        .is_some_and(|name| name == "builtins");
    let kind = function.get_type();
    of_builtins
        && python::text(kind.as_any(), intern!(py, "__name__")).is_some_and(|name| name == "builtin_function_or_method")
        && python::text(function, intern!(py, "__name__")).is_some_and(|name| name == "__import__")
}

/// Tells guarded from unguarded among the modules that were loaded before the hook.
fn classify_loaded(py: Python<'_>, state: &State) -> PyResult<()> {
    for (name, module) in state::loaded_modules(py)? {
        if let Some(name) = python::string(&name)
            && !module.is_none()
        {
            state.modules.guard_of_loaded(py, &name, &module)?;
        }
    }
    Ok(())
}
