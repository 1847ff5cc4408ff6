//! A look over YAML text before the real parser sees it.
//!
//! The parser's time grows with length times depth, and it reads a whole document before it says
//! anything. So this walks over the tokens by the parser's own rules, keeping only what decides how
//! deep they nest: it never builds anything and takes time linear in the text. What it can't read,
//! the parser can't either, and says so better.

mod scalars;
#[cfg(test)]
mod tests;

use crate::contract::problem::Problem;
use crate::text::Span;

/// The deepest nesting of collections. The format itself needs some twenty.
pub(in crate::contract) const DEEPEST: usize = 64;

/// What the look found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::contract) struct Facts {
    /// Whether there is an alias anywhere: only then can a short text stand for a long one.
    pub aliases: bool,
    /// Whether there is anything but comments and directives.
    pub content: bool,
    /// Whether the end was reached. If not, the parser stops in the same place.
    pub complete: bool,
}

/// Walks over `text`.
///
/// # Errors
///
/// Nesting too deep, tags other than the core schema's, more than one document.
pub(in crate::contract) fn scan(text: &str) -> Result<Facts, Problem> {
    let mut scanner = Scanner { text, ..Scanner::default() };
    while scanner.token()? {}
    Ok(scanner.facts)
}

#[derive(Default)]
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    column: usize,
    line: usize,
    /// Columns of the open block collections, ascending.
    indents: Vec<usize>,
    flow: usize,
    key_allowed_not: bool,
    /// Where a token stands that a `:` on the same line would make a key of a block mapping.
    key: Option<Key>,
    facts: Facts,
    started: bool,
    ended: bool,
}

#[derive(Clone, Copy)]
struct Key {
    at: usize,
    line: usize,
    column: usize,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// White space, a line end or the end of the text.
fn is_gap(c: Option<char>) -> bool {
    c.is_none_or(|c| is_blank(c) || is_break(c))
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn skip(&mut self) {
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

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.skip();
        }
    }

    fn at_marker(&self, marker: &str) -> bool {
        self.column == 0 && self.rest().strip_prefix(marker).is_some_and(|rest| is_gap(rest.chars().next()))
    }

    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.flow > 0 || self.key_allowed_not;
            self.skip_while(|c| c == ' ' || (tabs && c == '\t'));
            if self.peek() == Some('#') {
                self.skip_while(|c| !is_break(c));
            }
            if !self.peek().is_some_and(is_break) {
                return;
            }
            self.skip();
            if self.flow == 0 {
                self.key_allowed_not = false;
            }
        }
    }

    /// Passes one token. False: there is none, or the parser would stop here.
    fn token(&mut self) -> Result<bool, Problem> {
        self.skip_to_token();
        if self.key.is_some_and(|key| key.line < self.line || key.at + 1024 < self.at) {
            self.key = None;
        }
        if self.flow == 0 {
            self.unroll(self.column);
        }
        let Some(c) = self.peek() else {
            self.facts.complete = true;
            return Ok(false);
        };
        if self.column == 0 && c == '%' {
            return self.directive();
        }
        if self.at_marker("---") || self.at_marker("...") {
            return self.marker(c == '-');
        }
        if self.ended {
            return Err(self.second_document());
        }
        self.started = true;
        self.facts.content = true;
        let gap_after = is_gap(self.second());
        match c {
            '[' | '{' => {
                self.save_key();
                self.flow += 1;
                self.check_depth()?;
                self.indicator(true);
            }
            ']' | '}' => {
                self.forget_key();
                self.flow = self.flow.saturating_sub(1);
                self.indicator(false);
            }
            ',' => {
                self.forget_key();
                self.indicator(true);
            }
            '-' if gap_after => {
                if !self.roll_here()? {
                    return Ok(false);
                }
                self.forget_key();
                self.indicator(true);
            }
            '?' if self.flow > 0 || gap_after => {
                if !self.roll_here()? {
                    return Ok(false);
                }
                self.forget_key();
                self.indicator(self.flow == 0);
            }
            ':' if self.flow > 0 || gap_after => return self.value(),
            '*' | '&' => {
                self.facts.aliases |= c == '*';
                self.save_key();
                self.indicator(false);
                self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            }
            '!' => {
                self.save_key();
                self.key_allowed_not = true;
                self.tag()?;
            }
            '|' | '>' if self.flow == 0 => {
                self.forget_key();
                self.key_allowed_not = false;
                return Ok(self.block_scalar());
            }
            '\'' | '"' => {
                self.save_key();
                self.key_allowed_not = true;
                return Ok(self.quoted(c));
            }
            '?' | ':' if self.flow == 0 => return Ok(self.plain()),
            '\t' | '?' | ':' | '#' | '|' | '>' | '%' | '@' | '`' => return Ok(false),
            _ => return Ok(self.plain()),
        }
        Ok(true)
    }

    /// Passes a one-character token.
    fn indicator(&mut self, key_may_follow: bool) {
        self.key_allowed_not = !key_may_follow;
        self.skip();
    }

    fn save_key(&mut self) {
        if self.flow == 0 && !self.key_allowed_not {
            self.key = Some(Key { at: self.at, line: self.line, column: self.column });
        }
    }

    fn forget_key(&mut self) {
        if self.flow == 0 {
            self.key = None;
        }
    }

    fn value(&mut self) -> Result<bool, Problem> {
        if self.flow > 0 {
            // Whether a key preceded makes no difference to depth, nor to what may follow.
            self.indicator(false);
        } else if let Some(key) = self.key.take() {
            self.roll(key.column)?;
            self.indicator(false);
        } else {
            if !self.roll_here()? {
                return Ok(false);
            }
            self.indicator(true);
        }
        Ok(true)
    }

    /// Opens a block collection at this column if need be; false: not allowed here.
    fn roll_here(&mut self) -> Result<bool, Problem> {
        if self.flow > 0 {
            return Ok(true);
        }
        if self.key_allowed_not {
            return Ok(false);
        }
        self.roll(self.column)?;
        Ok(true)
    }

    fn roll(&mut self, column: usize) -> Result<(), Problem> {
        if self.indents.last().is_none_or(|last| *last < column) {
            self.indents.push(column);
        }
        self.check_depth()
    }

    fn unroll(&mut self, column: usize) {
        while self.indents.last().is_some_and(|last| *last > column) {
            self.indents.pop();
        }
    }

    fn check_depth(&self) -> Result<(), Problem> {
        if self.indents.len() + self.flow <= DEEPEST {
            return Ok(());
        }
        Err(self.problem(1, format!("the contract nests more than {DEEPEST} lists and mappings"), "write it flatter"))
    }

    fn problem(&self, length: usize, message: String, help: &str) -> Problem {
        let range = Span::new(self.at, self.at + length).clamped(self.text);
        let span = Some(Span::new(range.start, range.end));
        Problem { message, span, path: None, help: Some(help.to_owned()) }
    }

    fn second_document(&self) -> Problem {
        self.problem(3, "the file holds more than one document".to_owned(), "keep one contract in a file")
    }

    fn directive(&mut self) -> Result<bool, Problem> {
        if self.rest().starts_with("%TAG") {
            return Err(self.problem(4, "`%TAG` is not supported".to_owned(), "write the contract without tags"));
        }
        self.indents.clear();
        self.key = None;
        self.key_allowed_not = true;
        self.skip_while(|c| !is_break(c));
        Ok(true)
    }

    fn marker(&mut self, start: bool) -> Result<bool, Problem> {
        if start && self.started {
            return Err(self.second_document());
        }
        if start {
            self.started = true;
        } else {
            self.ended |= self.started;
        }
        self.indents.clear();
        self.key = None;
        for _ in 0..3 {
            self.skip();
        }
        self.key_allowed_not = true;
        Ok(true)
    }
}
