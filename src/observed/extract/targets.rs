//! What assignments, patterns and `del` do to names.

use ruff_python_ast::{Expr, Pattern, StmtAnnAssign, StmtAssign, StmtAugAssign};
use ruff_text_size::Ranged;

use super::names::namespace_key;
use super::slice;
use super::slot::Bound;
use super::walker::{Walker, place};
use crate::observed::model::{BindingKind, Known};
use crate::text::Span;
use crate::value::Value;

const RED_ZONE: usize = 64 * 1024;
const MORE_STACK: usize = 1024 * 1024;

/// How often one value is copied; written code never gets there.
const MAX_COPIES: usize = 64;

/// Where an assigned value comes from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Expr(&'a Expr),
    Computed(Option<&'static str>),
}

impl<'a> Walker<'a> {
    fn source(&self, source: Source<'a>) -> Known {
        match source {
            Source::Expr(expr) => self.known(expr),
            Source::Computed(name) => Known::Computed(name.map(str::to_owned)),
        }
    }

    /// `a = b = value`.
    pub fn assignment(&mut self, assign: &'a StmtAssign) {
        self.expression(&assign.value, true);
        // Each target gets the value anew.
        let source = match assign.targets.len() {
            0..=MAX_COPIES => Source::Expr(&assign.value),
            _ => Source::Computed(None),
        };
        let alias = self.alias(assign);
        for target in &assign.targets {
            if let (Expr::Name(name), Some(kind)) = (target, &alias) {
                let span = self.written(target, Some(assign.value.end().into()));
                self.bind_alias(name.id.as_str(), kind.clone(), &assign.value, span);
                continue;
            }
            self.assign(target, source, Some(assign.value.end().into()), true);
        }
    }

    /// `target: annotation = value`.
    pub fn annotated(&mut self, assign: &'a StmtAnnAssign) {
        let annotation = slice(self.text, assign.annotation.range()).to_owned();
        let span = place(self.text, assign);
        let value = assign.value.as_deref();
        if let Some(value) = value {
            self.expression(value, true);
        }
        let known = value.map_or(Known::Unbound, |value| self.known(value));
        match &*assign.target {
            Expr::Name(name) => {
                let name = name.id.as_str();
                if let Some(class) = self.class_scope() {
                    class.values.insert(name, value);
                }
                match self.scope_ref().lookup(name) {
                    // The annotation adds to what is there.
                    Some(slot) if value.is_none() && slot.bound != Bound::Never => {
                        let surely = slot.bound == Bound::Surely;
                        let fact = slot.fact.clone();
                        if let Some(BindingKind::Variable(variable)) = fact.as_ref().map(|fact| &fact.kind) {
                            self.copies += 1;
                            let known = match &variable.value {
                                _ if self.copies > MAX_COPIES => Known::Computed(None),
                                value => value.clone(),
                            };
                            self.bind_variable(name, Some(annotation), known, span, surely);
                        }
                    }
                    _ => self.bind_variable(name, Some(annotation), known, span, true),
                }
            }
            Expr::Attribute(attribute) => {
                self.attribute(&attribute.value, attribute.attr.id.as_str(), Some(annotation), known, span);
            }
            target => self.expression(target, true),
        }
    }

    /// `target += value`.
    pub fn augmented(&mut self, assign: &'a StmtAugAssign) {
        self.expression(&assign.value, true);
        self.assign(&assign.target, Source::Computed(None), Some(assign.value.end().into()), true);
    }

    /// Binds what `target` names. `end` is where the whole assignment ends, for the place to show.
    pub fn assign(&mut self, target: &'a Expr, source: Source<'a>, end: Option<usize>, surely: bool) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            self.assign_one(target, source, end, surely);
        });
    }

    /// The place to show for an assignment to `target` that ends at `end`: its first line.
    fn written(&mut self, target: &Expr, end: Option<usize>) -> Span {
        let start = target.start().into();
        let end_of_line = self.line_end(start);
        Span::new(start, end.unwrap_or(target.end().into()).min(end_of_line).max(start))
    }

    fn assign_one(&mut self, target: &'a Expr, source: Source<'a>, end: Option<usize>, surely: bool) {
        let span = self.written(target, end);
        match target {
            Expr::Name(name) => {
                let name = name.id.as_str();
                if self.is_new_object(source) {
                    if let Some(method) = self.method_scope()
                        && method.receivers.len() < MAX_COPIES
                        && !method.receivers.contains(&name)
                    {
                        method.receivers.push(name);
                    }
                    return;
                }
                if let Some(class) = self.class_scope() {
                    let value = if let Source::Expr(expr) = source { Some(expr) } else { None };
                    class.values.insert(name, value);
                }
                // A method's own names have no value that anybody asks for.
                if let Some(method) = self.method_scope() {
                    method.hide(name);
                    return;
                }
                let known = self.source(source);
                self.bind_variable(name, None, known, span, surely);
            }
            Expr::Attribute(attribute) if self.method_scope().is_some() && !self.is_receiver(&attribute.value) => {}
            Expr::Attribute(attribute) => {
                let known = self.source(source);
                self.expression(&attribute.value, true);
                self.attribute(&attribute.value, attribute.attr.id.as_str(), None, known, span);
            }
            Expr::Starred(starred) => {
                self.assign(&starred.value, Source::Computed(Some("list")), end, surely);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, source, end, surely),
            Expr::List(list) => self.unpack(&list.elts, source, end, surely),
            Expr::Subscript(subscript) => match namespace_key(subscript) {
                // `globals()["name"] = value` spells the name.
                Some(name) if self.at_module_level() => {
                    let known = self.source(source);
                    self.bind_variable(name, None, known, span, surely);
                }
                _ => {
                    self.expression(target, true);
                    self.item(&subscript.value);
                }
            },
            _ => self.expression(target, true),
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], source: Source<'a>, end: Option<usize>, surely: bool) {
        let is_starred = |expr: &Expr| matches!(expr, Expr::Starred(_));
        let values = match source {
            Source::Expr(Expr::Tuple(tuple)) => tuple.elts.as_slice(),
            Source::Expr(Expr::List(list)) => list.elts.as_slice(),
            _ => &[],
        };
        let star = targets.iter().position(is_starred);
        let fits = match star {
            None => values.len() == targets.len(),
            Some(_) => values.len() + 1 >= targets.len(),
        };
        let fits = fits && !values.iter().any(is_starred);
        for (i, target) in targets.iter().enumerate() {
            let value = match star {
                _ if !fits => None,
                Some(star) if i == star => None,
                Some(star) if i > star => values.get(values.len() + i - targets.len()),
                _ => values.get(i),
            };
            self.assign(target, value.map_or(Source::Computed(None), Source::Expr), end, surely);
        }
    }

    /// `del target`.
    pub fn delete(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.unbind(name.id.as_str()),
            Expr::Tuple(tuple) => self.delete_all(&tuple.elts),
            Expr::List(list) => self.delete_all(&list.elts),
            target => {
                self.expression(target, true);
                if let Expr::Subscript(subscript) = target {
                    self.item(&subscript.value);
                }
            }
        }
    }

    fn delete_all(&mut self, targets: &'a [Expr]) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            for target in targets {
                self.delete(target);
            }
        });
    }

    /// Binds the names that a pattern captures.
    pub fn captures(&mut self, pattern: &'a Pattern) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(sequence) => self.all_captures(&sequence.patterns),
            Pattern::MatchOr(or) => self.all_captures(&or.patterns),
            Pattern::MatchMapping(mapping) => {
                self.all_captures(&mapping.patterns);
                if let Some(rest) = &mapping.rest {
                    self.capture(rest, Some("dict"));
                }
            }
            Pattern::MatchClass(class) => {
                self.all_captures(&class.arguments.patterns);
                for keyword in &class.arguments.keywords {
                    self.captures(&keyword.pattern);
                }
            }
            Pattern::MatchStar(star) => {
                if let Some(name) = &star.name {
                    self.capture(name, Some("list"));
                }
            }
            Pattern::MatchAs(pattern) => {
                if let Some(inner) = &pattern.pattern {
                    self.captures(inner);
                }
                if let Some(name) = &pattern.name {
                    self.capture(name, None);
                }
            }
        });
    }

    fn all_captures(&mut self, patterns: &'a [Pattern]) {
        for pattern in patterns {
            self.captures(pattern);
        }
    }

    fn capture(&mut self, name: &'a ruff_python_ast::Identifier, kind: Option<&'static str>) {
        let value = Known::Computed(kind.map(str::to_owned));
        self.bind_variable(name.id.as_str(), None, value, place(self.text, name), true);
    }

    /// `names.append(…)`, `names[…] = …`: a list, set or dict is no longer what was written.
    pub fn changed(&mut self, object: &'a Expr) {
        let mut object = object;
        while let Expr::Subscript(subscript) = object {
            object = &subscript.value;
        }
        let Expr::Name(name) = object else { return };
        if self.method_scope().is_some() {
            return;
        }
        let name = name.id.as_str();
        let Some(slot) = self.scope_ref().lookup(name) else {
            return;
        };
        let Some(fact) = slot.fact.clone() else {
            return;
        };
        let BindingKind::Variable(variable) = &fact.kind else {
            return;
        };
        let kind = match &variable.value {
            Known::Literal(Value::List(_)) => "list",
            Known::Literal(Value::Set(_)) => "set",
            Known::Literal(Value::Dict(_)) => "dict",
            _ => return,
        };
        let (surely, span) = (slot.bound == Bound::Surely, fact.span.unwrap_or_default());
        let value = Known::Computed(Some(kind.to_owned()));
        self.bind_variable(name, variable.annotation.clone(), value, span, surely);
    }
}
