//! Literal values. Nothing is ever evaluated.

use std::collections::HashSet;
use std::fmt::Write;

use ruff_python_ast::{Expr, ExprBytesLiteral, ExprFString, FStringPart, InterpolatedStringElement, Number, UnaryOp};
use ruff_text_size::Ranged;

use super::slice;
use crate::observed::model::Known;
use crate::value::Value;

/// Deepest nesting of containers that is followed.
const MAX_NESTING: usize = 100;
/// Longest integer literal, in characters, that is read: `CPython`'s own limit for decimal ones.
const MAX_DIGITS: usize = 4_300;
/// Longest one that is converted to decimal, which takes time in the square of it.
const MAX_CONVERTED: usize = 1_000;

/// What `expr` is worth. `is_bound` tells which names hide builtins.
pub(super) fn known(text: &str, expr: &Expr, is_bound: &dyn Fn(&str) -> bool) -> Known {
    match literal(text, expr, MAX_NESTING) {
        Some(value) => Known::Literal(value),
        None => Known::Computed(type_name(expr, is_bound).map(str::to_owned)),
    }
}

/// The value of a literal.
pub(super) fn literal(text: &str, expr: &Expr, nesting: usize) -> Option<Value> {
    let nesting = nesting.checked_sub(1)?;
    let all = |items: &[Expr]| items.iter().map(|item| literal(text, item, nesting)).collect::<Option<Vec<_>>>();
    Some(match expr {
        Expr::NoneLiteral(_) => Value::None,
        Expr::BooleanLiteral(boolean) => Value::Bool(boolean.value),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(int) => match int.as_u64() {
                Some(small) => Value::Int(i128::from(small)),
                None => integer(slice(text, number.range))?,
            },
            Number::Float(float) => Value::Float(*float),
            Number::Complex { .. } => return None,
        },
        Expr::UnaryOp(unary) => match (unary.op, literal(text, &unary.operand, nesting)?) {
            (UnaryOp::UAdd, number @ (Value::Int(_) | Value::BigInt(_) | Value::Float(_))) => number,
            (UnaryOp::USub, Value::Float(float)) => Value::Float(-float),
            (UnaryOp::USub, Value::Int(int)) => match int.checked_neg() {
                Some(negative) => Value::Int(negative),
                None => Value::BigInt(int.to_string().trim_start_matches('-').to_owned()),
            },
            (UnaryOp::USub, Value::BigInt(digits)) => {
                let negative = digits.strip_prefix('-').map_or_else(|| format!("-{digits}"), str::to_owned);
                negative.parse().map_or(Value::BigInt(negative), Value::Int)
            }
            _ => return None,
        },
        Expr::StringLiteral(string) => {
            let value = string.value.to_str();
            if value.contains('\u{fffd}') && may_have_surrogate(slice(text, string.range)) {
                return None;
            }
            Value::Str(value.to_owned())
        }
        Expr::FString(string) => Value::Str(plain(text, string)?),
        Expr::BytesLiteral(bytes) => Value::Bytes(octets(bytes)),
        Expr::List(list) => Value::List(all(&list.elts)?),
        Expr::Tuple(tuple) => Value::Tuple(all(&tuple.elts)?),
        Expr::Set(set) => Value::Set(all(&set.elts)?),
        Expr::Dict(dict) => {
            let mut items = Vec::with_capacity(dict.items.len());
            for item in &dict.items {
                let key = literal(text, item.key.as_ref()?, nesting)?;
                items.push((key, literal(text, &item.value, nesting)?));
            }
            // With a key twice the last one counts; too rare to model, too wrong to ignore.
            let mut seen = HashSet::new();
            if items.len() > 1 && !items.iter().all(|(key, _)| seen.insert(fingerprint(key))) {
                return None;
            }
            Value::Dict(items)
        }
        _ => return None,
    })
}

fn octets(bytes: &ExprBytesLiteral) -> Vec<u8> {
    bytes.value.bytes().collect()
}

/// The text of an f-string without placeholders.
fn plain(text: &str, string: &ExprFString) -> Option<String> {
    let mut value = String::new();
    for part in &string.value {
        match part {
            FStringPart::Literal(literal) => value.push_str(literal.as_str()),
            FStringPart::FString(string) => {
                for element in &string.elements {
                    match element {
                        InterpolatedStringElement::Literal(literal) => {
                            value.push_str(&literal.value);
                        }
                        InterpolatedStringElement::Interpolation(_) => return None,
                    }
                }
            }
        }
    }
    let replaced = value.contains('\u{fffd}') && may_have_surrogate(slice(text, string.range()));
    (!replaced).then_some(value)
}

/// Whether a literal may have a lone surrogate (`"\ud800"`), which can't be held: the parser puts U+FFFD in its place.
fn may_have_surrogate(literal: &str) -> bool {
    literal.contains("\\u") || literal.contains("\\U")
}

/// Equal for keys that Python takes for equal (`1`, `1.0` and `True`).
#[allow(clippy::cast_possible_truncation, clippy::float_cmp, reason = "only floats that are whole and small convert")]
fn fingerprint(key: &Value) -> String {
    match key {
        Value::Bool(boolean) => format!("{:?}", Value::Int(i128::from(*boolean))),
        Value::Float(float) if float.trunc() == *float && float.abs() < 1e30 => {
            format!("{:?}", Value::Int(*float as i128))
        }
        key => format!("{key:?}"),
    }
}

/// An integer literal that doesn't fit 64 bits.
fn integer(token: &str) -> Option<Value> {
    let token = token.replace('_', "");
    if token.len() > MAX_DIGITS {
        return None;
    }
    let lower = token.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        _ => (lower.as_str(), 10),
    };
    if let Ok(int) = i128::from_str_radix(digits, radix) {
        return Some(Value::Int(int));
    }
    if radix == 10 {
        return Some(Value::BigInt(digits.trim_start_matches('0').to_owned()));
    }
    if digits.len() > MAX_CONVERTED {
        return None;
    }
    // Groups of nine decimal digits, least significant first.
    let mut groups: Vec<u32> = Vec::new();
    for digit in digits.chars() {
        let mut carry = u64::from(digit.to_digit(radix)?);
        for group in &mut groups {
            let wide = u64::from(*group) * u64::from(radix) + carry;
            *group = u32::try_from(wide % 1_000_000_000).ok()?;
            carry = wide / 1_000_000_000;
        }
        if carry > 0 {
            groups.push(u32::try_from(carry).ok()?);
        }
    }
    let mut decimal = groups.pop()?.to_string();
    for group in groups.iter().rev() {
        let _ = write!(decimal, "{group:09}");
    }
    Some(Value::BigInt(decimal))
}

/// The type of a computed value, where the syntax alone tells it.
fn type_name(expr: &Expr, is_bound: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    const CONSTRUCTORS: [&str; 12] =
        ["bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];
    Some(match expr {
        Expr::FString(_) | Expr::StringLiteral(_) => "str",
        Expr::TString(_) => "Template",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::NumberLiteral(number) => match number.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => "bool",
        Expr::Call(call) => {
            let Expr::Name(name) = &*call.func else {
                return None;
            };
            let known = CONSTRUCTORS.iter().find(|known| **known == name.id.as_str())?;
            (!is_bound(known)).then_some(*known)?
        }
        _ => return None,
    })
}
