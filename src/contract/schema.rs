//! What may stand where in a contract: the keys of each mapping, the shape of their values, what they mean.
//!
//! The loader reads by these tables, and the JSON Schema is written from them.

pub mod json;
mod keys;
mod patterns;

pub(super) use keys::CONTRACT;

use super::names::Table;

/// The shape of a node. Any node may also be null.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A scalar, whose text is kept as written (`3.10` stays `3.10`).
    Text,
    /// `true` or `false`.
    Bool,
    /// Any value, typed.
    Any,
    /// A text or a list of texts.
    Texts,
    /// A list of nodes of one shape.
    List(&'static Shape),
    /// A mapping with these keys.
    Map(&'static Keys),
    /// A text, or a mapping with these keys.
    TextOrMap(&'static Keys),
}

impl Shape {
    /// In words, for messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "`true` or `false`",
            Self::Any => "a value",
            Self::Texts => "text or a list of texts",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::TextOrMap(_) => "text or a mapping",
        }
    }
}

/// What a text must look like, beyond being a text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Like anything.
    Free,
    /// Like anything but nothing.
    Filled,
    /// The name of something in code, or of an environment variable.
    Name,
    /// The name of a secret.
    Secret,
    /// A version requirement.
    Version,
    /// The version of the contract's format.
    FormatVersion,
    /// The end of a path, or a glob for it.
    FileName,
    /// A glob over module names.
    Glob,
    /// One of these words; case counts for nothing, nor does what joins their parts, if anything does.
    Words(&'static [&'static str]),
    /// A name of this table, in any of its spellings.
    Known(Table),
}

/// The keys of a mapping.
pub(super) struct Keys {
    /// What the mapping is.
    pub(super) title: &'static str,
    /// Its keys, in the order in which they are usually written.
    pub(super) keys: &'static [Key],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title)
    }
}

/// A key of a mapping.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// What it asks for, for people.
    meaning: &'static str,
    /// Of its text, or of the texts in its list.
    form: Form,
    /// Whether a list must have an item.
    filled: bool,
    /// Whether the mapping can't do without it.
    required: bool,
    /// As JSON.
    examples: &'static [&'static str],
}

impl Key {
    const fn new(name: &'static str, shape: Shape, meaning: &'static str) -> Self {
        Self { name, shape, meaning, form: Form::Free, filled: false, required: false, examples: &[] }
    }

    const fn form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    const fn filled(self) -> Self {
        Self { filled: true, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn examples(self, examples: &'static [&'static str]) -> Self {
        Self { examples, ..self }
    }
}
