//! The places as the YAML parser itself tells them, to check the index against.
//!
//! The parser tells places only with errors. So the text is read once for each place by a seed that
//! walks down the path, skips everything else and fails on purpose where it ends.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::contract::path::ContractPath;
use crate::contract::step::Step;
use crate::contract::token::{bracketed, line, previous, quoted, skip_properties, uncommented};
use crate::text::Span;

/// Which end of the last step is wanted.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    Key,
    Value,
}

/// What stands there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    /// Text, with the text it stands for.
    Text(String),
    /// A number or boolean.
    Scalar,
    Collection,
}

/// What came of a walk.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// The byte offset of the node, and what it is.
    At(usize, Kind),
    /// The path ends after `reached` steps; `merge` tells whether the mapping there has a `<<`.
    Lost { reached: usize, merge: bool },
}

/// Walks `steps` down `text`. An alias leads to its anchor.
pub(super) fn find(text: &str, steps: &[Step], part: Part) -> Found {
    let trace = Trace::default();
    let walk = Walk { steps, part, trace: &trace };
    let error = walk.deserialize(serde_yaml::Deserializer::from_str(text)).err();
    let place = error.and_then(|error| error.location()).map(|location| location.index());
    match (trace.kind.take(), place) {
        (Some(kind), Some(at)) => Found::At(at.min(text.len()), kind),
        _ => Found::Lost { reached: trace.reached.get(), merge: trace.merge.get() },
    }
}

#[derive(Default)]
struct Trace {
    kind: RefCell<Option<Kind>>,
    reached: Cell<usize>,
    merge: Cell<bool>,
}

impl Trace {
    fn stop<E: Error>(&self, kind: Kind) -> E {
        self.kind.replace(Some(kind));
        E::custom("here")
    }
}

#[derive(Clone, Copy)]
struct Walk<'w> {
    steps: &'w [Step],
    part: Part,
    trace: &'w Trace,
}

impl Walk<'_> {
    fn down(self) -> Self {
        self.trace.reached.set(self.trace.reached.get() + 1);
        Self { steps: self.steps.get(1..).unwrap_or_default(), ..self }
    }

    fn leaf<E: Error>(self, kind: Kind) -> Result<(), E> {
        if self.steps.is_empty() { Err(self.trace.stop(kind)) } else { Err(E::custom("lost")) }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.leaf(Kind::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.leaf(Kind::Scalar)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.leaf(Kind::Scalar)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.leaf(Kind::Scalar)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        self.leaf(Kind::Scalar)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        self.leaf(Kind::Scalar)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.leaf(Kind::Scalar)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.leaf(Kind::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let wanted = match self.steps.first() {
            None => return Err(self.trace.stop(Kind::Collection)),
            Some(Step::Key(_)) => return Err(A::Error::custom("lost")),
            Some(Step::Index(wanted)) => *wanted,
        };
        for _ in 0..wanted {
            if items.next_element::<IgnoredAny>()?.is_none() {
                return Err(A::Error::custom("lost"));
            }
        }
        // Known to be there only once the seed runs.
        items.next_element_seed(Item(self))?;
        Err(A::Error::custom("lost"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let wanted = match self.steps.first() {
            None => return Err(self.trace.stop(Kind::Collection)),
            Some(Step::Index(_)) => return Err(A::Error::custom("lost")),
            Some(Step::Key(wanted)) => wanted,
        };
        let stop = self.part == Part::Key && self.steps.len() == 1;
        let mut merge = false;
        while let Some(key) = entries.next_key_seed(Key { wanted, stop, trace: self.trace })? {
            if key == Matched::Yes {
                return entries.next_value_seed(self.down());
            }
            merge |= key == Matched::Merge;
            entries.next_value::<IgnoredAny>()?;
        }
        self.trace.merge.set(merge);
        Err(A::Error::custom("lost"))
    }
}

struct Item<'w>(Walk<'w>);

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.down().deserialize(deserializer)
    }
}

#[derive(PartialEq)]
enum Matched {
    Yes,
    Merge,
    No,
}

struct Key<'w> {
    wanted: &'w str,
    stop: bool,
    trace: &'w Trace,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Matched;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Matched, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Matched;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Matched, E> {
        if text != self.wanted {
            return Ok(if text == "<<" { Matched::Merge } else { Matched::No });
        }
        if self.stop { Err(self.trace.stop(Kind::Text(text.to_owned()))) } else { Ok(Matched::Yes) }
    }
}

/// The place of `path` (and of the value of `key` below it).
pub(super) fn locate(text: &str, path: &ContractPath, key: Option<&str>) -> Option<Span> {
    let mut steps: Vec<Step> = path.0.iter().map(Step::from).collect();
    steps.extend(key.map(|key| Step::Key(key.to_owned().into())));
    let mut merges = 0;
    while !steps.is_empty() {
        match find(text, &steps, Part::Value) {
            Found::At(at, kind) => return Some(cover(text, steps, at, &kind)),
            // The value may be inherited: then it stands in the merged mapping.
            Found::Lost { reached, merge: true } if merges < 4 => {
                merges += 1;
                steps.insert(reached.min(steps.len()), Step::key("<<"));
            }
            Found::Lost { reached, .. } => {
                steps.truncate(reached.min(steps.len() - 1));
                if steps.last() == Some(&Step::key("<<")) {
                    steps.pop();
                }
            }
        }
    }
    None
}

fn cover(text: &str, mut steps: Vec<Step>, at: usize, kind: &Kind) -> Span {
    let start = skip_properties(text, at);
    if *kind == Kind::Collection {
        if matches!(steps.last(), Some(Step::Index(_))) {
            steps.push(Step::key("name"));
            if let Found::At(at, kind @ (Kind::Text(_) | Kind::Scalar)) = find(text, &steps, Part::Value) {
                return token(text, skip_properties(text, at), &kind);
            }
        }
        return collection(text, start);
    }
    let span = token(text, start, kind);
    if *kind != Kind::Null || span.start < span.end {
        return span;
    }
    // Nothing is written there.
    if let (Some(Step::Key(_)), Found::At(at, kind)) = (steps.last(), find(text, &steps, Part::Key)) {
        return token(text, skip_properties(text, at), &kind);
    }
    previous(text, at)
}

/// The scalar at `start`: as written, as far as its first line goes.
fn token(text: &str, start: usize, kind: &Kind) -> Span {
    let line = line(text, start);
    let length = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(line, quote),
        Some('|' | '>') => uncommented(line).len(),
        _ => match kind {
            Kind::Text(written) if !written.is_empty() && line.starts_with(written.as_str()) => written.len(),
            Kind::Null if !line.starts_with(['~', 'n', 'N']) => 0,
            Kind::Text(_) => uncommented(line).len(),
            _ => line.find([' ', '\t', ',', ']', '}']).unwrap_or(line.len()),
        },
    };
    Span::new(start, start + length)
}

/// The first line of the list or mapping at `start`; a bracketed one up to its bracket.
fn collection(text: &str, start: usize) -> Span {
    let line = line(text, start);
    let length = if line.starts_with(['[', '{']) { bracketed(line) } else { uncommented(line).len() };
    Span::new(start, start + length)
}
