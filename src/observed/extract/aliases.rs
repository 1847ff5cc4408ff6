//! `name = other`: from there on the name stands for what the other one stood for then.

use std::collections::HashSet;

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtAssign};

use super::names::name_of;
use super::scope::Kind;
use super::walker::Walker;
use crate::observed::model::{BindingKind, Function, ImportedName, Known, Variable};
use crate::text::Span;
use crate::value::Value;

const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 1024 * 1024;

/// How many times the text's own size copies may take.
const MAX_GROWTH: usize = 8;

impl<'a> Walker<'a> {
    /// What the value of an assignment surely is, if it is a plain name and no running code can have
    /// given that name something else meanwhile.
    pub fn alias(&mut self, assign: &StmtAssign) -> Option<BindingKind> {
        let target = name_of(&assign.value)?;
        let (kind, size) = self.aliased(target)?;
        let copies = assign.targets.len();
        self.grown = self.grown.saturating_add(size.saturating_mul(copies));
        let fits = self.grown <= self.text.len().saturating_mul(MAX_GROWTH);
        fits.then_some(kind)
    }

    fn aliased(&mut self, target: &str) -> Option<(BindingKind, usize)> {
        // A later round of a loop sees what this one binds.
        let looping = self.module.is_in_loop() || self.inner.iter().any(super::scope::Scope::is_in_loop);
        let is_dynamic = match &self.scope_ref().kind {
            Kind::Module => false,
            Kind::Class(class) => class.dynamic,
            Kind::Method(_) => true,
        };
        if looping || is_dynamic || self.dynamic {
            return None;
        }
        let is_own = !self.at_module_level() && self.scope_ref().lookup(target).is_some();
        let slot = self.lookup(target)?;
        let span = slot.fact.as_ref()?.span?;
        let found = copied(slot.definite()?, self.at_module_level())?;
        (is_own || !self.is_rebound(target, span)).then_some(found)
    }

    /// Whether the module's `name`, bound at `span`, may have been bound anew out of sight.
    fn is_rebound(&mut self, name: &str, span: Span) -> bool {
        if self.stars.iter().any(|star| star.span.start > span.start) {
            return true;
        }
        if !self.hints.globals {
            return false;
        }
        if self.text.contains("globals()") || self.text.contains("modules[") {
            return true;
        }
        let body = self.body;
        self.declared_global
            .get_or_insert_with(|| {
                let mut declared = Globals(HashSet::new());
                declared.visit_body(body);
                declared.0
            })
            .contains(name)
    }

    /// Binds what [`Self::alias`] found.
    pub fn bind_alias(&mut self, name: &'a str, kind: BindingKind, value: &'a Expr, span: Span) {
        if let Some(class) = self.class_scope() {
            class.values.insert(name, Some(value));
        }
        let annotated = self.scope_ref().lookup(name).is_some_and(|slot| slot.annotation().is_some());
        match kind {
            BindingKind::Variable(variable) => self.bind_variable(name, None, variable.value, span, true),
            _ if annotated => self.bind_variable(name, None, Known::Computed(None), span, true),
            kind => self.bind(name, kind, span, true),
        }
    }
}

/// A second binding of the same thing, and about how many bytes it takes.
fn copied(kind: &BindingKind, at_module_level: bool) -> Option<(BindingKind, usize)> {
    let size = match kind {
        BindingKind::Function(function) => function_size(function),
        BindingKind::Import(ImportedName { module, name }) => {
            module.as_ref().map_or(0, String::len) + name.as_ref().map_or(0, String::len)
        }
        // What a module-level `Class.attribute = …` changes is looked for among the names of the module only.
        BindingKind::Class(_) if at_module_level => 0,
        BindingKind::Variable(Variable { value: Known::Literal(value), .. }) => scalar_size(value)?,
        BindingKind::Class(_) | BindingKind::Variable(_) | BindingKind::Deleted => return None,
    };
    Some((kind.clone(), size))
}

fn function_size(function: &Function) -> usize {
    let parameters = function.parameters.iter().filter_map(|parameter| parameter.span);
    let spans = parameters.chain(function.returns_span).map(|span| span.end.saturating_sub(span.start));
    spans.chain(function.decorators.iter().map(String::len)).sum()
}

/// Containers may change through either name.
fn scalar_size(value: &Value) -> Option<usize> {
    match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(0),
        Value::BigInt(text) | Value::Str(text) => Some(text.len()),
        Value::Bytes(bytes) => Some(bytes.len()),
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Dict(_) => None,
    }
}

/// The names that anything in a module declares `global`.
struct Globals<'a>(HashSet<&'a str>);

impl<'a> Visitor<'a> for Globals<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Global(global) = statement {
            self.0.extend(global.names.iter().map(|name| name.id.as_str()));
        }
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || walk_stmt(self, statement));
    }

    // No statement stands in an expression.
    fn visit_expr(&mut self, _: &'a Expr) {}
}
