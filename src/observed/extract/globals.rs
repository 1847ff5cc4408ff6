//! Names of the module that functions bind through `global`, or behind the source's back.

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast::visitor::{Visitor, walk_except_handler, walk_pattern, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Identifier, Pattern, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use super::names::{Reach, reach, walk_harmless};
use super::slot::Fact;
use super::walker::{Walker, top};
use super::{has, slice, span};
use crate::observed::model::{BindingKind, Known, Variable};

const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 1024 * 1024;

/// Searches the functions that the walk met, and those inside them.
pub(super) fn apply<'a>(walker: &mut Walker<'a>) {
    let text = walker.text;
    // Most functions have none of the words; but words may be spelled in other characters.
    let may_reach = |def: &&StmtFunctionDef| {
        let written = slice(text, def.range());
        !written.is_ascii() || ["global", "modules"].into_iter().any(|word| has(written, word))
    };
    let functions = walker.functions.iter().copied().filter(may_reach);
    let mut bodies: Vec<&'a [Stmt]> = functions.map(|def| def.body.as_slice()).collect();
    while let Some(body) = bodies.pop() {
        let mut scan = Scan { globals: HashSet::new(), bound: Vec::new(), bodies: &mut bodies, reaches: false };
        for statement in body {
            scan.visit_stmt(statement);
        }
        let Scan { globals, bound, reaches, .. } = scan;
        walker.dynamic |= reaches;
        if globals.is_empty() {
            continue;
        }
        for (name, range) in bound {
            if globals.contains(name) {
                let variable = Variable { annotation: None, value: Known::Computed(None) };
                let kind = BindingKind::Variable(variable);
                let fact = Rc::new(Fact { kind, span: Some(span(range)) });
                walker.module.perhaps(name, fact);
            }
        }
    }
}

/// One function's own code.
struct Scan<'a, 'q> {
    globals: HashSet<&'a str>,
    bound: Vec<(&'a str, TextRange)>,
    bodies: &'q mut Vec<&'a [Stmt]>,
    reaches: bool,
}

impl<'a> Scan<'a, '_> {
    fn bind(&mut self, name: &'a Identifier) {
        self.bound.push((name.id.as_str(), name.range));
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(def) => {
                self.bind(&def.name);
                self.bodies.push(&def.body);
                for decorator in &def.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.visit_parameters(&def.parameters);
            }
            Stmt::ClassDef(def) => {
                self.bind(&def.name);
                self.bodies.push(&def.body);
                for decorator in &def.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
            }
            Stmt::Global(global) => self.globals.extend(global.names.iter().map(|name| name.id.as_str())),
            Stmt::Import(import) => {
                for alias in &import.names {
                    if let Some(name) = &alias.asname {
                        self.bind(name);
                    } else {
                        self.bound.push((top(alias.name.id.as_str()), alias.range()));
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            statement => walk_stmt(self, statement),
        }
    }
}

impl<'a> Visitor<'a> for Scan<'a, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || self.statement(statement));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            if let Expr::Name(name) = expr
                && name.ctx != ExprContext::Load
            {
                self.bound.push((name.id.as_str(), name.range));
            }
            match reach(expr) {
                Reach::Module => self.reaches = true,
                Reach::Nothing | Reach::Block => walk_harmless(self, expr),
            }
        });
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name);
        }
        walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            let name = match pattern {
                Pattern::MatchAs(pattern) => pattern.name.as_ref(),
                Pattern::MatchStar(pattern) => pattern.name.as_ref(),
                Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
                _ => None,
            };
            if let Some(name) = name {
                self.bind(name);
            }
            walk_pattern(self, pattern);
        });
    }
}
