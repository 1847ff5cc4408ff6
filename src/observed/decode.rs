//! Source bytes to text, as the interpreter does it (PEP 263).

use std::borrow::Cow;
use std::fmt;

/// The largest source that is read.
pub const MAX_SOURCE: usize = 16 * 1024 * 1024;

/// What decoding gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// The text, without its byte order mark, line ends as written.
    Text(Cow<'a, str>),
    /// The source names a codec that only Python has. What it decodes to goes through [`check_text`].
    NeedsCodec {
        /// The encoding as the interpreter would look it up.
        encoding: String,
    },
}

/// The bytes are no Python source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// What is wrong, for people.
    pub message: String,
    /// The byte at fault in the file as read, if it is one byte's fault.
    pub offset: Option<usize>,
}

impl Undecodable {
    fn new(message: impl Into<String>, offset: Option<usize>) -> Self {
        Self { message: message.into(), offset }
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Undecodable {}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes `bytes` by byte order mark, coding cookie, or UTF-8.
///
/// # Errors
///
/// More than [`MAX_SOURCE`] bytes, NUL bytes, bytes that the encoding does not allow, or a cookie
/// that contradicts the byte order mark.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Undecodable> {
    if bytes.len() > MAX_SOURCE {
        return Err(too_large(bytes.len()));
    }
    let has_bom = bytes.starts_with(BOM);
    let skipped = if has_bom { BOM.len() } else { 0 };
    let body = &bytes[skipped..];
    let encoding = cookie(body).map_or_else(|| "utf-8".to_owned(), normal_name);
    if has_bom && encoding != "utf-8" {
        return Err(Undecodable::new(format!("encoding problem: {encoding} with BOM"), None));
    }
    let text = match codec(&encoding) {
        Codec::Other => return Ok(Decoded::NeedsCodec { encoding }),
        Codec::Latin1 if !body.is_ascii() => Cow::Owned(body.iter().copied().map(char::from).collect()),
        Codec::Ascii if !body.is_ascii() => {
            let at = body.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
            return Err(invalid(body, at, skipped, "ascii"));
        }
        Codec::Utf8 | Codec::Ascii | Codec::Latin1 => match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => return Err(invalid(body, error.valid_up_to(), skipped, "utf-8")),
        },
    };
    check_text(&text).map_err(|mut error| {
        error.offset = body.iter().position(|byte| *byte == 0).map(|at| at + skipped);
        error
    })?;
    Ok(Decoded::Text(text))
}

/// Checks a text that was decoded elsewhere (by one of Python's codecs, by a loader) as [`decode`] does.
///
/// # Errors
///
/// It is larger than [`MAX_SOURCE`] or has NUL characters.
pub fn check_text(text: &str) -> Result<(), Undecodable> {
    // Latin-1 may double in UTF-8; the bound is on what was read.
    if text.len() > 2 * MAX_SOURCE {
        return Err(too_large(text.len()));
    }
    match memchr::memchr(0, text.as_bytes()) {
        None => Ok(()),
        at => Err(Undecodable::new("source code cannot contain null bytes", at)),
    }
}

fn too_large(size: usize) -> Undecodable {
    Undecodable::new(format!("too large: {size} bytes, at most {MAX_SOURCE} are read"), None)
}

fn invalid(body: &[u8], at: usize, skipped: usize, codec: &str) -> Undecodable {
    let byte = body.get(at).copied().unwrap_or_default();
    Undecodable::new(format!("'{codec}' codec can't decode byte 0x{byte:02x}"), Some(at + skipped))
}

/// The encoding that line 1 names, or line 2 if line 1 is blank or a comment.
fn cookie(body: &[u8]) -> Option<&str> {
    let mut lines = body.splitn(3, |byte| matches!(byte, b'\n' | b'\r'));
    let first = lines.next()?;
    if let Some(name) = cookie_in(first) {
        return Some(name);
    }
    let blank = first.iter().find(|byte| !is_blank(**byte)).is_none_or(|byte| *byte == b'#');
    if !blank {
        return None;
    }
    let mut second = lines.next()?;
    // `\r\n` is one line end: what splitting shows as line 2 is the empty text inside it.
    if second.is_empty() && body.get(first.len()..first.len() + 2) == Some(b"\r\n") {
        second = lines.next()?.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    }
    cookie_in(second)
}

/// `^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)`, as the tokenizer spells it.
fn cookie_in(line: &[u8]) -> Option<&str> {
    const MARK: &[u8] = b"coding";
    let start = line.iter().position(|byte| !is_blank(*byte))?;
    let mut rest = line.get(start..).filter(|rest| rest.starts_with(b"#"))?;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
        rest = &rest[at + MARK.len()..];
        let Some(b':' | b'=') = rest.first() else {
            continue;
        };
        let value = &rest[1..];
        let from = value.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(value.len());
        let value = &value[from..];
        let end = value.iter().position(|byte| !is_name(*byte)).unwrap_or(value.len());
        if end > 0 {
            return std::str::from_utf8(&value[..end]).ok();
        }
    }
    None
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// The tokenizer's own folding; other spellings stay as written and go to the codec registry.
fn normal_name(name: &str) -> String {
    // It looks at the first twelve characters only.
    let folded: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |wanted: &str| folded.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if is("utf-8") {
        "utf-8".to_owned()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_owned()
    } else {
        name.to_owned()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    Ascii,
    Latin1,
    Other,
}

/// Aliases of the codec registry (`encodings.aliases`).
fn codec(encoding: &str) -> Codec {
    let mut key = String::with_capacity(encoding.len());
    for c in encoding.chars() {
        if c.is_ascii_alphanumeric() {
            key.push(c.to_ascii_lowercase());
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    match key.as_str() {
        "utf_8" | "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => Codec::Utf8,
        "ascii" | "us_ascii" | "646" | "ansi_x3_4_1968" | "ansi_x3_4_1986" | "cp367" | "csascii" | "ibm367"
        | "iso646_us" | "iso_646_irv_1991" | "iso_ir_6" | "us" => Codec::Ascii,
        "latin_1" | "latin1" | "latin" | "l1" | "8859" | "iso8859" | "iso8859_1" | "iso_8859_1" | "cp819"
        | "csisolatin1" | "ibm819" | "iso_8859_1_1987" | "iso_ir_100" => Codec::Latin1,
        _ => Codec::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `CPython` 3.10 to 3.13 do with each of these was tried on them.
    #[test]
    fn follows_the_tokenizer() {
        let text = |text: &str| Ok(Decoded::Text(Cow::Owned(text.to_owned())));
        let codec = |name: &str| Ok(Decoded::NeedsCodec { encoding: name.to_owned() });
        let error = |message: &str, offset| Err(Undecodable::new(message, offset));
        let bad_utf8 = "'utf-8' codec can't decode byte 0xe9";
        let rows: &[(&[u8], Result<Decoded<'_>, Undecodable>)] = &[
            (b"", text("")),
            (b"x = 1\r\n\x0cy\r", text("x = 1\r\n\x0cy\r")),
            (b"\xef\xbb\xbfx", text("x")),
            (b"\xef\xbb\xbf# coding: utf8\n", error("encoding problem: utf8 with BOM", None)),
            (b"\xef\xbb\xbf# coding: utf-8-sig\n", text("# coding: utf-8-sig\n")),
            (b"\xef\xbb\xbf# coding: latin-1\n", error("encoding problem: iso-8859-1 with BOM", None)),
            (b"# coding: latin-1\n\xe9", text("# coding: latin-1\n\u{e9}")),
            (b"\n# coding: latin-1\n\xe9", text("\n# coding: latin-1\n\u{e9}")),
            (b"\r\n# coding: latin-1\r\n\xe9", text("\r\n# coding: latin-1\r\n\u{e9}")),
            (b"#\r# coding: latin-1\r\xe9", text("#\r# coding: latin-1\r\u{e9}")),
            (b"\n\n# coding: latin-1\n\xe9", error(bad_utf8, Some(20))),
            (b"x=1\n# coding: latin-1\n\xe9", error(bad_utf8, Some(22))),
            (b"\\\n# coding: latin-1\n\xe9", error(bad_utf8, Some(20))),
            (b"x=1 # coding: latin-1\n\xe9", error(bad_utf8, Some(22))),
            (b" \x0c\n#-*-coding=ISO_8859_1_foo-*-\n\xe9", text(" \x0c\n#-*-coding=ISO_8859_1_foo-*-\n\u{e9}")),
            (b"# coding:\n# encoding=latin1\n\xe9", text("# coding:\n# encoding=latin1\n\u{e9}")),
            (b"# coding: coding=latin1\n", codec("coding")),
            (b"# vim: set fileencoding=u8 :\n\xc3\xa9", text("# vim: set fileencoding=u8 :\n\u{e9}")),
            (b"# coding: ascii\n'\xe9'", error("'ascii' codec can't decode byte 0xe9", Some(17))),
            (b"# coding: cp1252\n", codec("cp1252")),
            (b"# coding: koi8-r\n\xe9", codec("koi8-r")),
            (b"\xef\xbb\xbf\xe9", error(bad_utf8, Some(3))),
            (b"x\0", error("source code cannot contain null bytes", Some(1))),
        ];
        for (bytes, expected) in rows {
            assert_eq!(&decode(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn is_bounded() {
        let mut bytes = vec![b' '; MAX_SOURCE];
        assert!(decode(&bytes).is_ok());
        bytes.push(b' ');
        assert!(decode(&bytes).is_err_and(|error| error.message.starts_with("too large")));
    }

    #[test]
    fn every_prefix_of_a_cookie_is_survived() {
        let bytes = b"\xef\xbb\xbf \x0c# -*- coding: coding=\t utf-8 -*-\r\n";
        for end in 0..bytes.len() {
            for start in 0..end {
                let _ = decode(&bytes[start..end]);
            }
        }
    }
}
