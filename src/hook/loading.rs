//! What the interpreter's loaders run: the last moment at which a module can be kept from running.
//!
//! What an import loads was judged when the finder found it. What comes past the finder is judged here:
//! another finder stood in front of it, it was taken out, or somebody loads by hand.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::guards::Shared;
use super::importer::Importer;
use super::overrides::Site;
use super::state::State;
use super::wrapper::Call;
use super::{calls, errors, govern, python};

/// `exec`, as loaders of files and zip members call it.
pub fn exec(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    let (replaced, _) = State::get(py).map_or((None, None), |state| state.overrides.originals(py, Site::Exec));
    let original = match replaced {
        Some(original) => original.into_bound(py),
        // As a look-up past the module that ours stands in would find it.
        None => python::modules(py)?.as_any().get_item(intern!(py, "builtins"))?.getattr(intern!(py, "exec"))?,
    };
    if let Some(state) = State::active(py)
        && let [code, namespace] = call.positional.as_slice()
        && let Ok(namespace) = namespace.cast::<PyDict>()
    {
        let get = |name| namespace.get_item(name).ok().flatten().filter(|value| !value.is_none());
        match get(intern!(py, "__spec__")) {
            Some(spec) => described(py, state, &spec, Some(namespace))?,
            None => nameless(py, state, code, namespace)?,
        }
    }
    call.pass_on(py, &original).map(Bound::unbind)
}

/// `_imp.create_dynamic`.
pub fn create_dynamic(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    let state = State::get(py).ok_or_else(|| errors::internal(py, "no original to call"))?;
    if let Some(state) = State::active(py)
        && let Some(spec) = call.argument(0, "spec")
    {
        described(py, state, &spec, None)?;
    }
    pass_on(py, state, Site::CreateDynamic, call)
}

/// `_imp.create_builtin`: making `builtins` anew puts the interpreter's own `__import__` back.
pub fn create_builtin(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    let state = State::get(py).ok_or_else(|| errors::internal(py, "no original to call"))?;
    let stood = state.overrides.standing(py, Site::Import)?.ours;
    let module = pass_on(py, state, Site::CreateBuiltin, call)?;
    if stood {
        state.overrides.again(py, Site::Import)?;
    }
    Ok(module)
}

fn pass_on(py: Python<'_>, state: &State, site: Site, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    let (original, _) = state.overrides.originals(py, site);
    // Functions of ours exist only after they have replaced something.
    let original = original.ok_or_else(|| errors::internal(py, "no original to call"))?;
    call.pass_on(py, original.bind(py)).map(Bound::unbind)
}

/// Judges who loads what `spec` describes, unless that was done when it was found.
fn described(
    py: Python<'_>,
    state: &State,
    spec: &Bound<'_, PyAny>,
    namespace: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let Some(name) = python::text(spec, intern!(py, "name")) else { return Ok(()) };
    let noted = state.notes.spec(py, &name).is_some_and(|noted| noted.is(spec));
    if noted && state.is_unguarded(py, &name) {
        return Ok(());
    }
    let known = if noted { state.guard_of_found(&name) } else { None };
    let guard = match known {
        Some(guard) => guard,
        None => state.discovery.guard(&name, spec)?.map(Arc::new),
    };
    match guard {
        Some(guard) if !state.takes_pass(py, &name, spec)? => judge(py, state, &guard, namespace),
        _ => Ok(()),
    }
}

/// Judges who executes code in a module that was made without a spec, by the file that the code names.
fn nameless(py: Python<'_>, state: &State, code: &Bound<'_, PyAny>, namespace: &Bound<'_, PyDict>) -> PyResult<()> {
    let Some(file) = python::text(code, intern!(py, "co_filename")).filter(|file| !file.starts_with('<')) else {
        return Ok(());
    };
    let name = namespace.get_item(intern!(py, "__name__"))?.and_then(|name| python::string(&name)).unwrap_or_default();
    match state.discovery.guard_of_file(py, &name, &file)? {
        Some(guard) => judge(py, state, &Arc::new(guard), Some(namespace)),
        None => Ok(()),
    }
}

fn judge(py: Python<'_>, state: &State, guard: &Shared, namespace: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
    let importer = Importer::find(py, &state.machinery, state.machinery.import_of(py, &guard.module)?)?;
    govern::validate(py, state, guard, importer.as_ref())?;
    calls::passed(&guard.module, importer.as_ref());
    // Those who import it by that name later are judged as well.
    let loaded = python::loaded(py, &guard.module)?.and_then(|module| python::namespace(&module));
    if let (Some(loaded), Some(namespace)) = (loaded, namespace)
        && loaded.is(namespace)
    {
        state.watch(py, guard)?;
    }
    Ok(())
}
