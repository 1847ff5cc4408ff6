//! What a name holds at one point of the code, and how branches are brought together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use crate::observed::model::{Binding, BindingKind, Certainty, Function, Known, Variable};
use crate::text::Span;

/// One binding event.
#[derive(Clone)]
pub(super) struct Fact {
    pub kind: BindingKind,
    pub span: Option<Span>,
}

/// Whether a name is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Never,
    Perhaps,
    Surely,
}

/// What a name holds.
#[derive(Clone)]
pub(super) struct Slot {
    /// The last binding in source order; none after `del`.
    pub fact: Option<Rc<Fact>>,
    pub bound: Bound,
    /// Different things may be bound.
    pub varies: bool,
}

/// The names that one block has bound, on top of what held before it.
pub(super) type Frame<'a> = HashMap<&'a str, Slot>;

impl Slot {
    pub fn new(fact: Rc<Fact>) -> Self {
        // An annotation alone binds nothing.
        let declared = matches!(&fact.kind, BindingKind::Variable(v) if v.value == Known::Unbound);
        let bound = if declared { Bound::Never } else { Bound::Surely };
        Self { fact: Some(fact), bound, varies: false }
    }

    pub fn deleted() -> Self {
        Self { fact: None, bound: Bound::Never, varies: false }
    }

    /// The one thing that is surely bound.
    pub fn definite(&self) -> Option<&BindingKind> {
        (self.bound == Bound::Surely && !self.varies).then_some(())?;
        self.fact.as_ref().map(|fact| &fact.kind)
    }

    /// What the variable's annotation is, if it has one.
    pub fn annotation(&self) -> Option<&String> {
        match &self.fact.as_ref()?.kind {
            BindingKind::Variable(variable) => variable.annotation.as_ref(),
            _ => None,
        }
    }

    /// Either this (earlier in the source) or `later`.
    pub fn or(earlier: Option<&Self>, later: Self) -> Self {
        let Some(earlier) = earlier else {
            let bound = if later.bound == Bound::Never { Bound::Never } else { Bound::Perhaps };
            let varies = later.varies || bound == Bound::Never;
            return Self { bound, varies, ..later };
        };
        let bound = if earlier.bound == later.bound { later.bound } else { Bound::Perhaps };
        let clash = earlier.bound != Bound::Never
            && later.bound != Bound::Never
            && !same(earlier.fact.as_ref(), later.fact.as_ref());
        // An annotation without a value doesn't hide a value.
        let fact = match (&earlier.fact, later.fact) {
            (Some(earlier_fact), Some(_)) if later.bound == Bound::Never && earlier.bound != Bound::Never => {
                Some(earlier_fact.clone())
            }
            (earlier_fact, None) => earlier_fact.clone(),
            (_, later_fact) => later_fact,
        };
        Self { fact, bound, varies: earlier.varies || later.varies || clash }
    }

    /// The model's binding.
    pub fn into_binding(self) -> Binding {
        let certainty = match self.bound {
            Bound::Perhaps => Certainty::Possible,
            // Perhaps annotated.
            Bound::Never if self.varies && self.fact.is_some() => Certainty::Possible,
            Bound::Surely if self.varies => Certainty::Varies,
            Bound::Surely | Bound::Never => Certainty::Definite,
        };
        let Some(fact) = self.fact else {
            return Binding { kind: BindingKind::Deleted, certainty, span: None };
        };
        let Fact { kind, span } = Rc::unwrap_or_clone(fact);
        Binding { kind, certainty, span }
    }
}

fn same(a: Option<&Rc<Fact>>, b: Option<&Rc<Fact>>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return false;
    };
    Rc::ptr_eq(a, b)
        || match (&a.kind, &b.kind) {
            (BindingKind::Variable(a), BindingKind::Variable(b)) => same_variable(a, b),
            (BindingKind::Import(a), BindingKind::Import(b)) => a == b,
            (BindingKind::Function(a), BindingKind::Function(b)) => same_signature(a, b),
            (BindingKind::Class(a), BindingKind::Class(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
}

/// Equal literals under one annotation: then it doesn't matter which of the two ran.
pub(super) fn same_variable(a: &Variable, b: &Variable) -> bool {
    matches!(a.value, Known::Literal(_)) && a == b
}

fn same_signature(a: &Function, b: &Function) -> bool {
    a.is_async == b.is_async
        && a.returns == b.returns
        && a.decorators == b.decorators
        && a.parameters.len() == b.parameters.len()
        && a.parameters.iter().zip(&b.parameters).all(|(a, b)| {
            a.name == b.name
                && a.kind == b.kind
                && a.annotation == b.annotation
                && a.default == b.default
                && !matches!(a.default, Some(Known::Computed(_)))
        })
}

/// Paths that come together.
#[derive(Default)]
pub(super) struct Merge<'a> {
    paths: usize,
    /// What the paths bound, and how many of them did.
    names: HashMap<&'a str, (Slot, usize)>,
}

impl<'a> Merge<'a> {
    /// Whether any path gets here.
    pub fn is_reached(&self) -> bool {
        self.paths > 0
    }

    /// Adds a path that bound `frame`; later in the source than those before.
    pub fn add(&mut self, frame: Frame<'a>) {
        self.paths += 1;
        for (name, slot) in frame {
            self.name(name, slot, 1);
        }
    }

    /// Adds a path that bound nothing.
    pub fn add_nothing(&mut self) {
        self.paths += 1;
    }

    /// Adds all paths of `other`.
    pub fn absorb(&mut self, other: Self) {
        self.paths += other.paths;
        for (name, (slot, count)) in other.names {
            self.name(name, slot, count);
        }
    }

    fn name(&mut self, name: &'a str, slot: Slot, paths: usize) {
        match self.names.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert((slot, paths));
            }
            Entry::Occupied(mut entry) => {
                let (known, count) = entry.get_mut();
                *known = Slot::or(Some(known), slot);
                *count += paths;
            }
        }
    }

    /// The joint result, given what held `before` the paths parted.
    pub fn into_slots(self, before: impl Fn(&str) -> Option<Slot>) -> impl Iterator<Item = (&'a str, Slot)> {
        let paths = self.paths;
        self.names.into_iter().map(move |(name, (slot, count))| {
            if count < paths { (name, Slot::or(before(name).as_ref(), slot)) } else { (name, slot) }
        })
    }
}
