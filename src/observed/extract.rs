//! What a module declares, from its source, without running it (DESIGN 5).
//!
//! The text is parsed once; one walk in execution order then keeps, for each name, the binding that
//! is current, how sure it is, and merges what branches leave behind.

mod aliases;
mod attributes;
mod classes;
mod conditions;
mod depth;
mod fields;
mod flow;
mod functions;
mod globals;
mod imports;
mod literals;
mod names;
mod requests;
mod scope;
mod slot;
mod targets;
#[cfg(test)]
mod tests;
mod walker;

use std::fmt;

use memchr::memmem;
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::TextRange;

use super::decode::check_text;
use super::model::Module;
use super::platform::Platform;
use crate::text::Span;

pub use self::requests::{Asked, Base, Request};

/// What is known about a module besides its text.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The interpreter that `sys.version_info`, `sys.platform`, … are decided for.
    pub platform: &'a Platform,
    /// The module's `__name__`; none leaves `if __name__ == "__main__"` undecided.
    pub module: Option<&'a str>,
    /// The module's `__package__`, from which relative imports count; empty or none: top level.
    pub package: Option<&'a str>,
}

/// The text is no Python that an interpreter would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsable {
    /// What is wrong, for people.
    pub message: String,
    /// The byte where it is, if it is in one place.
    pub offset: Option<usize>,
}

impl fmt::Display for Unparsable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unparsable {}

/// Stack set aside for each level of the tree when it is dropped: ample even in a debug build.
const STACK_PER_LEVEL: usize = 1024;
/// Stack for everything that isn't in proportion to the tree's depth.
const STACK_BASE: usize = 512 * 1024;

/// Reads off `text` what the module declares.
///
/// Time is linear in the text. Neither hostile nor broken text makes it panic, hang or overflow the
/// stack; memory is bounded by a multiple of the text's size.
///
/// # Errors
///
/// The text has syntax errors, NUL characters, is too large, or nests deeper than any interpreter
/// can compile.
pub fn extract(text: &str, about: &About<'_>) -> Result<Module, Unparsable> {
    parsed(text, |parsed| parsed.module(about))
}

/// Parses `text` once, for `look` to see what it needs.
///
/// # Errors
///
/// As [`extract`].
pub fn parsed<R>(text: &str, look: impl FnOnce(&Parsed<'_>) -> R) -> Result<R, Unparsable> {
    check_text(text).map_err(|error| Unparsable { message: error.message, offset: error.offset })?;
    let refuse = |message: &str| Unparsable { message: message.to_owned(), offset: None };
    let room = stacker::remaining_stack().unwrap_or_default().saturating_sub(STACK_BASE) / STACK_PER_LEVEL;
    let depth = depth::bound(text, room).map_err(refuse)?;
    let stack = STACK_BASE + depth * STACK_PER_LEVEL;
    // The tree is dropped in here as well.
    stacker::maybe_grow(stack, stack, || {
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        if let Some(error) = parsed.errors().first() {
            return Err(Unparsable {
                message: error.error.to_string(),
                offset: Some(usize::from(error.location.start())),
            });
        }
        if depth > depth::MAX_DEPTH {
            depth::confirm(parsed.tokens()).map_err(refuse)?;
        }
        let body = match parsed.syntax() {
            Mod::Module(module) => module.body.as_slice(),
            Mod::Expression(_) => &[],
        };
        Ok(look(&Parsed { text, body }))
    })
}

/// A source that has been parsed.
pub struct Parsed<'a> {
    text: &'a str,
    body: &'a [Stmt],
}

impl<'a> Parsed<'a> {
    /// What it declares.
    #[must_use]
    pub fn module(&self, about: &About<'_>) -> Module {
        walker::walk(self.text, about, self.body)
    }

    /// Everything that it asks the import system for under some condition, until `see` answers false.
    ///
    /// Costs much less than [`Self::asked`], which leaves out what never runs.
    pub fn all_requests(&self, see: &mut dyn FnMut(Request<'a>) -> bool) {
        let undecided = requests::Truth { imported: None, program: None };
        requests::collect(self.text, self.body, &|_| undecided, see);
    }

    /// What it declares, and what it asks the import system for where it runs.
    #[must_use]
    pub fn asked(&self, about: &About<'_>) -> Asked<'a> {
        walker::walk_and_collect(self.text, about, self.body)
    }
}

/// The place of a syntax node.
fn span(range: TextRange) -> Span {
    Span::new(range.start().into(), range.end().into())
}

/// Whether `word` is anywhere in `text`.
fn has(text: &str, word: &str) -> bool {
    memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// `span`, but no further than its first line.
fn cut(text: &str, span: Span) -> Span {
    let written = text.get(span.start..span.end).unwrap_or_default();
    let length = written.bytes().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(written.len());
    Span::new(span.start, span.start + length)
}

/// The text of a syntax node, as written.
fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start().into()..range.end().into()).unwrap_or_default()
}
