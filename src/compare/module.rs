//! Rules on one module: file name, version, variables, functions.

use std::borrow::Cow;

use crate::contract::model::{FilePattern, FunctionRule, ModuleRules, VariableRule};
use crate::contract::version::Requirement;
use crate::observed::model::{BindingKind, Function, Known};
use crate::text::Span;
use crate::value::Value;

use super::class;
use super::code::{Category, Entity};
use super::finding::Finding;
use super::imports::Home;
use super::judge::{Facts, judge};
use super::message::{self, Noun};
use super::place::Place;
use super::resolve::{Ask, Lookup, Names, Present};
use super::show;
use super::signature::{self, Signature};
use super::violation::Violation;

/// Compares the structure of a module with `rules`. `version` is that of its distribution.
pub(super) fn compare(
    rules: &ModuleRules,
    names: &Names<'_>,
    base: Option<&Place<'_>>,
    distribution: &dyn Fn() -> Option<String>,
    out: &mut Vec<Violation>,
) {
    if let Some(requirement) = &rules.version {
        version(requirement, names, &Place::key(base, "version"), distribution, out);
    }
    for (i, rule) in rules.variables.iter().enumerate() {
        variable(rule, names, &Place::item(base, "variables", i, Some(&rule.name)), out);
    }
    for (i, rule) in rules.functions.iter().enumerate() {
        function(rule, names, &Place::item(base, "functions", i, Some(&rule.name)), out);
    }
    for (i, rule) in rules.classes.iter().enumerate() {
        class::compare(rule, names, &Place::item(base, "classes", i, Some(&rule.name)), out);
    }
}

/// Compares the importer's file with a file name rule.
pub(super) fn filename(pattern: &FilePattern, file: Option<&str>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let expected = show::source(&pattern.text);
    match file {
        Some(file) if pattern.matches(file) => {}
        Some(file) => {
            let found = file.rsplit(['/', '\\']).next().unwrap_or(file);
            let message = format!("the importer's file must be `{expected}`, not `{found}`");
            Finding::new(Category::Mismatch, Entity::Filename, place, message)
                .help(format!("import it from a file whose path ends with `{expected}`"))
                .expected(expected)
                .found(found)
                .push(out);
        }
        None => {
            let message = format!("the importer's file must be `{expected}`, but the importer has no file");
            Finding::new(Category::Missing, Entity::Filename, place, message)
                .help(format!("import it from a file whose path ends with `{expected}`"))
                .expected(expected)
                .push(out);
        }
    }
}

fn version(
    requirement: &Requirement,
    names: &Names<'_>,
    place: &Place<'_>,
    distribution: &dyn Fn() -> Option<String>,
    out: &mut Vec<Violation>,
) {
    let (span, found) = match names.look_up("__version__", Ask::Variable) {
        Lookup::Missing { span, .. } => (span, Ok(distribution())),
        Lookup::Unproven { why, span } => (span, Err(why)),
        Lookup::Present(present) => (present.span, version_text(&present)),
    };
    fits_version(requirement, found, names, span, place, out);
}

/// Compares a version, or why it can't be told, with a requirement.
pub(super) fn fits_version(
    requirement: &Requirement,
    found: Result<Option<String>, String>,
    names: &Names<'_>,
    span: Option<Span>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    let expected = show::source(&requirement.text);
    let help = format!("set `__version__` at module level of {} to a version that fits `{expected}`", names.label);
    let (category, message, found) = match found {
        Ok(Some(found)) => match requirement.matches(&found) {
            Some(true) => return,
            Some(false) => {
                let found = show::source(&found);
                let message = format!("version `{found}` of {} does not fit `{expected}`", names.label);
                (Category::Mismatch, message, Some(found))
            }
            None => {
                let found = show::source(&found);
                (
                    Category::Mismatch,
                    format!("`{found}`, the version of {}, is not a version", names.label),
                    Some(found),
                )
            }
        },
        Ok(None) => {
            let message = format!("{} has no version: neither `__version__` nor a distribution", names.label);
            (Category::Missing, message, None)
        }
        Err(why) => (Category::Unproven, format!("the version of {} can't be checked: {why}", names.label), None),
    };
    let finding = Finding::new(category, Entity::Version, place, message).expected(expected).help(help).at(span);
    match found {
        Some(found) => finding.found(found).push(out),
        None => finding.push(out),
    }
}

/// The version that a binding of `__version__` tells. What is no text is shown as it is, and fits nothing.
fn version_text(present: &Present<'_>) -> Result<Option<String>, String> {
    match present.kind.as_deref() {
        Err(why) => Err(why.clone()),
        Ok(BindingKind::Variable(variable)) => match &variable.value {
            Known::Literal(Value::Str(text)) => Ok(Some(text.clone())),
            Known::Literal(value) => Ok(Some(format!("{} (not a text)", show::repr(value)))),
            Known::Computed(Some(name)) if name != "str" => Ok(Some(format!("an object of type {name}"))),
            Known::Computed(_) => Err("`__version__` is computed".to_owned()),
            Known::Unbound => Err("`__version__` has no value".to_owned()),
        },
        Ok(kind) => Ok(Some(message::bound_to(kind))),
    }
}

fn variable(rule: &VariableRule, names: &Names<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let noun = Noun { entity: Entity::Variable, name: &rule.name, class: None, label: names.label };
    match names.look_up(&rule.name, Ask::Variable) {
        Lookup::Present(present) => {
            let facts = Facts {
                kind: present.kind.as_deref().map_err(String::as_str),
                written: present.written,
                module: match present.written {
                    Some(_) => names.source_of(&Home::Own),
                    None => names.source_of(&present.home),
                },
                span: present.span,
            };
            judge(rule, &facts, noun, place, out);
        }
        lookup => absent(noun, lookup, &message::assignment(rule), place, out),
    }
}

/// Reports a name that is not there, or may not be.
pub(super) fn absent(noun: Noun<'_>, lookup: Lookup<'_>, supply: &str, place: &Place<'_>, out: &mut Vec<Violation>) {
    let (category, message, span) = match lookup {
        Lookup::Present(_) => return,
        Lookup::Missing { why: None, span } => {
            (Category::Missing, format!("{noun} is missing from {}", noun.label), span)
        }
        Lookup::Missing { why: Some(why), span } => {
            (Category::Missing, format!("{noun} is missing from {}: {why}", noun.label), span)
        }
        Lookup::Unproven { why, span } => {
            (Category::Unproven, format!("whether {} has {noun} can't be told: {why}", noun.label), span)
        }
    };
    Finding::new(category, noun.entity, place, message)
        .expected(supply)
        .help(format!("add `{supply}` {}", noun.home()))
        .at(span)
        .push(out);
}

fn function(rule: &FunctionRule, names: &Names<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let noun = Noun { entity: Entity::Function, name: &rule.name, class: None, label: names.label };
    let present = match names.look_up(&rule.name, Ask::Definition) {
        Lookup::Present(present) => present,
        lookup => return absent(noun, lookup, &message::definition(rule), place, out),
    };
    let live = || names.live_function(&rule.name, names.module?.bindings.get(&rule.name)?.span);
    let found = Found { kind: present.kind, home: &present.home, span: present.span, live: &live };
    callable(rule, &found, names, noun, place, out);
}

/// What a function or a method was found to be.
pub(super) struct Found<'a> {
    /// This, or why it can't be told.
    pub kind: Result<Cow<'a, BindingKind>, String>,
    /// Where.
    pub home: &'a Home,
    /// Where in the importer.
    pub span: Option<Span>,
    /// The live function.
    pub live: &'a dyn Fn() -> Option<Function>,
}

/// Whether objects of the type are functions, though their signature can't be seen.
fn is_function_like(type_name: &str) -> bool {
    matches!(
        type_name,
        "function"
            | "method"
            | "builtin_function_or_method"
            | "cython_function_or_method"
            | "method_descriptor"
            | "wrapper_descriptor"
            | "classmethod_descriptor"
            | "_lru_cache_wrapper"
            | "partial"
            | "partialmethod"
            | "staticmethod"
            | "classmethod"
    )
}

/// Compares what a name is bound to with a rule that asks for a function or a method.
pub(super) fn callable(
    rule: &FunctionRule,
    found: &Found<'_>,
    names: &Names<'_>,
    noun: Noun<'_>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    let asks_more = !rule.arguments.is_empty() || rule.return_annotation.is_some() || rule.is_async.is_some();
    let unproven = |why: &str, out: &mut Vec<Violation>| {
        Finding::new(Category::Unproven, noun.entity, place, format!("{noun} can't be checked: {why}"))
            .expected(message::definition(rule))
            .help(format!("define it {}: `{}`", noun.home(), message::definition(rule)))
            .at(found.span)
            .push(out);
    };
    let kind = match &found.kind {
        Ok(kind) => kind.as_ref(),
        Err(why) => return unproven(why, out),
    };
    let what = match kind {
        BindingKind::Function(function) if noun.class.is_some() && message::is_property(function) => {
            "a property".to_owned()
        }
        BindingKind::Function(function) => {
            let own = names.own && matches!(found.home, Home::Own);
            let signature =
                Signature { function, module: names.source_of(found.home), span: found.span, own, live: found.live };
            return signature::compare(rule, &signature, noun, place, out);
        }
        BindingKind::Variable(variable) => match &variable.value {
            Known::Computed(Some(name)) if is_function_like(name) => {
                if asks_more {
                    unproven("its signature can't be seen", out);
                }
                return;
            }
            Known::Computed(None) => return unproven("it is computed", out),
            _ => message::bound_to(kind),
        },
        kind => message::bound_to(kind),
    };
    let word = noun.entity.as_str();
    Finding::new(Category::Mismatch, noun.entity, place, format!("`{}` is {what}, not a {word}", noun.name))
        .expected(message::definition(rule))
        .found(what)
        .help(format!("define it {}: `{}`", noun.home(), message::definition(rule)))
        .at(found.span)
        .push(out);
}
