//! External mode: files, trees and modules validated without importing them (DESIGN 9).

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};

use pyo3::exceptions::{PyFileNotFoundError, PyTypeError, PyUnicodeEncodeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use importspy_hook::check::survey::{Reason, Survey};
use importspy_hook::check::{self as checks, Against, Around, Options, Progress};
use importspy_hook::observed::world::Environment;
use importspy_hook::report::json;
use importspy_hook::report::survey::{Format, Settings, render};
use importspy_hook::report::text::Style;

use super::errors::{self, Found};
use super::once::intern;
use super::state::State;
use super::{finder, panics, platform, program, python};

/// What came of a check.
#[pyclass(frozen, module = "importspy_hook")]
pub struct Report {
    survey: Survey,
}

#[pymethods]
impl Report {
    /// Whether every importer fits every contract that it meets, and every contract can be used.
    #[getter]
    fn ok(&self) -> bool {
        self.survey.fits() && self.survey.is_complete()
    }

    /// Everything that is wrong, as `Violation` objects: by importer, then in the order of the contract.
    #[getter]
    fn violations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let violations = PyList::empty(py);
        for report in self.survey.reports() {
            let data = json::to_value(report);
            for violation in data["violations"].as_array().into_iter().flatten() {
                violations.append(errors::as_violation(py, violation)?)?;
            }
        }
        Ok(violations)
    }

    /// The contracts that were met and can't be used, as `ContractError` objects.
    #[getter]
    fn unusable<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.survey.unusable.iter().map(|it| problem(py, it).into_value(py)))
    }

    /// The report as `text`, `json`, `sarif`, `github` or `junit`, as the command line writes it.
    #[pyo3(signature = (format = "text"))]
    fn render(&self, py: Python<'_>, format: &str) -> PyResult<String> {
        let format = match format {
            "text" => Format::Text,
            "json" => Format::Json,
            "sarif" => Format::Sarif,
            "github" => Format::Github,
            "junit" => Format::Junit,
            other => {
                let message = format!("format must be 'text', 'json', 'sarif', 'github' or 'junit', not '{other}'");
                return Err(PyValueError::new_err(message));
            }
        };
        panics::caught(py, || Ok(self.rendered(format)))
    }

    /// Everything, as plain data: what `render("json")` writes.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let data = serde_json::from_str(&self.rendered(Format::Json));
        errors::to_python(py, &data.map_err(|error| errors::internal(py, &error.to_string()))?)
    }

    #[allow(clippy::unused_self, reason = "Python calls it as a method")]
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a report is neither true nor false: ask for its `ok`"))
    }

    fn __repr__(&self) -> String {
        let violations: usize = self.survey.reports().map(|report| report.violations.len()).sum();
        format!(
            "<Report of {}: {} violations, {} unusable contracts>",
            self.survey.roots.join(", "),
            violations,
            self.survey.unusable.len()
        )
    }
}

impl Report {
    fn rendered(&self, format: Format) -> String {
        let folder = env::current_dir().unwrap_or_default();
        let settings = Settings { style: Style::Plain, statistics: false, folder: &folder.to_string_lossy() };
        render(&self.survey, format, &settings)
    }
}

/// Validate a file, all importers in a folder, or a module against contracts, without importing anything.
///
/// `module_or_path` is a path, the name of a module (which a file or folder of that name hides), or a module. With
/// `contract`, a file is validated against that one, in full; without, against the contracts that its imports reach.
///
/// Raises `FileNotFoundError`, `ModuleNotFoundError`, `ContractError` if `contract` can't be used, and `ValueError` if
/// there is nothing to validate.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, reason = "pyo3 hands it over")]
#[pyo3(signature = (module_or_path, contract = None))]
pub fn check(
    py: Python<'_>,
    module_or_path: &Bound<'_, PyAny>,
    contract: Option<Bound<'_, PyAny>>,
) -> PyResult<Report> {
    panics::caught(py, || {
        panics::keep_quiet(py);
        let path = path_of(py, module_or_path)?;
        let contract = contract.map(|named| {
            let contract = as_path(&named)?.ok_or_else(|| no_such_file(&named))?;
            if contract.symlink_metadata().is_err() { Err(no_such_file(&named)) } else { Ok(contract) }
        });
        let contract = contract.transpose()?;
        let survey = survey(py, &path, contract.as_deref())?;
        if contract.is_some()
            && let Some(unusable) = survey.unusable.first()
        {
            return Err(problem(py, unusable));
        }
        let is_empty = survey.pairs.is_empty() && survey.unusable.is_empty();
        if is_empty && !path.is_dir() {
            let skipped = survey.skipped.iter().find(|skipped| skipped.reason != Reason::Dynamic);
            let why = skipped.map_or("nothing that it imports has a contract; name one", |skipped| &skipped.detail);
            return Err(PyValueError::new_err(format!("can't check {}: {why}", path.display())));
        }
        Ok(Report { survey })
    })
}

/// Checks with the interpreter released: other threads go on.
fn survey(py: Python<'_>, path: &Path, contract: Option<&Path>) -> PyResult<Survey> {
    let platform = platform::read(py, &python::modules(py)?)?;
    let folders = program::folders(&python::sys(py)?.getattr(intern!(py, "path"))?)?;
    // A copy: the program may change its environment meanwhile.
    let variables = variables(py)?;
    let environment = |name: &str| variables.get(name).cloned().unwrap_or(Environment::Absent);
    let around = Around { platform: &platform, path: &folders, environment: &environment };
    let options = Options::default();
    let paths = [path.to_owned()];
    let mut interrupted = Ok(());
    let mut progress = |progress: Progress<'_>| {
        if let Err(error) = Python::attach(|py| py.check_signals().map(drop)) {
            interrupted = Err(error);
            progress.stop();
        }
    };
    let survey = py.detach(|| match contract {
        Some(contract) => checks::files(&paths, Against::Contract(contract), &around, &options, &mut progress),
        None => checks::trees(&paths, &around, &options, &mut progress),
    });
    interrupted?;
    survey.map_err(|refusal| PyValueError::new_err(refusal.to_string()))
}

fn variables(py: Python<'_>) -> PyResult<HashMap<String, Environment>> {
    let state = State::create(py)?;
    let mut variables = HashMap::new();
    if let Some(environ) = state.environ.object(py) {
        for name in environ.try_iter()? {
            if let Some(name) = python::string(&name?) {
                let value = state.environ.read(py, &name);
                variables.insert(name, value);
            }
        }
    }
    Ok(variables)
}

/// The path of what is to be checked.
fn path_of(py: Python<'_>, target: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    if let Ok(module) = target.cast::<PyModule>() {
        let name = module.name().map_or_else(|_| "the module".to_owned(), |name| name.to_string_lossy().into_owned());
        return source(&name, python::spec(module).as_ref(), Some(&module.dict()));
    }
    let not_a_path = |error: PyErr| {
        if !error.is_instance_of::<PyTypeError>(py) {
            return error;
        }
        let kind = python::text(target.get_type().as_any(), intern!(py, "__name__")).unwrap_or_default();
        PyTypeError::new_err(format!(
            "module_or_path must be a path, a module or its name, not an object of type '{kind}'"
        ))
    };
    let path = as_path(target).map_err(not_a_path)?.ok_or_else(|| no_such_file(target))?;
    if path.symlink_metadata().is_ok() {
        return Ok(path);
    }
    let name = python::string(target).filter(|name| is_module_name(name));
    let Some(name) = name else { return Err(no_such_file(target)) };
    if let Some(module) = python::loaded(py, &name)? {
        return source(&name, python::spec(&module).as_ref(), python::namespace(&module).as_ref());
    }
    match State::create(py)?.locate(py, &name)? {
        Some(spec) => source(&name, Some(&spec), None),
        None => Err(finder::not_found(PyString::new(py, &name).as_any())),
    }
}

fn is_module_name(text: &str) -> bool {
    let is_identifier = |part: &str| {
        let starts = part.starts_with(|first: char| first == '_' || first.is_alphabetic());
        starts && part.chars().all(|it| it == '_' || it.is_alphanumeric())
    };
    // A file that is not there is more likely meant than a module `py` in a package.
    Path::new(text).extension().is_none_or(|end| end != "py") && text.split('.').all(is_identifier)
}

/// The source file of a module.
fn source(name: &str, spec: Option<&Bound<'_, PyAny>>, namespace: Option<&Bound<'_, PyDict>>) -> PyResult<PathBuf> {
    let origin = spec.and_then(|spec| python::text(spec, intern!(spec.py(), "origin")));
    let file = || python::string(&namespace?.get_item("__file__").ok()??);
    let path = origin.or_else(file).map(PathBuf::from);
    path.filter(|path| path.extension().is_some_and(|end| end == "py") && path.is_file())
        .ok_or_else(|| PyValueError::new_err(format!("can't check module '{name}': it has no Python source file")))
}

/// A path as the operating system has it; none if no file can have that name.
fn as_path(path: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    match path.extract::<PathBuf>() {
        Ok(path) => Ok(Some(path)),
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(path.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn no_such_file(path: &Bound<'_, PyAny>) -> PyErr {
    /// `ENOENT`, on every system.
    const NO_ENTRY: i32 = 2;
    PyFileNotFoundError::new_err((NO_ENTRY, "No such file or directory", path.clone().unbind()))
}

fn problem(py: Python<'_>, unusable: &checks::survey::Unusable) -> PyErr {
    let (path, text) = (unusable.path.as_str(), unusable.text.as_deref());
    errors::problem(py, &Found { problem: &unusable.problem, path, text, module: "", importer: "" })
}
