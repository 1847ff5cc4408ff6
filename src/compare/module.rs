//! Rules on one module: file name, version, variables, functions.

use std::borrow::Cow;
use std::path::is_separator;

use crate::contract::model::{FilePattern, FunctionRule, ModuleRules, VariableRule};
use crate::contract::version::Requirement;
use crate::observed::model::{BindingKind, Function, Known};
use crate::text::Span;
use crate::value::Value;

use super::class;
use super::code::{Category, Entity};
use super::disclosure::Disclosure;
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
    if file.is_some_and(|file| pattern.matches(file)) {
        return;
    }
    let expected = show::source(&pattern.text);
    let elsewhere = format!("import it from a file whose path ends with `{expected}`");
    let finding = if let Some(file) = file {
        let found = ending(file, &pattern.text);
        let message = format!("the importer's file must be `{expected}`, not `{found}`");
        let help = format!("rename `{found}`, or {elsewhere}");
        Finding::new(Category::Mismatch, Entity::Filename, place, message).found(found).help(help)
    } else {
        let message = format!("the importer's file must be `{expected}`, but the importer has no file");
        Finding::new(Category::Missing, Entity::Filename, place, message).help(elsewhere)
    };
    finding.expected(expected).push(out);
}

/// The end of a path, as many components as the pattern has. The folders above are nobody's business.
fn ending(file: &str, pattern: &str) -> String {
    let is_part = |part: &&str| !matches!(*part, "" | ".");
    let file: Vec<&str> = file.split(is_separator).filter(is_part).collect();
    // In a pattern both separate everywhere.
    let wanted = pattern.split(['/', '\\']).filter(is_part).count();
    file[file.len().saturating_sub(wanted)..].join("/")
}

/// What a version was found to be.
enum Version {
    /// This text.
    Text(String, Disclosure),
    /// No text, but this.
    Other(BindingKind, Disclosure),
}

fn version(
    requirement: &Requirement,
    names: &Names<'_>,
    place: &Place<'_>,
    distribution: &dyn Fn() -> Option<String>,
    out: &mut Vec<Violation>,
) {
    let (span, found) = match names.look_up("__version__", Ask::Variable) {
        Lookup::Missing { span, .. } => (span, Ok(None)),
        Lookup::Unproven { why, span } => (span, Err(why)),
        Lookup::Present(present) => (present.span, version_of(&present).map(Some)),
    };
    let installed = |text| Version::Text(text, Disclosure::Spelled);
    let found = match found {
        Ok(None) => Ok(distribution().map(installed)),
        // Another module is what is installed; its source need not spell its version.
        Ok(Some(Version::Other(..))) | Err(_) if !names.own => match distribution() {
            Some(text) => Ok(Some(installed(text))),
            None => found,
        },
        found => found,
    };
    let expected = show::source(&requirement.text);
    let label = names.label;
    let (category, message, shown) = match found {
        Ok(Some(Version::Text(text, disclosure))) => {
            let mut shown = show::source(&text);
            let message = match requirement.matches(&text) {
                Some(true) => return,
                None if disclosure == Disclosure::Hidden => {
                    shown = message::hidden(&Value::Str(text), None);
                    format!("the version of {label} is not a valid version")
                }
                Some(false) => format!("version `{shown}` of {label} does not fit `{expected}`"),
                None => format!("the version of {label} is `{shown}`, which is not a valid version"),
            };
            (Category::Mismatch, message, Some(shown))
        }
        Ok(Some(Version::Other(kind, disclosure))) => {
            let what = message::quoted(&kind, disclosure);
            let message = format!("`__version__` of {label} must be text, but is {what}");
            (Category::Mismatch, message, Some(message::bound_to(&kind, disclosure)))
        }
        Ok(None) => {
            let message =
                format!("{label} has no version: it has no `__version__`, and no installed distribution provides it");
            (Category::Missing, message, None)
        }
        Err(why) if names.own => {
            (Category::Unproven, format!("`__version__` of {label} can't be checked: {why}"), None)
        }
        Err(why) => {
            let message = format!(
                "the version of {label} can't be told: no installed distribution provides it, and its \
                 `__version__` can't be checked ({why})"
            );
            (Category::Unproven, message, None)
        }
    };
    let help = if names.own {
        format!("set `__version__` at module level of {label} to a version that fits `{expected}`")
    } else if category == Category::Mismatch {
        format!("install a version of {label} that fits `{expected}`, or change this rule")
    } else {
        format!(
            "install the distribution that provides {label}, in a version that fits `{expected}`, or drop this rule"
        )
    };
    let finding = Finding::new(category, Entity::Version, place, message).expected(expected).help(help).at(span);
    match shown {
        Some(shown) => finding.found(shown).push(out),
        None => finding.push(out),
    }
}

/// The version that a binding of `__version__` tells.
fn version_of(present: &Present<'_>) -> Result<Version, String> {
    let kind = present.kind.as_deref().map_err(Clone::clone)?;
    match kind {
        BindingKind::Variable(variable) => match &variable.value {
            Known::Literal(Value::Str(text)) => Ok(Version::Text(text.clone(), present.disclosure)),
            Known::Computed(Some(name)) if name == "str" => Err("its text can't be seen".to_owned()),
            Known::Computed(None) => Err("its value is computed".to_owned()),
            Known::Unbound => Err("it has no value".to_owned()),
            Known::Literal(_) | Known::Computed(Some(_)) => Ok(Version::Other(kind.clone(), present.disclosure)),
        },
        kind => Ok(Version::Other(kind.clone(), present.disclosure)),
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
                owner: "",
                disclosure: present.disclosure,
            };
            judge(rule, &facts, noun, place, out);
        }
        lookup => absent(noun, lookup, &message::assignment(rule), &noun.home(), place, out),
    }
}

/// Reports a name that is not there, or may not be. `supply`, at `home`, would put that right.
pub(super) fn absent(
    noun: Noun<'_>,
    lookup: Lookup<'_>,
    supply: &str,
    home: &str,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
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
    let help = match category {
        Category::Unproven => format!("write `{supply}` {home}, outside any condition"),
        _ => format!("add `{supply}` {home}"),
    };
    Finding::new(category, noun.entity, place, message).expected(supply).help(help).at(span).push(out);
}

fn function(rule: &FunctionRule, names: &Names<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let noun = Noun { entity: Entity::Function, name: &rule.name, class: None, label: names.label };
    let present = match names.look_up(&rule.name, Ask::Definition) {
        Lookup::Present(present) => present,
        lookup => return absent(noun, lookup, &message::definition(rule, noun), &noun.home(), place, out),
    };
    let live = || names.live_function(&rule.name, names.module?.bindings.get(&rule.name)?.span);
    let found = Found {
        kind: present.kind,
        home: &present.home,
        disclosure: present.disclosure,
        span: present.span,
        live: &live,
    };
    callable(rule, &found, names, noun, place, out);
}

/// What a function or a method was found to be.
pub(super) struct Found<'a> {
    /// This, or why it can't be told.
    pub kind: Result<Cow<'a, BindingKind>, String>,
    /// Where.
    pub home: &'a Home,
    /// Whether its value may be shown.
    pub disclosure: Disclosure,
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
        let wanted = message::definition(rule, noun);
        Finding::new(Category::Unproven, noun.entity, place, format!("{noun} can't be checked: {why}"))
            .help(format!("define it {}: `{wanted}`", noun.home()))
            .expected(wanted)
            .at(found.span)
            .push(out);
    };
    let kind = match &found.kind {
        Ok(kind) => kind.as_ref(),
        Err(why) => return unproven(why, out),
    };
    let told = |kind| (message::quoted(kind, found.disclosure), message::bound_to(kind, found.disclosure));
    let (what, shown) = match kind {
        BindingKind::Function(function) if noun.class.is_some() && function.is_property() => {
            ("a property".to_owned(), "a property".to_owned())
        }
        BindingKind::Function(function) => {
            let own = names.own && matches!(found.home, Home::Own);
            let (module, disclosure) = (names.source_of(found.home), found.disclosure);
            let signature = Signature { function, module, span: found.span, own, disclosure, live: found.live };
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
            _ => told(kind),
        },
        kind => told(kind),
    };
    let (word, wanted) = (noun.entity.as_str(), message::definition(rule, noun));
    Finding::new(Category::Mismatch, noun.entity, place, format!("`{}` is {what}, not a {word}", noun.name))
        .found(shown)
        .help(format!("define it {}: `{wanted}`", noun.home()))
        .expected(wanted)
        .at(found.span)
        .push(out);
}
