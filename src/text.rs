//! Places in a text: byte offsets inside, line and column only when shown.

use std::ops::Range;

/// A half-open range of byte offsets into a UTF-8 text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`, in bytes.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// This span moved and cut so that it lies inside `text` on character boundaries.
    ///
    /// A file may have changed between the moment it was read and the moment it is shown.
    #[must_use]
    pub fn clamped(self, text: &str) -> Range<usize> {
        let start = text.floor_char_boundary(self.start.min(text.len()));
        let end = text.ceil_char_boundary(self.end.clamp(start, text.len()));
        start..end
    }
}

/// A line and a column, both counted from 1; the column counts characters (Unicode scalar values).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The line and column of byte `offset` in `text`; an offset past the end is the end.
///
/// Lines end with `\n`, `\r\n` or a lone `\r`, as Python's own do.
#[must_use]
pub fn line_column(text: &str, offset: usize) -> LineColumn {
    let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
    let mut line = 1;
    let mut start = 0;
    let bytes = before.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'\r' => text.as_bytes().get(i + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends {
            line += 1;
            start = i + 1;
        }
    }
    LineColumn { line, column: before[start..].chars().count() + 1 }
}

/// FNV-1a: tells texts apart, but not against somebody who wants two to look alike.
#[must_use]
pub fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_line_ends() {
        let text = "a\nb\r\nc\rd";
        let at = |offset| {
            let place = line_column(text, offset);
            (place.line, place.column)
        };
        assert_eq!([at(0), at(2), at(5), at(7), at(99)], [(1, 1), (2, 1), (3, 1), (4, 1), (4, 2)]);
    }

    #[test]
    fn a_span_outside_the_text_is_brought_inside() {
        assert_eq!(Span::new(5, 9).clamped("abc"), 3..3);
        assert_eq!(Span::new(1, 2).clamped("é"), 0..2);
        assert_eq!(Span::new(3, 1).clamped("abcd"), 3..3);
    }
}
