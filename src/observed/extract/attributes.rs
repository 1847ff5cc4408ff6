//! Attributes that methods give to their object, or to their class.
//!
//! A method runs through the same flow as a module, with the attributes of its first parameter as
//! the names that are bound.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};

use super::names::name_of;
use super::scope::{Kind, Leaves, MethodScope, Scope};
use super::slot::{Bound, Fact, Frame, Merge, Slot, same_variable};
use super::targets::Source;
use super::walker::{Walker, place};
use crate::observed::model::{BindingKind, Certainty, Class, InstanceAttribute, Known, Variable};
use crate::text::Span;

/// What a method's bindings mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It runs for each new object.
    Init,
    /// Somebody may call it.
    Other,
    /// A constructor that a later one of the same name replaced, perhaps.
    Replaced,
    /// Its first parameter is the class.
    Class,
}

/// One method and what it binds.
pub(super) struct MethodRun<'a> {
    pub role: Role,
    pub attributes: Frame<'a>,
}

impl<'a> Walker<'a> {
    /// A `def` in a class body.
    pub fn method(&mut self, def: &'a StmtFunctionDef, decorators: &[String]) {
        let name = def.name.id.as_str();
        let decorated = |wanted: &str| decorators.iter().any(|decorator| decorator.rsplit('.').next() == Some(wanted));
        let parameters = &def.parameters;
        let first = parameters.posonlyargs.first().or_else(|| parameters.args.first());
        let Some(first) = first.map(|first| first.parameter.name.id.as_str()) else {
            return;
        };
        if decorated("staticmethod") && name != "__new__" || decorated("overload") {
            return;
        }
        let is_new = name == "__new__";
        let role = match name {
            "__new__" | "__init__" | "__post_init__" | "__attrs_post_init__" => Role::Init,
            "__init_subclass__" | "__class_getitem__" => Role::Class,
            _ if decorated("classmethod") => Role::Class,
            _ => Role::Other,
        };
        let mut method = MethodScope { is_new, ..MethodScope::default() };
        method.locals.extend(parameters.iter().map(|parameter| parameter.name().id.as_str()));
        if !is_new {
            method.receivers.push(first);
        }
        self.inner.push(Scope::new(Kind::Method(method)));
        let merge = self.body(def);
        self.scope().join(merge);
        let Some(mut scope) = self.inner.pop() else {
            return;
        };
        let dynamic = matches!(&scope.kind, Kind::Method(method) if method.dynamic);
        scope.kind = Kind::Module;
        let attributes = scope.into_names();
        if let Some(class) = self.class_scope() {
            class.dynamic |= dynamic;
            if role == Role::Init {
                let earlier = class.constructors.insert(name, class.methods.len());
                if let Some(run) = earlier.and_then(|at| class.methods.get_mut(at)) {
                    run.role = Role::Replaced;
                }
            }
            class.methods.push(MethodRun { role, attributes });
        }
    }

    /// A function inside a method: it may run, with the object it closes over.
    pub fn nested_function(&mut self, def: &'a StmtFunctionDef) {
        let mut receivers = Vec::new();
        if let Some(method) = self.method_scope() {
            receivers.clone_from(&method.receivers);
            let hidden: Vec<_> = def.parameters.iter().map(|parameter| parameter.name().id.as_str()).collect();
            method.receivers.retain(|receiver| !hidden.contains(receiver));
            method.locals.extend(hidden);
            method.locals.insert(def.name.id.as_str());
        }
        let mut merge = self.body(def);
        merge.add_nothing();
        self.scope().join(merge);
        if let Some(method) = self.method_scope() {
            method.receivers = receivers;
        }
    }

    /// Runs a function's body; what holds where it ends.
    fn body(&mut self, def: &'a StmtFunctionDef) -> Merge<'a> {
        self.scope().enter(Leaves::Function);
        let frame = self.branch(|walker| walker.block(&def.body));
        let mut merge = Merge::default();
        if let Some(jump) = self.scope().exit() {
            merge.absorb(jump.merge);
            if jump.coarse {
                merge.add_nothing();
            }
        }
        if let Some(frame) = frame {
            merge.add(frame);
        }
        merge
    }

    /// Whether `expr` is the object of the method that runs.
    pub fn is_receiver(&self, expr: &Expr) -> bool {
        let Kind::Method(method) = &self.scope_ref().kind else {
            return false;
        };
        name_of(expr).is_some_and(|name| method.receivers.contains(&name))
    }

    /// `self = super().__new__(cls)`.
    pub fn is_new_object(&self, source: Source<'a>) -> bool {
        let (Kind::Method(MethodScope { is_new: true, .. }), Source::Expr(Expr::Call(call))) =
            (&self.scope_ref().kind, source)
        else {
            return false;
        };
        matches!(&*call.func, Expr::Attribute(callee) if callee.attr.id.as_str() == "__new__")
    }

    /// `object.name: annotation = value`.
    pub fn attribute(&mut self, object: &'a Expr, name: &'a str, annotation: Option<String>, value: Known, span: Span) {
        if self.is_receiver(object) {
            let annotation = annotation.or_else(|| self.annotation_of(name));
            // An annotation alone doesn't take away what is there.
            if value == Known::Unbound && self.scope_ref().lookup(name).is_some() {
                return;
            }
            let kind = BindingKind::Variable(Variable { annotation, value });
            self.scope().bind(name, Rc::new(Fact { kind, span: Some(span) }), true);
        } else if self.at_module_level()
            && let Some(class) = self.class_named(object)
        {
            let kind = BindingKind::Variable(Variable { annotation, value });
            self.patches.push((class, Some((name, Rc::new(Fact { kind, span: Some(span) })))));
        }
    }

    fn class_named(&self, expr: &Expr) -> Option<Arc<Class>> {
        match &self.lookup(name_of(expr)?)?.fact.as_ref()?.kind {
            BindingKind::Class(class) => Some(Arc::clone(class)),
            _ => None,
        }
    }

    /// `object[…] = value`: `self.__dict__["x"] = …` binds attributes that aren't followed.
    pub fn item(&mut self, object: &'a Expr) {
        self.changed(object);
        if self.is_dictionary(object)
            && let Some(method) = self.method_scope()
        {
            method.dynamic = true;
        }
    }

    /// `self.__dict__` or `vars(self)`.
    fn is_dictionary(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Attribute(attribute) if attribute.attr.id.as_str() == "__dict__" => {
                self.is_receiver(&attribute.value)
            }
            Expr::Call(call) if name_of(&call.func) == Some("vars") => {
                call.arguments.args.first().is_some_and(|object| self.is_receiver(object))
            }
            _ => false,
        }
    }

    /// `setattr(self, "x", value)`, `object.__setattr__(self, "x", value)`, `self.__dict__.update(…)`.
    pub fn call_statement(&mut self, expr: &'a Expr) {
        let Expr::Call(call) = expr else { return };
        match &*call.func {
            Expr::Name(name) if name.id.as_str() == "setattr" => {
                if let [object, key, value] = &*call.arguments.args {
                    self.set_attribute(Some(object), key, value, call);
                }
            }
            Expr::Attribute(method) if method.attr.id.as_str() == "__setattr__" => match &*call.arguments.args {
                [object, key, value] => self.set_attribute(Some(object), key, value, call),
                [key, value] => {
                    let is_super = matches!(&*method.value, Expr::Call(call) if name_of(&call.func) == Some("super"));
                    self.set_attribute((!is_super).then_some(&*method.value), key, value, call);
                }
                _ => {}
            },
            Expr::Attribute(method) if matches!(method.attr.id.as_str(), "update" | "setdefault") => {
                self.item(&method.value);
            }
            Expr::Attribute(method) => self.changed(&method.value),
            _ => {}
        }
    }

    fn set_attribute(&mut self, object: Option<&'a Expr>, key: &'a Expr, value: &'a Expr, call: &'a ExprCall) {
        // Without an object: `super()`, which is the first receiver.
        let is_receiver = match object {
            Some(object) => self.is_receiver(object),
            None => {
                matches!(&self.scope_ref().kind, Kind::Method(method) if !method.receivers.is_empty())
            }
        };
        let class = object.filter(|_| self.at_module_level()).and_then(|object| self.class_named(object));
        let name = match key {
            Expr::StringLiteral(key) => Some(key.value.to_str()),
            _ => None,
        };
        let variable = Variable { annotation: None, value: self.known(value) };
        let fact = Fact { kind: BindingKind::Variable(variable), span: Some(place(self.text, call)) };
        match (name, class) {
            (Some(name), None) if is_receiver => self.scope().bind(name, Rc::new(fact), true),
            (None, None) if is_receiver => {
                if let Some(method) = self.method_scope() {
                    method.dynamic = true;
                }
            }
            (name, Some(class)) => self.patches.push((class, name.map(|name| (name, Rc::new(fact))))),
            _ => {}
        }
    }
}

/// The instance attributes that methods bind. What a constructor surely binds wins; otherwise a
/// value counts only if all agree on it.
pub(super) fn of_methods(methods: Vec<MethodRun<'_>>) -> HashMap<String, InstanceAttribute> {
    let mut own = HashMap::new();
    let mut others = HashMap::new();
    for run in methods {
        let map = match run.role {
            Role::Init => &mut own,
            Role::Other | Role::Replaced => &mut others,
            Role::Class => continue,
        };
        for (name, slot) in run.attributes {
            if let Some(mut attribute) = attribute(&slot) {
                if run.role == Role::Replaced {
                    attribute.certainty = Certainty::Possible;
                }
                add(map, name.to_owned(), attribute);
            }
        }
    }
    for (name, mut attribute) in own {
        if attribute.certainty == Certainty::Possible {
            add(&mut others, name, attribute);
        } else {
            if let Some(other) = others.remove(&name) {
                attribute.variable.annotation = attribute.variable.annotation.or(other.variable.annotation);
            }
            others.insert(name, attribute);
        }
    }
    others
}

fn attribute(slot: &Slot) -> Option<InstanceAttribute> {
    let fact = slot.fact.as_ref()?;
    let BindingKind::Variable(variable) = &fact.kind else {
        return None;
    };
    let mut variable = variable.clone();
    if slot.varies {
        variable.value = Known::Computed(None);
    }
    let certainty = match slot.bound {
        Bound::Never => return None,
        Bound::Perhaps => Certainty::Possible,
        Bound::Surely => Certainty::Definite,
    };
    Some(InstanceAttribute { variable, certainty, span: fact.span })
}

fn add(map: &mut HashMap<String, InstanceAttribute>, name: String, new: InstanceAttribute) {
    match map.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(new);
        }
        Entry::Occupied(mut entry) => {
            let known = entry.get_mut();
            if !same_variable(&known.variable, &new.variable) {
                let same = known.variable.value == new.variable.value;
                if !same || !matches!(new.variable.value, Known::Literal(_)) {
                    known.variable.value = Known::Computed(None);
                }
                if known.variable.annotation.is_none() {
                    known.variable.annotation = new.variable.annotation;
                }
            }
            if new.certainty == Certainty::Definite {
                known.certainty = Certainty::Definite;
            }
            known.span = new.span;
        }
    }
}

/// Where a class-method's `cls.x = …` stands, as a binding of the class body.
pub(super) fn of_class(methods: &[MethodRun<'_>]) -> Vec<(String, Variable, Option<Span>)> {
    let class_methods = methods.iter().filter(|run| run.role == Role::Class);
    let mut found = Vec::new();
    for (name, slot) in class_methods.flat_map(|run| &run.attributes) {
        if let Some(InstanceAttribute { variable, span, .. }) = attribute(slot) {
            found.push(((*name).to_owned(), variable, span));
        }
    }
    found
}
