//! Which values are worth asking for.

use crate::value::Value;

use super::{Reason, scalar, secrets};

/// The longest value that is written, in characters of YAML.
const LONGEST: usize = 80;
/// From here on a float may be an integer that lost its digits; contracts take only a few of those.
const HUGE: f64 = 1.7e38;

/// Whether to ask for the value of `name`, or why not; no reason if nobody would expect it.
pub(super) fn worth(name: &str, value: &Value) -> Result<(), Option<Reason>> {
    // It can't be asked for: null asks for nothing.
    if *value == Value::None {
        return Err(None);
    }
    if !is_constant(value) {
        return Err(Some(Reason::Value));
    }
    if is_secret(name, value) {
        return Err(Some(Reason::Secret));
    }
    match scalar::value(value) {
        Some(text) if text.chars().count() <= LONGEST => Ok(()),
        _ => Err(Some(Reason::Value)),
    }
}

/// Lists and mappings can be changed by anybody at any time.
fn is_constant(value: &Value) -> bool {
    match value {
        Value::Tuple(items) => items.iter().all(is_constant),
        Value::Float(number) => number.abs() < HUGE || !number.is_finite(),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Str(_) => true,
        _ => false,
    }
}

fn is_secret(name: &str, value: &Value) -> bool {
    match value {
        Value::Str(text) => secrets::may_be_secret(name, text),
        Value::Tuple(items) => items.iter().any(|item| is_secret(name, item)),
        _ => false,
    }
}

/// The annotation that a value of this type fits; none for `None`, which mostly stands for something to come.
pub(super) fn annotation(value: &Value) -> Option<String> {
    (*value != Value::None).then(|| value.type_name().to_owned())
}
