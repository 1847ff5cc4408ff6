//! How deep a syntax tree can get, told from the text before there is a tree.
//!
//! The parser grows its stack as it goes, but the tree it makes is visited and dropped by plain
//! recursion. Every level of a tree costs at least one operator, bracket, keyword or separator, so
//! counting them bounds its depth. What no interpreter compiles is refused here, in linear time.

use ruff_python_ast::token::{Token, TokenKind, Tokens};
use ruff_python_parser::{Mode, lexer};

/// Deepest tree that is accepted. `CPython` 3.10 to 3.13 give up between 3,000 and 10,000 levels.
pub(super) const MAX_DEPTH: usize = 20_000;
/// Most brackets open at once (`CPython`: 200).
const MAX_BRACKETS: usize = 1_000;
/// Most blocks open at once (`CPython`: 100).
const MAX_BLOCKS: usize = 200;

/// An upper bound of the tree's depth, or why there shall be no tree. Where it is more than [`MAX_DEPTH`],
/// the tree has to pass [`confirm`].
///
/// `room` is the depth that the running stack is good for. The more of it there is, the less is to be counted.
pub(super) fn bound(text: &str, room: usize) -> Result<usize, &'static str> {
    if text.len() <= room {
        return Ok(text.len());
    }
    // Most files have so few operators that all of them in one chain would do.
    if let Some(marks) = marks(text, room.max(MAX_DEPTH)) {
        return Ok(marks);
    }
    let mut lexer = lexer::lex(text, Mode::Module);
    by_tokens(std::iter::from_fn(|| Some(lexer.next_token())))
}

/// Whether a tree of these tokens is no deeper than is accepted; if not, why there shall be none.
pub(super) fn confirm(tokens: &Tokens) -> Result<(), &'static str> {
    if tokens.len() > MAX_DEPTH { by_tokens(tokens.iter().map(Token::kind)).map(drop) } else { Ok(()) }
}

/// The number of bytes that can begin or end a token that deepens the tree, if there are no more than `most`.
///
/// Counts what is neither a letter, a digit nor an underscore, and the beginnings of words, which may be keywords.
fn marks(text: &str, most: usize) -> Option<usize> {
    let mut marks = 0;
    // The top bit of the byte before, if that is a space.
    let mut before = 0;
    // Eight bytes at a time, each in its own lane: this goes over much of the source there is. A lane counts to 255.
    for chunk in text.as_bytes().chunks(8 * 255) {
        let mut lanes = 0;
        let (words, rest) = chunk.as_chunks::<8>();
        let mut last = [b' '; 8];
        last[..rest.len()].copy_from_slice(rest);
        for word in words.iter().chain((!rest.is_empty()).then_some(&last)) {
            let (punctuation, spaces) = classes(u64::from_le_bytes(*word));
            let begins = (spaces << 8 | before) & !spaces;
            lanes += (punctuation | begins) >> 7;
            before = spaces >> 56;
        }
        marks += lanes.to_le_bytes().into_iter().map(usize::from).sum::<usize>();
        if marks > most {
            return None;
        }
    }
    Some(marks)
}

/// The top bit of each byte that is punctuation, but no underscore; and of each that is a space.
fn classes(word: u64) -> (u64, u64) {
    const fn each(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    const TOP: u64 = each(0x80);
    let low = word & !TOP;
    // Capitals become small letters; of the rest, only `_` becomes the last byte.
    let folded = low | each(0x20);
    // The top bit of each byte of one of these that is at least another one.
    let least = |bytes: u64, byte: u8| bytes + each(0x80 - byte);
    let letters = least(folded, b'a') & !least(folded, b'z' + 1);
    let digits = least(low, b'0') & !least(low, b'9' + 1);
    let visible = least(low, b'!');
    let punctuation = visible & !(letters | digits | least(folded, 0x7f));
    let ascii = !word & TOP;
    (punctuation & ascii, !visible & ascii)
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

fn by_tokens(kinds: impl Iterator<Item = TokenKind>) -> Result<usize, &'static str> {
    let mut levels = vec![Level::default()];
    let mut total = 0_usize;
    let mut deepest = 0;
    let mut blocks = 0_usize;
    for kind in kinds {
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
    Ok(deepest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_in_any_place() {
        let all: String =
            (0..=0x100).filter_map(char::from_u32).flat_map(|c| [c, 'x', ' ', c, ' ', 'é', c, c]).collect();
        let text = all.repeat(3);
        let is_space = |byte: u8| byte <= b' ';
        for start in (0..40).filter(|at| text.is_char_boundary(*at)) {
            let bytes = &text.as_bytes()[start..];
            let count = (0..bytes.len()).filter(|at| {
                let byte = bytes[*at];
                let begins = *at > 0 && is_space(bytes[at - 1]) && !is_space(byte);
                begins || byte.is_ascii_punctuation() && byte != b'_'
            });
            let count = count.count();
            assert_eq!(marks(&text[start..], count), Some(count));
            assert_eq!(marks(&text[start..], count - 1), None);
        }
    }

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
            assert_eq!(bound(text, 0).is_ok(), *accepted, "{}", &text[..40.min(text.len())]);
        }
    }
}
