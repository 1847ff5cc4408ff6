//! Lines and columns of many places in one text, without reading the text again for each.

use std::cell::{RefCell, RefMut};
use std::ops::Range;

use memchr::memchr2_iter;

use crate::text::{LineColumn, Span};

/// Characters are counted up to every multiple of this many bytes, so that a place in a line of a
/// megabyte costs no more than one in a short line.
const BLOCK: usize = 1024;

/// A text and where its lines start. It is read as far as places are asked for, once: most stand near the beginning.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    known: RefCell<Known>,
}

/// What was read of a text.
#[derive(Debug)]
struct Known {
    /// How many bytes that is.
    read: usize,
    /// The byte offset of each line's start. Never empty: the first is 0.
    starts: Vec<usize>,
    /// How many characters start before byte `i * BLOCK`; the last counts all that was read.
    characters: Vec<usize>,
}

impl Known {
    /// Reads one more block of `bytes`.
    fn go_on(&mut self, bytes: &[u8]) {
        let block = &bytes[self.read..bytes.len().min(self.read + BLOCK)];
        for at in memchr2_iter(b'\n', b'\r', block) {
            let next = self.read + at + 1;
            if block[at] == b'\n' || bytes.get(next) != Some(&b'\n') {
                self.starts.push(next);
            }
        }
        let before = self.characters.last().copied().unwrap_or_default();
        self.characters.push(before + count(block));
        self.read += block.len();
    }
}

impl<'t> Lines<'t> {
    /// The lines of `text`. Lines end with `\n`, `\r\n` or a lone `\r`, as in [`crate::text::line_column`].
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, known: RefCell::new(Known { read: 0, starts: vec![0], characters: vec![0] }) }
    }

    /// What is known once reading may stop, or once all has been read.
    fn known(&self, is_enough: impl Fn(&Known) -> bool) -> RefMut<'_, Known> {
        let mut known = self.known.borrow_mut();
        while known.read < self.text.len() && !is_enough(&known) {
            known.go_on(self.text.as_bytes());
        }
        known
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The line and column of byte `offset`, both from 1; an offset past the end is the end.
    #[must_use]
    pub fn locate(&self, offset: usize) -> LineColumn {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let known = self.known(|known| known.read >= offset);
        let line = known.starts.partition_point(|start| *start <= offset);
        let start = known.starts.get(line - 1).copied().unwrap_or_default();
        LineColumn { line, column: self.before(&known, offset) - self.before(&known, start) + 1 }
    }

    /// The bytes of `line`, from 1, without its line end.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<Range<usize>> {
        let known = self.known(|known| known.starts.len() > line);
        let start = *known.starts.get(line.checked_sub(1)?)?;
        let end = known.starts.get(line).copied().unwrap_or(self.text.len());
        let body = &self.text[start..end];
        let body = body.strip_suffix('\n').unwrap_or(body);
        let body = body.strip_suffix('\r').unwrap_or(body);
        Some(start..start + body.len())
    }

    /// `line`, from 1, without the white space around it; none if nothing else is on it.
    #[must_use]
    pub fn trimmed(&self, line: usize) -> Option<Span> {
        let range = self.line(line)?;
        let body = &self.text[range.clone()];
        let start = range.start + (body.len() - body.trim_start().len());
        let end = start + body.trim().len();
        (start < end).then(|| Span::new(start, end))
    }

    /// How many characters start before byte `offset`, which was read.
    fn before(&self, known: &Known, offset: usize) -> usize {
        let block = offset / BLOCK;
        known.characters.get(block).map_or(0, |seen| seen + count(&self.text.as_bytes()[block * BLOCK..offset]))
    }
}

/// How many characters start in `bytes`, a piece of UTF-8.
fn count(bytes: &[u8]) -> usize {
    // Eight bytes at a time. What goes on with a character has the top bit, and not the one below.
    let (words, rest) = bytes.as_chunks::<8>();
    let goes_on = |word: u64| word & !(word << 1) & u64::from_le_bytes([0x80; 8]);
    let others: usize = words.iter().map(|word| goes_on(u64::from_le_bytes(*word)).count_ones() as usize).sum();
    words.len() * 8 - others + rest.iter().filter(|byte| !matches!(byte, 0x80..=0xBF)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::line_column;

    #[test]
    fn agrees_with_reading_from_the_start() {
        let block = "é\tx\r\n漢字\rz\n\n🐍".repeat(400);
        for text in ["", "\n", "a", "a\r", "\r\n", &"é".repeat(512), &"x".repeat(1024), &"x".repeat(2048), &block] {
            let lines = Lines::new(text);
            for offset in 0..text.len() + 3 {
                assert_eq!(lines.locate(offset), line_column(text, offset), "{offset} in {} bytes", text.len());
            }
        }
    }

    #[test]
    fn lines_come_without_their_ends() {
        let lines = Lines::new("a\r\n  b \rc\n");
        let all: Vec<_> = (0..6).map(|line| lines.line(line)).collect();
        assert_eq!(all, [None, Some(0..1), Some(3..7), Some(8..9), Some(10..10), None]);
        assert_eq!(lines.trimmed(2), Some(Span::new(5, 6)));
        assert_eq!(lines.trimmed(4), None);
    }
}
