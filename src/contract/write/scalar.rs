//! Scalars and values as YAML on one line, for block and for flow style alike.

use std::fmt::Write as _;

use crate::value::Value;

/// Words that other readers of YAML (version 1.1) do not take for text.
const AMBIGUOUS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// A text that every reader reads back as this very text.
pub(super) fn text(text: &str) -> String {
    if text.contains(is_special) {
        return escaped(text);
    }
    match serde_yaml::to_string(text) {
        Ok(written) => {
            let written = written.trim_end_matches('\n');
            if written != text {
                written.to_owned()
            } else if is_plain(text) {
                text.to_owned()
            } else if text.contains(['"', '\\']) {
                format!("'{}'", text.replace('\'', "''"))
            } else {
                format!("\"{text}\"")
            }
        }
        Err(_) => escaped(text),
    }
}

/// A value; none if YAML has no form for it. Tuples become lists, which fit them.
pub(super) fn value(value: &Value) -> Option<String> {
    Some(match value {
        Value::None => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(digits) => digits.clone(),
        Value::Float(number) => float(*number),
        Value::Str(value) => text(value),
        Value::List(items) | Value::Tuple(items) => {
            format!("[{}]", items.iter().map(self::value).collect::<Option<Vec<_>>>()?.join(", "))
        }
        Value::Bytes(_) | Value::Set(_) | Value::Dict(_) => return None,
    })
}

/// A float with a point and a signed exponent, or YAML 1.1 would take it for text.
fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let written = format!("{number:?}");
    let Some((digits, exponent)) = written.split_once('e') else { return written };
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{digits}{point}e{sign}{exponent}")
}

/// Whether a text that needs no quotes in a block needs none anywhere, to any reader.
fn is_plain(text: &str) -> bool {
    let word = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | ' ' | '(' | ')' | '|' | '*' | '-' | '+'));
    word && text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !AMBIGUOUS.contains(&text.to_lowercase().as_str())
}

/// Characters that must not stand in a file as they are, or that would end the line.
fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{e000}'..='\u{f8ff}')
        || u32::from(c) > 0xffff
}

fn escaped(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_special(c) => {
                let _ = match u32::from(c) {
                    code @ 0..=0xff => write!(out, "\\x{code:02x}"),
                    code @ 0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
