//! A namespace while its block runs: a stack of frames, and the jumps out of them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use ruff_python_ast::Expr;

use super::attributes::MethodRun;
use super::slot::{Bound, Fact, Frame, Merge, Slot};

/// How many names jumps out of blocks may copy before less exact bookkeeping takes over.
const JUMP_BUDGET: usize = 100_000;

/// What a namespace belongs to.
pub(super) enum Kind<'a> {
    Module,
    Class(ClassScope<'a>),
    /// The attributes of a method's first parameter.
    Method(MethodScope<'a>),
}

/// What is gathered while a class body runs.
#[derive(Default)]
pub(super) struct ClassScope<'a> {
    /// The expression last assigned to each plain name.
    pub values: HashMap<&'a str, Option<&'a Expr>>,
    /// What its methods do to their first parameter.
    pub methods: Vec<MethodRun<'a>>,
    /// Where the last constructor of each name is among them.
    pub constructors: HashMap<&'a str, usize>,
    /// Members may exist that aren't spelled.
    pub dynamic: bool,
}

/// Names of a method that matter.
#[derive(Default)]
pub(super) struct MethodScope<'a> {
    /// Names of the object whose attributes are followed.
    pub receivers: Vec<&'a str>,
    /// In `__new__`, what `super().__new__(cls)` gives is the object.
    pub is_new: bool,
    /// Parameters and local variables: they hide names of the module.
    pub locals: HashSet<&'a str>,
    /// Attributes may be set that aren't spelled.
    pub dynamic: bool,
}

impl<'a> MethodScope<'a> {
    /// `name` is bound to something else than the object, or what the module knows by it.
    pub fn hide(&mut self, name: &'a str) {
        self.locals.insert(name);
        self.receivers.retain(|receiver| *receiver != name);
    }
}

/// What a `break` or a `return` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    Loop,
    Function,
}

/// A block that can be left early, and what held when it was.
pub(super) struct Jump<'a> {
    leaves: Leaves,
    base: usize,
    pub merge: Merge<'a>,
    /// It was left, but what held then isn't known name by name.
    pub coarse: bool,
}

/// A namespace.
pub(super) struct Scope<'a> {
    pub kind: Kind<'a>,
    /// Names declared `global` in a class body.
    pub globals: HashSet<&'a str>,
    frames: Vec<Frame<'a>>,
    /// Every binding and deletion, while a block runs that may end anywhere.
    log: Vec<(&'a str, Slot)>,
    watchers: usize,
    jumps: Vec<Jump<'a>>,
    budget: usize,
}

impl<'a> Scope<'a> {
    pub fn new(kind: Kind<'a>) -> Self {
        Self {
            kind,
            globals: HashSet::new(),
            frames: vec![Frame::new()],
            log: Vec::new(),
            watchers: 0,
            jumps: Vec::new(),
            budget: JUMP_BUDGET,
        }
    }

    /// What `name` holds now.
    pub fn lookup(&self, name: &str) -> Option<&Slot> {
        self.frames.iter().rev().find_map(|frame| frame.get(name))
    }

    /// Whether the running statement stands at the top level of its block.
    pub fn is_unconditional(&self) -> bool {
        self.frames.len() == 1
    }

    /// Whether the running statement may run again.
    pub fn is_in_loop(&self) -> bool {
        self.jumps.iter().any(|jump| jump.leaves == Leaves::Loop)
    }

    /// Binds a name, `surely` or only perhaps.
    pub fn bind(&mut self, name: &'a str, fact: Rc<Fact>, surely: bool) {
        let mut slot = Slot::new(fact);
        if !surely {
            slot = Slot::or(self.lookup(name), slot);
        }
        self.record(name, slot);
    }

    /// Unbinds a name.
    pub fn delete(&mut self, name: &'a str) {
        self.record(name, Slot::deleted());
    }

    fn record(&mut self, name: &'a str, slot: Slot) {
        if self.watchers > 0 {
            self.log.push((name, slot.clone()));
        }
        self.set(name, slot);
    }

    fn set(&mut self, name: &'a str, slot: Slot) {
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(name, slot);
        }
    }

    /// Begins a block whose bindings stand apart.
    pub fn push(&mut self, frame: Frame<'a>) {
        self.frames.push(frame);
    }

    /// Ends it.
    pub fn pop(&mut self) -> Frame<'a> {
        self.frames.pop().unwrap_or_default()
    }

    /// Lets what `frame` bound hold from here on.
    pub fn install(&mut self, frame: Frame<'a>) {
        match self.frames.last_mut() {
            Some(top) if top.is_empty() => *top = frame,
            Some(top) => top.extend(frame),
            None => {}
        }
    }

    /// Lets what the paths of `merge` have in common hold from here on.
    pub fn join(&mut self, merge: Merge<'a>) {
        let frame: Frame<'a> = merge.into_slots(|name| self.lookup(name).cloned()).collect();
        self.install(frame);
    }

    /// Begins to record events; the result goes to [`Scope::anywhere_in`].
    pub fn watch(&mut self) -> usize {
        self.watchers += 1;
        self.log.len()
    }

    /// Events so far.
    pub fn events(&self) -> usize {
        self.log.len()
    }

    /// Ends recording.
    pub fn unwatch(&mut self) {
        self.watchers = self.watchers.saturating_sub(1);
        if self.watchers == 0 {
            self.log.clear();
        }
    }

    /// What holds if the events of `range` happened up to any point.
    pub fn anywhere_in(&self, range: Range<usize>) -> Frame<'a> {
        let mut frame = Frame::new();
        for (name, slot) in self.log.get(range).unwrap_or_default() {
            let before = frame.get(name).or_else(|| self.lookup(name));
            let joint = Slot::or(before, slot.clone());
            frame.insert(*name, joint);
        }
        frame
    }

    /// Begins a block that `break` or `return` leaves.
    pub fn enter(&mut self, leaves: Leaves) {
        let base = self.frames.len();
        self.jumps.push(Jump { leaves, base, merge: Merge::default(), coarse: false });
    }

    /// Ends it.
    pub fn exit(&mut self) -> Option<Jump<'a>> {
        self.jumps.pop()
    }

    /// A `break` or a `return`.
    pub fn leave(&mut self, leaves: Leaves) {
        let Some(jump) = self.jumps.iter_mut().rev().find(|jump| jump.leaves == leaves) else {
            return;
        };
        let frames = self.frames.get(jump.base..).unwrap_or_default();
        let cost: usize = frames.iter().map(Frame::len).sum();
        if cost > self.budget {
            jump.coarse = true;
            return;
        }
        self.budget -= cost;
        let mut flat = Frame::new();
        for frame in frames {
            flat.extend(frame.iter().map(|(name, slot)| (*name, slot.clone())));
        }
        jump.merge.add(flat);
    }

    /// All names and what they hold; the scope is finished.
    pub fn into_names(mut self) -> Frame<'a> {
        while self.frames.len() > 1 {
            let frame = self.pop();
            self.install(frame);
        }
        self.pop()
    }

    /// Adds a binding that code outside the block may make.
    pub fn perhaps(&mut self, name: &'a str, fact: Rc<Fact>) {
        let slot = match self.lookup(name) {
            Some(known) if known.bound == Bound::Surely => Slot { varies: true, ..known.clone() },
            known => Slot::or(known, Slot::new(fact)),
        };
        self.set(name, slot);
    }
}
