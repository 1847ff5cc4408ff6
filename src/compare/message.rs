//! Wording: how rules and facts are named, and what to write to satisfy a rule.

use std::fmt;

use crate::contract::model::{ArgumentRule, ClassRule, FunctionRule, VariableRule};
use crate::observed::model::{BindingKind, Function, Known, ParameterKind};
use crate::value::Value;

use super::code::Entity;
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

/// What a name is bound to, with an article.
pub(super) fn bound_to(kind: &BindingKind) -> String {
    match kind {
        BindingKind::Function(_) => "a function".to_owned(),
        BindingKind::Class(_) => "a class".to_owned(),
        BindingKind::Import(_) => "an import".to_owned(),
        BindingKind::Deleted => "nothing".to_owned(),
        BindingKind::Variable(variable) => match &variable.value {
            Known::Literal(value) => show::repr(value),
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

/// A signature line that satisfies a rule.
pub(super) fn definition(rule: &FunctionRule) -> String {
    let arguments: Vec<String> = rule.arguments.iter().take(12).map(argument).collect();
    let returns = rule.return_annotation.as_deref().map(|a| format!(" -> {}", show::source(a)));
    format!(
        "{}def {}({}{}){}: …",
        if rule.is_async == Some(true) { "async " } else { "" },
        rule.name,
        arguments.join(", "),
        if rule.arguments.len() > 12 { ", …" } else { "" },
        returns.unwrap_or_default(),
    )
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

/// A class line that satisfies a rule.
pub(super) fn class(rule: &ClassRule) -> String {
    let bases: Vec<&str> = rule.superclasses.iter().take(8).map(|base| base.name.as_str()).collect();
    if bases.is_empty() {
        format!("class {}: …", rule.name)
    } else {
        format!("class {}({}): …", rule.name, bases.join(", "))
    }
}

/// The names of the parameters that a rule names too, in written order.
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

/// Whether the decorators make a property of a method.
pub(super) fn is_property(function: &Function) -> bool {
    function.decorators.iter().any(|decorator| {
        let last = decorator.rsplit('.').next().unwrap_or(decorator);
        matches!(last, "property" | "cached_property" | "abstractproperty" | "setter" | "getter" | "deleter")
    })
}
