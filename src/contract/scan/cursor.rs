//! Where the walk is, and what comes next.

use super::Scanner;

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// White space, a line end or the end of the text.
pub(super) fn is_gap(c: Option<char>) -> bool {
    c.is_none_or(|c| is_blank(c) || is_break(c))
}

impl Scanner<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The byte that comes next, if it is a character of its own. Almost all of them are.
    fn ascii(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied().filter(u8::is_ascii)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.ascii().map_or_else(|| self.rest().chars().next(), |byte| Some(char::from(byte)))
    }

    pub(super) fn second(&self) -> Option<char> {
        match self.text.as_bytes().get(self.at..) {
            Some([first, second, ..]) if first.is_ascii() && second.is_ascii() => Some(char::from(*second)),
            _ => self.rest().chars().nth(1),
        }
    }

    /// Whether the character that comes next is followed by a gap.
    pub(super) fn gap_after(&self) -> bool {
        is_gap(self.second())
    }

    pub(super) fn skip(&mut self) {
        if self.ascii().is_some_and(|byte| !byte.is_ascii_control()) {
            self.at += 1;
            self.column += 1;
            return;
        }
        let Some(c) = self.peek() else { return };
        if is_break(c) {
            self.at += if self.rest().starts_with("\r\n") { 2 } else { c.len_utf8() };
            self.line += 1;
            self.column = 0;
        } else {
            self.at += c.len_utf8();
            self.column += 1;
        }
    }

    pub(super) fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.skip();
        }
    }

    /// Passes characters of which each is one byte and no line end.
    pub(super) fn skip_bytes(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
        self.at += length;
        self.column += length;
    }

    /// Whether `---` or `...` is here.
    pub(super) fn at_marker(&self) -> bool {
        let marked = |marker| self.rest().strip_prefix(marker).is_some_and(|rest| is_gap(rest.chars().next()));
        self.column == 0 && (marked("---") || marked("..."))
    }
}
