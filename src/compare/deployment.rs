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

impl Surroundings<'_> {
    fn platform(&self) -> &Platform {
        self.names.imports.world.platform()
    }
}

/// Compares the environment with the alternatives of a contract.
pub(super) fn compare(deployments: &[Deployment], around: &Surroundings<'_>, out: &mut Vec<Violation>) {
    let platform = around.platform();
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
            self::system(system, around, &place, &mut shared);
            let any = [Python::default()];
            let pythons = if system.pythons.is_empty() { &any[..] } else { &system.pythons };
            for (k, python) in pythons.iter().enumerate() {
                // It can't come closer than what all its alternatives share.
                if best.as_ref().is_some_and(|best| best.len() <= shared.len()) {
                    break;
                }
                let place = Place::item(Some(&place), "pythons", k, None);
                let mut found = shared.clone();
                self::python(python, around, &place, &mut found);
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
        let category = if self.names.len() > 1 { Category::Invalid } else { Category::Mismatch };
        let message = format!("the {} must be {expected}, not {found}", self.what);
        Finding::new(category, self.entity, place, message)
            .help(format!("run it where the {} is {expected}, or allow `{found}` in the contract", self.what))
            .expected(expected)
            .found(found)
            .push(out);
    }
}

fn system(system: &System, around: &Surroundings<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let wanted = Wanted { entity: Entity::OperatingSystem, what: "operating system", names: &system.os };
    wanted.compare(&around.platform().os, &Place::key(Some(place), "os"), out);
    let here = Place::key(Some(place), "environment");
    environment::compare(&system.environment, around.names.imports.world, &here, out);
}

fn python(python: &Python, around: &Surroundings<'_>, place: &Place<'_>, out: &mut Vec<Violation>) {
    let platform = around.platform();
    if let Some(requirement) = &python.version {
        // A build such as `3.13.1+` has no proper version text: then its three numbers count.
        let (major, minor, micro) = platform.python;
        let fits = requirement
            .matches(&platform.python_text)
            .or_else(|| requirement.matches(&format!("{major}.{minor}.{micro}")));
        if fits != Some(true) {
            let (expected, found) = (show::source(&requirement.text), platform.python_text.as_str());
            let here = Place::key(Some(place), "version");
            let message = format!("the Python version must fit `{expected}`, but is {found}");
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
    let label = format!("`{shown}`");
    let names =
        |module, no_source| Names { imports, module, phase: Phase::Absent, no_source, label: &label, own: false };
    let first = out.len();
    match imports.world.locate(filename) {
        Located::Absent => {
            Finding::new(Category::Missing, Entity::Module, place, format!("module {label} was not found"))
                .key("filename")
                .help(format!("install the module, or put {label} where Python looks for modules"))
                .expected(shown.as_str())
                .found("no such module")
                .push(out);
        }
        Located::Opaque { version } => {
            let why = "its source can't be read";
            let only_version = ModuleRules { version: rules.version.clone(), ..ModuleRules::default() };
            module::compare(&only_version, &names(None, Some(why)), Some(place), &|| version.clone(), out);
            if !(rules.variables.is_empty() && rules.functions.is_empty() && rules.classes.is_empty()) {
                let message = format!("module {label} is there, but its contents can't be checked: {why}");
                Finding::new(Category::Unproven, Entity::Module, place, message)
                    .help(format!("install {label} with its source, or drop the rules on its contents"))
                    .push(out);
            }
        }
        Located::Found { module: source, version, .. } => {
            module::compare(rules, &names(Some(&source), None), Some(place), &|| version.clone(), out);
            // It is somebody else's, as a rule: nothing to be edited.
            for violation in out.iter_mut().skip(first).filter(|it| it.code.entity != Entity::Version) {
                violation.help = format!("install a version of {label} that fits this rule, or change the rule");
            }
        }
    }
}
