//! Whether a value without a written annotation is of an annotated type.

use crate::value::Value;

use super::parse::Type;
use super::qualifiers;

/// Whether `value` is of the type; none if that can't be told.
pub(super) fn fits(wanted: &Type, value: &Value) -> Option<bool> {
    match wanted {
        Type::Union(members) => any(members.iter().map(|member| fits(member, value))),
        Type::Named(name, None) => Some(name == value.type_name() || outer(name, value)),
        Type::Named(name, Some(arguments)) => with_arguments(name, arguments, value),
        Type::List(_) | Type::Exact(_) => Some(false),
    }
}

/// Whether a computed value whose type has this name is of the type; none if that can't be told.
pub(super) fn type_fits(wanted: &Type, type_name: &str) -> Option<bool> {
    match wanted {
        Type::Union(members) => any(members.iter().map(|member| type_fits(member, type_name))),
        Type::Named(name, arguments) => {
            let type_name = if type_name == "NoneType" { "None" } else { type_name };
            let last = name.rsplit('.').next().unwrap_or(name);
            match (name.as_str(), arguments) {
                ("Any" | "object", None) => Some(true),
                (name, Some(arguments)) if qualifiers::is(name) => type_fits(arguments.first()?, type_name),
                ("Callable", None) if is_callable(type_name) => Some(true),
                ("type", None) if type_name == "ABCMeta" => Some(true),
                _ if last != type_name && !(last == "Callable" && is_callable(type_name)) => Some(false),
                (_, None) => Some(true),
                // The outer type agrees; what is inside can't be seen.
                (_, Some(_)) => None,
            }
        }
        Type::List(_) | Type::Exact(_) => Some(false),
    }
}

fn is_callable(type_name: &str) -> bool {
    matches!(type_name, "function" | "builtin_function_or_method" | "type" | "method" | "partial")
}

/// Bare names that more than one type answers to.
fn outer(name: &str, value: &Value) -> bool {
    match name {
        "Hashable" => !is_container(value),
        "Any" | "object" => true,
        "Sequence" => matches!(value, Value::List(_) | Value::Tuple(_) | Value::Str(_) | Value::Bytes(_)),
        "Iterable" | "Collection" | "Sized" | "Container" => {
            is_container(value) || matches!(value, Value::Str(_) | Value::Bytes(_))
        }
        "Mapping" | "MutableMapping" => matches!(value, Value::Dict(_)),
        "MutableSequence" => matches!(value, Value::List(_)),
        "AbstractSet" | "MutableSet" => matches!(value, Value::Set(_)),
        _ => false,
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Set(_) | Value::Dict(_) | Value::Tuple(_))
}

fn with_arguments(name: &str, arguments: &[Type], value: &Value) -> Option<bool> {
    if qualifiers::is(name) {
        return fits(arguments.first()?, value);
    }
    if name == "Literal" {
        let text = match value {
            Value::Str(text) => format!("{text:?}"),
            Value::None | Value::Bool(_) | Value::Int(_) | Value::BigInt(_) => super::super::show::text(value)?,
            Value::Bytes(_) => return None,
            _ => return Some(false),
        };
        return Some(arguments.iter().any(|argument| matches!(argument, Type::Exact(exact) if *exact == text)));
    }
    if name != value.type_name() && !outer(name, value) {
        return Some(false);
    }
    match (value, arguments) {
        (Value::Tuple(items), [item, Type::Exact(dots)]) if name == "tuple" && dots == "..." => {
            all(items.iter().map(|each| fits(item, each)))
        }
        (Value::Tuple(items), [Type::Exact(empty)]) if name == "tuple" && empty == "()" => Some(items.is_empty()),
        (Value::Tuple(items), arguments) if name == "tuple" => {
            if items.len() == arguments.len() {
                all(items.iter().zip(arguments).map(|(each, item)| fits(item, each)))
            } else {
                Some(false)
            }
        }
        (Value::List(items) | Value::Set(items) | Value::Tuple(items), [item]) => {
            all(items.iter().map(|each| fits(item, each)))
        }
        (Value::Dict(pairs), [key, item]) => all(pairs.iter().flat_map(|(k, v)| [fits(key, k), fits(item, v)])),
        (Value::Dict(pairs), [key]) => all(pairs.iter().map(|(k, _)| fits(key, k))),
        (Value::Str(_), [item]) => fits(item, value),
        _ => None,
    }
}

/// How many levels of containers a type in a message goes into.
pub(super) const SHOWN: usize = 3;
/// How many types of items it names.
const NAMED: usize = 4;

/// The type of a value, down to `depth` levels of containers; with `exact`, scalars as `Literal[…]`.
pub(super) fn type_of(value: &Value, exact: bool, depth: usize) -> String {
    let name = value.type_name();
    let inner = |item: &Value| type_of(item, exact, depth.saturating_sub(1));
    match value {
        Value::Str(_) | Value::Bytes(_) | Value::Bool(_) | Value::Int(_) | Value::BigInt(_) if exact => {
            format!("Literal[{}]", super::super::show::repr(value))
        }
        _ if depth == 0 => name.to_owned(),
        Value::List(items) | Value::Set(items) if !items.is_empty() => {
            format!("{name}[{}]", either(items.iter().map(inner)))
        }
        Value::Tuple(items) if items.is_empty() => "tuple[()]".to_owned(),
        Value::Tuple(items) => {
            let shown: Vec<String> = items.iter().take(2 * NAMED).map(inner).collect();
            format!("tuple[{}{}]", shown.join(", "), if items.len() > shown.len() { ", …" } else { "" })
        }
        Value::Dict(pairs) if !pairs.is_empty() => {
            let keys = either(pairs.iter().map(|(key, _)| inner(key)));
            format!("dict[{keys}, {}]", either(pairs.iter().map(|(_, item)| inner(item))))
        }
        _ => name.to_owned(),
    }
}

/// The different types among those of the items, as a union.
fn either(types: impl Iterator<Item = String>) -> String {
    let mut different: Vec<String> = Vec::new();
    for name in types {
        if different.contains(&name) {
            continue;
        }
        if different.len() == NAMED {
            different.push("…".to_owned());
            break;
        }
        different.push(name);
    }
    different.join(" | ")
}

fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(answers.map(|answer| answer.map(|fits| !fits))).map(|fails| !fails)
}
