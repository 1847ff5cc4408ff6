//! Rules on one signature: parameters, return annotation, `async`.

use std::collections::HashMap;

use crate::contract::model::{ArgumentRule, FunctionRule};
use crate::observed::model::{Function, Known, Module, Parameter, ParameterKind};
use crate::text::Span;

use super::annotation;
use super::code::{Category, Entity};
use super::disclosure::Disclosure;
use super::finding::Finding;
use super::judge::object_equals;
use super::message::{self, Noun};
use super::place::Place;
use super::show;
use super::values::equal;
use super::violation::Violation;

/// From how many rules on arguments a table is cheaper than a search.
const MANY: usize = 8;

/// A signature, and where it was found.
pub(super) struct Signature<'a> {
    /// The signature.
    pub function: &'a Function,
    /// The module that it is written in.
    pub module: Option<&'a Module>,
    /// Where in the importer.
    pub span: Option<Span>,
    /// Whether the places inside `function` are places in the importer.
    pub own: bool,
    /// Whether its defaults may be shown.
    pub disclosure: Disclosure,
    /// The live function, which knows the defaults that the source computes.
    pub live: &'a dyn Fn() -> Option<Function>,
}

/// Compares a signature with a rule.
pub(super) fn compare(
    rule: &FunctionRule,
    found: &Signature<'_>,
    noun: Noun<'_>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    asynchronous(rule, found, noun, place, out);
    arguments(rule, found, noun, place, out);
    returns(rule, found, noun, place, out);
}

fn asynchronous(
    rule: &FunctionRule,
    found: &Signature<'_>,
    noun: Noun<'_>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    let Some(wanted) = rule.is_async.filter(|wanted| *wanted != found.function.is_async) else { return };
    let word = |is_async: bool| if is_async { "async def" } else { "def" };
    let message = format!("{noun} must be defined with `{}`, not `{}`", word(wanted), word(!wanted));
    Finding::new(Category::Mismatch, noun.entity, place, message)
        .key("async")
        .expected(word(wanted))
        .found(word(!wanted))
        .help(format!("write `{} {}(…)`", word(wanted), noun.name))
        .at(found.span)
        .push(out);
}

fn returns(rule: &FunctionRule, found: &Signature<'_>, noun: Noun<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let Some(wanted) = &rule.return_annotation else { return };
    let written = found.function.returns.as_deref();
    if written.is_some_and(|written| annotation::agree(wanted, written, found.module)) {
        return;
    }
    let expected = show::source(wanted);
    let is_async = rule.is_async.unwrap_or(found.function.is_async);
    let shown = written.map(|written| annotation::shown(written, found.module));
    let message = match &shown {
        Some(shown) => format!("{noun} must return `{expected}`, but is annotated `{shown}`"),
        None => format!("{noun} must return `{expected}`, but has no return annotation"),
    };
    let span = if found.own { found.function.returns_span.or(found.span) } else { found.span };
    Finding::new(Category::Mismatch, Entity::Return, place, message)
        .key("return_annotation")
        .help(format!("write `{}def {}(…) -> {expected}:`", if is_async { "async " } else { "" }, noun.name))
        .expected(expected)
        .found(shown.unwrap_or_else(|| "no annotation".to_owned()))
        .at(span)
        .push(out);
}

fn arguments(rule: &FunctionRule, found: &Signature<'_>, noun: Noun<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let parameters = &found.function.parameters;
    let table: Option<HashMap<&str, usize>> = (rule.arguments.len() > MANY)
        .then(|| parameters.iter().enumerate().map(|(i, parameter)| (parameter.name.as_str(), i)).collect());
    let position = |name: &str| match &table {
        Some(table) => table.get(name).copied(),
        None => parameters.iter().position(|parameter| parameter.name == name),
    };
    let mut last = None;
    let mut ordered = true;
    for (i, argument) in rule.arguments.iter().enumerate() {
        let here = Place::item(Some(place), "arguments", i, Some(&argument.name));
        let check = Check { rule: argument, found, noun, place: &here };
        let Some(at) = position(&argument.name) else {
            check.missing(out);
            continue;
        };
        if ordered && last.is_some_and(|last| at < last) {
            ordered = false;
            let wanted = message::order(rule.arguments.iter().map(|a| a.name.as_str()));
            let shown = message::order(parameters.iter().map(|p| p.name.as_str()));
            let message = format!(
                "argument `{}` of {noun} is out of order: the contract asks for {wanted}, not {shown}",
                argument.name
            );
            check
                .finding(Category::Mismatch, &parameters[at], message)
                .key("name")
                .help(format!("put the parameters of `{}` in this order: {wanted}", noun.name))
                .expected(wanted)
                .found(shown)
                .push(out);
        }
        last = Some(at);
        check.agrees(&parameters[at], out);
    }
}

struct Check<'a> {
    rule: &'a ArgumentRule,
    found: &'a Signature<'a>,
    noun: Noun<'a>,
    place: &'a Place<'a>,
}

impl Check<'_> {
    fn finding(&self, category: Category, parameter: &Parameter, message: String) -> Finding {
        let span = parameter.span.filter(|_| self.found.own).or(self.found.span);
        Finding::new(category, Entity::Argument, self.place, message).at(span)
    }

    fn missing(&self, out: &mut Vec<Violation>) {
        let wanted = message::argument(self.rule);
        let message = format!("{} has no argument `{}`", self.noun, self.rule.name);
        Finding::new(Category::Missing, Entity::Argument, self.place, message)
            .help(match self.rule.kind {
                Some(kind @ (ParameterKind::PositionalOnly | ParameterKind::KeywordOnly)) => {
                    format!("add the {} parameter `{wanted}` to `{}`", kind.as_str(), self.noun.name)
                }
                _ => format!("add the parameter `{wanted}` to `{}`", self.noun.name),
            })
            .expected(wanted)
            .found(message::order(self.found.function.parameters.iter().map(|p| p.name.as_str())))
            .at(self.found.span)
            .push(out);
    }

    fn agrees(&self, parameter: &Parameter, out: &mut Vec<Violation>) {
        let (rule, noun) = (self.rule, self.noun);
        let what = format_args!("argument `{}` of {noun}", rule.name).to_string();
        if let Some(wanted) = &rule.annotation {
            let written = parameter.annotation.as_deref();
            if !written.is_some_and(|written| annotation::agree(wanted, written, self.found.module)) {
                let expected = show::source(wanted);
                let shown = written.map(|written| annotation::shown(written, self.found.module));
                let message = match &shown {
                    Some(shown) => format!("{what} must be annotated `{expected}`, not `{shown}`"),
                    None => format!("{what} must be annotated `{expected}`, but has no annotation"),
                };
                self.finding(Category::Mismatch, parameter, message)
                    .key("annotation")
                    .help(format!("annotate it: `{}: {expected}`", rule.name))
                    .expected(expected)
                    .found(shown.unwrap_or_else(|| "no annotation".to_owned()))
                    .push(out);
            }
        }
        if let Some(wanted) = &rule.value {
            self.default(wanted, parameter, &what, out);
        }
        if let Some(wanted) = rule.kind.filter(|wanted| *wanted != parameter.kind) {
            let (expected, shown) = (wanted.as_str(), parameter.kind.as_str());
            self.finding(Category::Mismatch, parameter, format!("{what} must be {expected}, not {shown}"))
                .key("kind")
                .expected(expected)
                .found(shown)
                .help(message::kind(&rule.name, wanted))
                .push(out);
        }
    }

    fn default(&self, wanted: &crate::value::Value, parameter: &Parameter, what: &str, out: &mut Vec<Violation>) {
        let mut known = parameter.default.clone();
        let mut disclosure = self.found.disclosure;
        if matches!(known, Some(Known::Computed(None))) {
            let live = (self.found.live)();
            let same = live.and_then(|live| live.parameters.into_iter().find(|p| p.name == parameter.name));
            known = same.and_then(|same| same.default).or(known);
            disclosure = Disclosure::Hidden;
        }
        let equals = match &known {
            Some(Known::Literal(value)) => Ok(equal(wanted, value)),
            Some(Known::Computed(Some(name))) => object_equals(wanted, name),
            Some(Known::Computed(None)) => Err("it is computed"),
            Some(Known::Unbound) | None => Ok(false),
        };
        let expected = show::repr(wanted);
        let help = format!("give it that default: `{}={expected}`", self.rule.name);
        let (category, message, shown) = match (equals, &known) {
            (Ok(true), _) => return,
            (Err(why), _) => (Category::Unproven, format!("the default of {what} can't be checked: {why}"), None),
            (Ok(false), Some(Known::Literal(value))) if !disclosure.shows(value) => {
                let shown = message::hidden(value, Some(wanted));
                (Category::Mismatch, format!("{what} must default to `{expected}`, and does not"), Some(shown))
            }
            (Ok(false), Some(Known::Literal(value))) => {
                let shown = show::repr(value);
                (Category::Mismatch, format!("{what} must default to `{expected}`, not `{shown}`"), Some(shown))
            }
            (Ok(false), Some(Known::Computed(Some(name)))) => {
                let shown = format!("an object of type `{name}`");
                (Category::Mismatch, format!("{what} must default to `{expected}`, not to {shown}"), Some(shown))
            }
            (Ok(false), _) => {
                let message = format!("{what} must default to `{expected}`, but has no default");
                (Category::Mismatch, message, Some("no default".to_owned()))
            }
        };
        let finding = self.finding(category, parameter, message).key("value").expected(expected).help(help);
        match shown {
            Some(shown) => finding.found(shown).push(out),
            None => finding.push(out),
        }
    }
}
