//! A look over YAML text before the real parser sees it.
//!
//! The parser's time grows with length times depth, and it reads a whole document before it says
//! anything. So this walks over the tokens by the parser's own rules, keeping only what decides how
//! deep they nest: it never builds anything and takes time linear in the text. What it can't read,
//! the parser can't either, and says so better.

mod cursor;
mod scalars;
#[cfg(test)]
mod tests;
mod tokens;

use crate::contract::problem::Problem;
use crate::text::Span;

pub(in crate::contract) use tokens::{Kind, Token};

use cursor::{is_blank, is_break, is_gap};

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

/// The tokens of `text`, as far as they can be read.
pub(in crate::contract) fn tokens(text: &str) -> Vec<Token> {
    let mut scanner = Scanner { text, tokens: Some(Vec::new()), ..Scanner::default() };
    while scanner.token().unwrap_or(false) {}
    scanner.tokens.unwrap_or_default()
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
    /// The same, for each open bracket.
    flow_keys: Vec<Option<Key>>,
    facts: Facts,
    started: bool,
    ended: bool,
    /// What was passed, if anyone wants to know.
    tokens: Option<Vec<Token>>,
}

#[derive(Clone, Copy)]
struct Key {
    at: usize,
    line: usize,
    column: usize,
    /// How many tokens stand before it.
    token: usize,
}

impl Key {
    /// A key stands on one line with its `:`, and is not too long.
    fn is_stale(self, line: usize, at: usize) -> bool {
        self.line < line || self.at + 1024 < at
    }
}

impl Scanner<'_> {
    /// Passes what stands between tokens. Gives the first character of the next one.
    fn skip_to_token(&mut self) -> Option<char> {
        loop {
            let tabs = self.flow > 0 || self.key_allowed_not;
            self.skip_bytes(|byte| byte == b' ' || (tabs && byte == b'\t'));
            let mut next = self.peek();
            if next == Some('#') {
                self.skip_while(|c| !is_break(c));
                next = self.peek();
            }
            if !next.is_some_and(is_break) {
                return next;
            }
            self.skip();
            if self.flow == 0 {
                self.key_allowed_not = false;
            }
        }
    }

    /// Passes one token. False: there is none, or the parser would stop here.
    fn token(&mut self) -> Result<bool, Problem> {
        let next = self.skip_to_token();
        if self.key.is_some_and(|key| key.is_stale(self.line, self.at)) {
            self.key = None;
        }
        if self.flow == 0 {
            self.unroll(self.column);
        }
        let Some(c) = next else {
            self.unroll_all();
            self.emit(Kind::End, self.at);
            self.facts.complete = true;
            return Ok(false);
        };
        if self.column == 0 && c == '%' {
            return self.directive();
        }
        if self.at_marker() {
            return self.marker(c == '-');
        }
        if self.ended {
            return Err(self.second_document());
        }
        self.started = true;
        self.facts.content = true;
        match c {
            '[' | '{' => {
                self.save_key();
                self.flow += 1;
                self.flow_keys.push(None);
                self.check_depth()?;
                self.indicator(if c == '[' { Kind::ListOpen } else { Kind::MapOpen }, true);
            }
            ']' | '}' => {
                self.forget_key();
                self.flow = self.flow.saturating_sub(1);
                self.flow_keys.pop();
                self.indicator(if c == ']' { Kind::ListClose } else { Kind::MapClose }, false);
            }
            ',' => {
                self.forget_key();
                self.indicator(Kind::Comma, true);
            }
            '-' if self.gap_after() => {
                if !self.roll_here(Kind::BlockList)? {
                    return Ok(false);
                }
                self.forget_key();
                self.indicator(Kind::Item, true);
            }
            '?' if self.flow > 0 || self.gap_after() => {
                if !self.roll_here(Kind::BlockMap)? {
                    return Ok(false);
                }
                self.forget_key();
                self.indicator(Kind::Key, self.flow == 0);
            }
            ':' if self.flow > 0 || self.gap_after() => return self.value(),
            '*' | '&' => {
                self.facts.aliases |= c == '*';
                self.save_key();
                self.key_allowed_not = true;
                let start = self.at;
                self.skip();
                self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
                self.emit(if c == '*' { Kind::Alias } else { Kind::Anchor }, start);
            }
            '!' => {
                self.save_key();
                self.key_allowed_not = true;
                let start = self.at;
                self.tag()?;
                self.emit(Kind::Tag, start);
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

    /// Notes a token that ends here.
    fn emit(&mut self, kind: Kind, start: usize) {
        self.emit_until(kind, start, self.at);
    }

    fn emit_until(&mut self, kind: Kind, start: usize, end: usize) {
        if let Some(tokens) = &mut self.tokens {
            tokens.push(Token::new(kind, start, end));
        }
    }

    /// Notes a token of no width before an earlier one. At most a key's length is moved.
    fn emit_before(&mut self, kind: Kind, key: Key) {
        if let Some(tokens) = &mut self.tokens {
            tokens.insert(key.token.min(tokens.len()), Token::new(kind, key.at, key.at));
        }
    }

    /// Passes a one-character token.
    fn indicator(&mut self, kind: Kind, key_may_follow: bool) {
        self.key_allowed_not = !key_may_follow;
        let start = self.at;
        self.skip();
        self.emit(kind, start);
    }

    fn key_here(&mut self) -> &mut Option<Key> {
        self.flow_keys.last_mut().unwrap_or(&mut self.key)
    }

    fn save_key(&mut self) {
        if !self.key_allowed_not {
            let token = self.tokens.as_ref().map_or(0, Vec::len);
            *self.key_here() = Some(Key { at: self.at, line: self.line, column: self.column, token });
        }
    }

    fn forget_key(&mut self) {
        *self.key_here() = None;
    }

    fn value(&mut self) -> Result<bool, Problem> {
        let (line, at) = (self.line, self.at);
        if let Some(key) = self.key_here().take().filter(|key| !key.is_stale(line, at)) {
            self.emit_before(Kind::Key, key);
            if self.flow == 0 && self.roll(key.column)? {
                self.emit_before(Kind::BlockMap, key);
            }
            self.indicator(Kind::Value, false);
        } else {
            if !self.roll_here(Kind::BlockMap)? {
                return Ok(false);
            }
            self.indicator(Kind::Value, self.flow == 0);
        }
        Ok(true)
    }

    /// Opens a block collection at this column if need be; false: not allowed here.
    fn roll_here(&mut self, kind: Kind) -> Result<bool, Problem> {
        if self.flow > 0 {
            return Ok(true);
        }
        if self.key_allowed_not {
            return Ok(false);
        }
        if self.roll(self.column)? {
            self.emit(kind, self.at);
        }
        Ok(true)
    }

    /// Whether a block collection opens at `column`.
    fn roll(&mut self, column: usize) -> Result<bool, Problem> {
        let opens = self.indents.last().is_none_or(|last| *last < column);
        if opens {
            self.indents.push(column);
        }
        self.check_depth()?;
        Ok(opens)
    }

    fn unroll(&mut self, column: usize) {
        while self.indents.last().is_some_and(|last| *last > column) {
            self.indents.pop();
            self.emit(Kind::BlockEnd, self.at);
        }
    }

    fn unroll_all(&mut self) {
        while self.indents.pop().is_some() {
            self.emit(Kind::BlockEnd, self.at);
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
        self.unroll_all();
        self.key = None;
        self.key_allowed_not = true;
        let start = self.at;
        self.skip_while(|c| !is_break(c));
        self.emit(Kind::Directive, start);
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
        self.unroll_all();
        self.key = None;
        let at = self.at;
        for _ in 0..3 {
            self.skip();
        }
        self.emit(if start { Kind::Start } else { Kind::Stop }, at);
        self.key_allowed_not = true;
        Ok(true)
    }
}
