//! From the tokens of a text to the index of its nodes, by the grammar of the YAML parser.
//!
//! Where the parser would stop, this stops too, and keeps what it has. Nesting takes memory, never
//! stack, and the scan bounds it.

use std::cell::Cell;
use std::collections::HashMap;

use crate::contract::scan::{Kind as Mark, Token, tokens};
use crate::contract::token;
use crate::text::Span;

use super::{Id, Index, Kind, Node, Short};

pub(super) struct Builder<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    next: usize,
    pub(super) index: Index,
    /// What the anchors so far stand for: the node, and its text if it has any.
    anchors: HashMap<&'t str, (Id, Option<Token>)>,
    /// The lists and mappings that are open.
    open: Vec<Open>,
    /// The last line that was looked at.
    pub(super) line: Cell<Span>,
}

/// A list or mapping while it is read.
struct Open {
    node: Id,
    style: Style,
    slot: Slot,
    /// How many items or entries came before.
    count: u32,
    /// The key of the entry: its number, if it is a text, and where it stands.
    key: (Option<u32>, Short),
    start: usize,
    /// The end of its first line, if it ends with a bracket.
    line_end: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// `-` items that are indented.
    BlockList,
    /// `-` items in the column of their key.
    BareList,
    BlockMap,
    /// `[…]`
    List,
    /// `{…}`
    Map,
    /// The mapping in `[a: b]`.
    Pair,
}

/// What comes next in a list or mapping.
#[derive(Clone, Copy, PartialEq)]
enum Slot {
    Item,
    Key,
    Value,
    /// The value of a key in braces that has no `:`.
    NoValue,
    Done,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            tokens: tokens(text),
            next: 0,
            index: Index::default(),
            anchors: HashMap::new(),
            open: Vec::new(),
            line: Cell::new(Span::new(0, token::line(text, 0).len())),
        }
    }

    pub(super) fn build(mut self) -> Index {
        while self.peek().is_some_and(|mark| matches!(mark, Mark::Directive | Mark::Start)) {
            self.next += 1;
        }
        let mut reading = self.node(true, false);
        while reading.is_some() && !self.open.is_empty() {
            reading = self.step();
        }
        self.index
    }

    fn token(&self) -> Option<Token> {
        self.tokens.get(self.next).copied()
    }

    fn peek(&self) -> Option<Mark> {
        self.token().map(|token| token.kind)
    }

    fn at(&self, marks: &[Mark]) -> bool {
        self.peek().is_some_and(|mark| marks.contains(&mark))
    }

    /// Takes the next token if it is a `mark`.
    fn take(&mut self, mark: Mark) -> Option<Token> {
        let token = self.token().filter(|token| token.kind == mark)?;
        self.next += 1;
        Some(token)
    }

    /// Goes on with the innermost open list or mapping. None: the text can't be read on.
    fn step(&mut self) -> Option<()> {
        let open = self.open.last()?;
        match (open.style, open.slot) {
            (Style::BlockList, _) => match self.take(Mark::Item) {
                Some(item) => self.node_unless(&[Mark::Item, Mark::BlockEnd], true, false, item.end()),
                None => self.block_end(),
            },
            (Style::BareList, _) => {
                if let Some(item) = self.take(Mark::Item) {
                    let ends = [Mark::Item, Mark::Key, Mark::Value, Mark::BlockEnd];
                    self.node_unless(&ends, true, false, item.end())
                } else {
                    self.close(0);
                    Some(())
                }
            }
            (Style::BlockMap, Slot::Value) => match self.take(Mark::Value) {
                Some(value) => self.node_unless(&[Mark::Key, Mark::Value, Mark::BlockEnd], true, true, value.end()),
                None => self.nothing_here(),
            },
            (Style::BlockMap, _) => match self.take(Mark::Key) {
                Some(key) => self.node_unless(&[Mark::Key, Mark::Value, Mark::BlockEnd], true, true, key.end()),
                None => self.block_end(),
            },
            (Style::List, _) => self.list_item(),
            (Style::Map, Slot::NoValue) => self.nothing_here(),
            (Style::Map, Slot::Value) => self.flow_value(Mark::MapClose),
            (Style::Map, _) => self.map_key(),
            (Style::Pair, Slot::Key) => {
                if self.at(&[Mark::Value, Mark::Comma, Mark::ListClose]) {
                    // The parser takes that token, whatever it is.
                    let end = self.token()?.end();
                    self.next += 1;
                    self.nothing(end);
                    Some(())
                } else {
                    self.node(false, false)
                }
            }
            (Style::Pair, Slot::Value) => self.flow_value(Mark::ListClose),
            (Style::Pair, _) => {
                let last = self.next.checked_sub(1).and_then(|last| self.tokens.get(last))?;
                self.close(last.end());
                Some(())
            }
        }
    }

    fn block_end(&mut self) -> Option<()> {
        self.take(Mark::BlockEnd)?;
        self.close(0);
        Some(())
    }

    /// Whether the innermost list or mapping ends here with `mark`, perhaps after a comma; none if
    /// neither that nor another entry may follow.
    fn ends(&mut self, mark: Mark) -> Option<bool> {
        if self.open.last()?.count > 0 && !self.at(&[mark]) {
            self.take(Mark::Comma)?;
        }
        let Some(close) = self.take(mark) else { return Some(false) };
        self.close(close.end());
        Some(true)
    }

    fn list_item(&mut self) -> Option<()> {
        if self.ends(Mark::ListClose)? {
            return Some(());
        }
        let Some(key) = self.take(Mark::Key) else { return self.node(false, false) };
        let start = if key.start() < key.end() { key.start() } else { self.start(&[], key, self.next) };
        self.enter(Kind::Map, Style::Pair, start, true);
        Some(())
    }

    fn map_key(&mut self) -> Option<()> {
        if self.ends(Mark::MapClose)? {
            return Some(());
        }
        if self.take(Mark::Key).is_some() {
            let start = self.token()?.start();
            return self.node_unless(&[Mark::Value, Mark::Comma, Mark::MapClose], false, false, start);
        }
        // A key without a `:`. If it is itself a list or mapping, that is on top afterwards.
        let here = self.open.len() - 1;
        self.node(false, false)?;
        self.open.get_mut(here)?.slot = Slot::NoValue;
        Some(())
    }

    fn flow_value(&mut self, close: Mark) -> Option<()> {
        if self.take(Mark::Value).is_none() {
            return self.nothing_here();
        }
        let start = self.token()?.start();
        self.node_unless(&[Mark::Comma, close], false, false, start)
    }

    /// A node, or nothing at `at` if the next token is one of `ends`.
    fn node_unless(&mut self, ends: &[Mark], block: bool, bare: bool, at: usize) -> Option<()> {
        if !self.at(ends) {
            return self.node(block, bare);
        }
        self.nothing(at);
        Some(())
    }

    fn nothing_here(&mut self) -> Option<()> {
        let at = self.token()?.start();
        self.nothing(at);
        Some(())
    }

    fn nothing(&mut self, at: usize) {
        let before = token::previous(self.text, at);
        self.add(Kind::Nothing, Short::from(before), None);
    }

    /// Reads a node, of a list or mapping only the start. `bare`: a list may be without indentation.
    fn node(&mut self, block: bool, bare: bool) -> Option<()> {
        if let Some(alias) = self.take(Mark::Alias) {
            let (target, content) = *self.anchors.get(self.text.get(alias.start() + 1..alias.end())?)?;
            self.add(Kind::Alias(target), self.index.node(target)?.shown, content);
            return Some(());
        }
        let properties = self.properties();
        let content = self.token()?;
        let start = self.start(&properties, content, self.next + 1);
        let (kind, style) = match content.kind {
            Mark::Item if bare => (Kind::List, Style::BareList),
            Mark::BlockList if block => (Kind::List, Style::BlockList),
            Mark::BlockMap if block => (Kind::Map, Style::BlockMap),
            Mark::ListOpen => (Kind::List, Style::List),
            Mark::MapOpen => (Kind::Map, Style::Map),
            Mark::Plain | Mark::Quoted | Mark::Block => {
                self.next += 1;
                self.scalar(&properties, content, start);
                return Some(());
            }
            _ => return self.only_properties(&properties),
        };
        self.next += usize::from(style != Style::BareList);
        let id = self.enter(kind, style, start, start == content.start());
        self.name_anchor(&properties, id, None);
        Some(())
    }

    /// Takes an anchor and a tag, in any order.
    fn properties(&mut self) -> Vec<Token> {
        let mut properties: Vec<Token> = Vec::new();
        while let Some(token) = self.token().filter(|token| matches!(token.kind, Mark::Anchor | Mark::Tag)) {
            if properties.iter().any(|other| other.kind == token.kind) {
                break;
            }
            properties.push(token);
            self.next += 1;
        }
        properties
    }

    fn scalar(&mut self, properties: &[Token], content: Token, start: usize) {
        let written = self.text.get(content.start()..content.end()).unwrap_or_default();
        let is_null = match properties.iter().find(|token| token.kind == Mark::Tag) {
            Some(tag) => self.tag_is(*tag, "null"),
            None => content.kind == Mark::Plain && matches!(written, "~" | "null" | "Null" | "NULL"),
        };
        let here = start == content.start();
        let (kind, shown) = match (is_null, here) {
            (true, false) => (Kind::Nothing, self.before(properties, start)),
            (false, false) => (Kind::Scalar, self.first_line(start)),
            (false, true) if content.kind == Mark::Block => (Kind::Scalar, self.first_line(start)),
            (_, true) => {
                let kind = if is_null { Kind::Null } else { Kind::Scalar };
                (kind, self.up_to(start, content.end(), self.line_end(start)))
            }
        };
        let id = self.add(kind, shown, Some(content));
        self.name_anchor(properties, id, Some(content));
    }

    /// A node that has an anchor or a tag and nothing else.
    fn only_properties(&mut self, properties: &[Token]) -> Option<()> {
        let (first, last) = (properties.first()?, properties.last()?);
        let tag = properties.iter().find(|token| token.kind == Mark::Tag);
        let is_null = tag.is_none_or(|tag| self.tag_is(*tag, "null"));
        let id = if is_null {
            self.add(Kind::Nothing, self.before(properties, first.start()), None)
        } else {
            let line_end = self.line_end(first.start());
            self.add(Kind::Scalar, self.up_to(first.start(), last.end(), line_end), None)
        };
        self.name_anchor(properties, id, None);
        Some(())
    }

    fn name_anchor(&mut self, properties: &[Token], id: Id, content: Option<Token>) {
        let anchor = properties.iter().find(|token| token.kind == Mark::Anchor);
        if let Some(name) = anchor.and_then(|anchor| self.text.get(anchor.start() + 1..anchor.end())) {
            self.anchors.insert(name, (id, content));
        }
    }

    /// Opens a list or mapping. `bracketed`: its end is its bracket.
    fn enter(&mut self, kind: Kind, style: Style, start: usize, bracketed: bool) -> Id {
        let in_flow = matches!(style, Style::List | Style::Map | Style::Pair);
        let (line_end, shown) = if in_flow && bracketed {
            (Some(self.line_end(start)), Short::new(start, start + 1))
        } else {
            (None, self.first_line(start))
        };
        let id = self.add(kind, shown, None);
        let slot = if kind == Kind::List { Slot::Item } else { Slot::Key };
        self.open.push(Open { node: id, style, slot, count: 0, key: (None, Short::default()), start, line_end });
        id
    }

    fn close(&mut self, end: usize) {
        let Some(Open { node, start, line_end: Some(line_end), .. }) = self.open.pop() else { return };
        let shown = self.up_to(start, end, line_end);
        if let Some(node) = self.index.nodes.get_mut(node as usize) {
            node.shown = shown;
        }
    }

    /// Puts a node where the innermost open list or mapping wants one. `content`: its text, if it has any.
    fn add(&mut self, kind: Kind, shown: Short, content: Option<Token>) -> Id {
        let id = Id::try_from(self.index.nodes.len()).unwrap_or(Id::MAX);
        let mut node = Node { kind, shown, key: Short::default() };
        let name = match self.open.last() {
            Some(open) if open.slot == Slot::Key => content.and_then(|content| self.name(content)),
            _ => None,
        };
        if let Some(open) = self.open.last_mut() {
            match open.slot {
                Slot::Item => {
                    self.index.children.insert((open.node, open.count), id);
                    open.count += 1;
                }
                Slot::Key => {
                    open.key = (name, shown);
                    open.slot = Slot::Value;
                }
                Slot::Value | Slot::NoValue => {
                    node.key = open.key.1;
                    if let Some(name) = open.key.0 {
                        self.index.children.entry((open.node, name)).or_insert(id);
                    }
                    open.count += 1;
                    open.slot = if open.style == Style::Pair { Slot::Done } else { Slot::Key };
                }
                Slot::Done => {}
            }
        }
        self.index.nodes.push(node);
        id
    }
}
