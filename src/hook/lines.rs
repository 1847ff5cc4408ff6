//! Which line a frame is executing, and where that starts in the source.
//!
//! The interpreter reads the code's table of lines from its start each time: a module of 10,000 imports would
//! have that done at every one. The place that was reached is kept instead.

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::once::intern;
use super::raw;

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
    searched(frame).ok().flatten().unwrap_or_else(|| raw::frame_line(frame))
}

fn searched(frame: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    let py = frame.py();
    let code = raw::frame_code(frame);
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

/// Where the lines of one text start, looked for from the line that was reached before.
#[derive(Clone)]
pub struct LineStarts(Arc<Mutex<(usize, usize)>>);

const FIRST_LINE: (usize, usize) = (1, 0);

impl Default for LineStarts {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(FIRST_LINE)))
    }
}

impl LineStarts {
    /// Where `line` of `text` starts, in bytes; lines count from 1 and end as Python's do.
    pub fn of(&self, text: &str, line: usize) -> usize {
        let mut reached = self.0.lock();
        let from = if reached.0 <= line { *reached } else { FIRST_LINE };
        *reached = line_start(text, line, from);
        reached.1
    }
}

/// The line `line` of `text`, or the last one, and where it starts, looked for from an earlier line on.
fn line_start(text: &str, line: usize, (mut current, mut offset): (usize, usize)) -> (usize, usize) {
    let bytes = text.as_bytes();
    while current < line && offset < bytes.len() {
        match bytes[offset] {
            b'\n' => current += 1,
            b'\r' if bytes.get(offset + 1) != Some(&b'\n') => current += 1,
            _ => {}
        }
        offset += 1;
    }
    (current, offset)
}

#[cfg(test)]
mod tests {
    use super::LineStarts;

    #[test]
    fn lines_end_as_python_has_them_end_wherever_the_search_begins() {
        let text = "a\nb\r\nc\rd\n";
        let starts = LineStarts::default();
        for (line, start) in [(3, 5), (4, 7), (1, 0), (2, 2), (2, 2), (99, 9)] {
            assert_eq!(starts.of(text, line), start, "line {line}");
        }
    }
}
