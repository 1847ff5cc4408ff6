//! The command line inside an interpreter: its streams, its folders, what the hook does in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use parking_lot::Mutex;
use pyo3::exceptions::{PyBrokenPipeError, PyRuntimeError, PyUnicodeEncodeError};
use pyo3::prelude::*;

use importspy_hook::cli;
use importspy_hook::cli::status::{self as reporting, Caller, Contract, Decisions, Finder, Function, Hook};
use importspy_hook::cli::world::{Environment, Interpreter, World};
use importspy_hook::observed::platform::Platform;

use super::once::intern;
use super::overrides::Site;
use super::state::{self, Mode, State};
use super::{api, install, panics, platform, python, undecided};

/// Who called `install()` last with effect.
static INSTALLED_BY: Mutex<Option<(String, usize)>> = Mutex::new(None);

/// Runs the command line; returns the exit status. Output goes through `sys.stdout` and `sys.stderr`.
#[pyfunction]
pub fn main(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<i32> {
    panics::caught(py, || {
        let mut out = BufWriter::new(Stream { py, name: "stdout", is_closed: false });
        let mut err = Stream { py, name: "stderr", is_closed: false };
        let running = Running { py };
        let mut world = World {
            out_is_terminal: is_terminal(py, "stdout"),
            err_is_terminal: is_terminal(py, "stderr"),
            out: &mut out,
            err: &mut err,
            interpreter: &running,
        };
        let exit = cli::main(arguments, &mut world)?;
        out.flush()?;
        Ok(exit.status())
    })
}

/// What is active in this interpreter, and why, as plain data.
#[pyfunction]
pub fn status(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    panics::caught(py, || {
        let data = reporting::data(&Running { py }).map_err(PyRuntimeError::new_err)?;
        py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (data.to_string(),))
    })
}

/// Notes who calls `install()`, for `status()`.
pub fn note_caller(py: Python<'_>) {
    let Some(frame) = api::current_frame(py) else { return };
    let file = python::text(&api::frame_code(&frame), intern!(py, "co_filename")).unwrap_or_default();
    *INSTALLED_BY.lock() = Some((file, api::frame_line(&frame)));
}

struct Running<'py> {
    py: Python<'py>,
}

impl Interpreter for Running<'_> {
    fn environment(&self) -> Result<Environment, String> {
        self.read_environment().map_err(|error| error.to_string())
    }

    fn platform(&self) -> Result<Platform, String> {
        let read = || platform::read(self.py, &python::modules(self.py)?);
        read().map_err(|error| error.to_string())
    }

    fn hook(&self) -> Result<Hook, String> {
        self.read_hook().map_err(|error| error.to_string())
    }

    fn interruption(&self) -> io::Result<()> {
        Ok(self.py.check_signals()?)
    }
}

impl Running<'_> {
    fn read_environment(&self) -> PyResult<Environment> {
        let py = self.py;
        let sys = python::sys(py)?;
        let site = py.import(intern!(py, "site"))?;
        let package = py.import(intern!(py, "importspy_hook"))?.getattr(intern!(py, "__path__"))?.get_item(0)?;
        let variables = sys.getattr("flags")?.getattr("ignore_environment")?.extract::<i32>()? == 0;
        let python_path = std::env::var_os("PYTHONPATH").filter(|path| variables && !path.is_empty());
        Ok(Environment {
            executable: sys.getattr("executable")?.extract()?,
            package: package.extract()?,
            site_folders: site.call_method0("getsitepackages")?.extract()?,
            user_site: site.call_method0("getusersitepackages")?.extract()?,
            user_site_enabled: site.getattr("ENABLE_USER_SITE")?.is_truthy()?,
            path: folders(&sys.getattr("path")?)?,
            python_path: python_path.map(|path| std::env::split_paths(&path).collect()).unwrap_or_default(),
        })
    }

    fn read_hook(&self) -> PyResult<Hook> {
        let py = self.py;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let Some(state) = State::get(py) else { return Ok(Hook { version, ..Hook::default() }) };
        let active = install::is_installed(py)?;
        let mode = match state.mode() {
            Mode::Enforce => Some("enforce"),
            Mode::Report => Some("report"),
            Mode::Off => None,
        };
        let finders = state::finders(py)?;
        let position = finders.iter().position(|finder| finder.is(&state.finder));
        let ahead = finders.iter().take(position.unwrap_or(0)).map(named).collect();
        let decisions = state.decisions.all();
        let allowed = decisions.iter().filter(|decision| decision.allowed).count();
        let installed_by = INSTALLED_BY.lock().clone().filter(|_| active);
        Ok(Hook {
            version,
            active,
            mode: mode.filter(|_| active),
            trusted_importers: state.trusted().iter().map(|trusted| trusted.text.clone()).collect(),
            installed_by: installed_by.map(|(file, line)| Caller { file, line }),
            finder: Finder { position, ahead },
            import_function: function(py, state, Site::Import)?,
            import_module: function(py, state, Site::GcdImport)?,
            contracts: contracts(state),
            decisions: Decisions { allowed, blocked: decisions.len() - allowed },
            undecided: if mode.is_some() { undecided::all(py, state)? } else { Vec::new() },
            displaced: mode.is_some() && !active,
        })
    }
}

fn function(py: Python<'_>, state: &State, site: Site) -> PyResult<Function> {
    let standing = state.overrides.standing(py, site)?;
    Ok(Function { ours: standing.ours, found: standing.present.as_ref().map(named).unwrap_or_default() })
}

/// What to call an object: its own module and name, or its type's.
fn named(object: &Bound<'_, PyAny>) -> String {
    let py = object.py();
    let name = |it: &Bound<'_, PyAny>| {
        let name = python::text(it, intern!(py, "__qualname__"))?;
        Some(match python::text(it, intern!(py, "__module__")) {
            Some(module) => format!("{module}.{name}"),
            None => name,
        })
    };
    name(object).or_else(|| name(object.get_type().as_any())).unwrap_or_default()
}

fn contracts(state: &State) -> Vec<Contract> {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for guard in state.modules.guarded() {
        for guarding in &guard.contracts {
            let path = guarding.place.as_ref().map_or(guarding.folder.as_str(), |place| place.path());
            seen.entry(path.to_owned()).or_default().push(guard.module.clone());
        }
    }
    let sorted = |(path, mut modules): (String, Vec<String>)| {
        modules.sort_unstable();
        Contract { path, modules }
    };
    seen.into_iter().map(sorted).collect()
}

/// The entries of `sys.path` that are text; others belong to their own path hooks.
pub fn folders(path: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    let entries = path.try_iter()?;
    Ok(entries.filter_map(|entry| entry.ok()?.extract().ok()).collect())
}

/// Whether a stream of Python's says that it is a terminal; one that can't say is none.
fn is_terminal(py: Python<'_>, name: &str) -> bool {
    let asked = || python::sys(py)?.getattr(name)?.call_method0(intern!(py, "isatty"))?.is_truthy();
    asked().unwrap_or(false)
}

/// One of Python's streams, whatever stands there now.
struct Stream<'py> {
    py: Python<'py>,
    name: &'static str,
    /// Whoever read it has seen enough: the command goes on to its own exit status, unheard.
    is_closed: bool,
}

impl Stream<'_> {
    fn unless_closed(&mut self, act: impl FnOnce(&Self) -> PyResult<()>) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        match act(self) {
            Err(error) if error.is_instance_of::<PyBrokenPipeError>(self.py) => self.is_closed = true,
            other => other?,
        }
        Ok(())
    }

    fn put(&self, text: &str) -> PyResult<()> {
        let py = self.py;
        let stream = python::sys(py)?.getattr(self.name)?;
        if stream.is_none() {
            return Ok(());
        }
        match stream.call_method1(intern!(py, "write"), (text,)) {
            Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(py) => {
                let encoding = stream.getattr(intern!(py, "encoding"))?;
                let text = text.into_pyobject(py)?.call_method1("encode", (&encoding, "backslashreplace"))?;
                let text = text.call_method1("decode", (&encoding,))?;
                stream.call_method1(intern!(py, "write"), (text,)).map(drop)
            }
            other => other.map(drop),
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.unless_closed(|stream| stream.put(&text))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed(|stream| {
            let flushed = python::sys(stream.py)?.getattr(stream.name)?;
            if flushed.is_none() { Ok(()) } else { flushed.call_method0(intern!(stream.py, "flush")).map(drop) }
        })
    }
}
