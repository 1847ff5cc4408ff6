//! Rules on classes, their methods and their bases.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use crate::contract::model::{ClassRule, FunctionRule};
use crate::observed::model::{Binding, BindingKind, Certainty, Class, Function, Known, Variable};
use crate::text::Span;

use super::attribute;
use super::code::{Category, Entity};
use super::disclosure::Disclosure;
use super::finding::Finding;
use super::hierarchy::{Hierarchy, Node, last};
use super::imports::{Home, Origin};
use super::message::{self, Noun};
use super::module::{Found, absent, callable};
use super::place::Place;
use super::resolve::{Ask, Lookup, Names};
use super::violation::Violation;

/// Superclass rules nested deeper than this are not followed.
const DEEPEST: usize = 50;

/// A class that is being compared: by its source, and as a live object where there is one.
pub(super) struct View<'a> {
    /// The name that the contract gives it.
    pub name: &'a str,
    /// Where in the importer.
    pub span: Option<Span>,
    /// It and its bases.
    pub hierarchy: Hierarchy,
    /// The module around it.
    pub names: &'a Names<'a>,
    live: OnceCell<Option<Arc<Class>>>,
    live_hierarchy: OnceCell<Hierarchy>,
    depth: usize,
}

impl View<'_> {
    /// The live class and its bases. Asked for only where the source leaves something open: it costs more than the rest.
    pub fn live(&self) -> Option<&Hierarchy> {
        let live = self.live.get_or_init(|| live_class(self.name, self.names)).as_ref()?;
        Some(self.live_hierarchy.get_or_init(|| Hierarchy::of(self.name, live, &Home::Live, None, self.names)))
    }

    /// The place of a member in the importer, or that of the class.
    pub fn place_of(&self, node: &Node, span: Option<Span>) -> Option<Span> {
        let own = if matches!(node.home, Home::Own) { self.names.here(span) } else { None };
        own.or(self.span)
    }
}

/// Compares a class with a rule.
pub(super) fn compare<'a>(rule: &'a ClassRule, names: &'a Names<'a>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let noun = Noun { entity: Entity::Class, name: &rule.name, class: None, label: names.label };
    let present = match names.look_up(&rule.name, Ask::Definition) {
        Lookup::Present(present) => present,
        lookup => return absent(noun, lookup, &message::class(rule), &noun.home(), place, out),
    };
    let why = match present.kind.as_deref() {
        Ok(BindingKind::Class(class)) => {
            let live = match present.home {
                Home::Live => OnceCell::from(None),
                _ => OnceCell::new(),
            };
            return members(rule, class, &present.home, live, present.span, names, place, 0, out);
        }
        Ok(BindingKind::Variable(Variable { value: Known::Computed(None), .. })) => "it is computed",
        Err(why) => why,
        Ok(other) => {
            let message = format!("`{}` is {}, not a class", rule.name, message::quoted(other, present.disclosure));
            Finding::new(Category::Mismatch, Entity::Class, place, message)
                .expected(message::class(rule))
                .found(message::bound_to(other, present.disclosure))
                .help(format!("define it {}: `{}`", noun.home(), message::class(rule)))
                .at(present.span)
                .push(out);
            return;
        }
    };
    Finding::new(Category::Unproven, Entity::Class, place, format!("{noun} can't be checked: {why}"))
        .expected(message::class(rule))
        .help(format!("define it {}: `{}`", noun.home(), message::class(rule)))
        .at(present.span)
        .push(out);
}

fn live_class(name: &str, names: &Names<'_>) -> Option<Arc<Class>> {
    let span = names.module?.bindings.get(name)?.span;
    match names.witness(name, span)?.kind {
        BindingKind::Class(class) => Some(class),
        _ => None,
    }
}

#[expect(clippy::too_many_arguments, reason = "each is a different fact; a struct would be built and taken apart")]
fn members<'a>(
    rule: &'a ClassRule,
    class: &Arc<Class>,
    home: &Home,
    live: OnceCell<Option<Arc<Class>>>,
    span: Option<Span>,
    names: &'a Names<'a>,
    place: &Place<'_>,
    depth: usize,
    out: &mut Vec<Violation>,
) {
    if !asks_more(rule) {
        return;
    }
    let hierarchy = Hierarchy::of(&rule.name, class, home, span, names);
    let view = View { name: &rule.name, span, hierarchy, names, live, live_hierarchy: OnceCell::new(), depth };
    for (i, attribute) in rule.attributes.iter().enumerate() {
        let here = Place::item(Some(place), "attributes", i, Some(&attribute.variable.name));
        attribute::compare(attribute, &view, &here, out);
    }
    for (i, rule) in rule.methods.iter().enumerate() {
        method(rule, &view, &Place::item(Some(place), "methods", i, Some(&rule.name)), out);
    }
    for (i, rule) in rule.superclasses.iter().enumerate() {
        superclass(rule, &view, &Place::item(Some(place), "superclasses", i, Some(&rule.name)), out);
    }
}

fn asks_more(rule: &ClassRule) -> bool {
    !(rule.attributes.is_empty() && rule.methods.is_empty() && rule.superclasses.is_empty())
}

/// Whether a name in a class body is bound by this.
pub(super) fn binds(binding: &Binding) -> bool {
    match &binding.kind {
        BindingKind::Deleted => binding.certainty != Certainty::Definite,
        BindingKind::Variable(variable) => variable.value != Known::Unbound,
        _ => true,
    }
}

fn method(rule: &FunctionRule, view: &View<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let noun = Noun { entity: Entity::Method, name: &rule.name, class: Some(view.name), label: view.names.label };
    let pick = |class: &'_ Class| class.body.get(&rule.name).filter(|binding| binds(binding)).cloned();
    let live = || -> Option<Function> {
        match view.live()?.search(pick).found?.1.kind {
            BindingKind::Function(function) => Some(function),
            _ => None,
        }
    };
    // What a body holds is borrowed; only live objects and imports are copied.
    let written = view.hierarchy.search(|class| class.body.get(&rule.name).filter(|binding| binds(binding)));
    if let (Some((node, binding)), None) = (&written.found, written.hidden)
        && binding.certainty == Certainty::Definite
    {
        let span = view.place_of(node, binding.span);
        let decided = match &binding.kind {
            BindingKind::Function(_)
            | BindingKind::Class(_)
            | BindingKind::Variable(Variable { value: Known::Literal(_), .. }) => {
                Some((Cow::Borrowed(&binding.kind), node.home.clone()))
            }
            BindingKind::Import(import) => match view.names.imports.follow(import) {
                Origin::Bound(found, home) => Some((Cow::Owned(found.kind), home)),
                Origin::Absent | Origin::Unknown => None,
            },
            _ => None,
        };
        if let Some((kind, home)) = decided {
            let found = Found { kind: Ok(kind), disclosure: Disclosure::at(&home), home: &home, span, live: &live };
            return callable(rule, &found, view.names, noun, place, out);
        }
    }
    let span = written.found.as_ref().map_or(view.span, |(node, binding)| view.place_of(node, binding.span));
    let mut hidden = written.hidden.map(str::to_owned).or(written.loose);
    let mut bound = written.found.map(|(_, binding)| binding);
    if let Some(hierarchy) = view.live() {
        let search = hierarchy.search(pick);
        if let Some((_, binding)) = search.found {
            let (kind, disclosure) = (Ok(Cow::Owned(binding.kind)), Disclosure::Hidden);
            let found = Found { kind, home: &Home::Live, disclosure, span, live: &live };
            return callable(rule, &found, view.names, noun, place, out);
        }
        // The class body has run: what the live class lacks is not there.
        if search.hidden.is_none() && search.loose.is_none() {
            (hidden, bound) = (None, None);
        }
    }
    let lack = |lookup: Lookup<'_>, out: &mut Vec<Violation>| {
        absent(noun, lookup, &message::definition(rule, noun), &noun.home(), place, out);
    };
    match bound {
        None => match hidden {
            None => lack(Lookup::Missing { why: None, span }, out),
            Some(why) => lack(Lookup::Unproven { why, span }, out),
        },
        Some(binding) if binding.certainty == Certainty::Possible || matches!(binding.kind, BindingKind::Deleted) => {
            lack(Lookup::Unproven { why: message::CONDITIONAL.to_owned(), span }, out);
        }
        Some(binding) => {
            let is_function = matches!(binding.kind, BindingKind::Function(_));
            let asks_more = !rule.arguments.is_empty() || rule.return_annotation.is_some() || rule.is_async.is_some();
            if is_function && !asks_more {
                return;
            }
            let why = hidden.unwrap_or_else(|| match binding.certainty {
                Certainty::Varies => message::VARIES.to_owned(),
                _ => "it is not a `def` that can be read".to_owned(),
            });
            let disclosure = Disclosure::Hidden;
            let found = Found { kind: Err(why), home: &Home::Own, disclosure, span, live: &live };
            callable(rule, &found, view.names, noun, place, out);
        }
    }
}

fn superclass(rule: &ClassRule, view: &View<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let name = last(&rule.name);
    if name == "object" && !asks_more(rule) {
        return;
    }
    let written = view.hierarchy.base(name);
    if written.is_some() && !asks_more(rule) {
        return;
    }
    let live = view.live().and_then(|live| live.base(name));
    let span = written.and_then(|node| node.span).or(view.span);
    let report = |category: Category, message: String, out: &mut Vec<Violation>| {
        Finding::new(category, Entity::Superclass, place, message)
            .expected(format!("class {}({name}): …", view.name))
            .help(format!("derive `{0}` from it: `class {0}({name}): …`", view.name))
            .at(span)
            .push(out);
    };
    if written.is_some() || live.is_some() {
        if !asks_more(rule) {
            return;
        }
        let live_class = live.and_then(|node| node.class.clone());
        let read = written.and_then(|node| Some((node.class.clone()?, node.home.clone())));
        let read = read.or_else(|| Some((live_class.clone()?, Home::Live)));
        return match read {
            Some((class, home)) if view.depth < DEEPEST => {
                members(rule, &class, &home, OnceCell::from(live_class), span, view.names, place, view.depth + 1, out);
            }
            _ => {
                let why = written.and_then(|node| node.gap.as_deref()).unwrap_or("its members can't be read");
                report(
                    Category::Unproven,
                    format!("base `{name}` of class `{}` can't be checked: {why}", view.name),
                    out,
                );
            }
        };
    }
    // Searching for nothing visits every class, and tells what can't be read.
    let open = |hierarchy: &Hierarchy| {
        let all = hierarchy.search(|_| None::<()>);
        all.hidden.map(str::to_owned).or(all.loose)
    };
    let why = match view.live() {
        Some(live) => open(live),
        None => open(&view.hierarchy),
    };
    match why {
        None => report(Category::Missing, format!("class `{}` does not derive from `{name}`", view.name), out),
        Some(why) => {
            let message = format!("whether class `{}` derives from `{name}` can't be told: {why}", view.name);
            report(Category::Unproven, message, out);
        }
    }
}
