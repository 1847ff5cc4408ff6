//! What the interpreter's loaders run: the last moment at which a module can be kept from running.
//!
//! What an import loads was judged when the finder found it. What comes past the finder is judged here:
//! another finder stood in front of it, it was taken out, or somebody loads by hand.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::arguments::Call;
use super::guards::Shared;
use super::importer::Importer;
use super::memo::Trail;
use super::once::intern;
use super::overrides::Site;
use super::state::State;
use super::{api, calls, errors, govern, loaded_from, python, undecided};

/// `exec`, as loaders of files and zip members call it.
pub fn exec(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    if let Some((state, code, namespace)) = executed(py, call) {
        let spec = spec_in(namespace);
        if let Some(spec) = &spec
            && let Some(guard) = unheard(py, state, spec)?
        {
            judge(py, state, &guard, Some(namespace))?;
        }
        if let Some((name, read)) = loaded_from::elsewhere(state, spec.as_ref(), code, namespace)?
            && let Some(guard) = state.modules.discovery.guard_of_file(py, &name, &read.file, read.loader.as_ref())?
        {
            judge(py, state, &Arc::new(guard), Some(namespace))?;
        }
    }
    pass_on_exec(py, Site::Exec, call)
}

/// `exec` for most modules: those that the finder has found, and found to be unguarded. None for any other.
pub fn exec_unguarded<'py>(
    py: Python<'py>,
    code: &Bound<'py, PyAny>,
    namespace: &Bound<'py, PyAny>,
) -> Option<PyResult<Py<PyAny>>> {
    let state = State::active(py)?;
    let spec = spec_in(namespace.cast::<PyDict>().ok()?)?;
    let name = python::attribute(&spec, intern!(py, "name"))?.cast_into_exact::<PyString>().ok()?;
    let file = python::attribute(code, intern!(py, "co_filename"))?;
    if !state.modules.is_noted_unguarded(&name, &spec, &file) {
        return None;
    }
    Some(original_exec(py, state, Site::Exec).and_then(|exec| exec.call1((code, namespace)).map(Bound::unbind)))
}

/// `exec`, as `runpy` calls it. Running a program is no import, so nobody is judged; but it is noted.
pub fn run(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    if let Some((state, code, namespace)) = executed(py, call) {
        let guard = match spec_in(namespace) {
            Some(spec) => unheard(py, state, &spec)?,
            None => guard_of_code(py, state, code, namespace)?,
        };
        if let Some(guard) = guard {
            undecided::note_run(py, state, &guard);
        }
    }
    pass_on_exec(py, Site::Run, call)
}

/// The code and the namespace of a call of `exec`, if imports are looked at.
fn executed<'a, 'py>(
    py: Python<'py>,
    call: &'a Call<'py>,
) -> Option<(&'static State, &'a Bound<'py, PyAny>, &'a Bound<'py, PyDict>)> {
    let state = State::active(py)?;
    let [code, namespace, ..] = call.positional.as_slice() else { return None };
    Some((state, code, namespace.cast::<PyDict>().ok()?))
}

fn spec_in<'py>(namespace: &Bound<'py, PyDict>) -> Option<Bound<'py, PyAny>> {
    let spec = namespace.get_item(intern!(namespace.py(), "__spec__")).ok().flatten();
    spec.filter(|spec| !spec.is_none())
}

fn pass_on_exec(py: Python<'_>, site: Site, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    let state = State::get(py).ok_or_else(|| errors::internal(py, "no original to call"))?;
    call.pass_on(py, &original_exec(py, state, site)?).map(Bound::unbind)
}

fn original_exec<'py>(py: Python<'py>, state: &State, site: Site) -> PyResult<Bound<'py, PyAny>> {
    match state.overrides.original(py, site) {
        Some(original) => Ok(original.into_bound(py)),
        // As a look-up past the module that ours stands in would find it.
        None => match api::current_builtins(py).and_then(|all| all.get_item(intern!(py, "exec")).ok().flatten()) {
            Some(exec) => Ok(exec),
            None => python::modules(py)?.as_any().get_item(intern!(py, "builtins"))?.getattr(intern!(py, "exec")),
        },
    }
}

/// `_imp.create_dynamic`.
pub fn create_dynamic<'py>(py: Python<'py>, call: &Call<'py>) -> PyResult<Py<PyAny>> {
    let state = State::get(py).ok_or_else(|| errors::internal(py, "no original to call"))?;
    let (Some(state), [spec, rest @ ..]) = (State::active(py), call.positional.as_slice()) else {
        return pass_on(py, state, Site::CreateDynamic, call);
    };
    // What is judged must be what is loaded.
    let plain = state.loaders.plain_spec(spec)?;
    let spec = plain.as_ref().unwrap_or(spec);
    if let Some(guard) = unheard(py, state, spec)? {
        judge(py, state, &guard, None)?;
    }
    let positional = [std::slice::from_ref(spec), rest].concat();
    pass_on(py, state, Site::CreateDynamic, &Call { positional, named: call.named.clone() })
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
    let original = state.overrides.original(py, site);
    // Functions of ours exist only after they have replaced something.
    let original = original.ok_or_else(|| errors::internal(py, "no original to call"))?;
    call.pass_on(py, original.bind(py)).map(Bound::unbind)
}

/// The guard of what `spec` describes, unless its import was judged when it was found.
fn unheard(py: Python<'_>, state: &State, spec: &Bound<'_, PyAny>) -> PyResult<Option<Shared>> {
    let Some(name) = python::text(spec, intern!(py, "name")) else { return Ok(None) };
    match state.modules.guard_of_spec(py, &name, spec)? {
        Some(_) if state.passes.take(py, &name, spec)? => Ok(None),
        guard => Ok(guard),
    }
}

/// The guard of a module that was made without a spec: by the file that its code names.
fn guard_of_code(
    py: Python<'_>,
    state: &State,
    code: &Bound<'_, PyAny>,
    namespace: &Bound<'_, PyDict>,
) -> PyResult<Option<Shared>> {
    let file = python::text(code, intern!(py, "co_filename")).filter(|file| !file.starts_with('<'));
    let Some(file) = file else { return Ok(None) };
    let name = namespace.get_item(intern!(py, "__name__"))?.and_then(|name| python::string(&name)).unwrap_or_default();
    Ok(state.modules.discovery.guard_of_file(py, &name, &file, None)?.map(Arc::new))
}

/// Judges who loads the module now.
fn judge(py: Python<'_>, state: &State, guard: &Shared, namespace: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
    let importer = Importer::find(py, &state.machinery, state.machinery.import_of(py, &guard.module)?)?;
    govern::validate(py, state, guard, importer.as_ref(), &mut Trail::default())?;
    calls::passed(&guard.module, importer.as_ref());
    // Those who import it by that name later are judged as well.
    let loaded = python::loaded(py, &guard.module)?.and_then(|module| python::namespace(&module));
    if let (Some(loaded), Some(namespace)) = (loaded, namespace)
        && loaded.is(namespace)
    {
        state.modules.watch(py, guard)?;
    }
    Ok(())
}
