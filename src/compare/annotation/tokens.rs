//! Annotation text into tokens.

use std::borrow::Cow;

/// One token of an annotation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// An identifier.
    Name(&'a str),
    /// A string: its decoded content.
    Text(String),
    /// A bytes literal or an f-string: as written, but with one kind of quotes.
    Verbatim(String),
    /// A number.
    Number(&'a str),
    /// `...`
    Ellipsis,
    /// Any other character that an annotation may have.
    Sign(char),
}

/// The tokens of `text`; none if it holds what no annotation does.
pub(super) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = if let Some(length) = gap(rest) {
            length
        } else if c.is_alphabetic() || c == '_' {
            let name = prefix(rest, |c| c.is_alphanumeric() || c == '_');
            if is_string_prefix(name) && rest[name.len()..].starts_with(['\'', '"']) {
                let (token, length) = string(&rest[name.len()..], name)?;
                out.push(token);
                name.len() + length
            } else {
                out.push(Token::Name(name));
                name.len()
            }
        } else if c.is_ascii_digit() {
            let number = prefix(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
            out.push(Token::Number(number));
            number.len()
        } else if c == '\'' || c == '"' {
            let (token, length) = string(rest, "")?;
            out.push(token);
            length
        } else if rest.starts_with("...") {
            out.push(Token::Ellipsis);
            3
        } else if "[](){},|.*-+=:<>/@&~%^".contains(c) {
            out.push(Token::Sign(c));
            c.len_utf8()
        } else {
            return None;
        };
        rest = rest[length..].trim_start();
    }
    Some(out)
}

/// `text` without the comments that it may have between its lines.
pub(super) fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains('#') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' => string(rest, "").map_or(rest.len(), |(_, length)| length),
            '#' => {
                rest = &rest[gap(rest).unwrap_or(rest.len())..];
                continue;
            }
            _ => c.len_utf8(),
        };
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Cow::Owned(kept)
}

/// The length of the comment or of the line continuation at the start of `text`.
fn gap(text: &str) -> Option<usize> {
    if text.starts_with('#') {
        return Some(text.find(['\n', '\r']).unwrap_or(text.len()));
    }
    (text.starts_with("\\\n") || text.starts_with("\\\r")).then_some(2)
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

fn is_string_prefix(name: &str) -> bool {
    name.len() <= 2 && name.bytes().all(|b| b"rbufRBUF".contains(&b))
}

/// The string at the start of `text`, and its length in bytes with the quotes.
fn string<'a>(text: &str, prefix: &str) -> Option<(Token<'a>, usize)> {
    let quote = text.chars().next()?;
    let triple = text.len() >= 3 && text.chars().take(3).all(|c| c == quote);
    let width = if triple { 3 } else { 1 };
    let body = &text[width..];
    let mut skip = false;
    let end = body.char_indices().find_map(|(at, c)| {
        if std::mem::take(&mut skip) {
            return None;
        }
        skip = c == '\\';
        let closes = c == quote && (!triple || body[at..].chars().take(3).filter(|c| *c == quote).count() == 3);
        closes.then_some(at)
    })?;
    let content = &body[..end];
    let prefix = prefix.to_ascii_lowercase();
    let token = if prefix.contains(['b', 'f']) {
        Token::Verbatim(format!("{prefix}{content:?}"))
    } else if prefix.contains('r') || !content.contains('\\') {
        Token::Text(content.to_owned())
    } else {
        Token::Text(unescape(content)?)
    };
    Some((token, end + 2 * width))
}

/// The content of a string with Python's common escapes resolved; none for the rare others.
fn unescape(content: &str) -> Option<String> {
    let mut out = String::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let digits = match chars.next()? {
            'n' => {
                out.push('\n');
                continue;
            }
            't' => {
                out.push('\t');
                continue;
            }
            'r' => {
                out.push('\r');
                continue;
            }
            '\n' => continue,
            'x' => 2,
            'u' => 4,
            'U' => 8,
            c @ ('\\' | '\'' | '"') => {
                out.push(c);
                continue;
            }
            _ => return None,
        };
        let code: String = chars.by_ref().take(digits).collect();
        out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
    }
    Some(out)
}
