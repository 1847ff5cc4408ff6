//! What expressions do to namespaces: walrus bindings, and names bound without being spelled.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{CmpOp, Comprehension, Expr, ExprCall, ExprContext, ExprNamed, ExprSubscript};

use super::walker::Walker;
use crate::text::Span;

const RED_ZONE: usize = 64 * 1024;
const MORE_STACK: usize = 1024 * 1024;

/// Which namespaces an expression reaches into in a way that may bind names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Nothing,
    /// The module's.
    Module,
    /// That of the block which runs.
    Block,
}

/// The walrus bindings of an expression, and what it reaches.
struct Names<'a> {
    walrus: Vec<(&'a ExprNamed, bool)>,
    module: bool,
    block: bool,
    /// The part that is visited always runs.
    surely: bool,
}

impl<'a> Names<'a> {
    fn perhaps(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.surely, false);
        visit(self);
        self.surely = before;
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], parts: &[&'a Expr]) {
        let Some((first, others)) = generators.split_first() else {
            return;
        };
        self.visit_expr(&first.iter);
        self.perhaps(|names| {
            for condition in &first.ifs {
                names.visit_expr(condition);
            }
            for generator in others {
                names.visit_expr(&generator.iter);
                for condition in &generator.ifs {
                    names.visit_expr(condition);
                }
            }
            for part in parts {
                names.visit_expr(part);
            }
        });
    }

    fn children(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                self.walrus.push((named, self.surely));
            }
            Expr::BoolOp(operation) => {
                let mut values = operation.values.iter();
                if let Some(first) = values.next() {
                    self.visit_expr(first);
                }
                self.perhaps(|names| values.for_each(|value| names.visit_expr(value)));
            }
            Expr::If(choice) => {
                self.visit_expr(&choice.test);
                self.perhaps(|names| {
                    names.visit_expr(&choice.body);
                    names.visit_expr(&choice.orelse);
                });
            }
            Expr::ListComp(all) => self.comprehension(&all.generators, &[&all.elt]),
            Expr::SetComp(all) => self.comprehension(&all.generators, &[&all.elt]),
            Expr::Generator(all) => self.comprehension(&all.generators, &[&all.elt]),
            Expr::DictComp(all) => match &all.key {
                Some(key) => self.comprehension(&all.generators, &[key, &all.value]),
                None => self.comprehension(&all.generators, &[&all.value]),
            },
            // A lambda's own names stay in it.
            Expr::Lambda(lambda) => {
                let parameters = lambda.parameters.iter();
                for parameter in parameters.flat_map(|all| all.iter_non_variadic_params()) {
                    if let Some(default) = parameter.default() {
                        self.visit_expr(default);
                    }
                }
            }
            expr => match reach(expr) {
                Reach::Nothing => walk_harmless(self, expr),
                Reach::Module => self.module = true,
                Reach::Block => self.block = true,
            },
        }
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || self.children(expr));
    }
}

/// Visits the parts of `expr`, but not namespaces that it only reads.
pub(super) fn walk_harmless<'a, V: Visitor<'a>>(visitor: &mut V, expr: &'a Expr) {
    const READS: [&str; 8] = ["get", "items", "keys", "values", "copy", "__contains__", "__getitem__", "__len__"];
    const PURE: [&str; 10] = ["len", "sorted", "list", "set", "frozenset", "tuple", "dict", "iter", "print", "repr"];
    match expr {
        Expr::Subscript(item) if item.ctx == ExprContext::Load && is_namespace(&item.value) => {
            visitor.visit_expr(&item.slice);
        }
        Expr::Attribute(attribute) if READS.contains(&attribute.attr.id.as_str()) && is_namespace(&attribute.value) => {
        }
        Expr::Compare(compare) if compare.ops.iter().all(|op| matches!(op, CmpOp::In | CmpOp::NotIn)) => {
            visitor.visit_expr(&compare.left);
            for comparator in compare.comparators.iter().filter(|part| !is_namespace(part)) {
                visitor.visit_expr(comparator);
            }
        }
        Expr::Call(call) if name_of(&call.func).is_some_and(|name| PURE.contains(&name)) => {
            for argument in call.arguments.args.iter().filter(|part| !is_namespace(part)) {
                visitor.visit_expr(argument);
            }
            for keyword in &call.arguments.keywords {
                visitor.visit_expr(&keyword.value);
            }
        }
        expr => walk_expr(visitor, expr),
    }
}

/// What `expr` itself reaches into, its parts aside.
pub(super) fn reach(expr: &Expr) -> Reach {
    match expr {
        Expr::Call(call) => match name_of(&call.func) {
            Some("globals") => Reach::Module,
            Some("locals" | "vars") if call.arguments.is_empty() => Reach::Block,
            // Given a namespace of its own, it leaves this one alone.
            Some("exec") if call.arguments.len() == 1 => Reach::Block,
            _ => Reach::Nothing,
        },
        Expr::Subscript(item) if is_own_module(item) => Reach::Module,
        _ => Reach::Nothing,
    }
}

/// `sys.modules[__name__]`.
fn is_own_module(item: &ExprSubscript) -> bool {
    let is_modules = match &*item.value {
        Expr::Attribute(attribute) => attribute.attr.id.as_str() == "modules",
        expr => name_of(expr) == Some("modules"),
    };
    is_modules && name_of(&item.slice) == Some("__name__")
}

fn is_namespace(expr: &Expr) -> bool {
    let Expr::Call(ExprCall { func, arguments, .. }) = expr else {
        return false;
    };
    arguments.is_empty() && matches!(name_of(func), Some("globals" | "locals" | "vars"))
}

/// A plain name.
pub(super) fn name_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        _ => None,
    }
}

/// The literal key of `globals()["key"]`.
pub(super) fn namespace_key(item: &ExprSubscript) -> Option<&str> {
    match &*item.slice {
        Expr::StringLiteral(key) if is_namespace(&item.value) => Some(key.value.to_str()),
        _ => None,
    }
}

impl<'a> Walker<'a> {
    /// Looks for what an expression does to names.
    pub fn expression(&mut self, expr: &'a Expr, surely: bool) {
        if !self.hints.expressions || self.method_scope().is_some() {
            return;
        }
        let mut names = Names { walrus: Vec::new(), module: false, block: false, surely };
        names.visit_expr(expr);
        for (named, surely) in names.walrus {
            if let Expr::Name(target) = &*named.target {
                let known = self.known(&named.value);
                let start = named.range.start().into();
                let end = self.line_end(start).min(named.range.end().into());
                let span = Span::new(start, end.max(start));
                self.bind_variable(target.id.as_str(), None, known, span, surely);
            }
        }
        self.dynamic |= names.module;
        if names.block {
            match self.class_scope() {
                Some(class) => class.dynamic = true,
                None => self.dynamic = true,
            }
        }
    }
}
