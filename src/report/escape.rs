//! Text from files that nobody vouches for, made safe to show.
//!
//! A name, a value or a path may hold terminal escapes, line ends that fake a line of the report, or
//! characters that reorder or hide what stands beside them. Shown text holds none of these.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether showing `c` as it is could move the cursor, break the line, or reorder or hide text.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// `text` on one line, at most `limit` characters of it, with unsafe characters spelled out (`\n`, `\u{1b}`).
pub(crate) fn inline(text: &str, limit: usize) -> Cow<'_, str> {
    let (kept, cut) = match text.char_indices().nth(limit) {
        // The ellipsis takes the place of the last character.
        Some(_) => (text.char_indices().nth(limit.saturating_sub(1)).map_or("", |(end, _)| &text[..end]), true),
        None => (text, false),
    };
    if !cut && !kept.contains(is_unsafe) {
        return Cow::Borrowed(kept);
    }
    let mut safe = spelled(kept);
    if cut {
        safe.push('…');
    }
    Cow::Owned(safe)
}

/// As [`inline`], for paths: the end is what tells, so the beginning is what is cut.
pub(crate) fn path(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().rev().nth(limit) {
        Some(_) => {
            let start = text.char_indices().rev().nth(limit.saturating_sub(2)).map_or(0, |(start, _)| start);
            Cow::Owned(format!("…{}", spelled(&text[start..])))
        }
        None => inline(text, limit),
    }
}

/// One character of a source line, shown in its own column. Tabs are left to the renderer.
pub(crate) fn source(c: char) -> char {
    match c {
        '\t' => '\t',
        '\u{7F}' => '␡',
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}'),
        c if is_unsafe(c) => '\u{FFFD}',
        c => c,
    }
}

fn spelled(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => safe.extend(c.escape_default()),
            // Writing to a string can't fail.
            c if is_unsafe(c) => drop(write!(safe, "\\u{{{:x}}}", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_spelled_out() {
        assert_eq!(inline("a\u{1b}[31m\r\nb\u{9b}1m\0\u{202e}", 99), r"a\u{1b}[31m\r\nb\u{9b}1m\u{0}\u{202e}");
        assert!(matches!(inline("naïve 漢字 👩‍🚀", 99), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_cut_where_it_tells_least() {
        assert_eq!(inline("abcdef", 6), "abcdef");
        assert_eq!(inline("abcdefg", 6), "abcde…");
        assert_eq!(inline("abc", 0), "…");
        assert_eq!(path("/srv/app/plugin.py", 10), "…plugin.py");
        assert_eq!(path("plugin.py", 9), "plugin.py");
        assert_eq!(path("plugin.py", 8), "…ugin.py");
        assert_eq!(path("é\n", 5), "é\\n");
    }

    #[test]
    fn a_source_character_keeps_its_column() {
        let shown: String = "a\tb\u{c}\u{1b}\u{9b}\u{7f}é".chars().map(source).collect();
        assert_eq!(shown, "a\tb␌␛\u{FFFD}␡é");
    }
}
