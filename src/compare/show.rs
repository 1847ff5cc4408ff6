//! Values and source text as short Python-like text.

use std::fmt::Write as _;

use crate::value::Value;

/// The longest text of a value or an annotation in a message, in characters.
const LONGEST: usize = 80;

/// `value` as Python's `repr` would write it, cut to a sane length.
pub(super) fn repr(value: &Value) -> String {
    let mut out = Bounded { text: String::new(), left: LONGEST, cut: false };
    put(value, &mut out);
    if out.cut {
        out.text.push('…');
    }
    out.text
}

/// Python's `str()` of a scalar; none for containers and bytes.
pub(super) fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Str(text) | Value::BigInt(text) => text.clone(),
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        _ => return None,
    })
}

/// Source text on one line, cut to a sane length.
pub(super) fn source(text: &str) -> String {
    let mut out = Bounded { text: String::new(), left: LONGEST, cut: false };
    let mut gap = false;
    for c in text.trim().chars() {
        if out.cut {
            break;
        }
        if c.is_whitespace() || c.is_control() {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(c);
    }
    if out.cut {
        out.text.push('…');
    }
    out.text
}

/// A float as Python writes it: `1.0`, `1e+16`, `1e-05`, `inf`, `nan`.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if (-4..16).contains(&exponent) => format!("{number:?}"),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        Err(_) => scientific,
    }
}

/// Text that stops growing. Each level of nesting writes a bracket, so recursion ends with the room.
struct Bounded {
    text: String,
    left: usize,
    cut: bool,
}

impl Bounded {
    fn push(&mut self, c: char) {
        if self.left == 0 {
            self.cut = true;
        } else {
            self.left -= 1;
            self.text.push(c);
        }
    }

    fn push_str(&mut self, text: &str) {
        for c in text.chars() {
            if self.cut {
                return;
            }
            self.push(c);
        }
    }
}

fn put(value: &Value, out: &mut Bounded) {
    match value {
        Value::Str(text) => put_str(text, out),
        Value::Bytes(bytes) => put_bytes(bytes, out),
        Value::List(items) => put_items("[", items, "]", out),
        Value::Tuple(items) if items.len() == 1 => put_items("(", items, ",)", out),
        Value::Tuple(items) => put_items("(", items, ")", out),
        Value::Set(items) if items.is_empty() => out.push_str("set()"),
        Value::Set(items) => put_items("{", items, "}", out),
        Value::Dict(pairs) => {
            out.push('{');
            for (i, (key, item)) in pairs.iter().enumerate() {
                if out.cut {
                    return;
                }
                if i > 0 {
                    out.push_str(", ");
                }
                put(key, out);
                out.push_str(": ");
                put(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&text(scalar).unwrap_or_default()),
    }
}

fn put_items(open: &str, items: &[Value], close: &str, out: &mut Bounded) {
    out.push_str(open);
    for (i, item) in items.iter().enumerate() {
        if out.cut {
            return;
        }
        if i > 0 {
            out.push_str(", ");
        }
        put(item, out);
    }
    out.push_str(close);
}

fn put_str(text: &str, out: &mut Bounded) {
    // Enough to choose the quotes for what will be shown.
    let shown = || text.chars().take(LONGEST);
    let quote = if shown().any(|c| c == '\'') && !shown().any(|c| c == '"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        if out.cut {
            return;
        }
        put_char(c, quote, out);
    }
    out.push(quote);
}

fn put_char(c: char, quote: char, out: &mut Bounded) {
    let mut escaped = String::new();
    match c {
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        '\\' => escaped.push_str("\\\\"),
        c if c == quote => {
            escaped.push('\\');
            escaped.push(c);
        }
        c if c.is_control() && u32::from(c) < 0x100 => {
            let _ = write!(escaped, "\\x{:02x}", u32::from(c));
        }
        // Invisible and direction-changing characters would let a text pass for another one.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        }
        c => escaped.push(c),
    }
    out.push_str(&escaped);
}

fn put_bytes(bytes: &[u8], out: &mut Bounded) {
    out.push_str("b'");
    for byte in bytes {
        if out.cut {
            return;
        }
        match byte {
            b'\'' => out.push_str("\\'"),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('\'');
}
