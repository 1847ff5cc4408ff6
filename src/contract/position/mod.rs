//! Where the nodes of a contract stand in its text. Only asked when something is wrong.

mod build;
mod extent;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::text::Span;

use super::path::ContractPath;
use super::step::Step;

use build::Builder;

/// The most merge keys that are followed on the way to one place.
const MERGES: usize = 4;

/// The places of all nodes of one contract. Built in one pass over its text; a question then takes
/// a look-up for each step of its path.
#[derive(Debug, Default)]
pub struct Index {
    nodes: Vec<Node>,
    /// From a node and a step, which is the index of an item or the number of a key, to the node there.
    children: HashMap<(Id, u32), Id>,
    /// The numbers of the keys.
    names: HashMap<Box<str>, u32>,
}

/// Which node. The root is 0.
type Id = u32;

/// A place. Half the size of a [`Span`], for there are many; contracts are far below 4 GiB.
#[derive(Clone, Copy, Debug, Default)]
struct Short {
    start: u32,
    end: u32,
}

impl Short {
    fn new(start: usize, end: usize) -> Self {
        let small = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: small(start), end: small(end) }
    }
}

impl From<Span> for Short {
    fn from(span: Span) -> Self {
        Self::new(span.start, span.end)
    }
}

impl From<Short> for Span {
    fn from(short: Short) -> Self {
        Self::new(short.start as usize, short.end as usize)
    }
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    /// What represents it. Of a null that is not written: what stands before.
    shown: Short,
    /// Its key, if it is the value of one.
    key: Short,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Null for want of anything.
    Nothing,
    Null,
    /// Text, a number or a boolean.
    Scalar,
    List,
    Map,
    /// Another place for a node.
    Alias(Id),
}

/// How a node was reached.
#[derive(Clone, Copy, PartialEq)]
enum Via {
    Key,
    Item,
    /// By looking into the `<<` of a mapping that has no such key itself.
    Merge,
}

impl Index {
    /// Reads `text`, as far as it can be read.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if u32::try_from(text.len()).is_err() { Self::default() } else { Builder::new(text).build() }
    }

    /// The place of `path` (and of the value of `key` below it) in the contract's text.
    ///
    /// A scalar is covered as it is written, quotes included, as far as its first line goes. An entry
    /// of a list is represented by its `name`, any other list or mapping by its first line, a value
    /// that is not written by its key. What comes through an alias is where its anchor is.
    ///
    /// Falls back to the nearest ancestor that is there; the whole of an empty path is none.
    #[must_use]
    pub fn locate(&self, path: &ContractPath, key: Option<&str>) -> Option<Span> {
        let mut steps: Vec<Step> = path.0.iter().map(Step::from).collect();
        steps.extend(key.map(|key| Step::Key(key.to_owned().into())));
        self.nearest(&steps)
    }

    /// The place of the scalar that `steps` lead to: its first line as it is written.
    pub(super) fn scalar(&self, steps: &[Step]) -> Option<Span> {
        let last = steps.iter().try_fold(0, |id, step| self.child(id, step))?;
        let node = self.target(last)?;
        (node.kind == Kind::Scalar).then_some(node.shown.into())
    }

    fn nearest(&self, steps: &[Step]) -> Option<Span> {
        // How the nodes on the way were reached; the root is not one of them.
        let mut trail: Vec<(Via, Id)> = Vec::with_capacity(steps.len() + MERGES);
        let mut merges = 0;
        'steps: for step in steps {
            loop {
                let from = trail.last().map_or(0, |(_, id)| *id);
                if let Some(child) = self.child(from, step) {
                    let via = if matches!(step, Step::Key(_)) { Via::Key } else { Via::Item };
                    trail.push((via, child));
                    break;
                }
                // The value may be inherited: then it stands in the merged mapping.
                let inherited = match step {
                    Step::Key(_) if merges < MERGES => self.child(from, &Step::key("<<")),
                    _ => None,
                };
                let Some(inherited) = inherited else {
                    if trail.last().is_some_and(|(via, _)| *via == Via::Merge) {
                        trail.pop();
                    }
                    break 'steps;
                };
                merges += 1;
                trail.push((Via::Merge, inherited));
            }
        }
        let (via, id) = trail.pop()?;
        self.shown(via, id)
    }

    /// The node at the end of one step from `id`.
    fn child(&self, id: Id, step: &Step) -> Option<Id> {
        let from = match self.node(id)?.kind {
            Kind::Alias(target) => target,
            _ => id,
        };
        let step = match (self.node(from)?.kind, step) {
            (Kind::List, Step::Index(index)) => u32::try_from(*index).ok()?,
            (Kind::Map, Step::Key(key)) => *self.names.get(key.as_ref())?,
            _ => return None,
        };
        self.children.get(&(from, step)).copied()
    }

    fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    fn target(&self, id: Id) -> Option<&Node> {
        let node = self.node(id)?;
        match node.kind {
            Kind::Alias(target) => self.node(target),
            _ => Some(node),
        }
    }

    fn shown(&self, via: Via, id: Id) -> Option<Span> {
        let node = self.target(id)?;
        let shown = match node.kind {
            Kind::Nothing if via != Via::Item => self.node(id)?.key,
            Kind::List | Kind::Map if via == Via::Item => {
                let name = self.child(id, &Step::key("name")).and_then(|name| self.target(name));
                name.filter(|name| name.kind == Kind::Scalar).unwrap_or(node).shown
            }
            _ => node.shown,
        };
        Some(shown.into())
    }
}
