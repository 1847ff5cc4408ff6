//! Our lines in somebody else's `sitecustomize.py`. Every other byte stays what it is.

use ruff_python_ast::{Expr, Mod, Stmt};
use ruff_python_parser::{Mode as Grammar, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use crate::observed::decode::{self, Decoded};

use super::mark::{self, Mark, SIGN};

const BEGIN: &str = "# >>> ";
const END: &str = "# <<< importspy_hook activation <<<";
/// Notes in the first line of a block, for [`without`].
const MADE: &str = "; file made";
const ENDED: &str = "; line end added";

/// A larger `sitecustomize` is not edited.
const LARGEST: usize = 1024 * 1024;

/// Where our block is: byte offsets of the first line's start, the body, the last line's end.
struct Found<'a> {
    start: usize,
    head: &'a str,
    body: &'a str,
    end: usize,
}

/// Whose the lines between our marks are; `Foreign` if there are none.
pub fn mark(bytes: &[u8]) -> Mark {
    match find(bytes) {
        Ok(Some(found)) => mark::judged(found.head, found.body.trim_end_matches(['\r', '\n'])),
        Ok(None) => Mark::Foreign,
        Err(()) => Mark::Edited,
    }
}

/// Whether the whole file was our doing.
pub fn made_the_file(bytes: &[u8]) -> bool {
    matches!(find(bytes), Ok(Some(found)) if found.head.contains(MADE))
}

/// The content without our block; none if there is none, or not a whole one.
pub fn without(bytes: &[u8]) -> Option<Vec<u8>> {
    let found = find(bytes).ok()??;
    let mut before = &bytes[..found.start];
    let after = &bytes[found.end..];
    if found.head.contains(ENDED) && after.is_empty() {
        before = before.strip_suffix(line_end(before)).unwrap_or(before);
    }
    Some([before, after].concat())
}

/// The content (none: no file) with `call` as its first statement behind docstring and `__future__` imports.
pub fn with(content: Option<&[u8]>, call: &str) -> Result<Vec<u8>, String> {
    let bytes = content.unwrap_or_default();
    let end = std::str::from_utf8(line_end(bytes)).unwrap_or("\n");
    let at = position(bytes)?;
    let (before, after) = bytes.split_at(at);
    let unfinished = !before.is_empty() && before != BOM && !before.ends_with(b"\n") && !before.ends_with(b"\r");
    let block = format!(
        "{separator}{BEGIN}{SIGN}{digest:016x}{made}{ended}; `importspy-hook disable` removes these lines >>>{end}{call}{end}{END}{end}",
        separator = if unfinished { end } else { "" },
        digest = crate::text::digest(call),
        made = if content.is_none() { MADE } else { "" },
        ended = if unfinished { ENDED } else { "" },
    );
    let merged = [before, block.as_bytes(), after].concat();
    if statements(&merged)? != statements(bytes)? + 1 {
        return Err("there is no safe place for a line of ours behind its docstring and __future__ imports".to_owned());
    }
    Ok(merged)
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The byte at which our block goes.
fn position(bytes: &[u8]) -> Result<usize, String> {
    let text = text(bytes)?;
    // The coding cookie may stand behind a blank line or a comment.
    let is_header = |line: &&str| line.trim_start().is_empty() || line.trim_start().starts_with('#');
    let header = text.replace("\r\n", "\n").split_terminator(['\n', '\r']).take_while(is_header).count();
    let last = parsed(&text, |body| {
        let is_header = |(index, statement): &(usize, &Stmt)| match statement {
            Stmt::Expr(it) => *index == 0 && matches!(*it.value, Expr::StringLiteral(_)),
            Stmt::ImportFrom(it) => it.module.as_deref() == Some("__future__"),
            _ => false,
        };
        body.iter().enumerate().take_while(is_header).last().map(|(_, statement)| usize::from(statement.end()))
    })?;
    let lines = match last {
        Some(offset) => crate::text::line_column(&text, offset).line,
        None => header,
    };
    // By lines, which are the same in the bytes of every encoding that Python source may have.
    let start = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    Ok(start + bytes[start..].len() - skip_lines(&bytes[start..], lines).len())
}

fn skip_lines(mut bytes: &[u8], lines: usize) -> &[u8] {
    for _ in 0..lines {
        let Some(at) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else { return &[] };
        let two = bytes[at..].starts_with(b"\r\n");
        bytes = &bytes[at + if two { 2 } else { 1 }..];
    }
    bytes
}

fn text(bytes: &[u8]) -> Result<String, String> {
    if bytes.len() > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    match decode::decode(bytes).map_err(|error| error.to_string())? {
        Decoded::Text(text) => Ok(text.into_owned()),
        Decoded::NeedsCodec { encoding } => {
            Err(format!("only Python reads its encoding, {encoding}; call importspy_hook.install() in it yourself"))
        }
    }
}

fn statements(bytes: &[u8]) -> Result<usize, String> {
    parsed(&text(bytes)?, <[Stmt]>::len)
}

/// What `read` says of the statements.
fn parsed<T>(text: &str, read: impl FnOnce(&[Stmt]) -> T) -> Result<T, String> {
    // The largest file that is taken may nest as deep as it is long; see `observed::extract`.
    stacker::maybe_grow(LARGEST, 64 * LARGEST, || {
        let parsed = parse_unchecked(text, ParseOptions::from(Grammar::Module));
        match (parsed.errors().first(), parsed.syntax()) {
            (None, Mod::Module(module)) => Ok(read(&module.body)),
            (Some(error), _) => Err(format!("it has a syntax error, so nothing in it runs: {}", error.error)),
            (None, _) => Err("it is no module".to_owned()),
        }
    })
}

/// The line end that a file uses.
fn line_end(bytes: &[u8]) -> &'static [u8] {
    match bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(at) if bytes[at..].starts_with(b"\r\n") => b"\r\n",
        Some(at) if bytes[at] == b'\r' => b"\r",
        _ => b"\n",
    }
}

/// Our block; an error if only one of its ends is there.
fn find(bytes: &[u8]) -> Result<Option<Found<'_>>, ()> {
    let (mut start, mut found) = (0, None);
    while start < bytes.len() {
        let end = bytes.len() - skip_lines(&bytes[start..], 1).len();
        let line = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
        // A byte order mark may stand before the first line.
        let head = line.trim_start_matches('\u{feff}');
        if let Some(head) = head.strip_prefix(BEGIN).and_then(|rest| rest.strip_prefix(SIGN)) {
            let begin = start + line.len() - line.trim_start_matches('\u{feff}').len();
            found = Some((begin, head, end));
        } else if line.starts_with(END) {
            let (begin, head, body) = found.ok_or(())?;
            let body = std::str::from_utf8(&bytes[body..start]).map_err(|_| ())?;
            return Ok(Some(Found { start: begin, head, body, end }));
        }
        start = end;
    }
    if found.is_some() { Err(()) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "call()";

    #[test]
    fn in_and_out_is_nothing() {
        let contents: [&[u8]; 9] = [
            b"",
            b"x = 1",
            b"x = 1\r\n",
            b"'''A docstring.'''",
            b"\xef\xbb\xbf# a comment",
            b"# coding: latin-1\nx = '\xe4'\n",
            b"'''A\ndocstring.'''\nfrom __future__ import annotations\n",
            b"\n\n# only comments\r\r",
            b"if x:\n    pass\n\n\n",
        ];
        for content in contents {
            let merged = with(Some(content), CALL).unwrap();
            assert_eq!(mark(&merged), Mark::Intact(None), "{content:?}");
            assert_eq!(without(&merged).as_deref(), Some(content));
            assert!(!made_the_file(&merged));
        }
        assert!(made_the_file(&with(None, CALL).unwrap()));
    }

    #[test]
    fn a_place_that_would_change_the_program_is_refused() {
        for content in ["'''A docstring.'''; x = '''\n'''\n", "'''A docstring.'''; x = (\n1)\n"] {
            assert!(with(Some(content.as_bytes()), CALL).is_err(), "{content:?}");
        }
    }

    #[test]
    fn half_a_block_is_an_edited_one() {
        let merged = String::from_utf8(with(None, CALL).unwrap()).unwrap();
        for edited in [merged.replace("# <<<", "#"), merged.replace("\ncall", "\nfall")] {
            assert_eq!(mark(edited.as_bytes()), Mark::Edited, "{edited}");
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        let merged = with(Some("'''ä'''\r\nx = 1".as_bytes()), CALL).unwrap();
        for cut in 0..merged.len() {
            let _ = (mark(&merged[..cut]), without(&merged[cut..]), with(Some(&merged[cut..]), CALL));
        }
        let deep = "(".repeat(200_000);
        assert!(with(Some(deep.as_bytes()), CALL).is_err());
    }
}
