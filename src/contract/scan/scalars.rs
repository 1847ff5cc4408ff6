//! Tokens that hold text.

use crate::contract::problem::Problem;

use super::{Kind, Scanner, is_blank, is_break, is_gap};

const TAGS: [&str; 7] = ["str", "int", "float", "bool", "null", "seq", "map"];

impl Scanner<'_> {
    /// Passes a tag of the core schema.
    pub(super) fn tag(&mut self) -> Result<(), Problem> {
        let rest = self.rest();
        let length = if rest.starts_with("!<") {
            rest.find('>').map_or(rest.len(), |end| end + 1)
        } else {
            rest.find(|c| is_gap(Some(c)) || ",[]{}".contains(c)).unwrap_or(rest.len())
        };
        let tag = &rest[..length];
        let name = tag
            .strip_prefix("!!")
            .or_else(|| tag.strip_prefix("!<tag:yaml.org,2002:").and_then(|tag| tag.strip_suffix('>')));
        if !name.is_some_and(|name| TAGS.contains(&name)) {
            let shown: String = tag.chars().take(40).collect();
            let help = format!("a contract is plain data; known tags: !!{}", TAGS.join(", !!"));
            return Err(self.problem(shown.len(), format!("unknown tag `{shown}`"), &help));
        }
        let end = self.at + length;
        while self.at < end {
            self.skip();
        }
        Ok(())
    }

    /// Passes a quoted scalar; false: it does not end.
    pub(super) fn quoted(&mut self, quote: char) -> bool {
        let start = self.at;
        self.skip();
        while let Some(c) = self.peek() {
            if self.at_marker() {
                return false;
            }
            self.skip();
            if c == '\\' && quote == '"' {
                self.skip();
            } else if c == quote {
                if quote == '"' || self.peek() != Some('\'') {
                    self.emit(Kind::Quoted, start);
                    return true;
                }
                self.skip();
            }
        }
        false
    }

    /// Passes a plain scalar; false: the parser would stop in it.
    pub(super) fn plain(&mut self) -> bool {
        self.save_key();
        self.key_allowed_not = true;
        let indent = self.indents.last().map_or(0, |last| last + 1);
        let mut breaks = false;
        let start = self.at;
        let mut end = start;
        loop {
            if self.at_marker() || self.peek() == Some('#') {
                break;
            }
            let mut next = loop {
                // What never ends one, and what most of them consist of.
                let from = self.at;
                self.skip_bytes(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'));
                if self.at > from {
                    breaks = false;
                    end = self.at;
                }
                let next = self.peek();
                let Some(c) = next.filter(|c| !is_gap(Some(*c))) else { break next };
                if c == ':' {
                    let second = self.second();
                    if self.flow > 0 && matches!(second, Some(',' | '?' | '[' | ']' | '{' | '}')) {
                        return false;
                    }
                    if is_gap(second) {
                        break next;
                    }
                }
                if self.flow > 0 && matches!(c, ',' | '[' | ']' | '{' | '}') {
                    break next;
                }
                breaks = false;
                self.skip();
                end = self.at;
            };
            if next.is_none_or(|c| !is_gap(Some(c))) {
                break;
            }
            while let Some(c) = next.filter(|c| is_gap(Some(*c))) {
                if breaks && c == '\t' && self.column < indent {
                    return false;
                }
                breaks |= is_break(c);
                self.skip();
                next = self.peek();
            }
            if self.flow == 0 && self.column < indent {
                break;
            }
        }
        if breaks {
            self.key_allowed_not = false;
        }
        self.emit_until(Kind::Plain, start, end);
        true
    }

    /// Passes a `|` or `>` scalar; false: the parser would stop in it.
    pub(super) fn block_scalar(&mut self) -> bool {
        let start = self.at;
        self.skip();
        let mut explicit = 0;
        for _ in 0..2 {
            match self.peek() {
                Some('+' | '-') => self.skip(),
                Some(c @ '1'..='9') => {
                    explicit = c as usize - '0' as usize;
                    self.skip();
                }
                _ => {}
            }
        }
        self.skip_while(is_blank);
        if self.peek() == Some('#') {
            self.skip_while(|c| !is_break(c));
        }
        if self.peek().is_some_and(|c| !is_break(c)) {
            return false;
        }
        self.skip();
        let parent = self.indents.last().copied();
        let mut indent = if explicit > 0 { parent.unwrap_or(0) + explicit } else { 0 };
        let mut deepest = 0;
        loop {
            // Blank lines; the first other line sets the indentation.
            loop {
                while (indent == 0 || self.column < indent) && self.peek() == Some(' ') {
                    self.skip();
                }
                deepest = deepest.max(self.column);
                if (indent == 0 || self.column < indent) && self.peek() == Some('\t') {
                    return false;
                }
                if !self.peek().is_some_and(is_break) {
                    break;
                }
                self.skip();
            }
            if indent == 0 {
                indent = deepest.max(parent.map_or(0, |parent| parent + 1)).max(1);
            }
            if self.column != indent || self.peek().is_none() {
                self.emit(Kind::Block, start);
                return true;
            }
            self.skip_while(|c| !is_break(c));
            self.skip();
        }
    }
}
