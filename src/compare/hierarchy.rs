//! A class with its bases, in Python's method resolution order.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::observed::model::{Base, BaseTarget, Binding, BindingKind, Certainty, Class, ImportedName};
use crate::text::Span;

use super::imports::{Home, Origin};
use super::resolve::{Ask, Lookup, Names};

/// No program derives deeper than this, and recursion must end.
const DEEPEST: usize = 100;
/// The most classes that one hierarchy is followed through.
const MOST: usize = 256;

/// One class of a hierarchy.
pub(super) struct Node {
    /// The last components of the names that lead to it.
    pub names: Vec<String>,
    /// The class; none if it can't be read, or has no members that matter (`object`).
    pub class: Option<Arc<Class>>,
    /// Where the names in its body are to be looked up.
    pub home: Home,
    /// Why it can't be read, as a clause.
    pub gap: Option<String>,
    /// Where in the importer.
    pub span: Option<Span>,
    bases: Vec<usize>,
}

/// A class and all its bases.
pub(super) struct Hierarchy {
    nodes: Vec<Node>,
    order: Vec<usize>,
}

/// What came of a search along the resolution order.
pub(super) struct Search<'h, T> {
    /// The first hit.
    pub found: Option<(&'h Node, T)>,
    /// A base before it that can't be read: the member may be that base's.
    pub hidden: Option<&'h str>,
    /// Why there may be members that no source spells.
    pub loose: Option<String>,
}

impl Hierarchy {
    /// The hierarchy above `class`, found at `home`.
    pub fn of(name: &str, class: &Arc<Class>, home: &Home, span: Option<Span>, names: &Names<'_>) -> Self {
        let mut builder = Builder { names, nodes: Vec::new(), ids: HashMap::new(), path: Vec::new() };
        builder.class(vec![last(name).to_owned()], class, home, span);
        let nodes = builder.nodes;
        let mut memo = vec![None; nodes.len()];
        let order = linear(&nodes, 0, &mut memo).to_vec();
        Self { nodes, order }
    }

    /// Searches the class and its bases in resolution order.
    pub fn search<'h, T>(&'h self, pick: impl Fn(&'h Class) -> Option<T>) -> Search<'h, T> {
        self.search_among(|class| class.dynamic, pick)
    }

    /// The same, where instances are asked as well: a live class does not tell what its methods assign.
    pub fn search_instances<'h, T>(&'h self, pick: impl Fn(&'h Class) -> Option<T>) -> Search<'h, T> {
        self.search_among(|class| class.dynamic || class.instances_unknown, pick)
    }

    fn search_among<'h, T>(
        &'h self,
        is_loose: impl Fn(&Class) -> bool,
        pick: impl Fn(&'h Class) -> Option<T>,
    ) -> Search<'h, T> {
        let mut search = Search { found: None, hidden: None, loose: None };
        for node in self.order.iter().filter_map(|id| self.nodes.get(*id)) {
            search.hidden = search.hidden.or(node.gap.as_deref());
            let Some(class) = node.class.as_deref() else { continue };
            if let Some(found) = pick(class) {
                search.found = Some((node, found));
                break;
            }
            if is_loose(class) && search.loose.is_none() {
                let name = node.names.first().map_or("", String::as_str);
                search.loose = Some(format!("class `{name}` may have members that its source does not show"));
            }
        }
        search
    }

    /// The first base, in resolution order, that goes by this name.
    pub fn base(&self, name: &str) -> Option<&Node> {
        let name = last(name);
        let bases = self.order.iter().skip(1).filter_map(|id| self.nodes.get(*id));
        bases.into_iter().find(|node| node.names.iter().any(|known| known == name))
    }
}

/// The last component of a dotted name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

enum Target {
    Class(Arc<Class>, Home, Option<Span>),
    /// A class that adds no member anyone asks for.
    Neutral,
    Gap(String),
}

struct Builder<'n, 'a> {
    names: &'n Names<'a>,
    nodes: Vec<Node>,
    ids: HashMap<*const Class, usize>,
    path: Vec<*const Class>,
}

impl Builder<'_, '_> {
    fn class(&mut self, names: Vec<String>, class: &Arc<Class>, home: &Home, span: Option<Span>) -> usize {
        let id = self.nodes.len();
        let key = Arc::as_ptr(class);
        self.ids.insert(key, id);
        self.path.push(key);
        let node = Node { names, class: Some(Arc::clone(class)), home: home.clone(), gap: None, span, bases: vec![] };
        self.nodes.push(node);
        for base in &class.bases {
            let base = self.base(base, home);
            self.nodes[id].bases.push(base);
        }
        self.path.pop();
        id
    }

    fn base(&mut self, base: &Base, home: &Home) -> usize {
        let mut names = vec![last(&base.written).to_owned()];
        let span = if matches!(home, Home::Own) { self.names.here(base.span) } else { None };
        let full = self.path.len() >= DEEPEST || self.nodes.len() >= MOST;
        let target = if full {
            Target::Gap(format!("there are too many classes above base `{}`", base.written))
        } else {
            self.target(base, home, &mut names)
        };
        let (class, gap) = match target {
            Target::Neutral => (None, None),
            Target::Gap(why) => (None, Some(why)),
            Target::Class(class, home, own) => {
                let key = Arc::as_ptr(&class);
                if self.path.contains(&key) {
                    (None, Some(format!("base `{}` refers to the class itself", base.written)))
                } else if let Some(id) = self.ids.get(&key) {
                    self.nodes[*id].names.extend(names);
                    return *id;
                } else {
                    return self.class(names, &class, &home, own.or(span));
                }
            }
        };
        self.nodes.push(Node { names, class, home: Home::Live, gap, span, bases: Vec::new() });
        self.nodes.len() - 1
    }

    fn target(&self, base: &Base, home: &Home, names: &mut Vec<String>) -> Target {
        let unreadable = || Target::Gap(format!("base `{}` can't be read without importing it", base.written));
        let from = |origin: Origin| match origin {
            Origin::Bound(Binding { kind: BindingKind::Class(class), certainty: Certainty::Definite, .. }, home) => {
                Target::Class(class, home, None)
            }
            _ => unreadable(),
        };
        match &base.target {
            BaseTarget::Computed => Target::Gap(format!("base `{}` is computed", base.written)),
            BaseTarget::Known(class) if last(&base.written) == "object" && class.bases.is_empty() => Target::Neutral,
            BaseTarget::Known(class) => Target::Class(Arc::clone(class), Home::Live, None),
            BaseTarget::Imported(import) => {
                names.extend(import.name.as_deref().map(|name| last(name).to_owned()));
                if is_neutral(import) { Target::Neutral } else { from(self.names.imports.follow(import)) }
            }
            BaseTarget::Name(name) => {
                let source = self.names.source_of(home).and_then(|module| module.bindings.get(name));
                if let Some(Binding { kind: BindingKind::Import(import), .. }) = source {
                    names.extend(import.name.clone());
                    if is_neutral(import) {
                        return Target::Neutral;
                    }
                }
                let found = match home {
                    Home::Own => match self.names.look_up(name, Ask::Definition) {
                        Lookup::Present(present) => Some(match present.kind.as_deref() {
                            Ok(BindingKind::Class(class)) => {
                                Target::Class(Arc::clone(class), present.home.clone(), present.span)
                            }
                            _ => unreadable(),
                        }),
                        _ => None,
                    },
                    Home::Other(module) => match self.names.imports.inside(module, name) {
                        Origin::Absent => None,
                        Origin::Unknown if source.is_none() => None,
                        origin => Some(from(origin)),
                    },
                    Home::Live => None,
                };
                found.unwrap_or_else(|| {
                    if name == "object" {
                        return Target::Neutral;
                    }
                    match self.names.imports.builtin_class(name) {
                        Some(class) => Target::Class(class, Home::Live, None),
                        None => unreadable(),
                    }
                })
            }
        }
    }
}

/// Bases that every reader knows to add no members of interest.
fn is_neutral(import: &ImportedName) -> bool {
    matches!(
        (import.module.as_deref(), import.name.as_deref()),
        (Some("abc"), Some("ABC"))
            | (Some("typing" | "typing_extensions"), Some("Generic" | "Protocol"))
            | (Some("builtins"), Some("object"))
    )
}

/// The C3 linearisation; where there is none (Python would refuse the class), depth first.
fn linear(nodes: &[Node], id: usize, memo: &mut Vec<Option<Rc<[usize]>>>) -> Rc<[usize]> {
    if let Some(Some(known)) = memo.get(id) {
        return Rc::clone(known);
    }
    let bases = nodes.get(id).map_or(&[][..], |node| &node.bases);
    let mut lists: Vec<Rc<[usize]>> = bases.iter().map(|base| linear(nodes, *base, memo)).collect();
    lists.push(bases.into());
    let mut order = vec![id];
    if !merge(&lists, &mut order) {
        order.truncate(1);
        for next in lists.iter().flat_map(|list| list.iter()) {
            if !order.contains(next) {
                order.push(*next);
            }
        }
    }
    let order: Rc<[usize]> = order.into();
    if let Some(slot) = memo.get_mut(id) {
        *slot = Some(Rc::clone(&order));
    }
    order
}

/// Merges the lists as C3 does; false if they contradict each other.
fn merge(lists: &[Rc<[usize]>], order: &mut Vec<usize>) -> bool {
    let mut heads: Vec<&[usize]> = lists.iter().map(AsRef::as_ref).collect();
    loop {
        heads.retain(|list| !list.is_empty());
        if heads.is_empty() {
            return true;
        }
        let in_tail = |candidate: usize| heads.iter().any(|list| list[1..].contains(&candidate));
        let Some(next) = heads.iter().map(|list| list[0]).find(|head| !in_tail(*head)) else { return false };
        order.push(next);
        for list in &mut heads {
            if list[0] == next {
                *list = &list[1..];
            }
        }
    }
}
