//! Taking a tree of nodes apart, with the place always at hand for a problem.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::value::Value;

use super::names::Table;
use super::node::Node;
use super::path::ContractPath;
use super::pattern::Pattern;
use super::position::Index;
use super::problem::Problem;
use super::step::Step;
use super::values::HUGE;

/// The most different patterns in one contract.
const PATTERNS: usize = 128;
/// The most integers beyond 128 bits in one contract: each may be long, and aliases repeat them.
const BIG_INTEGERS: usize = 8;

/// Where a node stands, as a chain up to the root: building one costs nothing.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    up: Option<&'a At<'a>>,
    step: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Root,
    Key(&'static str),
    Item(usize, Option<&'a str>),
}

impl At<'_> {
    pub(super) const ROOT: At<'static> = At { up: None, step: Part::Root };

    pub(super) fn key<'b>(&'b self, key: &'static str) -> At<'b> {
        At { up: Some(self), step: Part::Key(key) }
    }

    pub(super) fn item<'b>(&'b self, index: usize, label: Option<&'b str>) -> At<'b> {
        At { up: Some(self), step: Part::Item(index, label) }
    }

    /// The same item, with its name.
    pub(super) fn labelled<'b>(&self, label: &'b str) -> At<'b>
    where
        Self: 'b,
    {
        let step = match self.step {
            Part::Item(index, _) => Part::Item(index, Some(label)),
            step => step,
        };
        At { up: self.up, step }
    }

    pub(super) fn path(&self) -> ContractPath {
        let path = self.up.map_or_else(ContractPath::default, At::path);
        match self.step {
            Part::Root => path,
            Part::Key(key) => path.key(key),
            Part::Item(index, label) => path.item(index, label),
        }
    }
}

/// The fields of a mapping.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, Node)>);

impl Fields {
    /// Nothing but a name.
    pub(super) fn named(name: String) -> Self {
        Self(vec![("name", Node::Text(name))])
    }

    /// The fields of a node; null has none.
    pub(super) fn of(node: Node) -> Self {
        match node {
            Node::Map(entries) => Self(entries),
            _ => Self::default(),
        }
    }

    pub(super) fn take(&mut self, key: &str) -> Node {
        match self.0.iter().position(|(name, _)| *name == key) {
            Some(index) => self.0.swap_remove(index).1,
            None => Node::Null,
        }
    }

    pub(super) fn list(&mut self, key: &str) -> Vec<Node> {
        match self.take(key) {
            Node::List(items) => items,
            _ => Vec::new(),
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What building a contract needs beside the tree.
pub(super) struct Builder<'t> {
    text: &'t str,
    huge: bool,
    patterns: HashMap<String, Arc<Pattern>>,
    big_integers: usize,
    index: OnceCell<Index>,
}

impl<'t> Builder<'t> {
    /// `huge`: whether an integer may have been read as a float.
    pub(super) fn new(text: &'t str, huge: bool) -> Self {
        let huge = huge && text.as_bytes().split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() >= 38);
        Self { text, huge, patterns: HashMap::new(), big_integers: 0, index: OnceCell::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.text))
    }

    /// A problem with the value of `key` at `at`, or with `at` itself.
    pub(super) fn problem(
        &self,
        at: &At<'_>,
        key: Option<&'static str>,
        message: String,
        help: Option<String>,
    ) -> Problem {
        let path = at.path();
        let span = self.index().locate(&path, key);
        let path = key.map_or(path.clone(), |key| path.key(key)).to_string();
        Problem { message, span, path: (!path.is_empty()).then_some(path), help }
    }

    /// A text that is there is not blank.
    pub(super) fn text_of(
        &self,
        fields: &mut Fields,
        at: &At<'_>,
        key: &'static str,
    ) -> Result<Option<String>, Problem> {
        let Some(text) = fields.text(key) else { return Ok(None) };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            let help = format!("write a value for `{key}`, or leave the key out");
            return Err(self.problem(at, Some(key), format!("`{key}` is empty text"), Some(help)));
        }
        Ok(Some(if trimmed.len() == text.len() { text } else { trimmed.to_owned() }))
    }

    /// The required name of `what`.
    pub(super) fn name(&self, fields: &mut Fields, at: &At<'_>, what: &str) -> Result<String, Problem> {
        let Some(name) = self.text_of(fields, at, "name")? else {
            let help = "add `name: …`".to_owned();
            return Err(self.problem(at, None, format!("this {what} has no `name`"), Some(help)));
        };
        if let Some(bare) = name.strip_prefix('*') {
            let help =
                format!("write `{}`, and `kind: var-positional` or `kind: var-keyword`", bare.trim_start_matches('*'));
            return Err(self.problem(at, Some("name"), format!("`{name}` is not a name"), Some(help)));
        }
        // Most names are all ASCII letters, and looking at bytes takes a tenth of the time.
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_plain && name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '=') {
            let help = format!("write the name of the {what} as it stands in code");
            return Err(self.problem(at, Some("name"), format!("`{name}` is not a name"), Some(help)));
        }
        Ok(name)
    }

    /// Parses the text of `key`, if it is there.
    pub(super) fn parsed<T>(
        &self,
        fields: &mut Fields,
        at: &At<'_>,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
        help: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text_of(fields, at, key)? else { return Ok(None) };
        parse(&text).map(Some).map_err(|message| self.problem(at, Some(key), message, Some(help.to_owned())))
    }

    /// The texts of a list, none of which is null or blank, each parsed.
    pub(super) fn texts<T>(
        &self,
        items: Vec<Node>,
        at: &At<'_>,
        parse: impl Fn(&str) -> Result<T, (String, String)>,
    ) -> Result<Vec<T>, Problem> {
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let parsed = match &item {
                Node::Text(text) if !text.trim().is_empty() => parse(text.trim()),
                _ => Err(("this entry of the list is empty".to_owned(), "write it, or remove the entry".to_owned())),
            };
            let item = at.item(index, None);
            texts.push(parsed.map_err(|(message, help)| self.problem(&item, None, message, Some(help)))?);
        }
        Ok(texts)
    }

    /// A regular expression; equal ones are shared.
    pub(super) fn pattern(&mut self, fields: &mut Fields, at: &At<'_>) -> Result<Option<Arc<Pattern>>, Problem> {
        let Some(text) = fields.text("pattern") else { return Ok(None) };
        if let Some(pattern) = self.patterns.get(&text) {
            return Ok(Some(Arc::clone(pattern)));
        }
        let count = self.patterns.len();
        if count >= PATTERNS {
            let message = format!("the contract has more than {PATTERNS} different patterns");
            return Err(self.problem(at, Some("pattern"), message, Some("use `one_of`, or fewer patterns".to_owned())));
        }
        let pattern = Pattern::numbered(&text, count).map(Arc::new).map_err(|message| {
            let help = "patterns are regular expressions that match the whole text, without look-around and \
                        back-references"
                .to_owned();
            self.problem(at, Some("pattern"), message, Some(help))
        })?;
        self.patterns.insert(text, Arc::clone(&pattern));
        Ok(Some(pattern))
    }

    /// A typed value.
    pub(super) fn value(&mut self, node: Node, at: &At<'_>) -> Result<Option<Value>, Problem> {
        let Node::Value(mut value) = node else { return Ok(None) };
        if self.huge {
            let mut steps: Vec<Step> = at.path().0.iter().map(Step::from).collect();
            self.restore_digits(&mut value, &mut steps).map_err(|()| {
                let message = format!("the contract has more than {BIG_INTEGERS} integers beyond 128 bits");
                self.problem(at, None, message, None)
            })?;
        }
        Ok(Some(value))
    }

    /// Puts integers back that the parser made floats, because they have too many digits.
    fn restore_digits(&mut self, value: &mut Value, steps: &mut Vec<Step>) -> Result<(), ()> {
        match value {
            Value::Float(float) if float.abs() >= HUGE && float.is_finite() => {
                if self.big_integers >= BIG_INTEGERS {
                    return Err(());
                }
                self.big_integers += 1;
                let raw = self.index().scalar(steps).and_then(|span| self.text.get(span.start..span.end));
                let raw = raw.unwrap_or_default();
                let digits = raw.strip_prefix(['+', '-']).unwrap_or(raw);
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    let sign = if raw.starts_with('-') { "-" } else { "" };
                    *value = Value::BigInt(format!("{sign}{digits}"));
                }
                Ok(())
            }
            Value::List(items) => items.iter_mut().enumerate().try_for_each(|(index, item)| {
                steps.push(Step::Index(index));
                self.restore_digits(item, steps)?;
                steps.pop();
                Ok(())
            }),
            Value::Dict(entries) => entries.iter_mut().try_for_each(|(key, item)| {
                steps.push(Step::Key(key_text(key).into()));
                self.restore_digits(item, steps)?;
                steps.pop();
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    /// One name or a list of names, each folded to its canonical spelling.
    pub(super) fn names(
        &self,
        fields: &mut Fields,
        at: &At<'_>,
        key: &'static str,
        table: Table,
    ) -> Result<Vec<&'static str>, Problem> {
        let parse = |name: &str| {
            table.canonical(name).ok_or_else(|| {
                let shown: String = name.chars().take(60).collect();
                let near = table.nearest(name).map_or(String::new(), |near| format!("did you mean `{near}`? "));
                let all = table.known().collect::<Vec<_>>().join(", ");
                (format!("unknown {} `{shown}`", table.what), format!("{near}known: {all}"))
            })
        };
        match fields.take(key) {
            Node::List(items) => self.texts(items, &at.key(key), parse),
            Node::Text(name) => match parse(name.trim()) {
                Ok(name) => Ok(vec![name]),
                Err((message, help)) => Err(self.problem(at, Some(key), message, Some(help))),
            },
            _ => Ok(Vec::new()),
        }
    }
}

/// A key as it is most likely written.
fn key_text(key: &Value) -> String {
    match key {
        Value::Str(text) | Value::BigInt(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => "null".to_owned(),
    }
}
