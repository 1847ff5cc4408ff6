//! What a module-level name is: source and live namespace taken together (DESIGN 5).

use std::borrow::Cow;
use std::sync::Arc;

use crate::observed::model::{
    Binding, BindingKind, Certainty, Function, ImportedName, Known, Module, StarImport, Variable,
};
use crate::observed::world::Phase;
use crate::text::Span;

use super::disclosure::Disclosure;
use super::imports::{Home, Imports, Origin, module_object};
use super::message;

/// The names of one module.
pub(super) struct Names<'a> {
    /// The modules around it.
    pub imports: &'a Imports<'a>,
    /// Its source.
    pub module: Option<&'a Arc<Module>>,
    /// Its live namespace's phase. `Absent` for every module but the importer.
    pub phase: Phase,
    /// Why there is no source.
    pub no_source: Option<&'a str>,
    /// Its file's name, for people.
    pub label: &'a str,
    /// Whether it is the importer: only then do places in its source mean something in a report.
    pub own: bool,
}

/// What a rule asks a name for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Its value and type.
    Variable,
    /// A function or a class.
    Definition,
}

/// What came of looking a name up.
pub(super) enum Lookup<'a> {
    /// Not bound. `why` says more, as a clause.
    Missing { why: Option<String>, span: Option<Span> },
    /// It can't be told whether it is bound.
    Unproven { why: String, span: Option<Span> },
    /// Bound.
    Present(Present<'a>),
}

/// A name that is bound.
pub(super) struct Present<'a> {
    /// To this, or why that can't be told.
    pub kind: Result<Cow<'a, BindingKind>, String>,
    /// The annotation in the module's source.
    pub written: Option<&'a str>,
    /// Where in the importer.
    pub span: Option<Span>,
    /// Where `kind` was found.
    pub home: Home,
    /// Whether its value may be shown.
    pub disclosure: Disclosure,
}

impl<'a> Present<'a> {
    /// A name that is bound to what can't be told.
    fn unknown(why: String, written: Option<&'a str>, span: Option<Span>, home: Home) -> Self {
        Self { kind: Err(why), written, span, home, disclosure: Disclosure::Hidden }
    }
}

impl<'a> Names<'a> {
    /// What `name` is.
    pub fn look_up(&self, name: &str, ask: Ask) -> Lookup<'a> {
        let Some(module) = self.module else { return self.without_source(name) };
        let source = module.bindings.get(name);
        if self.phase == Phase::Initialised {
            return self.initialised(name, source, ask);
        }
        let Some(source) = source else { return self.absent(name, None, None) };
        let span = self.here(source.span);
        match self.rebinding_star(source, name) {
            Some((star, Origin::Bound(found, home))) if !self.settled(Some(star.span)) => {
                return imported(found, home, self.here(Some(star.span)));
            }
            Some((star, _)) => return self.uncertain(name, source, star.span, star_clause(star)),
            None => {}
        }
        // What it has run may have changed its names in ways that the source does not spell.
        if module.dynamic && self.settled(source.span) {
            return self.initialised(name, Some(source), ask);
        }
        match (&source.kind, source.certainty) {
            (BindingKind::Deleted, Certainty::Definite) => {
                Lookup::Missing { why: Some("it is deleted again".to_owned()), span }
            }
            (BindingKind::Variable(Variable { value: Known::Unbound, .. }), _) => {
                let why = "it is annotated but never given a value";
                self.absent(name, Some(source), Some(why))
            }
            (
                BindingKind::Variable(Variable { value: Known::Literal(_), .. })
                | BindingKind::Function(_)
                | BindingKind::Class(_),
                Certainty::Definite,
            ) => present(source, span),
            (BindingKind::Import(import), Certainty::Definite) => {
                if self.settled(source.span)
                    && let Some(live) = self.live(name)
                {
                    return from_live(live, Some(source), span);
                }
                match self.imports.follow(import) {
                    Origin::Bound(found, home) => imported(found, home, span),
                    Origin::Absent => {
                        let why = format!("{}, which it is imported from, has no such name", origin(import));
                        Lookup::Missing { why: Some(why), span }
                    }
                    Origin::Unknown => {
                        let why =
                            format!("it is imported from {}, which can't be read without importing it", origin(import));
                        Lookup::Present(Present::unknown(why, None, span, Home::Live))
                    }
                }
            }
            _ => {
                let why = match source.certainty {
                    Certainty::Definite => "its value is computed",
                    Certainty::Varies => message::VARIES,
                    Certainty::Possible => message::CONDITIONAL,
                };
                self.uncertain(name, source, source.span.unwrap_or_default(), why.to_owned())
            }
        }
    }

    /// The live binding of `name`, if what stands at `span` in the source has happened already.
    pub fn witness(&self, name: &str, span: Option<Span>) -> Option<Binding> {
        if self.settled(span) { self.live(name) } else { None }
    }

    /// The live function of that name: it knows the defaults that its source computes.
    pub fn live_function(&self, name: &str, span: Option<Span>) -> Option<Function> {
        match self.witness(name, span)?.kind {
            BindingKind::Function(function) => Some(function),
            _ => None,
        }
    }

    /// A place, if it is one in the importer.
    pub fn here(&self, span: Option<Span>) -> Option<Span> {
        span.filter(|_| self.own)
    }

    /// The source of the module that a fact was found in.
    pub fn source_of<'h>(&'h self, home: &'h Home) -> Option<&'h Module> {
        match home {
            Home::Own => self.module.map(Arc::as_ref),
            Home::Other(module) => Some(module),
            Home::Live => None,
        }
    }

    fn live(&self, name: &str) -> Option<Binding> {
        if self.phase == Phase::Absent { None } else { self.imports.world.live(name) }
    }

    /// Whether what stands at `span` has run, so that the live namespace shows its outcome.
    fn settled(&self, span: Option<Span>) -> bool {
        match self.phase {
            Phase::Absent => false,
            Phase::Initialised | Phase::Initialising { offset: None } => true,
            Phase::Initialising { offset: Some(offset) } => span.is_none_or(|span| span.start < offset),
        }
    }

    fn without_source(&self, name: &str) -> Lookup<'a> {
        if let Some(live) = self.live(name) {
            return from_live(live, None, None);
        }
        match (self.phase, self.no_source) {
            (Phase::Initialised, _) | (Phase::Initialising { .. }, None) => Lookup::Missing { why: None, span: None },
            (_, why) => Lookup::Unproven { why: why.unwrap_or("its source can't be read").to_owned(), span: None },
        }
    }

    fn initialised(&self, name: &str, source: Option<&'a Binding>, ask: Ask) -> Lookup<'a> {
        let span = source.and_then(|source| self.here(source.span));
        let Some(live) = self.live(name) else {
            let why = source.map(|_| "the source defines it, but the loaded module does not have it".to_owned());
            return Lookup::Missing { why, span };
        };
        if ask == Ask::Definition
            && let Some(source) = source.filter(|source| source.certainty == Certainty::Definite)
            && self.rebinding_star(source, name).is_none()
        {
            let written = match (&source.kind, &live.kind) {
                (BindingKind::Function(_), BindingKind::Function(_))
                | (BindingKind::Class(_), BindingKind::Class(_)) => true,
                // A decorator may have put any object in its place; the written signature still counts.
                (BindingKind::Function(function), BindingKind::Variable(_) | BindingKind::Class(_)) => {
                    !function.decorators.is_empty()
                }
                _ => false,
            };
            if written {
                return present(source, span);
            }
        }
        from_live(live, source, span)
    }

    /// A binding that the source leaves open, from `place` on.
    fn uncertain(&self, name: &str, source: &'a Binding, place: Span, why: String) -> Lookup<'a> {
        let span = self.here(source.span);
        let settled = self.settled(Some(place));
        if settled && let Some(live) = self.live(name) {
            return from_live(live, Some(source), span);
        }
        let why = if settled || self.phase == Phase::Absent {
            why
        } else {
            format!("{why} (that code runs only after this import)")
        };
        let bound = !matches!(source.kind, BindingKind::Deleted) && source.certainty != Certainty::Possible;
        if bound {
            Lookup::Present(Present::unknown(why, written(source), span, Home::Own))
        } else {
            Lookup::Unproven { why, span }
        }
    }

    /// A name that the source does not bind, or declares only.
    fn absent(&self, name: &str, source: Option<&'a Binding>, why: Option<&str>) -> Lookup<'a> {
        let span = source.and_then(|source| self.here(source.span));
        if let Some(live) = self.live(name) {
            return from_live(live, source, span);
        }
        let Some(module) = self.module else { return Lookup::Missing { why: None, span } };
        let mut unknown: Option<&StarImport> = None;
        for star in module.star_imports.iter().rev() {
            // One that has run and did not bring the name will not bring it any more.
            if self.settled(Some(star.span)) {
                continue;
            }
            match star.module.as_deref().map_or(Origin::Unknown, |from| self.imports.star(from, name)) {
                Origin::Bound(found, home) if unknown.is_none() => {
                    return imported(found, home, self.here(Some(star.span)));
                }
                Origin::Bound(..) | Origin::Unknown => unknown = Some(star),
                Origin::Absent => {}
            }
        }
        if let Some(star) = unknown {
            let span = self.here(Some(star.span));
            return Lookup::Unproven { why: star_clause(star), span };
        }
        if module.dynamic {
            let why = "the module may define names through `globals()`, `vars()` or `exec`".to_owned();
            return Lookup::Unproven { why, span };
        }
        Lookup::Missing { why: why.map(str::to_owned), span }
    }

    /// A star import after `source` that may bind `name` again, and to what.
    fn rebinding_star(&self, source: &Binding, name: &str) -> Option<(&'a StarImport, Origin)> {
        self.module?.stars_after(source).find_map(|star| {
            match star.module.as_deref().map_or(Origin::Unknown, |from| self.imports.star(from, name)) {
                Origin::Absent => None,
                origin => Some((star, origin)),
            }
        })
    }
}

fn star_clause(star: &StarImport) -> String {
    format!("`from {} import *` may define it", star.module.as_deref().unwrap_or("…"))
}

/// The module that a name is imported from, for people.
fn origin(import: &ImportedName) -> String {
    match &import.module {
        Some(module) => format!("`{module}`"),
        None => "a package above the topmost one".to_owned(),
    }
}

fn written(source: &Binding) -> Option<&str> {
    match &source.kind {
        BindingKind::Variable(variable) => variable.annotation.as_deref(),
        _ => None,
    }
}

fn present(source: &Binding, span: Option<Span>) -> Lookup<'_> {
    let kind = Ok(Cow::Borrowed(&source.kind));
    let disclosure = Disclosure::Spelled;
    Lookup::Present(Present { kind, written: written(source), span, home: Home::Own, disclosure })
}

fn from_live(live: Binding, source: Option<&Binding>, span: Option<Span>) -> Lookup<'_> {
    let kind = match live.kind {
        // A live name is never an import statement; a world that says so means the module object.
        BindingKind::Import(_) => module_object().kind,
        BindingKind::Deleted => return Lookup::Missing { why: None, span },
        kind => kind,
    };
    let disclosure = Disclosure::of_live(&kind, source);
    let (kind, written) = (Ok(Cow::Owned(kind)), source.and_then(written));
    Lookup::Present(Present { kind, written, span, home: Home::Live, disclosure })
}

fn imported<'a>(found: Binding, home: Home, span: Option<Span>) -> Lookup<'a> {
    if matches!(&found.kind, BindingKind::Variable(Variable { value: Known::Unbound, .. })) {
        let why = "the module it is imported from annotates it but never gives it a value".to_owned();
        return Lookup::Missing { why: Some(why), span };
    }
    let kind = match found.certainty {
        Certainty::Definite => Ok(Cow::Owned(found.kind)),
        Certainty::Varies => Err(format!("in the module it is imported from, {}", message::VARIES)),
        Certainty::Possible => {
            let why = format!("in the module it is imported from, {}", message::CONDITIONAL);
            return Lookup::Unproven { why, span };
        }
    };
    let disclosure = Disclosure::at(&home);
    Lookup::Present(Present { kind, written: None, span, home, disclosure })
}
