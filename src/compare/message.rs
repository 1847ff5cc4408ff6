//! Wording: how rules and facts are named, and what to write to satisfy a rule.

use std::fmt;

use crate::contract::model::{ArgumentRule, ClassRule, FunctionRule, VariableRule};
use crate::observed::model::{BindingKind, Known, ParameterKind, Variable};
use crate::value::Value;

use super::code::Entity;
use super::disclosure::Disclosure;
use super::show;

/// What a violation is about, for people: ``method `run` of class `Plugin` ``.
#[derive(Clone, Copy)]
pub(super) struct Noun<'a> {
    /// What it is.
    pub entity: Entity,
    /// Its name.
    pub name: &'a str,
    /// The class it belongs to.
    pub class: Option<&'a str>,
    /// The module it is in.
    pub label: &'a str,
}

impl fmt::Display for Noun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.entity.as_str(), self.name)?;
        match self.class {
            Some(class) => write!(f, " of class `{class}`"),
            None => Ok(()),
        }
    }
}

impl Noun<'_> {
    /// Where code that supplies it belongs.
    pub fn home(&self) -> String {
        match self.class {
            Some(class) => format!("in class `{class}`"),
            None => format!("at module level of {}", self.label),
        }
    }
}

/// Why the content of a name that is surely there can't be told.
pub(super) const VARIES: &str = "it is defined differently, depending on a condition";
/// Why it can't be told whether a name is there.
pub(super) const CONDITIONAL: &str = "it is defined only under a condition";

/// What a name is bound to, for a sentence: a value as code, anything else in words.
pub(super) fn quoted(kind: &BindingKind, disclosure: Disclosure) -> String {
    match kind {
        BindingKind::Variable(Variable { value: Known::Literal(value), .. }) => {
            if disclosure.shows(value) {
                format!("`{}`", show::repr(value))
            } else {
                typed(value)
            }
        }
        kind => bound_to(kind, disclosure),
    }
}

/// A value by its type, with an article.
fn typed(value: &Value) -> String {
    let name = value.type_name();
    format!("{} `{name}`", if name == "int" { "an" } else { "a" })
}

/// What is told of a value that is not shown. `wanted` is what it should have been.
pub(super) fn hidden(value: &Value, wanted: Option<&Value>) -> String {
    let what = match wanted {
        Some(wanted) if wanted.type_name() == value.type_name() => format!("another `{}`", value.type_name()),
        _ => typed(value),
    };
    format!("{what}, taken from the running program (not shown: it may be a secret)")
}

/// What a name is bound to, with an article.
pub(super) fn bound_to(kind: &BindingKind, disclosure: Disclosure) -> String {
    match kind {
        BindingKind::Function(_) => "a function".to_owned(),
        BindingKind::Class(_) => "a class".to_owned(),
        BindingKind::Import(_) => "an import".to_owned(),
        BindingKind::Deleted => "nothing".to_owned(),
        BindingKind::Variable(variable) => match &variable.value {
            Known::Literal(value) if disclosure.shows(value) => show::repr(value),
            Known::Literal(value) => hidden(value, None),
            Known::Computed(Some(name)) => format!("an object of type `{name}`"),
            Known::Computed(None) => "a computed value".to_owned(),
            Known::Unbound => "an annotation without a value".to_owned(),
        },
    }
}

/// An assignment that satisfies a rule, as far as the rule tells.
pub(super) fn assignment(rule: &VariableRule) -> String {
    let mut text = rule.name.clone();
    if let Some(annotation) = &rule.annotation {
        text.push_str(": ");
        text.push_str(&show::source(annotation));
    }
    text.push_str(" = ");
    match rule.value.as_ref().or_else(|| rule.one_of.as_ref()?.first()) {
        Some(value) => text.push_str(&show::repr(value)),
        None => text.push('…'),
    }
    text
}

/// A signature line that satisfies a rule: valid Python, with the receiver that a method needs.
pub(super) fn definition(rule: &FunctionRule, noun: Noun<'_>) -> String {
    let mut parameters: Vec<String> = Vec::new();
    parameters.extend(receiver(rule, noun).map(str::to_owned));
    let (mut slash, mut star, mut defaulted) = (false, false, false);
    for rule in rule.arguments.iter().take(12) {
        let positional_only = rule.kind == Some(ParameterKind::PositionalOnly);
        let variadic = matches!(rule.kind, Some(ParameterKind::VarPositional | ParameterKind::VarKeyword));
        if slash && !positional_only {
            parameters.push("/".to_owned());
        }
        slash = positional_only;
        if rule.kind == Some(ParameterKind::KeywordOnly) && !star {
            parameters.push("*".to_owned());
            star = true;
        }
        star |= rule.kind == Some(ParameterKind::VarPositional);
        let mut text = argument(rule);
        // After a parameter with a default, Python wants one for each.
        if defaulted && !star && !variadic && rule.value.is_none() {
            text.push_str(if rule.annotation.is_some() { " = …" } else { "=…" });
        }
        defaulted |= rule.value.is_some();
        parameters.push(text);
    }
    if slash {
        parameters.push("/".to_owned());
    }
    if rule.arguments.len() > 12 {
        parameters.push("…".to_owned());
    }
    let returns = rule.return_annotation.as_deref().map(|a| format!(" -> {}", show::source(a)));
    format!(
        "{}def {}({}){}: …",
        if rule.is_async == Some(true) { "async " } else { "" },
        rule.name,
        parameters.join(", "),
        returns.unwrap_or_default(),
    )
}

/// The first parameter of a method, where the rule does not name it.
fn receiver(rule: &FunctionRule, noun: Noun<'_>) -> Option<&'static str> {
    noun.class?;
    if rule.arguments.first().is_some_and(|first| matches!(first.name.as_str(), "self" | "cls")) {
        return None;
    }
    let of_class = matches!(rule.name.as_str(), "__new__" | "__init_subclass__" | "__class_getitem__");
    Some(if of_class { "cls" } else { "self" })
}

/// A parameter that satisfies a rule.
pub(super) fn argument(rule: &ArgumentRule) -> String {
    let stars = match rule.kind {
        Some(ParameterKind::VarPositional) => "*",
        Some(ParameterKind::VarKeyword) => "**",
        _ => "",
    };
    let mut text = format!("{stars}{}", rule.name);
    if let Some(annotation) = &rule.annotation {
        text.push_str(": ");
        text.push_str(&show::source(annotation));
    }
    if let Some(value) = &rule.value {
        text.push_str(if rule.annotation.is_some() { " = " } else { "=" });
        text.push_str(&show::repr(value));
    }
    text
}

/// How to make a parameter one of this kind.
pub(super) fn kind(name: &str, kind: ParameterKind) -> String {
    match kind {
        ParameterKind::PositionalOnly => format!("put `{name}` before a `/` in the parameter list"),
        ParameterKind::PositionalOrKeyword => {
            format!("put `{name}` after any `/` and before any `*` in the parameter list, without a star of its own")
        }
        ParameterKind::VarPositional => format!("write it with a star: `*{name}`"),
        ParameterKind::KeywordOnly => format!("put `{name}` after a `*` in the parameter list"),
        ParameterKind::VarKeyword => format!("write it with two stars: `**{name}`"),
    }
}

/// A class line that satisfies a rule.
pub(super) fn class(rule: &ClassRule) -> String {
    let bases: Vec<&str> = rule.superclasses.iter().take(8).map(|base| base.name.as_str()).collect();
    if bases.is_empty() {
        format!("class {}: …", rule.name)
    } else {
        format!("class {}({}): …", rule.name, bases.join(", "))
    }
}

/// Names of parameters, in brackets.
pub(super) fn order<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.take(13).collect();
    let shown = names[..names.len().min(12)].join(", ");
    if names.len() > 12 { format!("({shown}, …)") } else { format!("({shown})") }
}

/// A list of alternatives: `'dev'`, `'prod'` or `'test'`.
pub(super) fn one_of(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().take(8).map(show::repr).collect();
    alternatives(&shown, values.len())
}

/// The first of `total` alternatives, as a phrase.
pub(super) fn alternatives<T: AsRef<str>>(shown: &[T], total: usize) -> String {
    let texts: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    match texts.as_slice() {
        [] => "nothing".to_owned(),
        [only] if total == 1 => (*only).to_owned(),
        _ if total > texts.len() => format!("{} or {} more", texts.join(", "), total - texts.len()),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
