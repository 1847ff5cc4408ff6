//! From the bytes of a `spymodel.yml` to a [`Contract`] (DESIGN 6).
//!
//! The text is first made safe to parse (`guard`), then read into a tree of the schema's shape
//! (`node`), then turned into rules (`rules`, `environments`), with a look for contradictions
//! (`checks`). The first thing that is wrong ends it, as a [`Problem`] with its place.

use std::sync::Arc;

use semver::{Comparator, Op};
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny};

use crate::text::Span;

use super::fields::{At, Builder, Fields};
use super::glob::Glob;
use super::guard;
use super::model::Contract;
use super::node::{Context, Node, NodeSeed};
use super::problem::Problem;
use super::schema::{CONTRACT, Shape};
use super::step::Step;
use super::token;

/// A contract and the text that positions refer to.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The contract.
    pub contract: Contract,
    /// Its text, decoded, without a byte order mark.
    pub text: Arc<str>,
}

/// Reads a contract.
///
/// # Errors
///
/// The first reason why it can't be used.
pub fn load(bytes: &[u8]) -> Result<Loaded, Problem> {
    let text = guard::decode(bytes)?;
    let facts = guard::check(text)?;
    if !facts.content {
        return Err(empty());
    }
    let context = Context::default();
    let seed = NodeSeed { context: &context, shape: Shape::Map(&CONTRACT) };
    let node = seed
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| translate(text, &context, &error))?;
    if node == Node::Null {
        return Err(empty());
    }
    if !facts.complete {
        // The guard and the parser disagree on what is in the text: that must not happen.
        return Err(Problem {
            message: "the contract is not valid YAML".to_owned(),
            span: None,
            path: None,
            help: None,
        });
    }
    let contract = build(&mut Builder::new(text, context.huge.get()), Fields::of(node))?;
    Ok(Loaded { contract, text: Arc::from(text) })
}

fn build(builder: &mut Builder<'_>, mut fields: Fields) -> Result<Contract, Problem> {
    let (fields, at) = (&mut fields, &At::ROOT);
    builder.parsed(fields, at, "schema_version", schema_version, "this version reads `schema_version: 1`")?;
    let glob = |text: &str| {
        Glob::new(text).map_err(|message| (message, "write module names; `*`, `?` and `[…]` are wildcards".to_owned()))
    };
    let protects = match fields.take("protects") {
        Node::List(items) if items.is_empty() => {
            let help = "leave it out to guard every module of the folder".to_owned();
            let message = "`protects` is empty: the contract would guard nothing".to_owned();
            return Err(builder.problem(at, Some("protects"), message, Some(help)));
        }
        Node::List(items) => Some(builder.texts(items, &at.key("protects"), glob)?),
        _ => None,
    };
    Ok(Contract {
        module: builder.module(fields, at)?,
        deployments: builder.deployments(fields.list("deployments"), &at.key("deployments"))?,
        protects,
        trusted_importers: builder.texts(fields.list("trusted_importers"), &at.key("trusted_importers"), glob)?,
    })
}

/// `1`, `1.x`, `1.2` and the like.
fn schema_version(text: &str) -> Result<(), String> {
    match Comparator::parse(text) {
        Ok(version) if version.major == 1 && matches!(version.op, Op::Caret | Op::Wildcard) => Ok(()),
        _ => Err(format!("`schema_version: {text}` is not supported")),
    }
}

fn empty() -> Problem {
    Problem {
        message: "the contract is empty".to_owned(),
        span: None,
        path: None,
        help: Some("a contract that asks for nothing is `{}`".to_owned()),
    }
}

/// The parser's error as a problem: ours, a wrong type, or no YAML at all.
fn translate(text: &str, context: &Context, error: &serde_yaml::Error) -> Problem {
    let at = error.location().map(|location| text.floor_char_boundary(location.index().min(text.len())));
    let path = || Some(path_text(&context.path.borrow())).filter(|path| !path.is_empty());
    let span = at.map(|at| token::unknown(text, token::skip_properties(text, at)));
    if let Some((message, help)) = context.failure.take() {
        return Problem { message, span, path: path(), help };
    }
    let said = error.to_string();
    if said.contains("more than one document") {
        // The guard has seen one only: so something that is no document follows it.
        for document in serde_yaml::Deserializer::from_str(text).skip(1).take(1) {
            if let Err(error) = IgnoredAny::deserialize(document) {
                return translate(text, context, &error);
            }
        }
    }
    if let Some((_, types)) = said.split_once("invalid type: ").or_else(|| said.split_once("invalid value: ")) {
        let (found, expected) = types.split_once(", expected ").unwrap_or((types, "something else"));
        let found = match found.split_once(' ').map_or(found, |(first, _)| first) {
            "sequence" => "a list",
            "map" => "a mapping",
            "string" => "text",
            "boolean" => "a boolean",
            "unit" => "nothing",
            _ => found,
        };
        let expected = without_places(expected);
        return Problem { message: format!("expected {expected}, found {found}"), span, path: path(), help: None };
    }
    if said.contains("recursion limit") || said.contains("repetition limit") {
        let message = "the contract nests too deeply".to_owned();
        return Problem { message, span, path: path(), help: Some("write it flatter, with fewer aliases".to_owned()) };
    }
    let wrong = at.and_then(|at| text[at..].chars().next());
    let (message, help) = if wrong == Some('\t') {
        ("a tab stands where YAML wants spaces".to_owned(), Some("indent with spaces".to_owned()))
    } else {
        (format!("the contract is not valid YAML: {}", without_places(&said)), None)
    };
    let span = at.map(|at| Span::new(at, at + wrong.map_or(0, char::len_utf8)));
    Problem { message, span, path: None, help }
}

/// Without `at line 3 column 4` and `at position 5`: places are told by spans.
fn without_places(said: &str) -> String {
    let mut words = said.split(' ').peekable();
    let mut kept = String::new();
    while let Some(word) = words.next() {
        let more = match words.peek() {
            Some(&"line") if word == "at" => 4,
            Some(&"position") if word == "at" => 2,
            _ => 0,
        };
        if more > 0 {
            if words.by_ref().take(more).last().is_some_and(|last| last.ends_with(',')) {
                kept.push(',');
            }
            continue;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    kept
}

fn path_text(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |text, step| match step {
        Step::Index(index) => format!("{text}[{index}]"),
        Step::Key(key) if text.is_empty() => key.to_string(),
        Step::Key(key) => format!("{text}.{key}"),
    })
}

#[cfg(test)]
#[path = "loader_tests.rs"]
mod tests;
