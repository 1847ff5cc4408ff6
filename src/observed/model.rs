//! The observed model of one module (DESIGN 5).
//!
//! The same types describe what source shows and what a live object shows; a live fact has no span.

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::Span;
use crate::value::Value;

/// What one module declares.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The last binding of each name at module level, `from … import *` aside (see [`Self::stars_after`]).
    pub bindings: HashMap<String, Binding>,
    /// Modules of `from … import *` statements that may run: further names may come from them.
    pub star_imports: Vec<StarImport>,
    /// Whether module-level code may bind names that the source does not spell
    /// (`globals()[…] = …`, `vars().update(…)`, `exec(…)`).
    pub dynamic: bool,
}

impl Module {
    /// The `from … import *` statements after `binding`, last one first: each may bind its name anew.
    pub fn stars_after(&self, binding: &Binding) -> impl Iterator<Item = &StarImport> {
        let from = binding.span.map_or(usize::MAX, |span| span.start);
        self.star_imports.iter().rev().filter(move |star| star.span.start > from)
    }
}

/// A `from module import *`.
#[derive(Clone, Debug)]
pub struct StarImport {
    /// The absolute module name, if it could be resolved.
    pub module: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// The last binding of a name.
#[derive(Clone, Debug)]
pub struct Binding {
    /// What is bound.
    pub kind: BindingKind,
    /// Whether every way through the code ends with the name bound to this.
    pub certainty: Certainty,
    /// The place to underline (the name with its value, or the signature line); none for live facts.
    pub span: Option<Span>,
}

/// How sure a static binding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Bound, and to exactly this.
    Definite,
    /// Bound on every path, but to different things: the name is certain, the content is not.
    Varies,
    /// Bound on some paths only.
    Possible,
}

/// What a name is bound to.
#[derive(Clone, Debug)]
pub enum BindingKind {
    /// A plain variable.
    Variable(Variable),
    /// A `def` or `async def`.
    Function(Function),
    /// A `class`.
    Class(Arc<Class>),
    /// An `import` or `from … import`.
    Import(ImportedName),
    /// `del name` came last (or `except … as name` ended): not bound.
    Deleted,
}

/// A variable or attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The annotation's source text, as written.
    pub annotation: Option<String>,
    /// The value, as far as it is known.
    pub value: Known,
}

/// A value that is known, or not.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// A literal.
    Literal(Value),
    /// Something computed. From a live namespace: the type's name.
    Computed(Option<String>),
    /// Annotated only (`x: int`): no value.
    Unbound,
}

/// An imported name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedName {
    /// The absolute module; none if a relative import goes past the top.
    pub module: Option<String>,
    /// The name in it; none for `import a.b` (bound to the module itself).
    pub name: Option<String>,
}

/// A function or method signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Parameters in written order.
    pub parameters: Vec<Parameter>,
    /// The return annotation's text, as written.
    pub returns: Option<String>,
    /// Its place.
    pub returns_span: Option<Span>,
    /// `async def`.
    pub is_async: bool,
    /// Decorators' text, outermost first, without arguments (`functools.wraps(f)` is `functools.wraps`).
    pub decorators: Vec<String>,
}

impl Function {
    /// Whether the decorators make a property of a method.
    #[must_use]
    pub fn is_property(&self) -> bool {
        self.decorators.iter().any(|decorator| {
            let last = decorator.rsplit('.').next().unwrap_or(decorator);
            matches!(last, "property" | "cached_property" | "abstractproperty" | "setter" | "getter" | "deleter")
        })
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, without stars.
    pub name: String,
    /// Its kind.
    pub kind: ParameterKind,
    /// The annotation's text.
    pub annotation: Option<String>,
    /// The default; none if it has none.
    pub default: Option<Known>,
    /// Its place.
    pub span: Option<Span>,
}

/// The kinds of `inspect.Parameter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// Ordinary.
    PositionalOrKeyword,
    /// `*args`.
    VarPositional,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    VarKeyword,
}

impl ParameterKind {
    /// The contract's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PositionalOnly => "positional-only",
            Self::PositionalOrKeyword => "positional-or-keyword",
            Self::VarPositional => "var-positional",
            Self::KeywordOnly => "keyword-only",
            Self::VarKeyword => "var-keyword",
        }
    }
}

/// A class.
#[derive(Clone, Debug, Default)]
pub struct Class {
    /// Bases as written, in order.
    pub bases: Vec<Base>,
    /// Names bound in the class body (variables, methods, nested classes, imports).
    pub body: HashMap<String, Binding>,
    /// Instance attributes: `self.x = …`, `__slots__`, fields of dataclasses and the like.
    pub instance_attributes: HashMap<String, InstanceAttribute>,
    /// Whether members may exist that the source does not spell (computed bases, `setattr`,
    /// a metaclass or class decorator that is not known to leave members alone).
    pub dynamic: bool,
    /// Whether instances may have attributes that are not listed: a live class object does not tell
    /// what its methods assign.
    pub instances_unknown: bool,
}

/// An attribute that instances have.
#[derive(Clone, Debug)]
pub struct InstanceAttribute {
    /// Annotation and value.
    pub variable: Variable,
    /// Whether each instance surely gets it. `Possible` for one bound conditionally.
    pub certainty: Certainty,
    /// Its place.
    pub span: Option<Span>,
}

/// A base of a class.
#[derive(Clone, Debug)]
pub struct Base {
    /// As written, without subscripts (`Generic[T]` is `Generic`).
    pub written: String,
    /// What it refers to.
    pub target: BaseTarget,
    /// Its place.
    pub span: Option<Span>,
}

/// What a base refers to.
#[derive(Clone, Debug)]
pub enum BaseTarget {
    /// A name of the same module (resolved through its bindings), or a builtin.
    Name(String),
    /// `module.attr` through an imported module: the absolute module and the name in it.
    Imported(ImportedName),
    /// A class that is known already (from a live namespace).
    Known(Arc<Class>),
    /// Computed: cannot be told from the source.
    Computed,
}
