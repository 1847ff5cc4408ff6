//! Annotations as text, compared after normalising (DESIGN 7).
//!
//! An annotation that is no type expression compares as its text without white space.

mod fits;
mod names;
mod parse;
mod tokens;

#[cfg(test)]
mod tests;

use crate::observed::model::{BindingKind, Module};
use crate::value::Value;

use super::show;

use parse::{Type, parse};

/// Whether `found`, written in `module`, means the annotation that the contract asks for.
///
/// Names that the module imports are also taken for what they were imported from: `t.List` after
/// `import typing as t`, `Path` after `from pathlib import Path`.
pub(super) fn agree(expected: &str, found: &str, module: Option<&Module>) -> bool {
    if expected == found {
        return true;
    }
    let wanted = form(expected, &|_| None);
    let typing = |head: &str| module.and_then(|m| imported(m, head)).filter(|full| names::is_typing(full));
    if form(found, &typing) == wanted {
        return true;
    }
    module.is_some_and(|module| form(found, &|head| imported(module, head)) == wanted)
}

/// Whether a value without a written annotation is of the type; none if that can't be told.
pub(super) fn value_fits(expected: &str, value: &Value) -> Option<bool> {
    match parse(expected, &|_| None) {
        Some(wanted) => fits::fits(&wanted, value),
        None => Some(expected.trim() == value.type_name()),
    }
}

/// The type of a value, for a message: as exact as the annotation that it does not fit.
pub(super) fn type_of(expected: &str, value: &Value) -> String {
    let depth = if expected.contains('[') { fits::SHOWN } else { 0 };
    show::source(&fits::type_of(value, expected.contains("Literal"), depth))
}

/// The same for a value of which only the name of its type is known.
pub(super) fn type_fits(expected: &str, type_name: &str) -> Option<bool> {
    match parse(expected, &|_| None) {
        Some(wanted) => fits::type_fits(&wanted, type_name),
        None => Some(expected.trim() == type_name),
    }
}

/// An annotation as it is written, but on one line and without comments: for messages.
pub(super) fn shown(written: &str) -> String {
    show::source(&tokens::without_comments(written))
}

fn form(text: &str, heads: names::Heads<'_>) -> String {
    let parsed: Option<Type> = parse(text, heads);
    let exactly = || tokens::without_comments(text).chars().filter(|c| !c.is_whitespace()).collect();
    parsed.map_or_else(exactly, |parsed| parsed.text())
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
