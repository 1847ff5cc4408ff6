//! How deep a syntax tree can get, told from the text before there is a tree.
//!
//! The parser grows its stack as it goes, but the tree it makes is visited and dropped by plain
//! recursion. Every level of a tree costs at least one operator, bracket, keyword or separator, so
//! counting them bounds its depth. What no interpreter compiles is refused here, in linear time.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Deepest tree that is accepted. `CPython` 3.10 to 3.13 give up between 3,000 and 10,000 levels.
pub(super) const MAX_DEPTH: usize = 20_000;
/// Most brackets open at once (`CPython`: 200).
const MAX_BRACKETS: usize = 1_000;
/// Most blocks open at once (`CPython`: 100).
const MAX_BLOCKS: usize = 200;

/// An upper bound of the tree's depth, or why there shall be no tree.
pub(super) fn bound(text: &str) -> Result<usize, &'static str> {
    // Most files have so few operators that all of them in one chain would do.
    match marks(text) {
        Some(marks) => Ok(marks),
        None => by_tokens(text),
    }
}

/// What a byte is to [`marks`].
const MARK: u8 = 1;
const SPACE: u8 = 2;
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_whitespace() {
            classes[byte as usize] = SPACE;
        } else if byte.is_ascii_punctuation() && byte != b'_' {
            classes[byte as usize] = MARK;
        }
        byte += 1;
    }
    classes
};

/// The number of bytes that can begin or end a token that deepens the tree, if it is small.
fn marks(text: &str) -> Option<usize> {
    let mut marks = 0;
    let mut before = 0;
    // No branch for a byte: this goes over all source there is.
    for chunk in text.as_bytes().chunks(4096) {
        for byte in chunk {
            let class = CLASSES[usize::from(*byte)];
            marks += usize::from((class | (before & !class) >> 1) & MARK);
            before = class;
        }
        if marks > MAX_DEPTH {
            return None;
        }
    }
    Some(marks)
}

/// One open bracket, or one open f-string.
#[derive(Default)]
struct Level {
    /// Operators since the last separator.
    operators: usize,
    /// `lambda` whose colon has not come: their commas separate parameters, not elements.
    lambdas: usize,
    /// An f-string or t-string: its parts stand side by side.
    is_string: bool,
}

fn by_tokens(text: &str) -> Result<usize, &'static str> {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels = vec![Level::default()];
    let mut total = 0_usize;
    let mut deepest = 0;
    let mut blocks = 0_usize;
    loop {
        let kind = lexer.next_token();
        let Some(level) = levels.last_mut() else {
            return Ok(deepest);
        };
        match kind {
            TokenKind::EndOfFile => return Ok(deepest),
            TokenKind::Unknown => return Err("invalid token"),
            TokenKind::Indent => blocks += 1,
            TokenKind::Dedent => blocks = blocks.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                total -= level.operators;
                *level = Level { is_string: level.is_string, ..Level::default() };
            }
            TokenKind::Comma | TokenKind::Equal if level.lambdas == 0 => {
                total -= level.operators;
                level.operators = 0;
            }
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                if !level.is_string {
                    level.operators += 1;
                    total += 1;
                }
                let is_string = matches!(kind, TokenKind::FStringStart | TokenKind::TStringStart);
                levels.push(Level { is_string, ..Level::default() });
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                if levels.len() > 1
                    && let Some(closed) = levels.pop()
                {
                    total -= closed.operators;
                }
            }
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None => {}
            _ => {
                match kind {
                    TokenKind::Lambda => level.lambdas += 1,
                    TokenKind::Colon => level.lambdas = level.lambdas.saturating_sub(1),
                    _ => {}
                }
                level.operators += 1;
                total += 1;
            }
        }
        if levels.len() > MAX_BRACKETS {
            return Err("too many nested parentheses");
        }
        if blocks > MAX_BLOCKS {
            return Err("too many levels of indentation");
        }
        deepest = deepest.max(total + levels.len() + blocks);
        if deepest > MAX_DEPTH {
            return Err("too deeply nested");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_refused_and_tables_are_not() {
        let n = MAX_DEPTH + 1;
        let rows: &[(String, bool)] = &[
            (format!("x = [{}]", "(1, -2, 'a'), ".repeat(n)), true),
            (format!("x = {{{}}}", "'a': {'b': 1.5}, ".repeat(n)), true),
            (format!("x = f'{}'", "{a}".repeat(n)), true),
            ("def f(a, b=-1): return [a, b]\n".repeat(n), true),
            (format!("if a: x=1\n{}", "elif a.b: x=1\n".repeat(n)), true),
            (format!("x = [{}]", "lambda a, b: 1, ".repeat(n)), true),
            (format!("{}1", "x = ".repeat(n)), true),
            (format!("x = {}1", "-".repeat(n)), false),
            (format!("x = {}1", "not ".repeat(n)), false),
            (format!("x = a{}", ".b".repeat(n)), false),
            (format!("x = a{}", "()".repeat(n)), false),
            (format!("x = a{}", "(1, 2)".repeat(n)), false),
            (format!("x = {}1", "lambda a, b: ".repeat(n)), false),
            (format!("x = {}1", "a if b else ".repeat(n)), false),
            (format!("x = 1{}", " + \\\n 1".repeat(n)), false),
            (format!("x = {}{}", "[".repeat(n), "]".repeat(n)), false),
            (format!("x = {}", "(".repeat(n)), false),
        ];
        for (text, accepted) in rows {
            assert_eq!(bound(text).is_ok(), *accepted, "{}", &text[..40.min(text.len())]);
        }
    }
}
