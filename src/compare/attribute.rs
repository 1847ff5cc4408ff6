//! Rules on attributes of a class and of its instances.

use crate::contract::model::{AttributeKind, AttributeRule};
use crate::observed::model::{Binding, BindingKind, Certainty, Class, InstanceAttribute, Known, Variable};
use crate::text::Span;

use super::class::{View, binds};
use super::code::{Category, Entity};
use super::disclosure::Disclosure;
use super::finding::Finding;
use super::hierarchy::{Hierarchy, Node, Search};
use super::imports::Home;
use super::judge::{Facts, judge};
use super::message::{self, Noun};
use super::module::absent;
use super::place::Place;
use super::resolve::Lookup;
use super::violation::Violation;

/// One way in which a class has an attribute.
#[derive(Clone, Copy)]
enum Slot<'h> {
    /// Bound in the class body.
    Class(&'h Binding),
    /// Assigned on instances, a slot, a field.
    Instance(&'h InstanceAttribute),
    /// A property: its return annotation is its type.
    Property(&'h Binding),
}

/// A way in which a class of a hierarchy has the attribute.
#[derive(Clone, Copy)]
struct Hit<'h> {
    node: &'h Node,
    slot: Slot<'h>,
}

impl<'h> Hit<'h> {
    fn first((node, slots): &(&'h Node, Vec<Slot<'h>>)) -> Option<Self> {
        Some(Self { node, slot: *slots.first()? })
    }
}

/// What one class says about the name.
#[derive(Clone, Copy)]
struct Slots<'h> {
    body: Option<Slot<'h>>,
    instance: Option<Slot<'h>>,
}

impl<'h> Slots<'h> {
    fn of(class: &'h Class, name: &str) -> Self {
        let body = class.body.get(name).filter(|binding| binds(binding)).and_then(|binding| match &binding.kind {
            BindingKind::Function(function) if function.is_property() => Some(Slot::Property(binding)),
            BindingKind::Function(_) => None,
            BindingKind::Variable(Variable { value: Known::Computed(Some(name)), .. }) if is_descriptor(name) => {
                Some(Slot::Property(binding))
            }
            _ => Some(Slot::Class(binding)),
        });
        Self { body, instance: class.instance_attributes.get(name).map(Slot::Instance) }
    }

    /// Those that the rule accepts, in the order in which they are tried.
    fn accepted(self, kind: AttributeKind) -> Option<Vec<Slot<'h>>> {
        let slots: Vec<_> =
            [self.body, self.instance].into_iter().flatten().filter(|slot| accepts(kind, slot)).collect();
        (!slots.is_empty()).then_some(slots)
    }
}

fn accepts(kind: AttributeKind, slot: &Slot<'_>) -> bool {
    match (kind, slot) {
        (AttributeKind::Either, _)
        | (AttributeKind::Class, Slot::Class(_))
        | (AttributeKind::Instance, Slot::Instance(_) | Slot::Property(_)) => true,
        (AttributeKind::Class, _) | (AttributeKind::Instance, Slot::Class(_)) => false,
    }
}

/// Types of class members that stand for an attribute of instances.
fn is_descriptor(type_name: &str) -> bool {
    matches!(type_name, "property" | "cached_property" | "member_descriptor" | "getset_descriptor")
}

/// Compares an attribute with a rule.
pub(super) fn compare(rule: &AttributeRule, view: &View<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let name = rule.variable.name.as_str();
    let written = search(&view.hierarchy, name, rule.kind);
    let live = || view.live().map(|live| search(live, name, rule.kind));
    let live_hit = || Hit::first(live()?.found.as_ref()?);
    let check = Check { rule, view, place };
    match (&written.found, written.hidden) {
        (Some((node, slots)), None) => check.best(node, slots, &live_hit, out),
        (Some(found), Some(why)) => match (live_hit(), Hit::first(found)) {
            (Some(live), Some(written)) => check.hit(live, written, &|| None, out),
            // It is there, but a base that can't be read may put another one in front.
            (None, Some(written)) => check.facts(written, Err(why), written, out),
            (_, None) => {}
        },
        (None, hidden) => {
            let live = live();
            if let Some((node, slots)) = live.as_ref().and_then(|live| live.found.as_ref()) {
                return check.best(node, slots, &|| None, out);
            }
            let live_tells_all = rule.kind == AttributeKind::Class
                && live.as_ref().is_some_and(|live| live.hidden.is_none() && live.loose.is_none());
            match hidden.map(str::to_owned).or(written.loose).filter(|_| !live_tells_all) {
                Some(why) => check.absent(Lookup::Unproven { why, span: view.span }, out),
                None => check.elsewhere(out),
            }
        }
    }
}

fn search<'h>(hierarchy: &'h Hierarchy, name: &str, kind: AttributeKind) -> Search<'h, Vec<Slot<'h>>> {
    let pick = |class: &'h Class| Slots::of(class, name).accepted(kind);
    if kind == AttributeKind::Class { hierarchy.search(pick) } else { hierarchy.search_instances(pick) }
}

fn span_of(slot: Slot<'_>) -> Option<Span> {
    match slot {
        Slot::Class(binding) | Slot::Property(binding) => binding.span,
        Slot::Instance(attribute) => attribute.span,
    }
}

fn annotation_of<'h>(slot: &Slot<'h>) -> Option<&'h str> {
    match slot {
        Slot::Instance(attribute) => attribute.variable.annotation.as_deref(),
        Slot::Class(binding) | Slot::Property(binding) => match &binding.kind {
            BindingKind::Variable(variable) => variable.annotation.as_deref(),
            BindingKind::Function(function) => function.returns.as_deref(),
            _ => None,
        },
    }
}

struct Check<'a> {
    rule: &'a AttributeRule,
    view: &'a View<'a>,
    place: &'a Place<'a>,
}

impl Check<'_> {
    fn noun(&self) -> Noun<'_> {
        let name = self.rule.variable.name.as_str();
        Noun { entity: Entity::Attribute, name, class: Some(self.view.name), label: self.view.names.label }
    }

    /// One slot that fits is enough; if none does, the first one tells what is wrong.
    fn best<'h>(&self, node: &Node, slots: &[Slot<'_>], live: &dyn Fn() -> Option<Hit<'h>>, out: &mut Vec<Violation>) {
        let mut first = None;
        for slot in slots {
            let mut violations = Vec::new();
            let hit = Hit { node, slot: *slot };
            self.hit(hit, hit, live, &mut violations);
            if violations.is_empty() {
                return;
            }
            first = first.or(Some(violations));
        }
        out.extend(first.unwrap_or_default());
    }

    /// Judges `hit`, under the annotation of `written`.
    fn hit<'h>(&self, hit: Hit<'_>, written: Hit<'_>, live: &dyn Fn() -> Option<Hit<'h>>, out: &mut Vec<Violation>) {
        let span = self.place_of(hit);
        let (certainty, kind) = match hit.slot {
            Slot::Class(binding) => (binding.certainty, &binding.kind),
            Slot::Property(binding) => {
                return match binding.certainty {
                    Certainty::Possible => self.absent(possible(span), out),
                    _ => self.facts(hit, Err("it is a property"), written, out),
                };
            }
            Slot::Instance(attribute) => {
                let kind = BindingKind::Variable(attribute.variable.clone());
                return match attribute.certainty {
                    Certainty::Possible => self.absent(possible(span), out),
                    Certainty::Varies => self.facts(hit, Err(message::VARIES), written, out),
                    Certainty::Definite if attribute.variable.value == Known::Unbound => {
                        self.facts(hit, Err("it is given no value where it is declared"), written, out);
                    }
                    Certainty::Definite => self.facts(hit, Ok(&kind), written, out),
                };
            }
        };
        let decided = certainty == Certainty::Definite
            && matches!(
                kind,
                BindingKind::Class(_)
                    | BindingKind::Variable(Variable { value: Known::Literal(_) | Known::Computed(Some(_)), .. })
            );
        match (!decided).then(live).flatten() {
            Some(live @ Hit { slot: Slot::Class(_), .. }) => self.hit(live, written, &|| None, out),
            _ if certainty == Certainty::Possible || matches!(kind, BindingKind::Deleted) => {
                self.absent(possible(span), out);
            }
            _ if certainty == Certainty::Varies => self.facts(hit, Err(message::VARIES), written, out),
            _ => self.facts(hit, Ok(kind), written, out),
        }
    }

    fn facts(&self, hit: Hit<'_>, kind: Result<&BindingKind, &str>, written: Hit<'_>, out: &mut Vec<Violation>) {
        // An annotation belongs to the module that it is written in.
        let (annotation, home) = match annotation_of(&written.slot) {
            Some(annotation) => (Some(annotation), &written.node.home),
            None => (annotation_of(&hit.slot), &hit.node.home),
        };
        let disclosure = match (Disclosure::at(&hit.node.home), kind, written.slot) {
            (Disclosure::Hidden, Ok(kind), Slot::Class(source)) if !matches!(written.node.home, Home::Live) => {
                Disclosure::of_live(kind, Some(source))
            }
            (disclosure, ..) => disclosure,
        };
        let facts = Facts {
            kind,
            written: annotation,
            module: self.view.names.source_of(home),
            span: self.place_of(hit),
            owner: if matches!(hit.slot, Slot::Instance(_)) { "self." } else { "" },
            disclosure,
        };
        judge(&self.rule.variable, &facts, self.noun(), self.place, out);
    }

    fn place_of(&self, hit: Hit<'_>) -> Option<Span> {
        self.view.place_of(hit.node, span_of(hit.slot))
    }

    fn absent(&self, lookup: Lookup<'_>, out: &mut Vec<Violation>) {
        let noun = self.noun();
        let assignment = message::assignment(&self.rule.variable);
        let (supply, home) = match self.rule.kind {
            AttributeKind::Instance => (format!("self.{assignment}"), self.in_init()),
            AttributeKind::Class | AttributeKind::Either => (assignment, noun.home()),
        };
        absent(noun, lookup, &supply, &home, self.place, out);
    }

    fn in_init(&self) -> String {
        format!("in `__init__` of class `{}`", self.view.name)
    }

    /// Nothing that the rule accepts: perhaps something of the same name that it does not.
    fn elsewhere(&self, out: &mut Vec<Violation>) {
        let name = self.rule.variable.name.as_str();
        let other = search(&self.view.hierarchy, name, AttributeKind::Either);
        if let Some((node, slots)) = other.found {
            let words = |class| if class { "a class attribute" } else { "an instance attribute" };
            let wants_class = self.rule.kind == AttributeKind::Class;
            let message = format!("{} must be {}, not {}", self.noun(), words(wants_class), words(!wants_class));
            let assignment = message::assignment(&self.rule.variable);
            let help = if wants_class {
                format!("assign it in the body of class `{}`: `{assignment}`", self.view.name)
            } else {
                format!("assign it {}: `self.{assignment}`", self.in_init())
            };
            Finding::new(Category::Mismatch, Entity::Attribute, self.place, message)
                .key("type")
                .expected(words(wants_class))
                .found(words(!wants_class))
                .help(help)
                .at(self.view.place_of(node, slots.first().copied().and_then(span_of)))
                .push(out);
            return;
        }
        let method = self.view.hierarchy.search(|class| class.body.get(name).filter(|binding| binds(binding)));
        if let Some((node, binding)) = method.found {
            let message = format!("`{name}` of class `{}` is a method, not an attribute", self.view.name);
            Finding::new(Category::Mismatch, Entity::Attribute, self.place, message)
                .expected(message::assignment(&self.rule.variable))
                .found("a method")
                .help(format!("make `{name}` an attribute of class `{}`", self.view.name))
                .at(self.view.place_of(node, binding.span))
                .push(out);
            return;
        }
        let declared = self.view.hierarchy.search(|class| class.body.get(name));
        let span = declared.found.map_or(self.view.span, |(node, binding)| self.view.place_of(node, binding.span));
        self.absent(Lookup::Missing { why: None, span }, out);
    }
}

fn possible<'a>(span: Option<Span>) -> Lookup<'a> {
    Lookup::Unproven { why: message::CONDITIONAL.to_owned(), span }
}
