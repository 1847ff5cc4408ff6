//! `tracing` events to Python's `logging`: those of a level that somebody asked for, else warnings, where the program
//! has set up `logging`.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU8, Ordering};

use super::once::Once;
use super::once::intern;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::python;
use super::state::{State, quietly};

const WARNING: u8 = 30;

/// Set once a level was asked for.
static LOGGER: Once<Py<PyAny>> = Once::new();
static LEVEL: AtomicU8 = AtomicU8::new(WARNING);

/// A level of Python's `logging`, by number or name.
pub fn level(value: &Bound<'_, PyAny>) -> PyResult<u8> {
    if let Ok(number) = value.extract::<u8>() {
        return Ok(number);
    }
    let name = value.extract::<String>().unwrap_or_default();
    match name.to_ascii_uppercase().as_str() {
        "DEBUG" => Ok(10),
        "INFO" => Ok(20),
        "WARNING" | "WARN" => Ok(30),
        "ERROR" => Ok(40),
        "CRITICAL" | "FATAL" => Ok(50),
        _ => Err(PyValueError::new_err(format!(
            "log_level must be a level of Python's logging from 0 to 255 or its name, not {}",
            value.repr()?.to_string_lossy()
        ))),
    }
}

/// Sends events of `level` (a level of Python's `logging`) and above to the logger `importspy_hook`.
pub fn set_level(py: Python<'_>, level: u8) -> PyResult<()> {
    // Not inside the cell: whoever waits for it may hold the import lock that this import needs.
    let logger = py.import("logging")?.call_method1("getLogger", ("importspy_hook",))?.unbind();
    LOGGER.get_or_init(py, || logger);
    LEVEL.store(level, Ordering::Release);
    listen();
    tracing::callsite::rebuild_interest_cache();
    Ok(())
}

/// Sends events from now on.
pub fn listen() {
    // Fails if it was done before, which is fine: there is one subscriber.
    let _ = tracing::subscriber::set_global_default(ToPython);
}

/// Where events go. Nobody who has not asked pays for an import of `logging`, or reads on standard error, where Python
/// puts what no handler takes, what a warning or an exception says there already.
fn logger(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    if let Some(logger) = LOGGER.get(py) {
        return Some(logger.bind(py).clone());
    }
    let logging = python::loaded(py, "logging").ok()??;
    // A program may call a module of its own so; Python's has no such function yet while it is being imported.
    let get_logger = python::namespace(&logging)?.get_item(intern!(py, "getLogger")).ok()??;
    let logger = get_logger.call1(("importspy_hook",)).ok()?;
    let is_heard = logger.call_method0(intern!(py, "hasHandlers")).ok()?.is_truthy().ok()?;
    is_heard.then_some(logger)
}

struct ToPython;

fn python_level(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

fn wanted(level: Level) -> bool {
    let least = LEVEL.load(Ordering::Acquire);
    least > 0 && python_level(level) >= least
}

impl Subscriber for ToPython {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        wanted(*metadata.level()) && metadata.target().starts_with("importspy_hook")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let levels = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
        Some(levels.into_iter().find(|level| wanted(*level)).map_or(LevelFilter::OFF, LevelFilter::from_level))
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = python_level(*event.metadata().level());
        let source = event.metadata().target().rsplit("::").next().unwrap_or_default();
        let text = format!("{source}: {}{}", line.message, line.fields);
        Python::attach(|py| {
            // A handler that fails must not decide about an import.
            let log = |logger: Bound<'_, PyAny>| logger.call_method1("log", (level, "%s", text)).map(drop);
            let write = || quietly(|| logger(py).map_or(Ok(()), log));
            let written = match State::get(py) {
                Some(state) => state.import_lock.released(py, write),
                None => write(),
            };
            if let Err(error) = written {
                error.write_unraisable(py, None);
            }
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let written = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
        debug_assert!(written.is_ok());
    }
}
