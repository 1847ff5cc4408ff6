//! Alternatives of where the code may run: the first that fits, else the closest one.

use std::fmt::Write as _;

use crate::contract::model::{Deployment, ModuleRules, Python, System};
use crate::observed::platform::Platform;
use crate::observed::world::{Located, Phase};

use super::code::{Category, Entity};
use super::finding::Finding;
use super::imports::Imports;
use super::message;
use super::place::Place;
use super::resolve::Names;
use super::violation::Violation;
use super::{Scope, Subject, environment, module, show};

/// What the environment part is compared with.
pub(super) struct Surroundings<'a> {
    /// The importer.
    pub subject: &'a Subject,
    /// Whether rules on the importer apply.
    pub scope: Scope,
    /// Its names.
    pub names: &'a Names<'a>,
}

/// Compares the environment with the alternatives of a contract.
pub(super) fn compare(deployments: &[Deployment], around: &Surroundings<'_>, out: &mut Vec<Violation>) {
    let platform = around.names.imports.world.platform();
    let mut best: Option<Vec<Violation>> = None;
    for (i, deployment) in deployments.iter().enumerate() {
        let place = Place::item(None, "deployments", i, None);
        let mut arch = Vec::new();
        let wanted = Wanted { entity: Entity::Architecture, what: "architecture", names: &deployment.arch };
        wanted.compare(&platform.arch, &Place::key(Some(&place), "arch"), &mut arch);
        let any = [System::default()];
        let systems = if deployment.systems.is_empty() { &any[..] } else { &deployment.systems };
        for (j, system) in systems.iter().enumerate() {
            let place = Place::item(Some(&place), "systems", j, None);
            let mut shared = arch.clone();
            self::system(system, platform, around, &place, &mut shared);
            let any = [Python::default()];
            let pythons = if system.pythons.is_empty() { &any[..] } else { &system.pythons };
            for (k, python) in pythons.iter().enumerate() {
                // It can't come closer than what all its alternatives share.
                if best.as_ref().is_some_and(|best| best.len() <= shared.len()) {
                    break;
                }
                let place = Place::item(Some(&place), "pythons", k, None);
                let mut found = shared.clone();
                self::python(python, platform, around, &place, &mut found);
                if found.is_empty() {
                    return;
                }
                if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                    best = Some(found);
                }
            }
        }
    }
    let alternatives = count(deployments);
    for mut violation in best.unwrap_or_default() {
        if alternatives > 1 {
            let _ = write!(
                violation.help,
                " (none of the {alternatives} declared alternatives fits; this is about the closest one)"
            );
        }
        out.push(violation);
    }
}

/// How many combinations of deployment, system and Python there are.
fn count(deployments: &[Deployment]) -> usize {
    let systems = |deployment: &Deployment| -> usize {
        deployment.systems.iter().map(|system| system.pythons.len().max(1)).sum::<usize>().max(1)
    };
    deployments.iter().map(systems).sum()
}

/// Names of which the machine's must be one.
struct Wanted<'a> {
    entity: Entity,
    what: &'static str,
    names: &'a [&'static str],
}

impl Wanted<'_> {
    fn compare(&self, found: &str, place: &Place<'_>, out: &mut Vec<Violation>) {
        if self.names.is_empty() || self.names.iter().any(|name| name.eq_ignore_ascii_case(found)) {
            return;
        }
        let expected = message::alternatives(self.names, self.names.len());
        let (category, message) = if self.names.len() > 1 {
            (Category::Invalid, format!("the {} must be one of {expected}, not {found}", self.what))
        } else {
            (Category::Mismatch, format!("the {} must be {expected}, not {found}", self.what))
        };
        Finding::new(category, self.entity, place, message)
            .help(format!("run it where the {} is {expected}, or allow `{found}` in the contract", self.what))
            .expected(expected)
            .found(found)
            .push(out);
    }
}

fn system(
    system: &System,
    platform: &Platform,
    around: &Surroundings<'_>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    let wanted = Wanted { entity: Entity::OperatingSystem, what: "operating system", names: &system.os };
    wanted.compare(&platform.os, &Place::key(Some(place), "os"), out);
    let here = Place::key(Some(place), "environment");
    environment::compare(&system.environment, around.names.imports.world, &here, out);
}

fn python(
    python: &Python,
    platform: &Platform,
    around: &Surroundings<'_>,
    place: &Place<'_>,
    out: &mut Vec<Violation>,
) {
    if let Some(requirement) = &python.version {
        // A build such as `3.13.1+` has no proper version text: then its three numbers count.
        let (major, minor, micro) = platform.python;
        let fits = requirement
            .matches(&platform.python_text)
            .or_else(|| requirement.matches(&format!("{major}.{minor}.{micro}")));
        if fits != Some(true) {
            let (expected, found) = (show::source(&requirement.text), platform.python_text.as_str());
            let here = Place::key(Some(place), "version");
            let message = format!("Python must be `{expected}`, not {found}");
            Finding::new(Category::Mismatch, Entity::PythonVersion, &here, message)
                .help(format!("run it under a Python that fits `{expected}`"))
                .expected(expected)
                .found(found)
                .push(out);
        }
    }
    let wanted = Wanted { entity: Entity::Interpreter, what: "interpreter", names: &python.interpreter };
    wanted.compare(&platform.interpreter, &Place::key(Some(place), "interpreter"), out);
    for (i, rules) in python.modules.iter().enumerate() {
        let label = rules.filename.as_ref().map(|filename| filename.text.as_str());
        modules_entry(rules, around, &Place::item(Some(place), "modules", i, label), out);
    }
}

fn modules_entry(rules: &ModuleRules, around: &Surroundings<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let imports = around.names.imports;
    let other = rules
        .filename
        .as_ref()
        .filter(|filename| !around.subject.file.as_deref().is_some_and(|file| filename.matches(file)));
    match other {
        None if around.scope == Scope::EnvironmentOnly => {}
        None => module::compare(rules, around.names, Some(place), &|| imports.world.distribution_version(), out),
        Some(filename) => another(rules, &filename.text, imports, place, out),
    }
}

/// Compares a module that is not the importer: by its source only.
fn another(rules: &ModuleRules, filename: &str, imports: &Imports<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let shown = show::source(filename);
    let unread = |why: &'static str, version: Option<String>, out: &mut Vec<Violation>| {
        let names =
            Names { imports, module: None, phase: Phase::Absent, no_source: Some(why), label: &shown, own: false };
        let structure = !(rules.variables.is_empty() && rules.functions.is_empty() && rules.classes.is_empty());
        if let (Some(requirement), Some(version)) = (&rules.version, version) {
            let here = Place::key(Some(place), "version");
            module::fits_version(requirement, Ok(Some(version)), &names, None, &here, out);
        } else if rules.version.is_some() {
            let only_version = ModuleRules { version: rules.version.clone(), ..ModuleRules::default() };
            module::compare(&only_version, &names, Some(place), &|| None, out);
        }
        if structure {
            let message = format!("module `{shown}` is there, but its structure can't be checked: {why}");
            Finding::new(Category::Unproven, Entity::Module, place, message)
                .help(format!("install `{shown}` with its source, or drop the rules on its structure"))
                .push(out);
        }
    };
    match imports.world.locate(filename) {
        Located::Absent => {
            Finding::new(Category::Missing, Entity::Module, place, format!("module `{shown}` is not there"))
                .key("filename")
                .help(format!("install the module, or put `{shown}` where Python looks for modules"))
                .expected(shown.as_str())
                .found("no such module")
                .push(out);
        }
        Located::Opaque { version } => unread("its source can't be read", version, out),
        Located::Found { module: source, version, .. } => {
            let names = Names {
                imports,
                module: Some(&source),
                phase: Phase::Absent,
                no_source: None,
                label: &shown,
                own: false,
            };
            module::compare(rules, &names, Some(place), &|| version.clone(), out);
        }
    }
}
