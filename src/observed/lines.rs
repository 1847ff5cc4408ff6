//! Where the lines of a source start.

use std::sync::Arc;

use parking_lot::Mutex;

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
    #[must_use]
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
