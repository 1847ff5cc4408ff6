//! Statements in execution order, and what holds after branches, loops and handlers.

use ruff_python_ast::{ExceptHandler, Expr, Stmt, StmtFor, StmtIf, StmtMatch, StmtTry, StmtWhile, StmtWith};

use super::scope::{Kind, Leaves};
use super::slot::{Frame, Merge};
use super::targets::Source;
use super::walker::{Walker, dotted, place};
use crate::observed::model::{BindingKind, Known, Variable};

/// Stack that nested blocks shall find free, and how much more they get.
const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 1024 * 1024;

impl<'a> Walker<'a> {
    /// Runs a block; whether its end is reached.
    pub fn block(&mut self, body: &'a [Stmt]) -> bool {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || body.iter().all(|statement| self.statement(statement)))
    }

    /// Runs `path` apart; what it bound, if its end is reached.
    pub fn branch(&mut self, path: impl FnOnce(&mut Self) -> bool) -> Option<Frame<'a>> {
        self.scope().push(Frame::new());
        let completes = path(self);
        let frame = self.scope().pop();
        completes.then_some(frame)
    }

    /// Lets the paths come together; whether there is any.
    fn join(&mut self, merge: Merge<'a>) -> bool {
        let reached = merge.is_reached();
        if reached {
            self.scope().join(merge);
        }
        reached
    }

    fn statement(&mut self, statement: &'a Stmt) -> bool {
        match statement {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => {
                if !matches!(self.scope_ref().kind, Kind::Method(_)) {
                    self.class(def);
                }
            }
            Stmt::Assign(assign) => self.assignment(assign),
            Stmt::AnnAssign(assign) => self.annotated(assign),
            Stmt::AugAssign(assign) => self.augmented(assign),
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    let value = Known::Computed(Some("TypeAliasType".to_owned()));
                    let kind = BindingKind::Variable(Variable { annotation: None, value });
                    self.bind(name.id.as_str(), kind, place(self.text, alias), true);
                }
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.delete(target);
                }
            }
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Global(global) => {
                if self.class_scope().is_some() {
                    let names = global.names.iter().map(|name| name.id.as_str());
                    self.scope().globals.extend(names);
                }
            }
            Stmt::Expr(statement) => {
                self.expression(&statement.value, true);
                self.call_statement(&statement.value);
                return !self.never_returns(&statement.value);
            }
            Stmt::Assert(assert) => self.expression(&assert.test, true),
            Stmt::If(branches) => return self.conditional(branches),
            Stmt::For(repeat) => return self.for_loop(repeat),
            Stmt::While(repeat) => return self.while_loop(repeat),
            Stmt::With(with) => return self.with(with),
            Stmt::Match(choice) => return self.choice(choice),
            Stmt::Try(attempt) => return self.attempt(attempt),
            Stmt::Return(end) => {
                if let Some(value) = &end.value {
                    self.expression(value, true);
                }
                self.scope().leave(Leaves::Function);
                return false;
            }
            Stmt::Break(_) => {
                self.scope().leave(Leaves::Loop);
                return false;
            }
            Stmt::Raise(_) | Stmt::Continue(_) => return false,
            Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
        true
    }

    /// `sys.exit()` and the like.
    fn never_returns(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        match &*call.func {
            Expr::Name(name) if matches!(name.id.as_str(), "exit" | "quit") && !self.is_bound(&name.id) => true,
            Expr::Attribute(callee) if !matches!(callee.attr.id.as_str(), "exit" | "_exit" | "abort") => false,
            callee => {
                self.absolute(callee).is_some_and(|path| matches!(path.as_str(), "sys.exit" | "os._exit" | "os.abort"))
            }
        }
    }

    fn conditional(&mut self, branches: &'a StmtIf) -> bool {
        let mut merge = Merge::default();
        let mut exhaustive = false;
        let first = std::iter::once((Some(&*branches.test), &branches.body));
        let others = branches.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
        for (i, (test, body)) in first.chain(others).enumerate() {
            let truth = match test {
                Some(test) => {
                    self.expression(test, i == 0);
                    self.truth(test)
                }
                None => Some(true),
            };
            if truth == Some(false) {
                continue;
            }
            if let Some(frame) = self.branch(|walker| walker.block(body)) {
                merge.add(frame);
            }
            if truth == Some(true) {
                exhaustive = true;
                break;
            }
        }
        if !exhaustive {
            merge.add_nothing();
        }
        self.join(merge)
    }

    fn for_loop(&mut self, repeat: &'a StmtFor) -> bool {
        self.expression(&repeat.iter, true);
        if self.is_never_empty(&repeat.iter) {
            // At least one round begins.
            self.assign(&repeat.target, Source::Computed(None), None, true);
        }
        self.repeat(Some(&repeat.target), &repeat.body, &repeat.orelse, true)
    }

    /// Whether walking through `iterable` surely gives something: a display with items, `range(3)`.
    fn is_never_empty(&self, iterable: &Expr) -> bool {
        let has_item = |items: &[Expr]| items.iter().any(|item| !item.is_starred_expr());
        match iterable {
            Expr::List(list) => has_item(&list.elts),
            Expr::Tuple(tuple) => has_item(&tuple.elts),
            Expr::Set(set) => has_item(&set.elts),
            Expr::Dict(dict) => dict.items.iter().any(|item| item.key.is_some()),
            Expr::StringLiteral(_) | Expr::BytesLiteral(_) => self.truth(iterable) == Some(true),
            Expr::Call(call) => {
                let is_range = matches!(&*call.func, Expr::Name(name) if name.id == "range" && !self.is_bound("range"));
                is_range
                    && call.arguments.keywords.is_empty()
                    && matches!(&*call.arguments.args, [only] if self.truth(only) == Some(true) && !is_negative(only))
            }
            _ => false,
        }
    }

    fn while_loop(&mut self, repeat: &'a StmtWhile) -> bool {
        self.expression(&repeat.test, true);
        match self.truth(&repeat.test) {
            Some(false) => self.block(&repeat.orelse),
            truth => self.repeat(None, &repeat.body, &repeat.orelse, truth.is_none()),
        }
    }

    fn repeat(&mut self, target: Option<&'a Expr>, body: &'a [Stmt], orelse: &'a [Stmt], ends: bool) -> bool {
        let start = self.scope().watch();
        self.scope().enter(Leaves::Loop);
        self.branch(|walker| {
            if let Some(target) = target {
                walker.assign(target, Source::Computed(None), None, true);
            }
            walker.block(body)
        });
        let scope = self.scope();
        let jump = scope.exit();
        // Any number of rounds may have run, the last of them in part.
        let rounds = scope.anywhere_in(start..scope.events());
        scope.unwatch();
        scope.push(rounds);
        let mut merge = Merge::default();
        if ends && let Some(frame) = self.branch(|walker| walker.block(orelse)) {
            merge.add(frame);
        }
        if let Some(jump) = jump {
            merge.absorb(jump.merge);
            if jump.coarse {
                merge.add_nothing();
            }
        }
        let completes = self.join(merge);
        let frame = self.scope().pop();
        self.scope().install(frame);
        completes
    }

    fn with(&mut self, with: &'a StmtWith) -> bool {
        let mut suppresses = false;
        for item in &with.items {
            self.expression(&item.context_expr, true);
            suppresses |= swallows(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.assign(target, Source::Computed(None), None, true);
            }
        }
        if !suppresses {
            return self.block(&with.body);
        }
        let start = self.scope().watch();
        let frame = self.branch(|walker| walker.block(&with.body));
        let scope = self.scope();
        let stopped = scope.anywhere_in(start..scope.events());
        scope.unwatch();
        let mut merge = Merge::default();
        merge.add(stopped);
        if let Some(frame) = frame {
            merge.add(frame);
        }
        self.join(merge)
    }

    fn choice(&mut self, choice: &'a StmtMatch) -> bool {
        self.expression(&choice.subject, true);
        let mut merge = Merge::default();
        let mut exhaustive = false;
        for case in &choice.cases {
            let frame = self.branch(|walker| {
                walker.captures(&case.pattern);
                if let Some(guard) = &case.guard {
                    walker.expression(guard, true);
                }
                walker.block(&case.body)
            });
            if let Some(frame) = frame {
                merge.add(frame);
            }
            exhaustive |= case.guard.is_none() && case.pattern.is_irrefutable();
        }
        if !exhaustive {
            merge.add_nothing();
        }
        self.join(merge)
    }

    fn attempt(&mut self, attempt: &'a StmtTry) -> bool {
        let start = self.scope().watch();
        let mut end = start;
        let frame = self.branch(|walker| {
            let completes = walker.block(&attempt.body);
            end = walker.scope().events();
            completes && walker.block(&attempt.orelse)
        });
        let mut merge = Merge::default();
        if let Some(frame) = frame {
            merge.add(frame);
        }
        if !attempt.handlers.is_empty() {
            let scope = self.scope();
            let stopped = scope.anywhere_in(start..end);
            scope.push(stopped);
            let mut handled = Merge::default();
            for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                let frame = self.branch(|walker| {
                    let name = handler.name.as_ref();
                    if let Some(name) = name {
                        let value = Known::Computed(None);
                        walker.bind_variable(name.id.as_str(), None, value, place(walker.text, name), true);
                    }
                    let completes = walker.block(&handler.body);
                    if let Some(name) = name {
                        walker.unbind(name.id.as_str());
                    }
                    completes
                });
                if let Some(frame) = frame {
                    handled.add(frame);
                }
            }
            let reached = self.join(handled);
            let frame = self.scope().pop();
            if reached {
                merge.add(frame);
            }
        }
        self.scope().unwatch();
        if self.join(merge) {
            return self.block(&attempt.finalbody);
        }
        self.branch(|walker| walker.block(&attempt.finalbody));
        false
    }
}

/// Context managers that end a block at any point without an error.
fn swallows(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    let mut parts = Vec::new();
    let root = dotted(&call.func, &mut parts);
    matches!(parts.first().copied().or(root), Some("suppress" | "raises"))
}

fn is_negative(expr: &Expr) -> bool {
    matches!(expr, Expr::UnaryOp(_))
}
