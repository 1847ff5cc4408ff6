//! Rules that no importer could keep, because they contradict each other or themselves.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::value::Value;

use super::fields::{At, Builder};
use super::model::{ArgumentRule, AttributeKind, AttributeRule, EnvironmentRule, FunctionRule, VariableRule};
use super::problem::Problem;

/// So many entries are compared with each other faster than they are put into a table.
const FEW: usize = 8;

/// The value must be one of those allowed, and must match the pattern.
pub(super) fn variable(builder: &Builder<'_>, rule: &VariableRule, at: &At<'_>) -> Result<(), Problem> {
    let Some(value) = &rule.value else { return allowed(builder, rule.one_of.as_deref(), None, at) };
    let fits = rule.one_of.as_ref().map(|values| values.iter().any(|other| same(value, other)));
    allowed(builder, rule.one_of.as_deref(), fits, at)?;
    let text = match value {
        Value::Str(text) | Value::BigInt(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        _ => return Ok(()),
    };
    match &rule.pattern {
        Some(pattern) if !pattern.matches(&text) => Err(unmatched(builder, at)),
        _ => Ok(()),
    }
}

/// The same for text.
pub(super) fn environment_variable(builder: &Builder<'_>, rule: &EnvironmentRule, at: &At<'_>) -> Result<(), Problem> {
    let typed = matches!(rule.annotation.as_deref(), Some("int" | "float" | "bool"));
    let fits = rule.value.as_ref().filter(|_| !typed).and_then(|value| Some(rule.one_of.as_ref()?.contains(value)));
    allowed(builder, rule.one_of.as_deref(), fits, at)?;
    match (&rule.pattern, &rule.value) {
        (Some(pattern), Some(value)) if !typed && !pattern.matches(value) => Err(unmatched(builder, at)),
        _ => Ok(()),
    }
}

fn allowed<T>(builder: &Builder<'_>, one_of: Option<&[T]>, fits: Option<bool>, at: &At<'_>) -> Result<(), Problem> {
    if one_of.is_some_and(<[T]>::is_empty) {
        let help = "list the allowed values, or leave `one_of` out".to_owned();
        return Err(builder.problem(
            at,
            Some("one_of"),
            "`one_of` is empty: nothing could satisfy it".to_owned(),
            Some(help),
        ));
    }
    if fits == Some(false) {
        let help = "one of the two must go, or agree with the other".to_owned();
        return Err(builder.problem(at, Some("value"), "`value` is not among `one_of`".to_owned(), Some(help)));
    }
    Ok(())
}

fn unmatched(builder: &Builder<'_>, at: &At<'_>) -> Problem {
    let help = "a pattern must match the whole text; one of the two must go, or agree with the other".to_owned();
    builder.problem(at, Some("value"), "`value` does not match `pattern`".to_owned(), Some(help))
}

/// Two entries of one name must be able to hold together.
pub(super) fn variables(builder: &Builder<'_>, rules: &[VariableRule], at: &At<'_>) -> Result<(), Problem> {
    by_name(builder, rules, at, |rule| &rule.name, conflict)
}

/// As [`variables`]; a class attribute and an instance attribute may differ.
pub(super) fn attributes(builder: &Builder<'_>, rules: &[AttributeRule], at: &At<'_>) -> Result<(), Problem> {
    let key = |rule: &AttributeRule| match rule.kind {
        AttributeKind::Either => 0,
        AttributeKind::Class => 1,
        AttributeKind::Instance => 2,
    };
    let named = |rule| {
        let rule: &AttributeRule = rule;
        ((rule.variable.name.as_str(), key(rule)), rule.variable.name.as_str())
    };
    pairwise(builder, rules, at, named, |first, second| conflict(&first.variable, &second.variable))
}

/// As [`variables`].
pub(super) fn environment(builder: &Builder<'_>, rules: &[EnvironmentRule], at: &At<'_>) -> Result<(), Problem> {
    let conflict = |first: &EnvironmentRule, second: &EnvironmentRule| {
        let typed = first.annotation.is_some() || second.annotation.is_some();
        differ(first.value.as_ref(), second.value.as_ref(), |a, b| typed || a == b)
            .then_some("value")
            .or_else(|| annotations(first.annotation.as_deref(), second.annotation.as_deref()))
    };
    by_name(builder, rules, at, |rule| &rule.name, conflict)
}

/// As [`variables`]. Entries of one name may each name some of the arguments.
pub(super) fn functions(builder: &Builder<'_>, rules: &[FunctionRule], at: &At<'_>) -> Result<(), Problem> {
    let conflict = |first: &FunctionRule, second: &FunctionRule| {
        if plain_differ(first.return_annotation.as_deref(), second.return_annotation.as_deref()) {
            return Some("return_annotation");
        }
        differ(first.is_async.as_ref(), second.is_async.as_ref(), PartialEq::eq).then_some("async")
    };
    by_name(builder, rules, at, |rule| &rule.name, conflict)
}

/// A function has each argument once.
pub(super) fn arguments(builder: &Builder<'_>, rules: &[ArgumentRule], at: &At<'_>) -> Result<(), Problem> {
    let mut seen = HashSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let is_known = if rules.len() <= FEW {
            rules.iter().take(index).any(|before| before.name == rule.name)
        } else {
            !seen.insert(rule.name.as_str())
        };
        if is_known {
            let item = at.item(index, Some(&rule.name));
            let message = format!("the argument `{}` is listed twice", rule.name);
            return Err(builder.problem(&item, Some("name"), message, Some("keep one of them".to_owned())));
        }
    }
    Ok(())
}

/// [`pairwise`], where the name alone tells which entries belong together.
fn by_name<'r, T>(
    builder: &Builder<'_>,
    rules: &'r [T],
    at: &At<'_>,
    name: impl Fn(&'r T) -> &'r str,
    conflict: impl Fn(&T, &T) -> Option<&'static str>,
) -> Result<(), Problem> {
    pairwise(builder, rules, at, |rule| (name(rule), name(rule)), conflict)
}

fn pairwise<'r, T, K: Eq + Hash>(
    builder: &Builder<'_>,
    rules: &'r [T],
    at: &At<'_>,
    named: impl Fn(&'r T) -> (K, &'r str),
    conflict: impl Fn(&T, &T) -> Option<&'static str>,
) -> Result<(), Problem> {
    if rules.len() < 2 {
        return Ok(());
    }
    let mut seen: HashMap<K, &T> = HashMap::with_capacity(if rules.len() > FEW { rules.len() } else { 0 });
    for (index, rule) in rules.iter().enumerate() {
        let (identity, name) = named(rule);
        // Against the first only: that keeps this linear, and all agree if each agrees with it.
        let first = if rules.len() <= FEW {
            rules.iter().find(|first| named(first).0 == identity).unwrap_or(rule)
        } else {
            *seen.entry(identity).or_insert(rule)
        };
        if let Some(key) = conflict(first, rule) {
            let message = format!("two entries named `{name}` contradict each other in `{key}`");
            let help = "one module can't satisfy both; keep one of them".to_owned();
            return Err(builder.problem(&at.item(index, Some(name)), Some(key), message, Some(help)));
        }
    }
    Ok(())
}

fn conflict(first: &VariableRule, second: &VariableRule) -> Option<&'static str> {
    differ(first.value.as_ref(), second.value.as_ref(), same)
        .then_some("value")
        .or_else(|| annotations(first.annotation.as_deref(), second.annotation.as_deref()))
}

fn differ<T>(first: Option<&T>, second: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    matches!((first, second), (Some(first), Some(second)) if !same(first, second))
}

fn annotations(first: Option<&str>, second: Option<&str>) -> Option<&'static str> {
    plain_differ(first, second).then_some("annotation")
}

/// Whether both are plain names, and different ones. Anything richer can be one type in two spellings.
fn plain_differ(first: Option<&str>, second: Option<&str>) -> bool {
    let plain = |text: &str| {
        let text = text.trim_matches(['\'', '"']);
        let simple = text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        simple.then(|| text.rsplit('.').next().unwrap_or(text).to_lowercase())
    };
    matches!((first.and_then(plain), second.and_then(plain)), (Some(first), Some(second)) if first != second)
}

/// Equal as Python literals of a contract are compared; mappings get the benefit of the doubt.
fn same(a: &Value, b: &Value) -> bool {
    #[expect(
        clippy::cast_precision_loss,
        reason = "as Python compares an int with a float, near enough to find contradictions"
    )]
    match (a, b) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            (*int as f64 - float).abs() < f64::EPSILON
        }
        (Value::BigInt(_), Value::Float(_))
        | (Value::Float(_), Value::BigInt(_))
        | (Value::Dict(_), Value::Dict(_)) => true,
        // As values are compared: `nan` is `nan`.
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b) == Some(Ordering::Equal) || a.is_nan() && b.is_nan(),
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}
