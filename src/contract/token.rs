//! How far what stands at a byte offset of a YAML text reaches, for underlining.

use crate::text::Span;

/// Past the anchor and the tag of a node, as long as the node starts on the same line.
pub(super) fn skip_properties(text: &str, at: usize) -> usize {
    let mut start = at;
    for _ in 0..2 {
        let rest = text.get(start..).unwrap_or_default();
        if !rest.starts_with(['&', '!']) {
            break;
        }
        let end = rest.find([' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        let after = &rest[end..];
        let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
        if after[blanks..].starts_with(['\n', '\r']) || after.len() == blanks {
            break;
        }
        start += end + blanks;
    }
    start
}

/// A token of which only the start is known: a key or a value.
pub(super) fn unknown(text: &str, start: usize) -> Span {
    let line = line(text, start);
    let length = match line.chars().next() {
        None => 0,
        Some(quote @ ('"' | '\'')) => quoted(line, quote),
        Some('[' | '{') => bracketed(line),
        Some(c) => {
            let before = text[..start].rfind(['\n', '\r']).map_or(&text[..start], |end| &text[end..start]);
            let flow = before.matches(['[', '{']).count() > before.matches([']', '}']).count();
            let plain = uncommented(line);
            let ends = |(i, c): (usize, char)| {
                (c == ':' && plain[i + 1..].chars().next().is_none_or(char::is_whitespace))
                    || (flow && ",]}".contains(c))
            };
            plain.char_indices().find(|found| ends(*found)).map_or(plain.len(), |(end, _)| end).max(c.len_utf8())
        }
    };
    Span::new(start, start + length)
}

/// The last character before `at` that is no white space.
pub(super) fn previous(text: &str, at: usize) -> Span {
    let before = text.get(..at).unwrap_or_default().trim_end();
    let width = before.chars().next_back().map_or(0, char::len_utf8);
    Span::new(before.len() - width, before.len())
}

/// From `start` to the end of the line.
pub(super) fn line(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())]
}

/// Without a comment and trailing blanks.
pub(super) fn uncommented(line: &str) -> &str {
    let end = line.find(" #").or_else(|| line.find("\t#")).unwrap_or(line.len());
    line[..end].trim_end()
}

/// The length of the quoted scalar at the start of `line`, or of the line if it goes on.
pub(super) fn quoted(line: &str, quote: char) -> usize {
    let mut chars = line.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '"' || chars.peek().is_none_or(|(_, next)| *next != '\'') {
                return i + 1;
            }
            chars.next();
        }
    }
    line.trim_end().len()
}

/// The length of the bracketed collection at the start of `line`, or of the line if it goes on.
pub(super) fn bracketed(line: &str) -> usize {
    let mut depth = 0_usize;
    let mut i = 0;
    let mut before = ' ';
    while let Some(c) = line[i..].chars().next() {
        match c {
            // A quote opens only where a scalar can start.
            '"' | '\'' if " ,[{:\t".contains(before) => {
                i += quoted(&line[i..], c).max(1);
                before = c;
                continue;
            }
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            _ => {}
        }
        before = c;
        i += c.len_utf8();
    }
    uncommented(line).len()
}
