//! The walk through a module in execution order: its state and the way names are looked up.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::requests::{self, Asked, Truth};
use super::scope::{ClassScope, Kind, MethodScope, Scope};
use super::slot::{Fact, Slot};
use super::{About, classes, cut, functions, globals, has, literals, span};
use crate::observed::model::{Binding, BindingKind, Class, ImportedName, Known, Module, StarImport, Variable};
use crate::text::Span;

/// Longest annotation that is carried over to later assignments.
const MAX_ANNOTATION: usize = 2_000;
/// Stack for the value or the condition of one statement.
pub(super) const VALUE_STACK: usize = if cfg!(debug_assertions) { 512 * 1024 } else { 128 * 1024 };

/// The walk.
pub(super) struct Walker<'a> {
    pub text: &'a str,
    pub about: &'a About<'a>,
    /// The module's own namespace.
    pub module: Scope<'a>,
    /// Classes and methods that are being walked, innermost last.
    pub inner: Vec<Scope<'a>>,
    /// `import *` so far.
    pub stars: Vec<StarImport>,
    /// The module may bind names that aren't spelled.
    pub dynamic: bool,
    /// Functions to be searched for `global`.
    pub functions: Vec<&'a StmtFunctionDef>,
    /// `Class.attribute = …` after the class; without an attribute, one that isn't spelled.
    pub patches: Vec<(Arc<Class>, Patch<'a>)>,
    /// A class, the place among its bases of a name, and the class that the name stood for.
    pub derived: Vec<(Arc<Class>, usize, Arc<Class>)>,
    /// Classes whose annotated names are fields in subclasses too.
    pub models: HashMap<*const Class, Arc<Class>>,
    pub hints: Hints,
    /// Values that were copied because a name was annotated again.
    pub copies: usize,
    /// The bytes that names for what has a name already have taken.
    pub grown: usize,
    /// All that runs.
    pub body: &'a [Stmt],
    /// The names that something in it declares `global`, once that was asked.
    pub declared_global: Option<HashSet<&'a str>>,
    /// The start and end of a stretch without line end.
    line: Range<usize>,
}

/// An attribute's name and what is bound to it.
pub(super) type Patch<'a> = Option<(&'a str, Rc<Fact>)>;

/// Which words the text has at all; what it doesn't have needn't be looked for.
#[derive(Clone, Copy)]
pub(super) struct Hints {
    /// Expressions may bind names or reach into namespaces.
    pub expressions: bool,
    /// Functions may bind names of the module.
    pub globals: bool,
}

/// Runs the walk.
pub(super) fn walk(text: &str, about: &About<'_>, body: &[Stmt]) -> Module {
    Walker::run(text, about, body).finish()
}

/// Runs the walk; what is asked for in branches that it knows not to run is left out.
pub(super) fn walk_and_collect<'a>(text: &'a str, about: &About<'_>, body: &'a [Stmt]) -> Asked<'a> {
    let walker = Walker::run(text, about, body);
    let program = About { module: Some("__main__"), ..*about };
    let truth = |test| {
        let imported = walker.truth(test);
        // Only what is known to be false can come out otherwise in a program.
        let program = if imported.is_some() { walker.truth_for(test, &program) } else { None };
        Truth { imported, program }
    };
    let mut all = Vec::new();
    let is_program = requests::collect(text, body, &truth, &mut |request| {
        all.push(request);
        true
    });
    Asked { module: walker.finish(), requests: all, is_program }
}

impl<'a> Walker<'a> {
    fn run(text: &'a str, about: &'a About<'a>, body: &'a [Stmt]) -> Self {
        let has = |word| has(text, word);
        let globals = has("global") || has("modules[");
        let hints =
            Hints { globals, expressions: globals || [":=", "exec", "vars", "locals", "setattr"].into_iter().any(has) };
        let mut walker = Walker {
            text,
            about,
            module: Scope::new(Kind::Module),
            inner: Vec::new(),
            stars: Vec::new(),
            dynamic: false,
            functions: Vec::new(),
            patches: Vec::new(),
            derived: Vec::new(),
            models: HashMap::new(),
            hints,
            copies: 0,
            grown: 0,
            body,
            declared_global: None,
            line: 0..0,
        };
        walker.block(body);
        walker
    }
}

impl<'a> Walker<'a> {
    fn finish(mut self) -> Module {
        globals::apply(&mut self);
        let mut bindings: HashMap<String, Binding> =
            self.module.into_names().into_iter().map(|(name, slot)| (name.to_owned(), slot.into_binding())).collect();
        drop(self.models);
        classes::settle(&mut bindings, self.patches, &self.derived);
        let lazy = matches!(bindings.get("__getattr__"), Some(Binding { kind: BindingKind::Function(_), .. }));
        Module { bindings, star_imports: self.stars, dynamic: self.dynamic || lazy }
    }

    /// The namespace that the running code binds names in.
    pub fn scope(&mut self) -> &mut Scope<'a> {
        self.inner.last_mut().unwrap_or(&mut self.module)
    }

    /// The same, to look at.
    pub fn scope_ref(&self) -> &Scope<'a> {
        self.inner.last().unwrap_or(&self.module)
    }

    /// The class whose body runs.
    pub fn class_scope(&mut self) -> Option<&mut ClassScope<'a>> {
        match &mut self.inner.last_mut()?.kind {
            Kind::Class(class) => Some(class),
            _ => None,
        }
    }

    /// The method that runs.
    pub fn method_scope(&mut self) -> Option<&mut MethodScope<'a>> {
        match &mut self.inner.last_mut()?.kind {
            Kind::Method(method) => Some(method),
            _ => None,
        }
    }

    /// Whether module-level code runs (not a class body, not a method).
    pub fn at_module_level(&self) -> bool {
        self.inner.is_empty()
    }

    /// What `name` holds for the running code.
    pub fn lookup(&self, name: &str) -> Option<&Slot> {
        match self.inner.last() {
            Some(Scope { kind: Kind::Method(method), .. }) if method.locals.contains(name) => None,
            Some(scope @ Scope { kind: Kind::Class(_), .. }) => scope.lookup(name).or_else(|| self.module.lookup(name)),
            _ => self.module.lookup(name),
        }
    }

    /// Whether `name` is hidden by something other than the builtin.
    pub fn is_bound(&self, name: &str) -> bool {
        let is_local = matches!(&self.scope_ref().kind, Kind::Method(method) if method.locals.contains(name));
        is_local || self.lookup(name).is_some()
    }

    /// The import that `name` surely stands for.
    pub fn import_of(&self, name: &str) -> Option<&ImportedName> {
        match self.lookup(name)?.definite()? {
            BindingKind::Import(import) => Some(import),
            _ => None,
        }
    }

    /// The absolute dotted name that a dotted expression stands for, if it begins with an import.
    pub fn absolute(&self, expr: &Expr) -> Option<String> {
        let mut parts = Vec::new();
        let root = dotted(expr, &mut parts)?;
        let import = self.import_of(root)?;
        let mut path = import.module.clone()?;
        for part in import.name.iter().map(String::as_str).chain(parts.into_iter().rev()) {
            path.push('.');
            path.push_str(part);
        }
        Some(path)
    }

    /// The value of an expression.
    pub fn known(&self, expr: &Expr) -> Known {
        stacker::maybe_grow(VALUE_STACK, VALUE_STACK, || literals::known(self.text, expr, &|name| self.is_bound(name)))
    }

    /// Binds `name` in the running block.
    pub fn bind(&mut self, name: &'a str, kind: BindingKind, span: Span, surely: bool) {
        let scope = match self.inner.last_mut() {
            Some(Scope { kind: Kind::Method(method), .. }) => return method.hide(name),
            scope => scope,
        };
        let fact = Rc::new(Fact { kind, span: Some(span) });
        match scope {
            None => self.module.bind(name, fact, surely),
            Some(scope) if scope.globals.contains(name) => {
                let surely = surely && scope.is_unconditional();
                self.module.bind(name, fact, surely);
            }
            Some(scope) => scope.bind(name, fact, surely),
        }
    }

    /// Binds a variable; an annotation that the name has already stays its annotation.
    pub fn bind_variable(&mut self, name: &'a str, annotation: Option<String>, value: Known, span: Span, surely: bool) {
        let annotation = annotation.or_else(|| self.annotation_of(name));
        self.bind(name, BindingKind::Variable(Variable { annotation, value }), span, surely);
    }

    /// The annotation that a name has already. Longer ones than anybody writes aren't copied.
    pub fn annotation_of(&self, name: &str) -> Option<String> {
        let annotation = self.scope_ref().lookup(name)?.annotation()?;
        (annotation.len() <= MAX_ANNOTATION).then(|| annotation.clone())
    }

    /// Where the line of `offset` ends.
    pub fn line_end(&mut self, offset: usize) -> usize {
        // Many targets may stand in one long line: it is searched once.
        if !self.line.contains(&offset) {
            let rest = self.text.get(offset..).unwrap_or_default();
            let length = rest.bytes().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
            self.line = offset..offset + length;
        }
        self.line.end
    }

    /// Unbinds `name`.
    pub fn unbind(&mut self, name: &'a str) {
        match self.inner.last_mut() {
            None => self.module.delete(name),
            Some(scope) if scope.globals.contains(name) => self.module.delete(name),
            Some(Scope { kind: Kind::Method(_), .. }) => {}
            Some(scope) => scope.delete(name),
        }
    }

    /// A `def`.
    pub fn function(&mut self, def: &'a StmtFunctionDef) {
        let name = def.name.id.as_str();
        if matches!(self.scope_ref().kind, Kind::Method(_)) {
            self.nested_function(def);
            return;
        }
        for decorator in &def.decorator_list {
            self.expression(&decorator.expression, true);
        }
        for parameter in def.parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default() {
                self.expression(default, true);
            }
        }
        if self.hints.globals {
            self.functions.push(def);
        }
        let function = stacker::maybe_grow(VALUE_STACK, VALUE_STACK, || {
            functions::function(self.text, def, &|name| self.is_bound(name))
        });
        if self.class_scope().is_some() {
            self.method(def, &function.decorators);
        }
        let span = functions::header(self.text, def);
        self.bind(name, BindingKind::Function(function), span, true);
    }
}

/// The parts of `root.b.c` after the root, last first, and the root.
pub(super) fn dotted<'e>(expr: &'e Expr, parts: &mut Vec<&'e str>) -> Option<&'e str> {
    let mut expr = expr;
    loop {
        match expr {
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.id.as_str());
                expr = &attribute.value;
            }
            Expr::Name(name) => return Some(name.id.as_str()),
            _ => return None,
        }
    }
}

/// The place of one node, first line only.
pub(super) fn place(text: &str, node: &impl Ranged) -> Span {
    cut(text, span(node.range()))
}

/// The last part of a dotted name.
pub(super) fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Attribute(attribute) => Some(attribute.attr.id.as_str()),
        Expr::Name(name) => Some(name.id.as_str()),
        _ => None,
    }
}

/// `a` of `a.b.c`.
pub(super) fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}
