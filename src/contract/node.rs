//! From YAML to a tree that has the schema's shape: keys known and single, scalars as text or typed.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::value::Value;

use super::scan::DEEPEST;
use super::schema::{Keys, Shape};
use super::step::Step;
use super::suggest;
use super::values::ValueSeed;

/// A node of a contract, of the shape that the schema gives it.
#[derive(Debug, PartialEq)]
pub(super) enum Node {
    Null,
    Text(String),
    Bool(bool),
    Value(Value),
    List(Vec<Node>),
    Map(Vec<(&'static str, Node)>),
}

/// What the seeds share while one document is read.
#[derive(Default)]
pub(super) struct Context {
    /// Where the reader is. After a failure: where it failed.
    pub(super) path: RefCell<Vec<Step>>,
    /// What failed, if it is one of ours: message and help. The place comes with the parser's error.
    pub(super) failure: RefCell<Option<(String, Option<String>)>>,
    /// Whether an integer may have been read as a float because it has too many digits.
    pub(super) huge: Cell<bool>,
}

impl Context {
    pub(super) fn fail<E: Error>(&self, message: String, help: Option<String>) -> E {
        self.failure.replace(Some((message, help)));
        E::custom("")
    }

    /// Reads what is below `step`. The path stays as it is if that fails.
    fn below<T, E: Error>(&self, step: Step, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if self.path.borrow().len() >= DEEPEST {
            return Err(self.too_deep());
        }
        self.path.borrow_mut().push(step);
        let value = read()?;
        self.path.borrow_mut().pop();
        Ok(value)
    }

    pub(super) fn too_deep<E: Error>(&self) -> E {
        let help = "write it flatter, with fewer aliases".to_owned();
        self.fail(format!("the contract nests more than {DEEPEST} lists and mappings"), Some(help))
    }
}

/// Reads a node of one shape.
#[derive(Clone, Copy)]
pub(super) struct NodeSeed<'c> {
    pub(super) context: &'c Context,
    pub(super) shape: Shape,
}

impl NodeSeed<'_> {
    fn with(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    fn wrong<E: Error>(self, found: &str) -> E {
        self.context.fail(format!("expected {}, found {found}", self.shape.words()), None)
    }

    fn scalar<E: Error>(self, found: &str, text: impl FnOnce() -> String) -> Result<Node, E> {
        match self.shape {
            Shape::Texts => Ok(Node::Text(text())),
            _ => Err(self.wrong(found)),
        }
    }

    fn entries<'de, A: MapAccess<'de>>(
        self,
        keys: &'static Keys,
        mut access: A,
    ) -> Result<Vec<(&'static str, Node)>, A::Error> {
        let mut entries: Vec<(&'static str, Node)> = Vec::new();
        let mut merged = Vec::new();
        let mut seen = Seen::default();
        while let Some(key) = access.next_key_seed(KeySeed { context: self.context, keys, seen: &mut seen })? {
            let Some((name, shape)) = key else {
                let inherited = MergeSeed { keys, node: self };
                merged = self.context.below(Step::key("<<"), || access.next_value_seed(inherited))?;
                continue;
            };
            let node = self.context.below(Step::key(name), || access.next_value_seed(self.with(shape)))?;
            entries.push((name, node));
        }
        merge(&mut entries, merged);
        Ok(entries)
    }
}

/// Adds what is not there yet.
fn merge(entries: &mut Vec<(&'static str, Node)>, merged: Vec<(&'static str, Node)>) {
    for (name, node) in merged {
        if !entries.iter().any(|(other, _)| *other == name) {
            entries.push((name, node));
        }
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.shape {
            // An optional tells null from text; only a text keeps a number as it is written.
            Shape::Text => deserializer.deserialize_option(self),
            Shape::Any => ValueSeed { context: self.context, depth: self.context.path.borrow().len() }
                .deserialize(deserializer)
                .map(|value| if value == Value::None { Node::Null } else { Node::Value(value) }),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape.words())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        match self.shape {
            Shape::Text | Shape::Texts | Shape::TextOrMap(_) => Ok(Node::Text(text.to_owned())),
            _ => Err(self.wrong("text")),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        match self.shape {
            Shape::Bool => Ok(Node::Bool(value)),
            _ => self.scalar("a boolean", || value.to_string()),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.scalar("a number", || value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.scalar("a number", || value.to_string())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Node, E> {
        self.scalar("a number", || value.to_string())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Node, E> {
        self.scalar("a number", || value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.scalar("a number", || value.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let item = match self.shape {
            Shape::List(item) => *item,
            Shape::Texts => Shape::Text,
            _ => return Err(self.wrong("a list")),
        };
        let mut items = Vec::new();
        loop {
            let step = Step::Index(items.len());
            match self.context.below(step, || access.next_element_seed(self.with(item)))? {
                Some(node) => items.push(node),
                None => return Ok(Node::List(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Node, A::Error> {
        match self.shape {
            Shape::Map(keys) | Shape::TextOrMap(keys) => self.entries(keys, access).map(Node::Map),
            _ => Err(self.wrong("a mapping")),
        }
    }
}

/// The keys that a mapping had so far.
#[derive(Default)]
struct Seen {
    known: u32,
    merge: bool,
}

/// Reads a key; none is the merge key `<<`.
struct KeySeed<'c, 's> {
    context: &'c Context,
    keys: &'static Keys,
    seen: &'s mut Seen,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_, '_> {
    type Value = Option<(&'static str, Shape)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_, '_> {
    type Value = Option<(&'static str, Shape)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let twice = || {
            let help = "keep one of them; lists can hold several entries".to_owned();
            self.context.fail(format!("the key `{text}` stands here twice"), Some(help))
        };
        if text == "<<" {
            if std::mem::replace(&mut self.seen.merge, true) {
                return Err(twice());
            }
            return Ok(None);
        }
        let Some(index) = self.keys.keys.iter().position(|key| key.name == text) else {
            let names = || self.keys.keys.iter().map(|key| key.name);
            let help = match suggest::nearest(text, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", names().collect::<Vec<_>>().join(", ")),
            };
            let shown: String = text.chars().take(60).collect();
            return Err(self.context.fail(format!("unknown key `{shown}`"), Some(help)));
        };
        if self.seen.known & (1 << index) != 0 {
            return Err(twice());
        }
        self.seen.known |= 1 << index;
        Ok(self.keys.keys.get(index).map(|key| (key.name, key.shape)))
    }
}

/// Reads the value of `<<`: a mapping or a list of mappings, the first of which wins.
struct MergeSeed<'c> {
    keys: &'static Keys,
    node: NodeSeed<'c>,
}

impl<'de> DeserializeSeed<'de> for MergeSeed<'_> {
    type Value = Vec<(&'static str, Node)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MergeSeed<'_> {
    type Value = Vec<(&'static str, Node)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping or a list of mappings")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        self.node.entries(self.keys, access)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Node::Map(more)) = access.next_element_seed(self.node.with(Shape::Map(self.keys)))? {
            merge(&mut entries, more);
        }
        Ok(entries)
    }
}
