//! Rules on environment variables and secrets. What a variable holds never leaves this file.

use crate::contract::model::{EnvironmentRule, EnvironmentRules};
use crate::observed::world::{Environment, World};
use crate::value::Value;

use super::code::{Category, Entity};
use super::finding::Finding;
use super::message;
use super::place::Place;
use super::show;
use super::values::equal;
use super::violation::Violation;

/// Compares the environment with `rules`.
pub(super) fn compare(rules: &EnvironmentRules, world: &dyn World, base: &Place<'_>, out: &mut Vec<Violation>) {
    for (i, rule) in rules.variables.iter().enumerate() {
        let place = Place::item(Some(base), "variables", i, Some(&rule.name));
        match world.environment_variable(&rule.name) {
            Environment::Absent => missing(rule, &place, out),
            Environment::NotUnicode => {
                if rule.annotation.is_some() || rule.value.is_some() || rule.pattern.is_some() || rule.one_of.is_some()
                {
                    Check { rule, place: &place }
                        .finding(
                            Category::Mismatch,
                            format!("environment variable `{}` is not Unicode text", rule.name),
                        )
                        .found("set, but not to Unicode text")
                        .help(format!("set `{}` to Unicode text", rule.name))
                        .push(out);
                }
            }
            Environment::Text(text) => Check { rule, place: &place }.text(&text, out),
        }
    }
    for (i, name) in rules.secrets.iter().enumerate() {
        if world.environment_variable(name) == Environment::Absent {
            let place = Place::item(Some(base), "secrets", i, Some(name));
            Finding::new(Category::Missing, Entity::Secret, &place, format!("secret `{name}` is not set"))
                .expected("set")
                .found("not set")
                .help(format!("set the environment variable `{name}` before Python starts"))
                .push(out);
        }
    }
}

fn missing(rule: &EnvironmentRule, place: &Place<'_>, out: &mut Vec<Violation>) {
    let message = format!("environment variable `{}` is not set", rule.name);
    let example = rule.value.as_deref().or_else(|| rule.one_of.as_ref()?.first().map(String::as_str));
    let help = match example {
        Some(value) => format!("set it before Python starts: `{}={}`", rule.name, show::source(value)),
        None => format!("set the environment variable `{}` before Python starts", rule.name),
    };
    Finding::new(Category::Missing, Entity::EnvironmentVariable, place, message)
        .expected(example.map_or_else(|| "set".to_owned(), show::source))
        .found("not set")
        .help(help)
        .push(out);
}

struct Check<'a> {
    rule: &'a EnvironmentRule,
    place: &'a Place<'a>,
}

impl Check<'_> {
    fn finding(&self, category: Category, message: String) -> Finding {
        Finding::new(category, Entity::EnvironmentVariable, self.place, message)
    }

    fn text(&self, text: &str, out: &mut Vec<Violation>) {
        let rule = self.rule;
        let name = &rule.name;
        let kind = rule.annotation.as_deref().map(str::trim).filter(|kind| is_typed(kind));
        let found = "set, but to something else";
        if let Some(kind) = kind.filter(|kind| typed(kind, text).is_none()) {
            let what = match kind {
                "int" => "a whole number",
                "float" => "a number",
                _ => "`true` or `false`",
            };
            self.finding(Category::Mismatch, format!("environment variable `{name}` must hold {what}, and does not"))
                .key("annotation")
                .expected(kind)
                .found(format!("set, but not to {what}"))
                .help(format!("set `{name}` to {what}"))
                .push(out);
        } else {
            let same = |wanted: &str| match kind.and_then(|kind| Some((typed(kind, wanted)?, typed(kind, text)?))) {
                Some((wanted, found)) => equal(&wanted, &found),
                None => wanted == text,
            };
            if let Some(wanted) = rule.value.as_deref().filter(|wanted| !same(wanted)) {
                let expected = show::repr(&Value::Str(wanted.to_owned()));
                self.finding(
                    Category::Mismatch,
                    format!("environment variable `{name}` must be `{expected}`, and is not"),
                )
                .key("value")
                .help(format!("set it before Python starts: `{name}={}`", show::source(wanted)))
                .expected(expected)
                .found(found)
                .push(out);
            }
            if let Some(allowed) = rule.one_of.as_ref().filter(|allowed| !allowed.iter().any(|wanted| same(wanted))) {
                let shown: Vec<String> =
                    allowed.iter().take(8).map(|text| show::repr(&Value::Str(text.clone()))).collect();
                let expected = message::alternatives(&shown, allowed.len());
                let message = format!("environment variable `{name}` must be one of the allowed values, and is not");
                self.finding(Category::Invalid, message)
                    .key("one_of")
                    .help(format!("set `{name}` to {expected}"))
                    .expected(expected)
                    .found(found)
                    .push(out);
            }
        }
        if let Some(pattern) = rule.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            let expected = show::source(&pattern.text);
            let message = format!("the whole of environment variable `{name}` must match `{expected}`, and does not");
            self.finding(Category::Mismatch, message)
                .key("pattern")
                .help(format!("set `{name}` to a text that matches `{expected}` from end to end"))
                .expected(format!("a text that matches {expected}"))
                .found("set, but to a text that does not match")
                .push(out);
        }
    }
}

fn is_typed(kind: &str) -> bool {
    matches!(kind, "int" | "float" | "bool")
}

/// `text` read as `kind`, as Python's own `int()` and `float()` read it.
fn typed(kind: &str, text: &str) -> Option<Value> {
    let text = text.trim();
    match kind {
        "int" => {
            let digits = without_underscores(text.strip_prefix(['+', '-']).unwrap_or(text))?;
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let sign = if text.starts_with('-') { "-" } else { "" };
            Some(Value::BigInt(format!("{sign}{digits}")))
        }
        "float" => without_underscores(text)?.parse().ok().map(Value::Float),
        "bool" => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(Value::Bool(true)),
            "0" | "false" | "no" | "off" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

/// The text without the underscores that stand between digits; none if there are others.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let placed = bytes.iter().enumerate().all(|(i, b)| *b != b'_' || (digit(i.checked_sub(1)) && digit(Some(i + 1))));
    placed.then(|| text.replace('_', ""))
}
