//! The one place where findings become Python exceptions.

use super::once::Once;
use super::once::intern;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTraceback};

use importspy_hook::contract::problem::Problem;
use importspy_hook::report::problem::{problem_to_value, render_problem};
use importspy_hook::report::text::{self, Outcome, Style};
use importspy_hook::report::{Report, json};

use super::importer::Importer;
use super::state::{State, quietly};
use super::{api, python};

/// The exception classes, imported when the first one is raised: start-up imports two modules only.
static MODULE: Once<Py<PyModule>> = Once::new();

fn module(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    if let Some(module) = MODULE.get(py) {
        return Ok(module.bind(py));
    }
    // Not inside the cell: whoever waits for it may hold the import lock that this import needs.
    let name = intern!(py, "importspy_hook.errors");
    let module = quietly(|| {
        py.import(name).or_else(|error| {
            // Where a program has put something else at `sys.modules`, it is there, but Python looks for it in the old one.
            let modules = python::sys(py)?.getattr(intern!(py, "modules"))?;
            modules.get_item(name).ok().and_then(|module| module.cast_into().ok()).ok_or(error)
        })
    })?;
    let module = module.unbind();
    Ok(MODULE.get_or_init(py, || module).bind(py))
}

/// Imports the exception classes before a fork, if a refusal may come: a child that is made while another
/// thread imports them inherits Python's lock on that module, which nobody there will ever release.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    if State::get(py).is_some_and(|state| state.modules.any_guarded())
        && let Err(error) = module(py)
    {
        error.write_unraisable(py, None);
    }
}

/// Has [`before_fork`] called, where there is `fork`.
pub fn get_ready_for_forks(py: Python<'_>, os: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Some(register) = python::attribute(os, intern!(py, "register_at_fork")) {
        let handlers = PyDict::new(py);
        handlers.set_item(intern!(py, "before"), wrap_pyfunction!(before_fork, py)?)?;
        register.call((), Some(&handlers))?;
    }
    Ok(())
}

/// The exception for a report with violations; `outcome` is what it says became of the import.
pub fn violation(py: Python<'_>, report: &Report, outcome: Outcome) -> PyErr {
    made(py, "ContractViolation", &json::to_value(report), |style| text::render_as(report, style, outcome))
}

/// The warning for a report with violations, in report mode.
pub fn warn_violation(py: Python<'_>, report: &Report, importer: Option<&Importer<'_>>) -> PyResult<()> {
    let warned = warn(py, importer, &text::render_as(report, Style::Plain, Outcome::Warned));
    warned.inspect_err(|error| {
        // With `-W error` the import is not let through.
        if module(py).and_then(|it| it.getattr("ContractWarning")).is_ok_and(|class| error.is_instance(py, &class)) {
            let text = text::render_as(report, Style::Plain, Outcome::Blocked);
            if let Err(error) = error.value(py).setattr(intern!(py, "args"), (text,)) {
                error.write_unraisable(py, None);
            }
        }
    })
}

/// The exception for a contract that can't be used.
pub fn problem(py: Python<'_>, found: &Found<'_>) -> PyErr {
    let value = found.value();
    made(py, "ContractError", &value, |style| found.render(style))
}

/// The warning for a contract that can't be used, in report mode.
pub fn warn_problem(py: Python<'_>, found: &Found<'_>, importer: Option<&Importer<'_>>) -> PyResult<()> {
    warn(py, importer, &found.render(Style::Plain))
}

/// A contract that can't be used, and whom it guards.
pub struct Found<'a> {
    /// What is wrong.
    pub problem: &'a Problem,
    /// The contract's path.
    pub path: &'a str,
    /// Its text, if it has any.
    pub text: Option<&'a str>,
    /// The module that was to be imported.
    pub module: &'a str,
    /// Who imports it.
    pub importer: &'a str,
}

impl Found<'_> {
    fn value(&self) -> serde_json::Value {
        let mut value = problem_to_value(self.problem, self.path, self.text);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("module".into(), self.module.into());
            fields.insert("importer".into(), self.importer.into());
        }
        value
    }

    fn render(&self, style: Style) -> String {
        render_problem(self.problem, self.path, self.text, style)
    }
}

fn made(py: Python<'_>, class: &str, data: &serde_json::Value, render: impl Fn(Style) -> String) -> PyErr {
    let build = || -> PyResult<PyErr> {
        let class = module(py)?.getattr(class)?;
        let data = to_python(py, data)?;
        let exception = quietly(|| {
            class.call_method1(intern!(py, "_from_report"), (data, render(Style::Plain), render(Style::Colour)))
        })?;
        in_context(exception)
    };
    // Whatever keeps the exception from being made, the import stays blocked: the error is raised instead.
    build().unwrap_or_else(|error| error)
}

/// `exception` as if raised by Python code: in the context of what is being handled.
pub fn in_context(exception: Bound<'_, PyAny>) -> PyResult<PyErr> {
    let py = exception.py();
    let handled = python::sys(py)?.call_method0(intern!(py, "exc_info"))?.get_item(1)?;
    if !handled.is_none() {
        exception.setattr(intern!(py, "__context__"), handled)?;
    }
    Ok(PyErr::from_value(exception))
}

/// A warning at the importer's line: the frames between it and us are the machinery's.
fn warn(py: Python<'_>, importer: Option<&Importer<'_>>, text: &str) -> PyResult<()> {
    let category = module(py)?.getattr("ContractWarning")?;
    quietly(|| {
        let warnings = py.import(intern!(py, "warnings"))?;
        let Some(importer) = importer else {
            return warnings.call_method1(intern!(py, "warn"), (text, category)).map(drop);
        };
        let registry = intern!(py, "__warningregistry__");
        if !importer.globals.contains(registry)? {
            importer.globals.set_item(registry, PyDict::new(py))?;
        }
        let registry = importer.globals.get_item(registry)?;
        let arguments = (text, category, &importer.code_file, importer.line, importer.import_name(), registry);
        warnings.call_method1(intern!(py, "warn_explicit"), arguments).map(drop)
    })
}

/// A `Violation` object.
pub fn as_violation<'py>(py: Python<'py>, data: &serde_json::Value) -> PyResult<Bound<'py, PyAny>> {
    module(py)?.getattr("Violation")?.call1((to_python(py, data)?,))
}

/// The exception for a failure of our own.
pub fn internal(_py: Python<'_>, text: &str) -> PyErr {
    PyRuntimeError::new_err(format!(
        "importspy_hook failed and blocked the import to be safe. This is a bug: please report it with this text.\n{text}"
    ))
}

/// `error` without the frames of the import machinery, if it is one of ours: the traceback is to end
/// at the user's own line (PITFALLS 21).
pub fn trimmed(py: Python<'_>, state: &State, error: PyErr) -> PyErr {
    let Some(module) = MODULE.get(py) else { return error };
    let ours = ["ContractViolation", "ContractError", "ContractWarning"]
        .iter()
        .any(|class| module.bind(py).getattr(*class).is_ok_and(|class| error.get_type(py).is(&class)));
    if !ours {
        return error;
    }
    let value = error.value(py).clone();
    let trimmed = trim(py, state, error.traceback(py));
    match trimmed {
        Ok(Some(traceback)) => drop(value.setattr(intern!(py, "__traceback__"), traceback)),
        Ok(None) => drop(value.setattr(intern!(py, "__traceback__"), py.None())),
        Err(_) => {}
    }
    PyErr::from_value(value.into_any())
}

fn trim<'py>(
    py: Python<'py>,
    state: &State,
    traceback: Option<Bound<'py, PyTraceback>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let mut kept: Vec<Bound<'py, PyAny>> = Vec::new();
    let mut next = traceback.map(Bound::into_any);
    while let Some(entry) = next {
        let frame = entry.getattr(intern!(py, "tb_frame"))?;
        if !state.machinery.is_machinery(py, &frame, &api::frame_code(&frame))? {
            kept.push(entry.clone());
        }
        next = python::attribute(&entry, intern!(py, "tb_next"));
    }
    let mut rest: Option<Bound<'py, PyAny>> = None;
    for entry in kept.into_iter().rev() {
        entry.setattr(intern!(py, "tb_next"), rest)?;
        rest = Some(entry);
    }
    Ok(rest)
}

/// JSON data as Python objects.
pub fn to_python<'py>(py: Python<'py>, value: &serde_json::Value) -> PyResult<Bound<'py, PyAny>> {
    use serde_json::Value;
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into_pyobject(py)?.into_any(),
            None => number.as_f64().unwrap_or_default().into_pyobject(py)?.into_any(),
        },
        Value::String(text) => text.into_pyobject(py)?.into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (key, item) in fields {
                dict.set_item(key, to_python(py, item)?)?;
            }
            dict.into_any()
        }
    })
}
