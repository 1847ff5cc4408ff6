//! One import from the contract to the decision (DESIGN 2).

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;

use importspy_hook::compare::{self, Scope, Subject};
use importspy_hook::contract::discovery::{self, Boundary};
use importspy_hook::contract::model::Contract;
use importspy_hook::contract::problem::Problem;
use importspy_hook::observed::world::Phase;
use importspy_hook::report::text::Outcome as Ending;
use importspy_hook::report::{self, Report};

use super::cache::Outcome;
use super::contracts::{self, Reading};
use super::decisions::{Decision, Reason};
use super::errors::{self, Found};
use super::files;
use super::guards::{Guard, Guarding};
use super::importer::{Importer, Progress};
use super::memo::Trail;
use super::source::Known;
use super::state::{Mode, State, quietly};
use super::world::Interpreter;

/// Who asks for a validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The hook, at an import.
    Hook,
    /// The guarded module, of its importer: whatever the hook's mode, it is to know.
    Module,
    /// The guarded module, of a module that it names: then nobody is exempt.
    ModuleOf,
}

/// Validates `importer` against every contract of `guard`. `Err` is the exception that blocks it.
///
/// `trail` gathers what would let the same import through again without asking.
pub fn validate(
    py: Python<'_>,
    state: &State,
    guard: &Guard,
    importer: Option<&Importer<'_>>,
    trail: &mut Trail,
) -> PyResult<()> {
    validate_for(py, state, guard, importer, Asker::Hook, trail)
}

/// As [`validate`], for whoever asks.
pub fn validate_for(
    py: Python<'_>,
    state: &State,
    guard: &Guard,
    importer: Option<&Importer<'_>>,
    asker: Asker,
    trail: &mut Trail,
) -> PyResult<()> {
    quietly(|| {
        for guarding in &guard.contracts {
            validate_one(py, state, guard, guarding, importer, asker, trail)?;
        }
        Ok(())
    })
}

fn validate_one(
    py: Python<'_>,
    state: &State,
    guard: &Guard,
    guarding: &Guarding,
    importer: Option<&Importer<'_>>,
    asker: Asker,
    trail: &mut Trail,
) -> PyResult<()> {
    let started = Instant::now();
    let ending = match asker {
        Asker::Hook if state.mode() == Mode::Report => Ending::Warned,
        Asker::Hook | Asker::Module => Ending::Blocked,
        Asker::ModuleOf => Ending::Checked,
    };
    let unusable = |path: &str, text: Option<&str>, problem: &Problem| {
        unusable(py, state, guard, importer, started, ending, (path, text, problem))
    };
    let place = match &guarding.place {
        Ok(place) => place,
        Err(problem) => return unusable(&guarding.folder, None, problem),
    };
    let (reading, stamp) = state.contracts.read(py, place);
    let loaded = match reading {
        Reading::Fit(loaded) => loaded,
        Reading::Unfit(problem, text) => return unusable(place.path(), text.as_deref(), &problem),
        // It went between the choice and now: the next import chooses again.
        Reading::Gone if asker == Asker::Hook => {
            trail.break_off();
            return Ok(());
        }
        Reading::Gone => return unusable(place.path(), None, &contracts::missing()),
    };
    trail.pass_contract(guarding, stamp);
    if !discovery::is_protected(&loaded.contract, guarding.rank, &guarding.relative) {
        return Ok(());
    }
    let standing = match asker {
        Asker::ModuleOf => Reason::Fits,
        Asker::Hook | Asker::Module => standing(state, &loaded.contract, guard, guarding, importer),
    };
    let key = (guard.module.as_str(), place.path());
    // Whether somebody is exempt costs less to see than to remember.
    let remembering = importer.filter(|_| standing == Reason::Fits);
    if let Some(importer) = remembering {
        let environment = |name: &str| state.environ.read(py, name);
        if let Ok(entry) = state.cache.get(&key, &loaded, importer, environment) {
            return match &entry.outcome {
                Outcome::Allowed => {
                    trail.pass_decision(entry);
                    Ok(())
                }
                Outcome::Blocked(report) => deny(py, report, Some(importer), ending),
            };
        }
    }
    trail.break_off();
    let known = match remembering {
        Some(importer) => state.sources.of_importer(importer, &state.modules.notes, &state.platform),
        None => Known::None,
    };
    let subject = subject(state, importer, &known);
    let world = Interpreter {
        state,
        importer,
        phase: phase(importer, &known),
        wants_versions: names_versions(&loaded.contract),
        module: subject.module.clone(),
        evidence: RefCell::default(),
        py,
    };
    let scope = if standing == Reason::Fits { Scope::Whole } else { Scope::EnvironmentOnly };
    let comparing = Instant::now();
    let violations = compare::compare(&loaded.contract, &subject, scope, &world);
    tracing::debug!(
        target: "importspy_hook::comparison",
        module = guard.module, violations = violations.len(), microseconds = files::microseconds(comparing),
        "compared"
    );
    let allowed = violations.is_empty();
    let decision = Decision {
        module: guard.module.clone(),
        importer: label(importer),
        contract: place.path().to_owned(),
        allowed,
        reason: if allowed { standing } else { Reason::Violations },
        codes: violations.iter().map(|violation| violation.code.to_string()).collect(),
        microseconds: files::microseconds(started),
    };
    let outcome = if allowed {
        Outcome::Allowed
    } else {
        Outcome::Blocked(Arc::new(Report {
            module: guard.module.clone(),
            importer: described(importer, known),
            contract: report::Source { path: place.path().to_owned(), text: Arc::clone(&loaded.text) },
            platform: state.platform.clone(),
            violations,
        }))
    };
    if let Some(importer) = remembering {
        state.cache.put(key, &loaded, importer, world.evidence.into_inner(), outcome.clone());
    }
    state.decisions.add(decision, ending == Ending::Warned);
    match outcome {
        Outcome::Allowed => Ok(()),
        Outcome::Blocked(report) => deny(py, &report, importer, ending),
    }
}

fn deny(py: Python<'_>, report: &Report, importer: Option<&Importer<'_>>, ending: Ending) -> PyResult<()> {
    match ending {
        Ending::Warned => errors::warn_violation(py, report, importer),
        Ending::Blocked | Ending::Checked | Ending::Compared => Err(errors::violation(py, report, ending)),
    }
}

/// A contract that can't be used blocks everybody: nobody can tell whom it would exempt.
fn unusable(
    py: Python<'_>,
    state: &State,
    guard: &Guard,
    importer: Option<&Importer<'_>>,
    started: Instant,
    ending: Ending,
    (path, text, problem): (&str, Option<&str>, &Problem),
) -> PyResult<()> {
    let name = label(importer);
    let decision = Decision {
        module: guard.module.clone(),
        importer: name.clone(),
        contract: path.to_owned(),
        allowed: false,
        reason: Reason::Error,
        codes: Vec::new(),
        microseconds: files::microseconds(started),
    };
    state.decisions.add(decision, ending == Ending::Warned);
    let found = Found { problem, path, text, module: &guard.module, importer: &name };
    match ending {
        Ending::Warned => errors::warn_problem(py, &found, importer),
        Ending::Blocked | Ending::Checked | Ending::Compared => Err(errors::problem(py, &found)),
    }
}

/// Whether a module that the contract names has to be of some version.
fn names_versions(contract: &Contract) -> bool {
    let mut pythons = contract.deployments.iter().flat_map(|it| &it.systems).flat_map(|it| &it.pythons);
    pythons.any(|python| python.modules.iter().any(|module| module.version.is_some()))
}

/// Whether the whole contract applies (`Fits`, if it does fit), or why only its environment part does.
fn standing(
    state: &State,
    contract: &Contract,
    guard: &Guard,
    guarding: &Guarding,
    importer: Option<&Importer<'_>>,
) -> Reason {
    let Some(importer) = importer else { return Reason::NoImporter };
    let py = importer.globals.py();
    let noted = importer.name.as_deref().and_then(|name| state.modules.notes.origin(py, name));
    let real = |path: &str| state.real_paths.of(path);
    let (folder, file) = (real(&guarding.folder), real(noted.as_deref().unwrap_or(&importer.code_file)));
    // Only a guarded module outside packages is told from others by its own file.
    let own = guard.file.as_deref().filter(|_| guarding.package.is_none()).map(real);
    let boundary =
        Boundary { folder: &folder, package: guarding.package.as_deref(), module: &guard.module, file: own.as_deref() };
    let is_inside = boundary.contains(importer.import_name(), Some(&file));
    let is_trusted =
        || contract.trusted_importers.iter().any(|glob| importer.names().any(|name| glob.matches_module(name)));
    let vouched_for = || state.trusted().iter().any(|trusted| trusted.covers(importer.names(), &file));
    let is_genuine = || is_genuine(state, importer, noted.as_deref());
    // Whoever vouches for test files knows that a test runner compiles them in its own way.
    let is_rewritten = || state.sources.is_rewritten(importer, &importer.code_file);
    if is_inside && is_genuine() {
        Reason::Boundary
    } else if is_trusted() && (importer.is_main() || is_genuine())
        || vouched_for() && (importer.is_main() || is_genuine() || is_rewritten())
    {
        Reason::Trusted
    } else {
        Reason::Fits
    }
}

/// Whether an importer certainly is what its name and file say.
///
/// What the hook noted when the module was found counts: a `__spec__` or `__file__` can be rewritten by
/// the module itself. Of a module that came past the finders (the program itself, a plugin loader's),
/// the code that runs must be what compiling its file gives.
fn is_genuine(state: &State, importer: &Importer<'_>, noted: Option<&str>) -> bool {
    if let Some(file) = noted.filter(|_| !importer.is_main()) {
        // Code without a file that runs in a module's namespace is that module's doing.
        return importer.code.is_none() || importer.is_pseudo() || files::same(file, &importer.code_file);
    }
    let compiled_from = |code| state.sources.compiled_from(code, &importer.code_file);
    !importer.is_pseudo() && importer.code.as_ref().is_some_and(compiled_from)
}

/// The file that `filename` rules are about: where the module was found, not what it says of itself.
fn file_for_rules(state: &State, importer: &Importer<'_>) -> Option<String> {
    let name = importer.name.as_deref().filter(|_| !importer.is_main());
    name.and_then(|name| state.modules.notes.origin(importer.globals.py(), name)).or_else(|| importer.file_for_rules())
}

fn subject(state: &State, importer: Option<&Importer<'_>>, known: &Known) -> Subject {
    let file = importer.and_then(|importer| file_for_rules(state, importer));
    let (module, no_source) = match known {
        Known::None => (None, None),
        Known::Unusable(reason) => (None, Some(reason.clone())),
        Known::Read(source) => match &source.module {
            Ok(module) => (Some(Arc::clone(module)), None),
            Err(reason) => (None, Some(reason.clone())),
        },
    };
    Subject { file, module, no_source }
}

fn phase(importer: Option<&Importer<'_>>, known: &Known) -> Phase {
    match (importer.map(|importer| importer.progress), known) {
        (None, _) => Phase::Absent,
        (Some(Progress::Ended), _) => Phase::Initialised,
        (Some(Progress::Running(Some(line))), Known::Read(source)) => {
            Phase::Initialising { offset: Some(source.lines.of(&source.text, line)) }
        }
        (Some(Progress::Running(_)), _) => Phase::Initialising { offset: None },
    }
}

fn described(importer: Option<&Importer<'_>>, known: Known) -> report::Importer {
    let Some(importer) = importer else { return report::Importer::default() };
    let source = match known {
        Known::Read(source) => Some(report::Source { path: source.path, text: source.text }),
        _ => importer.file_for_rules().map(|path| report::Source { path, text: "".into() }),
    };
    // Code that the module executes has lines of its own: they are not the file's.
    let is_of_source = source.as_ref().is_none_or(|source| files::same(&source.path, &importer.code_file));
    let line = (importer.line > 0 && is_of_source).then_some(importer.line);
    report::Importer { name: Some(importer.label()), source, line }
}

fn label(importer: Option<&Importer<'_>>) -> String {
    importer.map_or_else(|| "<no importer>".to_owned(), Importer::label)
}
