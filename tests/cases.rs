//! The cases of `tests/cases/*.yaml`, as far as the core alone can decide them; pytest runs them all, in interpreters.
//!
//! A case is left to pytest if what decides it is not data here: computed texts, further files, an importer that the
//! hook would find in another way than by its source, or rules on who asks and who is guarded. The core's world here
//! can't look into a namespace or into other modules: a case that comes out differently after such a question
//! `needs an interpreter`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test ends this way")]
#![allow(clippy::print_stdout, reason = "what was counted is worth a look with `--nocapture`")]

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::env::consts;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use importspy_hook::compare::{Scope, Subject, compare};
use importspy_hook::contract::{loader, names};
use importspy_hook::observed::extract::{About, extract};
use importspy_hook::observed::model::Binding;
use importspy_hook::observed::platform::Platform;
use importspy_hook::observed::world::{Environment, Imported, Located, Phase, World};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A little below what there was when this was last set: fewer means that cases get lost silently.
const DECIDED_AT_LEAST: usize = 330;

/// Keys of contracts about who asks and who is guarded, which the hook decides before it compares.
const NOT_COMPARED: [&str; 2] = ["trusted_importers", "protects"];

/// See `tests/case_files.py`.
#[derive(Deserialize)]
struct Case {
    name: String,
    contract: Option<String>,
    importer: Option<String>,
    main: Option<IgnoredAny>,
    files: Option<IgnoredAny>,
    #[serde(default)]
    env: HashMap<String, String>,
    expect: Expected,
    codes: Option<BTreeSet<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Expected {
    Allowed,
    Blocked,
    ContractError,
}

/// A case that says all that the core needs.
struct Plain<'c> {
    case: &'c Case,
    contract: &'c str,
    importer: &'c str,
    /// Where the line starts that imports the guarded module.
    offset: usize,
}

impl Case {
    fn plain(&self) -> Option<Plain<'_>> {
        let (Some(contract), Some(importer), None, None) = (&self.contract, &self.importer, &self.main, &self.files)
        else {
            return None;
        };
        let offset = import_line(importer)?;
        let is_compared = !NOT_COMPARED.iter().any(|key| contract.contains(key)) && !may_catch(importer, offset);
        // A contract that can't be used blocks everybody, whoever asks.
        if self.expect != Expected::ContractError && !is_compared {
            return None;
        }
        Some(Plain { case: self, contract, importer, offset })
    }

    fn wanted(&self) -> String {
        match (self.expect, &self.codes) {
            (Expected::Allowed, _) => "allowed".to_owned(),
            (Expected::ContractError, _) => "a contract error".to_owned(),
            (Expected::Blocked, None) => "any violation".to_owned(),
            (Expected::Blocked, Some(codes)) => format!("violations {codes:?}"),
        }
    }
}

/// Whether the import stands in a block, and the importer handles what the hook raises: it then tells by itself how it
/// went.
fn may_catch(importer: &str, offset: usize) -> bool {
    importer[offset..].starts_with([' ', '\t']) && importer.contains("except ValueError")
}

/// The start of the first line that is a statement importing `framework`.
fn import_line(importer: &str) -> Option<usize> {
    let mut start = 0;
    importer.split_inclusive('\n').find_map(|line| {
        let here = start;
        start += line.len();
        let code = line.trim_start();
        (code.starts_with("import framework") || code.starts_with("from framework import")).then_some(here)
    })
}

enum Got {
    Violations(BTreeSet<String>),
    ContractError(String),
    Unexplained(&'static str),
    Unparsable(String),
}

impl Got {
    fn fits(&self, case: &Case) -> bool {
        match (case.expect, self) {
            (Expected::Allowed, Self::Violations(found)) => found.is_empty(),
            (Expected::Blocked, Self::Violations(found)) => {
                case.codes.as_ref().map_or(!found.is_empty(), |codes| codes == found)
            }
            (Expected::ContractError, Self::ContractError(_)) => true,
            _ => false,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Violations(found) if found.is_empty() => "allowed".to_owned(),
            Self::Violations(found) => format!("violations {found:?}"),
            Self::ContractError(message) => format!("a contract error: {message}"),
            Self::Unexplained(what) => (*what).to_owned(),
            Self::Unparsable(message) => format!("an importer that does not parse: {message}"),
        }
    }
}

/// This machine with some `CPython`, at the import; what only an interpreter can answer is unknown, and noted.
struct Machine<'c> {
    platform: &'c Platform,
    case: &'c Case,
    offset: usize,
    asked: RefCell<BTreeSet<String>>,
}

impl Machine<'_> {
    fn note(&self, question: String) {
        self.asked.borrow_mut().insert(question);
    }
}

impl World for Machine<'_> {
    fn platform(&self) -> &Platform {
        self.platform
    }

    fn environment_variable(&self, name: &str) -> Environment {
        self.case.env.get(name).map_or(Environment::Absent, |text| Environment::Text(text.clone()))
    }

    fn phase(&self) -> Phase {
        Phase::Initialising { offset: Some(self.offset) }
    }

    fn live(&self, name: &str) -> Option<Binding> {
        self.note(format!("live `{name}`"));
        None
    }

    fn imported(&self, module: &str, name: &str) -> Imported {
        self.note(format!("`{name}` of module `{module}`"));
        Imported::Unknown
    }

    fn locate(&self, filename: &str) -> Located {
        self.note(format!("module file `{filename}`"));
        Located::Absent
    }

    fn distribution_version(&self) -> Option<String> {
        self.note("the distribution's version".to_owned());
        None
    }
}

fn platform() -> Platform {
    let sys_platform = match consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    Platform {
        arch: names::architecture(consts::ARCH).unwrap_or(consts::ARCH).to_owned(),
        os: names::operating_system(consts::OS).unwrap_or(consts::OS).to_owned(),
        python: (3, 12, 1),
        python_text: "3.12.1".to_owned(),
        interpreter: names::interpreter("CPython").unwrap_or("CPython").to_owned(),
        sys_platform: sys_platform.to_owned(),
        os_name: if cfg!(windows) { "nt" } else { "posix" }.to_owned(),
    }
}

/// What the core says, and what it asked on the way.
fn decide(plain: &Plain<'_>, platform: &Platform) -> (Got, BTreeSet<String>) {
    let nothing = BTreeSet::new;
    let loaded = match loader::load(plain.contract.as_bytes()) {
        Ok(loaded) => loaded,
        Err(problem) if problem.message.trim().is_empty() => {
            return (Got::Unexplained("a contract error without a message"), nothing());
        }
        Err(problem) if problem.span.is_some_and(|span| span.end > plain.contract.len()) => {
            return (Got::Unexplained("a contract error beyond the contract's end"), nothing());
        }
        Err(problem) => return (Got::ContractError(problem.message), nothing()),
    };
    let module = match extract(plain.importer, &About { platform, module: Some("plugin"), package: None }) {
        Ok(module) => Arc::new(module),
        Err(error) => return (Got::Unparsable(error.message), nothing()),
    };
    let subject = Subject { file: Some("plugin.py".to_owned()), module: Some(module), no_source: None };
    let world = Machine { platform, case: plain.case, offset: plain.offset, asked: RefCell::default() };
    let violations = compare(&loaded.contract, &subject, Scope::Whole, &world);
    let codes = violations.iter().map(|violation| violation.code.to_string()).collect();
    (Got::Violations(codes), world.asked.into_inner())
}

/// All cases, with their files' names.
fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension() == Some(OsStr::new("yaml"))).collect();
    files.sort();
    let read = |path: &PathBuf| -> Vec<(String, Case)> {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path).unwrap();
        let cases: Vec<Case> = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        cases.into_iter().map(|case| (file.clone(), case)).collect()
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn the_core_decides_as_the_cases_say() {
    let (cases, platform) = (cases(), platform());
    let (mut decided, mut others, mut failures) = (0, Vec::new(), String::new());
    let mut failed = 0;
    for (file, case) in &cases {
        let Some(plain) = case.plain() else { continue };
        let (got, asked) = decide(&plain, &platform);
        if got.fits(case) {
            decided += 1;
        } else if asked.is_empty() {
            failed += 1;
            let (name, wanted, got) = (&case.name, case.wanted(), got.told());
            writeln!(failures, "{file}: {name}\n  expected {wanted}\n  got      {got}").unwrap();
        } else {
            others.push((&case.name, asked));
        }
    }
    for (name, asked) in &others {
        println!("needs an interpreter: {name} ({})", asked.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    }
    let rest = cases.len() - decided - others.len() - failed;
    println!(
        "{} cases: {decided} decided by the core, {} need an interpreter, {rest} are pytest's alone, {failed} failed",
        cases.len(),
        others.len(),
    );
    assert!(failed == 0, "{failed} cases come out differently:\n{failures}");
    assert!(decided >= DECIDED_AT_LEAST, "only {decided} cases were decided by the core");
}
