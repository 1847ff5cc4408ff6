//! Typed equality of values (DESIGN 7).

use crate::value::Value;

/// Values nested deeper than this compare unequal: nobody writes them, and recursion must end.
const DEEPEST: usize = 200;

/// Whether `found` is the value that `expected` asks for.
///
/// `5` is not `"5"` and not `True`; ints and floats compare exactly, as numbers; `nan` is `nan`; lists and
/// tuples compare item by item with each other; order is nothing in mappings and sets.
pub(super) fn equal(expected: &Value, found: &Value) -> bool {
    same(expected, found, 0)
}

fn same(a: &Value, b: &Value, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    match (a, b) {
        (Value::None, Value::None) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::List(a) | Value::Tuple(a), Value::List(b) | Value::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, depth + 1))
        }
        (Value::Set(_), Value::Set(_)) | (Value::Dict(_), Value::Dict(_)) => {
            // Through a canonical text: comparing pair with pair would be quadratic.
            matches!((canonical(a, depth), canonical(b, depth)), (Some(a), Some(b)) if a == b)
        }
        _ => matches!((number(a), number(b)), (Some(a), Some(b)) if a == b),
    }
}

/// A text that two values share exactly if they are equal; none past the depth limit.
fn canonical(value: &Value, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    let items = |items: &[Value]| items.iter().map(|item| canonical(item, depth + 1)).collect::<Option<Vec<_>>>();
    Some(match value {
        Value::None => "n".to_owned(),
        Value::Bool(value) => format!("?{value}"),
        Value::Str(text) => format!("s{}:{text}", text.len()),
        Value::Bytes(bytes) => format!("b{bytes:?}"),
        Value::List(list) | Value::Tuple(list) => format!("[{}]", items(list)?.join(",")),
        Value::Set(set) => {
            let mut keys = items(set)?;
            keys.sort_unstable();
            keys.dedup();
            format!("<{}>", keys.join(","))
        }
        Value::Dict(pairs) => {
            // As in Python, the last of equal keys wins.
            let mut texts = std::collections::BTreeMap::new();
            for (key, item) in pairs {
                texts.insert(canonical(key, depth + 1)?, canonical(item, depth + 1)?);
            }
            let pairs: Vec<String> = texts.into_iter().map(|(key, item)| format!("{key}={item}")).collect();
            format!("{{{}}}", pairs.join(","))
        }
        number_like => number(number_like)?,
    })
}

/// The exact canonical text of a number; none for anything else.
fn number(value: &Value) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        Value::BigInt(digits) => Some(trimmed(digits)),
        Value::Float(number) if number.is_nan() => Some("nan".to_owned()),
        // `{:.0}` of an integral float is its exact decimal expansion, however large.
        Value::Float(number) if number.fract() == 0.0 => Some(trimmed(&format!("{number:.0}"))),
        Value::Float(number) => Some(format!("f{number:e}")),
        _ => None,
    }
}

/// Decimal digits without leading zeros, a plus sign or a negative zero.
fn trimmed(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits.strip_prefix('+').unwrap_or(digits)),
    };
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}
