//! The meta-path finder. It finds nothing itself: it asks the finders behind it and hands back what
//! they say, after the contract has been heard (PITFALLS 1, 5, 15).

use pyo3::exceptions::PyModuleNotFoundError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::frames::Asked;
use super::guards::Guard;
use super::importer::Importer;
use super::memo::Trail;
use super::once::intern;
use super::state::{State, quietly};
use super::stock::Found;
use super::{calls, errors, govern, panics, python};

/// The finder that `install()` puts at `sys.meta_path[0]`.
#[pyclass(frozen, module = "importspy_hook._native")]
pub struct Finder;

#[pymethods]
impl Finder {
    /// Find the spec of a module as the finders behind this one do.
    ///
    /// For an import, the importer is validated first: raises `ContractViolation` or `ContractError`.
    #[pyo3(signature = (fullname, path=None, target=None))]
    fn find_spec<'py>(
        slf: &Bound<'py, Self>,
        fullname: &Bound<'py, PyAny>,
        path: Option<&Bound<'py, PyAny>>,
        target: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        panics::caught(py, || find(slf, fullname, path, target))
    }

    /// Forget which modules have contracts, and everything that was read.
    #[allow(clippy::unused_self, reason = "Python calls it as a method")]
    fn invalidate_caches(&self, py: Python<'_>) {
        if let Some(state) = State::get(py) {
            state.clear(py);
        }
    }

    #[allow(clippy::unused_self, reason = "Python calls it as a method")]
    fn __repr__(&self) -> &'static str {
        "<importspy_hook finder>"
    }
}

fn find<'py>(
    finder: &Bound<'py, Finder>,
    fullname: &Bound<'py, PyAny>,
    path: Option<&Bound<'py, PyAny>>,
    target: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = finder.py();
    let none = py.None().into_bound(py);
    let ask = || ask(py, finder.as_unbound(), fullname, path.unwrap_or(&none), target);
    let (Some(state), Some(name)) = (State::active(py), python::string(fullname)) else {
        return Ok(ask()?.map(Found::spec));
    };
    let asked = state.machinery.asked(py)?;
    let is_dash_m = asked == Asked::AmongOthers && state.machinery.asked_by_dash_m(py)?;
    if asked == Asked::AmongOthers && !is_dash_m {
        // There is nothing to judge. If nobody behind us knew the module, each of them would be asked twice.
        return Ok(None);
    }
    let times_cleared = state.modules.times_cleared();
    let Some(found) = ask()? else {
        return match asked {
            // Nobody behind us knows it: returning nothing would make Python ask them all again.
            Asked::ToImport if !python::modules(py)?.contains(fullname)? => Err(not_found(fullname)),
            _ => Ok(None),
        };
    };
    if asked == Asked::ToImport
        && let Found::Stock { note, cached, is_bare } = &found
    {
        // Python asks for it in a moment.
        if let Some(cached) = cached {
            note.spec.setattr(intern!(py, "_cached"), cached)?;
        }
        // Most modules: there is nothing to judge. Another thread may have had listings forgotten since this one was read.
        let is_bare = *is_bare && times_cleared == state.modules.times_cleared();
        if is_bare && let Ok(fullname) = fullname.cast_exact::<PyString>() {
            state.modules.learn_unguarded(fullname, note)?;
            return Ok(Some(found.spec()));
        }
    }
    let spec = found.spec();
    if is_dash_m && let Some(guard) = state.modules.discovery.guard(&name, &spec)? {
        validate(py, state, &guard, None)?;
        state.passes.give(py, &name, &spec)?;
    }
    if asked == Asked::ToImport
        && let Some(guard) = state.modules.classify(py, &name, &spec)?
    {
        let importer = Importer::find(py, &state.machinery, calls::frame_for(&name))?;
        validate(py, state, &guard, importer.as_ref())?;
        calls::passed(&name, importer.as_ref());
        state.passes.give(py, &name, &spec)?;
        ahead(py, state, &name, &spec, importer.as_ref())?;
    }
    Ok(Some(spec))
}

fn validate(py: Python<'_>, state: &State, guard: &Guard, importer: Option<&Importer<'_>>) -> PyResult<()> {
    state.import_lock.released(py, || govern::validate(py, state, guard, importer, &mut Trail::default()))
}

/// Checks the guarded names further down the dotted path that is being imported, before the first of
/// them runs: a package whose submodule is refused would stay imported (PITFALLS 4).
fn ahead(
    py: Python<'_>,
    state: &State,
    name: &str,
    spec: &Bound<'_, PyAny>,
    importer: Option<&Importer<'_>>,
) -> PyResult<()> {
    let Some(target) = calls::target() else { return Ok(()) };
    let Some(rest) = target.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) else { return Ok(()) };
    let mut full = name.to_owned();
    let mut parent = spec.clone();
    for part in rest.split('.') {
        full = format!("{full}.{part}");
        let Some(locations) = python::attribute(&parent, intern!(py, "submodule_search_locations")) else { break };
        let found = quietly(|| ask_others(py, &state.finder, &full, &locations, None));
        // The package may make its submodules up as it runs: then the finder is asked again in time.
        let Ok(Some(found)) = found else { break };
        if let Some(guard) = state.modules.discovery.guard(&full, &found)? {
            validate(py, state, &guard, importer)?;
        }
        parent = found;
    }
    Ok(())
}

/// What Python raises for a module that nobody knows.
pub fn not_found(name: &Bound<'_, PyAny>) -> PyErr {
    let py = name.py();
    let error = || -> PyResult<PyErr> {
        let text = format!("No module named {}", name.repr()?.to_string_lossy());
        let keywords = PyDict::new(py);
        keywords.set_item(intern!(py, "name"), name)?;
        let class = py.get_type::<PyModuleNotFoundError>();
        errors::in_context(class.call((text,), Some(&keywords))?)
    };
    error().unwrap_or_else(|error| error)
}

/// Asks the finders behind `own` for `name`; see [`ask`].
pub fn ask_others<'py>(
    py: Python<'py>,
    own: &Py<Finder>,
    name: &str,
    path: &Bound<'py, PyAny>,
    target: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(ask(py, own, PyString::new(py, name).as_any(), path, target)?.map(Found::spec))
}

/// Asks every finder that stands behind `own` in `sys.meta_path`, in order, as Python would; all of
/// them if `own` does not stand there.
fn ask<'py>(
    py: Python<'py>,
    own: &Py<Finder>,
    name: &Bound<'py, PyAny>,
    path: &Bound<'py, PyAny>,
    target: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Found<'py>>> {
    // Whatever stands there: Python's own loop takes any sequence.
    let finders = python::sys(py)?.getattr(intern!(py, "meta_path"))?;
    let mut next = after(&finders, own)?;
    let stock = State::get(py).map(|state| &state.stock);
    // By index, as Python's own loop does: a finder may change the list.
    while let Some(finder) = at(&finders, next)? {
        next += 1;
        if finder.is(own) {
            continue;
        }
        if let Some(answer) = stock.and_then(|stock| stock.find_spec(&finder, name, path, target)) {
            match answer? {
                Some(found) => return Ok(Some(found)),
                None => continue,
            }
        }
        let spec = match finder.getattr_opt(intern!(py, "find_spec"))? {
            Some(find_spec) => find_spec.call1((name, path, target))?,
            None => match legacy(py, &finder, name, path)? {
                Some(spec) => spec,
                None => continue,
            },
        };
        if !spec.is_none() {
            return Ok(Some(Found::Other(spec)));
        }
    }
    Ok(None)
}

/// The index behind `own`; 0 if it is not there.
fn after(finders: &Bound<'_, PyAny>, own: &Py<Finder>) -> PyResult<usize> {
    if let Ok(list) = finders.cast_exact::<PyList>() {
        return Ok(list.iter().position(|finder| finder.is(own)).map_or(0, |index| index + 1));
    }
    for (index, finder) in finders.try_iter()?.enumerate() {
        if finder?.is(own) {
            return Ok(index + 1);
        }
    }
    Ok(0)
}

/// The finder at `index`; none behind the last.
fn at<'py>(finders: &Bound<'py, PyAny>, index: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    match finders.cast_exact::<PyList>() {
        Ok(list) => Ok(list.get_item(index).ok()),
        Err(_) if index < finders.len()? => finders.get_item(index).map(Some),
        Err(_) => Ok(None),
    }
}

/// Finders without `find_spec`: Python 3.10 and 3.11 still ask their `find_module`, later ones skip them.
fn legacy<'py>(
    py: Python<'py>,
    finder: &Bound<'py, PyAny>,
    name: &Bound<'py, PyAny>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let bootstrap = python::modules(py)?.as_any().get_item("_frozen_importlib")?;
    match bootstrap.getattr_opt(intern!(py, "_find_spec_legacy"))? {
        Some(ask) => ask.call1((finder, name, path)).map(Some),
        None => Ok(None),
    }
}
