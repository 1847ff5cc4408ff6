//! What `builtins.__import__` and `importlib.import_module` do beyond the fast path: they see the
//! imports of modules that are loaded already, which no finder is asked about (PITFALLS 6).
//!
//! `import_module` calls `importlib._bootstrap._gcd_import` by that name each time: standing there, we
//! see the calls of those who took `import_module` before the hook came, too.

use std::cell::OnceCell;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::arguments::Call;
use super::importer::Importer;
use super::memo::Trail;
use super::once::intern;
use super::overrides::Site;
use super::state::State;
use super::{api, calls, errors, fast, govern, install, memo, python};

/// `__import__`.
pub fn import(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    run(py, call, Site::Import, |call| Request::of_import(py, call), Call::import_with)
}

/// `importlib._bootstrap._gcd_import`.
pub fn gcd_import(py: Python<'_>, call: &Call<'_>) -> PyResult<Py<PyAny>> {
    run(py, call, Site::GcdImport, Request::of_gcd_import, Call::pass_on)
}

fn run<'py>(
    py: Python<'py>,
    call: &Call<'py>,
    site: Site,
    read: impl FnOnce(&Call<'py>) -> Option<Request>,
    pass_on: fn(&Call<'py>, Python<'py>, &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    // Functions of ours exist only after they have replaced something.
    let missing = || errors::internal(py, "no original to call");
    let overrides = &State::get(py).ok_or_else(missing)?.overrides;
    let original = overrides.original(py, site).ok_or_else(missing)?;
    let state = State::active(py);
    let settled = if state.is_some() { call.settled(py, site)? } else { None };
    let call = settled.as_ref().unwrap_or(call);
    let result = match state.zip(read(call)) {
        Some((state, request)) => {
            let chained = match calls::frame_of(&request.target) {
                Some(frame) => state.machinery.comes_straight_from(py, frame)?,
                None => false,
            };
            let _call = calls::begin(&request.target, api::frame_address());
            let original = if chained { overrides.originals(py, site).1.ok_or_else(missing)? } else { original };
            let (module, passed) = governed(py, state, &request, || pass_on(call, py, original.bind(py)))?;
            if let Some(passed) = passed {
                remember(py, state, call, passed);
            }
            Ok(module)
        }
        None => pass_on(call, py, original.bind(py)),
    };
    result.map(Bound::unbind)
}

/// What is asked for.
struct Request {
    /// The absolute name.
    target: String,
    /// The names of `from target import …`.
    from: Vec<String>,
    /// Whether it was `from target import *`.
    star: bool,
}

impl Request {
    fn of_import<'py>(py: Python<'py>, call: &Call<'py>) -> Option<Self> {
        let name = call.argument(0, "name")?;
        let globals = call.argument(1, "globals");
        let level = match call.argument(4, "level") {
            Some(level) => usize::try_from(api::as_long(&level)?).ok()?,
            None => 0,
        };
        let text = python::string(&name)?;
        let target = if level == 0 { text } else { absolute(py, &text, globals.as_ref()?, level)? };
        if target.is_empty() {
            return None;
        }
        let from = call.argument(3, "fromlist").filter(|names| !names.is_none());
        Some(Self::new(target, from.as_ref()))
    }

    /// The import of `target`, or `from target import …`.
    fn new(target: String, from: Option<&Bound<'_, PyAny>>) -> Self {
        let names: Vec<_> = match from.map(|names| (names, names.cast::<PyTuple>())) {
            None => Vec::new(),
            Some((_, Ok(names))) => names.iter().collect(),
            Some((names, Err(_))) => names.cast::<PyList>().map(|names| names.iter().collect()).unwrap_or_default(),
        };
        let from: Vec<String> = names.iter().filter_map(python::string).collect();
        let star = from.iter().any(|name| name == "*");
        Self { target, from, star }
    }

    fn of_gcd_import(call: &Call<'_>) -> Option<Self> {
        let name = call.argument(0, "name")?;
        let text = python::string(&name)?;
        let level = match call.argument(2, "level") {
            Some(level) => usize::try_from(api::as_long(&level)?).ok()?,
            None => 0,
        };
        let target = match level {
            0 => text,
            _ => resolve(&text, &python::string(&call.argument(1, "package")?)?, level)?,
        };
        Some(Self { target, from: Vec::new(), star: false })
    }

    /// Every module that the import reaches and that bears a name by now: the dotted path, then
    /// submodules named after `from`.
    fn names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let mut names: Vec<String> =
            self.target.match_indices('.').map(|(dot, _)| self.target[..dot].to_owned()).collect();
        names.push(self.target.clone());
        let mut children = self.from.clone();
        if self.star
            && let Some(module) = python::loaded(py, &self.target)?
        {
            let listed = python::namespace(&module).and_then(|all| all.get_item(intern!(py, "__all__")).ok().flatten());
            if let Some(listed) = listed {
                children.extend(python::items(&listed).0.iter().filter_map(python::string));
            }
        }
        names.extend(children.iter().map(|child| format!("{}.{child}", self.target)));
        Ok(names)
    }
}

/// Who was let through, and because of what.
type Passed<'py> = (Importer<'py>, Trail);

/// Validates what is loaded, lets Python import, then validates what Python loaded past the finder
/// (another thread was faster, another finder stood in front).
fn governed<'py>(
    py: Python<'py>,
    state: &'static State,
    request: &Request,
    pass_on: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, Option<Passed<'py>>)> {
    let importer = OnceCell::new();
    let mut trail = Trail::default();
    let result = (|| {
        let names = request.names(py)?;
        let mut seen = Vec::with_capacity(names.len());
        for name in &names {
            if validate_loaded(py, state, name, false, &importer, &mut trail)? {
                seen.push(name);
            }
        }
        let module = pass_on()?;
        // Now the module can tell what a star stands for.
        let starred = if request.star { Some(request.names(py)?) } else { None };
        for name in starred.as_ref().unwrap_or(&names) {
            if !seen.contains(&name) {
                validate_loaded(py, state, name, true, &importer, &mut trail)?;
            }
        }
        install::complete(py, state, &request.target)?;
        Ok(module)
    })();
    match result {
        Ok(module) => Ok((module, importer.into_inner().flatten().map(|importer| (importer, trail)))),
        Err(error) => Err(errors::trimmed(py, state, error)),
    }
}

/// Validates who has just been handed `target`, and the submodules of it that are named in `from`.
pub fn validate_handed_out<'py>(
    py: Python<'py>,
    state: &'static State,
    target: &str,
    from: Option<&Bound<'py, PyTuple>>,
) -> PyResult<()> {
    let request = Request::new(target.to_owned(), from.map(Bound::as_any));
    let (importer, mut trail) = (OnceCell::new(), Trail::default());
    for name in request.names(py)? {
        validate_loaded(py, state, &name, true, &importer, &mut trail)?;
    }
    Ok(())
}

/// Notes what let a call of `__import__` through, for the fast path.
fn remember<'py>(py: Python<'py>, state: &State, call: &Call<'py>, (importer, trail): Passed<'py>) {
    let ([name, globals, _, _, level], None) = (call.positional.as_slice(), &call.named) else { return };
    let Ok(name) = name.cast_exact::<PyString>() else { return };
    let Some(level) = api::as_long(level).and_then(|level| level.try_into().ok()) else { return };
    if let Some(target) = fast::absolute(name, Some(globals), level) {
        memo::put(py, state, &target, &importer, trail);
    }
}

/// Validates the importer against the contract of a loaded module; false if it is not loaded.
///
/// `handed_out` says that Python has just handed it out.
fn validate_loaded<'py>(
    py: Python<'py>,
    state: &'static State,
    name: &str,
    handed_out: bool,
    importer: &OnceCell<Option<Importer<'py>>>,
    trail: &mut Trail,
) -> PyResult<bool> {
    let key = PyString::new(py, name);
    if state.modules.is_unguarded(py, &key) {
        return Ok(true);
    }
    let guard = match python::loaded(py, &key)? {
        Some(module) => state.modules.guard_of_loaded(py, name, &module)?,
        // Another thread may have taken it away while it was handed to this one.
        None if handed_out => state.modules.guard_of_found(py, name)?,
        None => return Ok(false),
    };
    let Some(guard) = guard else { return Ok(true) };
    if handed_out {
        trail.break_off();
    }
    if importer.get().is_none() {
        let _ = importer.set(Importer::find(py, &state.machinery, None)?);
    }
    let importer = importer.get().and_then(Option::as_ref);
    if calls::has_passed(name, importer) {
        trail.break_off();
    } else if let Some(guard) = state.modules.fresh(py, guard)? {
        govern::validate(py, state, &guard, importer, trail)?;
    }
    Ok(true)
}

/// The absolute name of a relative import, as `importlib` resolves it; none if it can't be (then
/// Python itself says what is wrong).
fn absolute<'py>(py: Python<'py>, name: &str, globals: &Bound<'py, PyAny>, level: usize) -> Option<String> {
    let globals = globals.cast::<PyDict>().ok()?;
    let get = |key: &Bound<'py, PyString>| globals.get_item(key).ok().flatten().filter(|value| !value.is_none());
    let package = get(intern!(py, "__package__"))
        .and_then(|value| python::string(&value))
        .or_else(|| get(intern!(py, "__spec__")).and_then(|spec| python::text(&spec, intern!(py, "parent"))));
    let package = if let Some(package) = package {
        package
    } else {
        let module = python::string(&get(intern!(py, "__name__"))?)?;
        if globals.contains(intern!(py, "__path__")).ok()? {
            module
        } else {
            module.rfind('.').map(|dot| module[..dot].to_owned())?
        }
    };
    resolve(name, &package, level)
}

/// The absolute name of `name`, `level` dots up from inside `package`; none if there is no such place.
pub fn resolve(name: &str, package: &str, level: usize) -> Option<String> {
    let mut base = package;
    for _ in 1..level {
        base = &base[..base.rfind('.')?];
    }
    if base.is_empty() {
        return None;
    }
    Some(if name.is_empty() { base.to_owned() } else { [base, ".", name].concat() })
}
