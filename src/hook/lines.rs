//! Which line a frame is executing.
//!
//! The interpreter reads the code's table of lines from its start each time: a module of 10,000 imports would
//! have that done at every one. The place that was reached is kept instead.

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::api;
use super::once::intern;

/// Tables that are at least so long, in bytes, are worth it.
const LONG: usize = 512;

/// Places that are kept: of modules that import one another in the middle of it.
const KEPT: usize = 4;

/// A place in the table of one code object.
struct Place<'py> {
    code: Bound<'py, PyAny>,
    /// What comes after it, as `co_lines()` gives it.
    rest: Bound<'py, PyAny>,
    /// The instructions that it is about, in bytes.
    start: usize,
    end: usize,
    line: Option<usize>,
}

/// The code, the rest, the start, the end, the line.
type Kept = (Py<PyAny>, Py<PyAny>, usize, usize, Option<usize>);

static PLACES: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// The line that `frame`, which must be a frame, is executing, from 1.
pub fn line_of(frame: &Bound<'_, PyAny>) -> usize {
    searched(frame).ok().flatten().unwrap_or_else(|| api::frame_line(frame))
}

fn searched(frame: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    let py = frame.py();
    let code = api::frame_code(frame);
    let table = code.getattr(intern!(py, "co_linetable"))?;
    if !table.cast::<PyBytes>().is_ok_and(|table| table.as_bytes().len() >= LONG) {
        return Ok(None);
    }
    let Ok(at) = frame.getattr(intern!(py, "f_lasti"))?.extract::<usize>() else { return Ok(None) };
    let mut place = match Place::take(&code).filter(|place| place.start <= at) {
        Some(place) => place,
        None => Place::first(code)?,
    };
    while at >= place.end {
        if !place.advance()? {
            return Ok(None);
        }
    }
    let line = place.line.filter(|_| place.start <= at);
    place.keep();
    Ok(line)
}

impl<'py> Place<'py> {
    fn first(code: Bound<'py, PyAny>) -> PyResult<Self> {
        let rest = code.call_method0(intern!(code.py(), "co_lines"))?;
        Ok(Self { code, rest, start: 0, end: 0, line: None })
    }

    /// Goes one on; false at the end.
    fn advance(&mut self) -> PyResult<bool> {
        let Some(next) = self.rest.try_iter()?.next() else { return Ok(false) };
        (self.start, self.end, self.line) = next?.extract()?;
        Ok(true)
    }

    /// The place that was reached in `code`. It is another thread's until it is kept again.
    fn take(code: &Bound<'py, PyAny>) -> Option<Self> {
        let py = code.py();
        let mut places = PLACES.lock();
        let index = places.iter().position(|(known, ..)| known.is(code))?;
        let (code, rest, start, end, line) = places.swap_remove(index);
        Some(Self { code: code.into_bound(py), rest: rest.into_bound(py), start, end, line })
    }

    fn keep(self) {
        let oldest = {
            let mut places = PLACES.lock();
            let oldest = (places.len() >= KEPT).then(|| places.remove(0));
            places.push((self.code.unbind(), self.rest.unbind(), self.start, self.end, self.line));
            oldest
        };
        // Freed without the lock.
        drop(oldest);
    }
}
