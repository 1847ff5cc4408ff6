//! Putting the hook in place and taking it out again.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;

use super::import_module::ImportModule;
use super::state::{self, Mode, Override, Overrides, State};
use super::{panics, python, raw};

/// `importlib._bootstrap`, under the name that every interpreter has loaded it by.
const BOOTSTRAP: &str = "_frozen_importlib";

/// Puts the hook in place. Doing it again repairs what somebody has removed, and changes nothing else.
pub fn install(py: Python<'_>, mode: &str) -> PyResult<()> {
    let wanted = match mode {
        "enforce" => Mode::Enforce,
        "report" => Mode::Report,
        other => {
            return Err(PyValueError::new_err(format!("mode must be 'enforce' or 'report', not '{other}'")));
        }
    };
    panics::keep_quiet();
    let state = State::create(py)?;
    match state.mode() {
        Mode::Enforce if wanted == Mode::Report => {
            return Err(PyValueError::new_err(
                "importspy_hook is installed with mode='enforce'; call uninstall() before install(mode='report')",
            ));
        }
        _ => {}
    }
    let finders = state::meta_path(py)?;
    if !finders.iter().any(|finder| finder.is(&state.finder)) {
        finders.insert(0, &state.finder)?;
    }
    let modules = python::modules(py)?;
    let builtins = modules.as_any().get_item("builtins")?;
    let bootstrap = modules.as_any().get_item(BOOTSTRAP)?;
    // Python code runs in between: the lock is not held, the functions are put back at the end.
    let mut import = state.overrides.lock().import.clone_ref(py);
    let mut gcd_import = state.overrides.lock().gcd_import.clone_ref(py);
    let import_module = state.overrides.lock().import_module.clone_ref(py);
    let import_function = || raw::import_function(&builtins);
    let gcd_import_function = || raw::gcd_import_function(&bootstrap);
    prepare(&mut import, &builtins, "__import__", import_function)?;
    prepare(&mut gcd_import, &bootstrap, "_gcd_import", gcd_import_function)?;
    let original_is_builtin = is_interpreters_own(py, import.original.as_ref());
    let (ours, our_gcd) = (import.ours(py), gcd_import.ours(py));
    let old = std::mem::replace(&mut *state.overrides.lock(), Overrides { import, gcd_import, import_module });
    drop(old);
    builtins.setattr("__import__", ours)?;
    bootstrap.setattr("_gcd_import", our_gcd)?;
    state.set_mode(wanted);
    complete(py, state, "importlib")?;
    raw::arm(py, state.unguarded(), original_is_builtin);
    classify_loaded(py, state)
}

/// Takes the hook out: what stood there before stands there again, unless somebody else has put
/// something in its place since, which then stays.
pub fn uninstall(py: Python<'_>) -> PyResult<()> {
    let Some(state) = State::get(py) else { return Ok(()) };
    state.set_mode(Mode::Off);
    raw::disarm();
    let finders = state::meta_path(py)?;
    while let Some(at) = finders.iter().position(|finder| finder.is(&state.finder)) {
        finders.del_item(at)?;
    }
    let modules = python::modules(py)?;
    let (import, gcd_import, import_module) = {
        let overrides = state.overrides.lock();
        (overrides.import.clone_ref(py), overrides.gcd_import.clone_ref(py), overrides.import_module.clone_ref(py))
    };
    restore(&import, &modules.as_any().get_item("builtins")?, "__import__")?;
    restore(&gcd_import, &modules.as_any().get_item(BOOTSTRAP)?, "_gcd_import")?;
    if let Some(importlib) = modules.get_item("importlib")? {
        restore(&import_module, &importlib, "import_module")?;
    }
    state.clear(py);
    Ok(())
}

/// Whether the hook is in place and looks at imports.
pub fn is_installed(py: Python<'_>) -> PyResult<bool> {
    let Some(state) = State::get(py) else { return Ok(false) };
    // Whatever stands there: Python takes any sequence.
    let mut finders = python::sys(py)?.getattr(intern!(py, "meta_path"))?.try_iter()?;
    Ok(state.mode() != Mode::Off && finders.any(|finder| finder.is_ok_and(|finder| finder.is(&state.finder))))
}

/// Puts a callable over `importlib.import_module` that keeps our frames out of tracebacks, once
/// `importlib` is loaded: start-up does not load it, and neither do we.
pub fn complete(py: Python<'_>, state: &State, imported: &str) -> PyResult<()> {
    if !imported.starts_with("importlib") || state.mode() == Mode::Off {
        return Ok(());
    }
    let Some(importlib) = python::loaded(py, "importlib")? else { return Ok(()) };
    // Somebody is loading it right now.
    if !importlib.hasattr("import_module")? {
        return Ok(());
    }
    let mut this = state.overrides.lock().import_module.clone_ref(py);
    let original = importlib.getattr("import_module")?;
    if this.ours.as_ref().is_some_and(|ours| !original.is(ours)) {
        // Ours was taken out: what stands there now gets a new one, which leads to it.
        this = Override::default();
    }
    prepare(&mut this, &importlib, "import_module", || {
        Ok(Bound::new(py, ImportModule::new(original.unbind()))?.into_any())
    })?;
    let ours = this.ours(py);
    let old = std::mem::replace(&mut state.overrides.lock().import_module, this);
    drop(old);
    importlib.setattr("import_module", ours)
}

/// Notes what stands at `module.name` now, and makes our function for that place.
fn prepare<'py>(
    this: &mut Override,
    module: &Bound<'py, PyAny>,
    name: &str,
    make: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<()> {
    let present = module.getattr(name)?;
    if this.ours.as_ref().is_some_and(|ours| present.is(ours)) {
        return Ok(());
    }
    if this.ours.is_none() {
        this.ours = Some(make()?.unbind());
    }
    this.first.get_or_insert_with(|| present.clone().unbind());
    this.original = Some(present.unbind());
    Ok(())
}

fn restore(this: &Override, module: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    let (Some(original), Some(ours)) = (&this.original, &this.ours) else { return Ok(()) };
    match module.getattr_opt(name)? {
        Some(present) if present.is(ours) => module.setattr(name, original),
        _ => Ok(()),
    }
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
            state.guard_of_loaded(py, &name, &module)?;
        }
    }
    Ok(())
}

impl Override {
    fn ours(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.ours.as_ref().map(|ours| ours.clone_ref(py))
    }

    fn clone_ref(&self, py: Python<'_>) -> Self {
        let copy = |it: &Option<Py<PyAny>>| it.as_ref().map(|it| it.clone_ref(py));
        Self { original: copy(&self.original), first: copy(&self.first), ours: copy(&self.ours) }
    }
}
