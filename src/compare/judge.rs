//! Rules on one value: annotation, value, pattern, allowed values. The same for variables and attributes.

use crate::contract::model::VariableRule;
use crate::observed::model::{BindingKind, Known, Module};
use crate::text::Span;
use crate::value::Value;

use super::annotation;
use super::code::Category;
use super::disclosure::Disclosure;
use super::finding::Finding;
use super::message::{self, Noun};
use super::place::Place;
use super::show;
use super::values::equal;
use super::violation::Violation;

/// What is known of the thing that is judged.
pub(super) struct Facts<'a> {
    /// What it is bound to, or why that can't be told.
    pub kind: Result<&'a BindingKind, &'a str>,
    /// Its written annotation.
    pub written: Option<&'a str>,
    /// The module that the annotation is written in.
    pub module: Option<&'a Module>,
    /// Where in the importer.
    pub span: Option<Span>,
    /// What stands before the name in an assignment: `self.`, or nothing.
    pub owner: &'static str,
    /// Whether its value may be shown.
    pub disclosure: Disclosure,
}

/// What it is, seen as a value.
enum Content<'a> {
    Literal(&'a Value),
    /// Not a literal; the name of its type.
    Object(&'a str),
    Unknown(&'a str),
}

/// Compares `facts` with `rule`. What can't be told is reported once.
pub(super) fn judge(
    rule: &VariableRule,
    facts: &Facts<'_>,
    noun: Noun<'_>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    let judge = Judge { rule, facts, noun, place, content: content(facts) };
    let unproven = judge.annotation(out).or(judge.contents(out));
    if let Some((key, expected, why)) = unproven {
        let message = format!("{noun} can't be checked: {why}");
        let assignment = format!("{}{}", facts.owner, message::assignment(rule));
        let help = match key {
            "annotation" => format!("annotate it {}: `{assignment}`", noun.home()),
            _ => format!("set it to a plain value {}: `{assignment}`", noun.home()),
        };
        Finding::new(Category::Unproven, noun.entity, place, message)
            .key(key)
            .expected(expected)
            .help(help)
            .at(facts.span)
            .push(out);
    }
}

fn content<'a>(facts: &Facts<'a>) -> Content<'a> {
    match facts.kind {
        Err(why) => Content::Unknown(why),
        Ok(BindingKind::Variable(variable)) => match &variable.value {
            Known::Literal(value) => Content::Literal(value),
            Known::Computed(Some(name)) => Content::Object(name),
            Known::Computed(None) => Content::Unknown("its value is computed"),
            Known::Unbound => Content::Unknown("it has no value"),
        },
        Ok(BindingKind::Function(_)) => Content::Object("function"),
        Ok(BindingKind::Class(_)) => Content::Object("type"),
        Ok(BindingKind::Import(_) | BindingKind::Deleted) => Content::Unknown("what it is bound to can't be told"),
    }
}

/// The key of what can't be told, what the contract asks for, and why it can't be told.
type Unproven<'a> = Option<(&'static str, String, &'a str)>;

struct Judge<'a> {
    rule: &'a VariableRule,
    facts: &'a Facts<'a>,
    noun: Noun<'a>,
    place: &'a Place<'a>,
    content: Content<'a>,
}

impl<'a> Judge<'a> {
    fn annotation(&self, out: &mut Vec<Violation>) -> Unproven<'a> {
        let expected = self.rule.annotation.as_deref()?;
        let noun = self.noun;
        let inner = match self.facts.kind {
            Ok(BindingKind::Variable(variable)) => variable.annotation.as_deref(),
            _ => None,
        };
        let module = self.facts.module;
        let is_bare =
            |written: &str| annotation::is_bare(written, module) && !annotation::agree(expected, written, module);
        let written = self.facts.written.or(inner).filter(|written| !is_bare(written));
        let (found, fits) = match (written, &self.content) {
            (Some(written), _) => (
                annotation::shown(written, self.facts.module),
                Some(annotation::agree(expected, written, self.facts.module)),
            ),
            (None, Content::Literal(value)) => {
                (annotation::type_of(expected, value, self.facts.disclosure), annotation::value_fits(expected, value))
            }
            (None, Content::Object(name)) => ((*name).to_owned(), annotation::type_fits(expected, name)),
            (None, Content::Unknown(why)) => return Some(("annotation", show::source(expected), why)),
        };
        let expected = show::source(expected);
        match fits {
            Some(true) => None,
            None => Some(("annotation", expected, "it has no annotation, and what it holds can't be seen in full")),
            Some(false) => {
                let annotated = format!("`{}{}: {expected}`", self.facts.owner, noun.name);
                let (message, help, found) = if written.is_some() {
                    let message = format!("{noun} must be annotated `{expected}`, not `{found}`");
                    (message, format!("annotate it: {annotated}"), found)
                } else {
                    let message = format!("{noun} must be of type `{expected}`, but its value is of type `{found}`");
                    let help = format!("give it a value of type `{expected}`, or annotate it: {annotated}");
                    (message, help, format!("{found} (from its value)"))
                };
                self.finding(Category::Mismatch, "annotation", message)
                    .expected(expected)
                    .found(found)
                    .help(help)
                    .push(out);
                None
            }
        }
    }

    fn contents(&self, out: &mut Vec<Violation>) -> Unproven<'a> {
        let rule = self.rule;
        let mut open = None;
        if let Some(wanted) = &rule.value {
            match self.equals(wanted) {
                Ok(true) => {}
                Ok(false) => {
                    let (expected, found) = (show::repr(wanted), self.found(Some(wanted)));
                    let message = match self.quoted() {
                        Some(shown) => format!("{} must be `{expected}`, not {shown}", self.noun),
                        None => format!("{} must be `{expected}`, and is not", self.noun),
                    };
                    self.finding(Category::Mismatch, "value", message)
                        .help(format!(
                            "set it {}: `{}{} = {expected}`",
                            self.noun.home(),
                            self.facts.owner,
                            self.noun.name
                        ))
                        .expected(expected)
                        .found(found)
                        .push(out);
                }
                Err(why) => open = open.or(Some(("value", show::repr(wanted), why))),
            }
        }
        if let Some(pattern) = &rule.pattern {
            let matches = match &self.content {
                Content::Literal(value) => Ok(show::text(value).is_some_and(|text| pattern.matches(&text))),
                // An instance of a subclass of `str` may hold any text.
                Content::Object(name) if name.ends_with("str") || name.ends_with("Str") => {
                    Err("its text can't be seen")
                }
                Content::Object(_) => Ok(false),
                Content::Unknown(why) => Err(*why),
            };
            let expected = show::source(&pattern.text);
            match matches {
                Ok(true) => {}
                Ok(false) => {
                    let message = match self.quoted() {
                        Some(shown) => {
                            format!("the whole of {} must match `{expected}`, but it is {shown}", self.noun)
                        }
                        None => format!("the whole of {} must match `{expected}`, and does not", self.noun),
                    };
                    self.finding(Category::Mismatch, "pattern", message)
                        .help(format!("set `{}` to a text that matches `{expected}` from end to end", self.noun.name))
                        .expected(format!("a text that matches {expected}"))
                        .found(self.found(None))
                        .push(out);
                }
                Err(why) => open = open.or(Some(("pattern", expected, why))),
            }
        }
        if let Some(allowed) = &rule.one_of {
            let mut unknown = None;
            let fits = allowed.iter().any(|value| {
                self.equals(value).unwrap_or_else(|why| {
                    unknown = Some(why);
                    false
                })
            });
            let expected = message::one_of(allowed);
            match unknown {
                _ if fits => {}
                Some(why) => open = open.or(Some(("one_of", expected, why))),
                None => {
                    let message = match self.quoted() {
                        Some(shown) => format!("{} is {shown}, which is not an allowed value", self.noun),
                        None => format!("{} must be one of the allowed values, and is not", self.noun),
                    };
                    self.finding(Category::Invalid, "one_of", message)
                        .help(format!("set `{}` to {expected}", self.noun.name))
                        .expected(expected)
                        .found(self.found(None))
                        .push(out);
                }
            }
        }
        open
    }

    fn finding(&self, category: Category, key: &'static str, message: String) -> Finding {
        Finding::new(category, self.noun.entity, self.place, message).key(key).at(self.facts.span)
    }

    /// What was found instead of `wanted`.
    fn found(&self, wanted: Option<&Value>) -> String {
        match self.secret() {
            Some(value) => message::hidden(value, wanted),
            None => self.facts.kind.map_or_else(str::to_owned, |kind| message::bound_to(kind, self.facts.disclosure)),
        }
    }

    /// The same for a sentence; none for a value that must not be shown.
    fn quoted(&self) -> Option<String> {
        if self.secret().is_some() {
            return None;
        }
        Some(self.facts.kind.map_or_else(str::to_owned, |kind| message::quoted(kind, self.facts.disclosure)))
    }

    /// The value, if it must not be shown.
    fn secret(&self) -> Option<&'a Value> {
        match self.content {
            Content::Literal(value) if !self.facts.disclosure.shows(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the value is `wanted`, or why that can't be told.
    fn equals(&self, wanted: &Value) -> Result<bool, &'a str> {
        match self.content {
            Content::Literal(value) => Ok(equal(wanted, value)),
            Content::Object(name) => object_equals(wanted, name),
            Content::Unknown(why) => Err(why),
        }
    }
}

/// Whether an object that is no literal, of which only the type's name is known, is `wanted`.
pub(super) fn object_equals(wanted: &Value, type_name: &str) -> Result<bool, &'static str> {
    let same_type = match wanted {
        Value::List(_) => matches!(type_name, "list" | "tuple"),
        wanted => wanted.type_name() == type_name,
    };
    if same_type { Err("its content can't be seen in full") } else { Ok(false) }
}
