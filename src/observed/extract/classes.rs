//! Classes: bases, body, and whether members may exist that aren't spelled.

use std::collections::HashMap;
use std::sync::Arc;

use ruff_python_ast::{Expr, StmtClassDef};
use ruff_text_size::Ranged;

use super::attributes::{of_class, of_methods};
use super::fields::{self, Style};
use super::functions::keyword_before;
use super::scope::{ClassScope, Kind, Scope};
use super::slot::Slot;
use super::walker::{Patch, Walker, dotted, last_name};
use super::{cut, slice, span};
use crate::observed::model::{
    Base, BaseTarget, Binding, BindingKind, Certainty, Class, ImportedName, InstanceAttribute, Known, Variable,
};
use crate::text::Span;
use crate::value::Value;

/// How often a class may hide a base of its own name before the chain is given up.
const MAX_SHADOWED: usize = 32;

impl<'a> Walker<'a> {
    /// A `class`.
    pub fn class(&mut self, def: &'a StmtClassDef) {
        for decorator in &def.decorator_list {
            self.expression(&decorator.expression, true);
        }
        let mut style = Style::Plain;
        let mut dynamic = false;
        for decorator in &def.decorator_list {
            match self.decorator(&decorator.expression) {
                Some(Style::Plain) => {}
                Some(known) => style = known,
                None => dynamic = true,
            }
            // It copies the members into the module.
            self.dynamic |= last_name(&decorator.expression) == Some("global_enum");
        }
        let mut bases = Vec::new();
        let mut named = Vec::new();
        for argument in def.arguments.iter().flat_map(|arguments| &arguments.args) {
            self.expression(argument, true);
            let base = self.base(argument, def.name.id.as_str());
            if let Some(known) = self.base_style(&base, argument) {
                style = known;
            }
            dynamic |= matches!(base.target, BaseTarget::Computed);
            if let BaseTarget::Name(name) = &base.target
                && let Some(BindingKind::Class(class)) = self.lookup(name).and_then(Slot::definite)
            {
                named.push((bases.len(), Arc::clone(class)));
            }
            bases.push(base);
        }
        for keyword in def.arguments.iter().flat_map(|arguments| &arguments.keywords) {
            self.expression(&keyword.value, true);
            dynamic |= match &keyword.arg {
                None => true,
                Some(name) => name.id.as_str() == "metaclass" && !self.is_plain_metaclass(&keyword.value),
            };
        }
        self.inner.push(Scope::new(Kind::Class(ClassScope::default())));
        self.block(&def.body);
        let Some(mut scope) = self.inner.pop() else {
            return;
        };
        let kind = std::mem::replace(&mut scope.kind, Kind::Module);
        let Kind::Class(parts) = kind else { return };
        let mut body: HashMap<String, Binding> =
            scope.into_names().into_iter().map(|(name, slot)| (name.to_owned(), slot.into_binding())).collect();
        let instance_attributes = self.instance_attributes(style, &mut body, &parts.values, parts.methods);
        dynamic |= parts.dynamic || ["__getattr__", "__getattribute__"].iter().any(|name| body.contains_key(*name));
        let class = Arc::new(Class { bases, body, instance_attributes, dynamic, instances_unknown: false });
        self.derived.extend(named.into_iter().map(|(at, base)| (Arc::clone(&class), at, base)));
        if style == Style::Model {
            self.models.insert(Arc::as_ptr(&class), class.clone());
        }
        self.bind(def.name.id.as_str(), BindingKind::Class(class), self.class_header(def), true);
    }

    fn class_header(&self, def: &StmtClassDef) -> Span {
        let name = usize::from(def.name.range.start());
        let start = keyword_before(self.text, def.range.start().into(), name, "class");
        let end = def.arguments.as_ref().map_or(def.name.range.end(), |arguments| arguments.range.end());
        cut(self.text, Span::new(start, end.into()))
    }

    fn instance_attributes(
        &self,
        style: Style,
        body: &mut HashMap<String, Binding>,
        values: &HashMap<&'a str, Option<&'a Expr>>,
        methods: Vec<super::attributes::MethodRun<'a>>,
    ) -> HashMap<String, InstanceAttribute> {
        let mut all = slots(body);
        all.extend(fields::fields(self, style, body, values));
        for (name, variable, span) in of_class(&methods) {
            let kind = BindingKind::Variable(variable);
            body.entry(name).or_insert(Binding { kind, certainty: Certainty::Possible, span });
        }
        for (name, mut attribute) in of_methods(methods) {
            // A field or slot is there before any method runs.
            if let Some(known) = all.remove(&name) {
                attribute.variable.annotation = attribute.variable.annotation.or(known.variable.annotation);
                if attribute.certainty == Certainty::Possible {
                    attribute.certainty = known.certainty;
                    attribute.variable.value = Known::Computed(None);
                }
            }
            all.insert(name, attribute);
        }
        for (name, attribute) in &mut all {
            if attribute.variable.annotation.is_none()
                && let Some(Binding { kind: BindingKind::Variable(declared), .. }) = body.get(name)
            {
                let annotation = declared.annotation.as_ref().filter(|text| !fields::is_special(text));
                attribute.variable.annotation = annotation.cloned();
            }
        }
        all
    }

    /// What a decorator does: makes fields, or leaves members alone; none if that isn't known.
    fn decorator(&self, decorator: &Expr) -> Option<Style> {
        let callee = match decorator {
            Expr::Call(call) => &*call.func,
            expr => expr,
        };
        let path = self.absolute(callee).unwrap_or_else(|| slice(self.text, callee.range()).to_owned());
        fields::of_decorator(&path).or_else(|| {
            matches!(
                last_name(callee)?,
                "total_ordering"
                    | "final"
                    | "runtime_checkable"
                    | "unique"
                    | "verify"
                    | "deprecated"
                    | "type_check_only"
                    | "no_type_check"
                    | "disjoint_base"
                    | "dataclass_transform"
            )
            .then_some(Style::Plain)
        })
    }

    fn is_plain_metaclass(&self, expr: &Expr) -> bool {
        let path = self.absolute(expr);
        let name = path.as_deref().and_then(|path| path.rsplit('.').next()).or_else(|| last_name(expr));
        matches!(name, Some("ABCMeta" | "EnumMeta" | "EnumType" | "type"))
    }

    fn base_style(&self, base: &Base, expr: &Expr) -> Option<Style> {
        let expr = without_subscript(expr);
        let path = self.absolute(expr).unwrap_or_else(|| base.written.clone());
        let known = fields::of_base(&path);
        known.or_else(|| {
            let Expr::Name(name) = expr else { return None };
            match &self.lookup(&name.id)?.fact.as_ref()?.kind {
                BindingKind::Class(class) => self.models.contains_key(&Arc::as_ptr(class)).then_some(Style::Model),
                _ => None,
            }
        })
    }

    fn base(&self, expr: &Expr, class: &str) -> Base {
        let expr_span = span(expr.range());
        let expr = without_subscript(expr);
        let mut parts = Vec::new();
        let root = dotted(expr, &mut parts);
        let written = match root {
            Some(root) => std::iter::once(root).chain(parts.iter().rev().copied()).collect::<Vec<_>>().join("."),
            None => slice(self.text, expr.range()).to_owned(),
        };
        let target = root.map_or(BaseTarget::Computed, |root| self.base_target(root, &parts, class));
        Base { written, target, span: Some(cut(self.text, expr_span)) }
    }

    /// What `root.….last` refers to; `parts` come last first.
    fn base_target(&self, root: &str, parts: &[&str], class: &str) -> BaseTarget {
        let in_class = !self.at_module_level() && self.scope_ref().lookup(root).is_some();
        let kind = self.lookup(root).and_then(Slot::definite);
        let Some((last, path)) = parts.split_first() else {
            return match kind {
                Some(BindingKind::Import(import)) => BaseTarget::Imported(import.clone()),
                // The name will stand for another class when the module has run.
                Some(BindingKind::Class(base)) if in_class || root == class => shadowed(base),
                _ if in_class => BaseTarget::Computed,
                _ => BaseTarget::Name(root.to_owned()),
            };
        };
        match kind {
            Some(BindingKind::Import(import)) => {
                let module = import.module.as_ref().map(|module| {
                    let between = import.name.iter().map(String::as_str).chain(path.iter().rev().copied());
                    std::iter::once(module.as_str()).chain(between).collect::<Vec<_>>().join(".")
                });
                BaseTarget::Imported(ImportedName { module, name: Some((*last).to_owned()) })
            }
            Some(BindingKind::Class(outer)) => {
                let mut found = outer;
                for part in parts.iter().rev() {
                    match found.body.get(*part) {
                        Some(Binding { kind: BindingKind::Class(inner), certainty: Certainty::Definite, .. }) => {
                            found = inner;
                        }
                        _ => return BaseTarget::Computed,
                    }
                }
                shadowed(found)
            }
            _ => BaseTarget::Computed,
        }
    }
}

/// Brings the classes that the module ends with up to date.
///
/// What was assigned to a class through one of its names counts for them all; and a base whose name
/// stands for something else by now is the class that it stood for.
pub(super) fn settle(
    bindings: &mut HashMap<String, Binding>,
    patches: Vec<(Arc<Class>, Patch<'_>)>,
    derived: &[(Arc<Class>, usize, Arc<Class>)],
) {
    let mut changed: HashMap<*const Class, Arc<Class>> = HashMap::new();
    for (original, patch) in patches {
        let class = Arc::make_mut(changed.entry(Arc::as_ptr(&original)).or_insert(original));
        match patch {
            Some((name, fact)) => {
                let slot = Slot::or(None, Slot::new(fact));
                class.body.entry(name.to_owned()).or_insert_with(|| slot.into_binding());
            }
            None => class.dynamic = true,
        }
    }
    // Bases come before what derives from them.
    for (original, at, base) in derived {
        let written = original.bases.get(*at).map(|base| &base.target);
        let Some(BaseTarget::Name(name)) = written else { continue };
        let same = |kind: &BindingKind| matches!(kind, BindingKind::Class(class) if Arc::ptr_eq(class, base));
        if bindings.get(name).is_some_and(|binding| same(&binding.kind)) {
            continue;
        }
        let target = shadowed(changed.get(&Arc::as_ptr(base)).unwrap_or(base));
        let class = changed.entry(Arc::as_ptr(original)).or_insert_with(|| Arc::clone(original));
        if let Some(base) = Arc::make_mut(class).bases.get_mut(*at) {
            base.target = target;
        }
    }
    for binding in bindings.values_mut() {
        if let BindingKind::Class(class) = &mut binding.kind
            && let Some(new) = changed.get(&Arc::as_ptr(class))
        {
            *class = Arc::clone(new);
        }
    }
}

/// A class that no name of the module stands for.
fn shadowed(base: &Arc<Class>) -> BaseTarget {
    let mut depth = 0;
    let mut class = base;
    while let Some(inner) = class.bases.iter().find_map(|base| match &base.target {
        BaseTarget::Known(inner) => Some(inner),
        _ => None,
    }) {
        depth += 1;
        if depth == MAX_SHADOWED {
            return BaseTarget::Computed;
        }
        class = inner;
    }
    BaseTarget::Known(base.clone())
}

/// `Generic[T]` is `Generic`.
fn without_subscript(mut expr: &Expr) -> &Expr {
    while let Expr::Subscript(subscript) = expr {
        expr = &subscript.value;
    }
    expr
}

/// The attributes that `__slots__` makes.
fn slots(body: &HashMap<String, Binding>) -> HashMap<String, InstanceAttribute> {
    let mut found = HashMap::new();
    let Some(Binding { kind: BindingKind::Variable(variable), certainty, span }) = body.get("__slots__") else {
        return found;
    };
    let Known::Literal(value) = &variable.value else {
        return found;
    };
    let names: Vec<&Value> = match value {
        name @ Value::Str(_) => vec![name],
        Value::List(names) | Value::Tuple(names) | Value::Set(names) => names.iter().collect(),
        Value::Dict(items) => items.iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    };
    for name in names {
        if let Value::Str(name) = name
            && !matches!(name.as_str(), "__dict__" | "__weakref__")
        {
            let variable = Variable { annotation: None, value: Known::Computed(None) };
            found.insert(name.clone(), InstanceAttribute { variable, certainty: *certainty, span: *span });
        }
    }
    found
}
