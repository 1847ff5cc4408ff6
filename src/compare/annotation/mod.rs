//! Annotations as text, compared after normalising (DESIGN 7).
//!
//! An annotation that is no type expression compares as its text without white space.

mod fits;
mod names;
mod parse;
mod qualifiers;
mod tokens;

#[cfg(test)]
mod tests;

use crate::observed::model::{BindingKind, Module};
use crate::value::Value;

use super::disclosure::Disclosure;
use super::show;

use parse::{Type, parse};

/// Whether `found`, written in `module`, means the annotation that the contract asks for.
///
/// Names that the module imports are also taken for what they were imported from: `t.List` after
/// `import typing as t`, `Path` after `from pathlib import Path`. Qualifiers that only the importer writes
/// (`Final[int]` where `int` is asked for) do not count.
pub(super) fn agree(expected: &str, found: &str, module: Option<&Module>) -> bool {
    if expected == found {
        return true;
    }
    let wanted = parse(expected, &|_| None);
    let text = wanted.as_ref().map_or_else(|| exactly(expected), Type::text);
    let same = |heads: names::Heads<'_>| {
        let Some(read) = parse(found, heads) else { return exactly(found) == text };
        read.text() == text
            || wanted.as_ref().is_some_and(|wanted| {
                let read = parse(found, &|head| heads(head).or_else(|| other(module, head)));
                read.is_some_and(|read| qualifiers::agree(wanted, &text, read))
            })
    };
    same(&|head| typing(module, head)) || module.is_some_and(|module| same(&|head| imported(module, head)))
}

/// Whether the annotation is a bare `Final` or `ClassVar`: it leaves the type to the value.
pub(super) fn is_bare(written: &str, module: Option<&Module>) -> bool {
    let read = parse(written, &|head| typing(module, head).or_else(|| other(module, head)));
    matches!(read, Some(Type::Named(name, None)) if matches!(name.as_str(), "Final" | "ClassVar"))
}

/// Whether a value without a written annotation is of the type; none if that can't be told.
pub(super) fn value_fits(expected: &str, value: &Value) -> Option<bool> {
    match parse(expected, &|_| None) {
        Some(wanted) => fits::fits(&wanted, value),
        None => Some(expected.trim() == value.type_name()),
    }
}

/// The type of a value, for a message: as exact as the annotation that it does not fit, and as may be shown.
pub(super) fn type_of(expected: &str, value: &Value, disclosure: Disclosure) -> String {
    let depth = if expected.contains('[') { fits::SHOWN } else { 0 };
    let exact = expected.contains("Literal") && disclosure == Disclosure::Spelled;
    show::source(&fits::type_of(value, exact, depth))
}

/// The same for a value of which only the name of its type is known.
pub(super) fn type_fits(expected: &str, type_name: &str) -> Option<bool> {
    match parse(expected, &|_| None) {
        Some(wanted) => fits::type_fits(&wanted, type_name),
        None => Some(expected.trim() == type_name),
    }
}

/// An annotation for messages: as it is written, but on one line and without comments. One that is written in
/// no module comes from a live object: then only the types in it, for what it quotes may be a secret.
pub(super) fn shown(written: &str, module: Option<&Module>) -> String {
    if module.is_none() {
        let types = parse(written, &|_| None).map(Type::without_values);
        return types.map_or_else(|| "…".to_owned(), |types| show::source(&types.text()));
    }
    show::source(&tokens::without_comments(written))
}

/// An annotation that is no type expression, but for white space and comments.
fn exactly(text: &str) -> String {
    tokens::without_comments(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// As [`imported`], for names that have more than one spelling.
fn typing(module: Option<&Module>, head: &str) -> Option<String> {
    imported(module?, head).filter(|full| names::is_typing(full))
}

/// What tells a name of the module apart from the qualifier of the same name, if it is something else.
fn other(module: Option<&Module>, head: &str) -> Option<String> {
    let module = module.filter(|_| qualifiers::is(head))?;
    match module.bindings.get(head)?.kind {
        BindingKind::Import(_) if typing(Some(module), head).is_some() => None,
        BindingKind::Import(_) | BindingKind::Class(_) | BindingKind::Function(_) => Some(format!(".{head}")),
        BindingKind::Variable(_) | BindingKind::Deleted => None,
    }
}

/// The full dotted name that an imported name of `module` stands for.
fn imported(module: &Module, head: &str) -> Option<String> {
    let BindingKind::Import(import) = &module.bindings.get(head)?.kind else { return None };
    let from = import.module.as_deref()?;
    Some(match &import.name {
        Some(name) => format!("{from}.{name}"),
        None => from.to_owned(),
    })
}
