//! One importer against one contract.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compare::{self, Scope, Subject};
use crate::contract::discovery::Boundary;
use crate::contract::loader::Loaded;
use crate::contract::model::Contract;
use crate::observed::model::{Binding, Module};
use crate::observed::platform::Platform;
use crate::observed::world::{Environment, Imported, Located, Phase, World, module_of_file};
use crate::report::{self, Report};

use super::contracts::{Guard, Guarding};
use super::distributions::Distributions;
use super::reach::Reach;
use super::survey::{Exemption, Pair, Verdict};
use super::who::{Home, Who};
use super::{Around, Options};

/// What judging needs beside the pair.
pub(super) struct Court<'a> {
    pub around: &'a Around<'a>,
    pub options: &'a Options,
    pub reach: &'a Reach<'a>,
    pub distributions: &'a Distributions<'a>,
    /// A path as the user would name it.
    pub show: &'a (dyn Fn(&Path) -> String + Sync),
}

/// An importing file.
pub(super) struct Importer<'a> {
    pub path: &'a Path,
    pub home: &'a Home,
    pub who: &'a Who,
    /// Whether it is made to be run as the program.
    pub is_program: bool,
    pub text: &'a str,
    /// The same, for reports: copied only if there are any.
    pub shared: OnceCell<Arc<str>>,
    /// What it declares, or why that can't be told.
    pub module: Result<Arc<Module>, String>,
}

/// Whether only the environment part of the contract applies, and why.
fn exemption(contract: &Contract, guard: &Guard, guarding: &Guarding, importer: &Importer<'_>) -> Option<Exemption> {
    let (folder, file) = (real(&guarding.folder), real(importer.path));
    let own = guard.file.as_deref().map(real);
    let boundary =
        Boundary { folder: &folder, package: guarding.package.as_deref(), module: &guard.module, file: own.as_deref() };
    let is_trusted = || {
        let main = importer.is_program.then_some("__main__");
        let mut names = importer.who.names.iter().map(String::as_str).chain(main);
        names.any(|name| contract.trusted_importers.iter().any(|glob| glob.matches_module(name)))
    };
    if boundary.contains(Some(importer.who.name()), Some(&file)) {
        Some(Exemption::Boundary)
    } else if is_trusted() {
        Some(Exemption::Trusted)
    } else {
        None
    }
}

/// A path after links; itself if it does not lead anywhere.
fn real(path: &Path) -> String {
    let real: PathBuf = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real.to_string_lossy().into_owned()
}

impl Court<'_> {
    /// Judges `importer`, whose import on `line` reaches `guard`, by one of its contracts.
    pub fn judge(
        &self,
        importer: &Importer<'_>,
        line: Option<usize>,
        guard: &Guard,
        guarding: &Guarding,
        loaded: &Loaded,
    ) -> Pair {
        let exemption = exemption(&loaded.contract, guard, guarding, importer);
        self.compare(importer, line, &guard.module, &guarding.path, loaded, exemption)
    }

    /// Compares; without an exemption in full.
    pub fn compare(
        &self,
        importer: &Importer<'_>,
        line: Option<usize>,
        module: &str,
        path: &Path,
        loaded: &Loaded,
        exemption: Option<Exemption>,
    ) -> Pair {
        let scope = if exemption.is_some() { Scope::EnvironmentOnly } else { Scope::Whole };
        let subject = Subject {
            file: Some(importer.path.to_string_lossy().into_owned()),
            module: importer.module.as_ref().ok().cloned(),
            no_source: importer.module.as_ref().err().cloned(),
        };
        let world = Static { court: self, importer };
        let structure;
        let contract = if self.options.structure_only {
            structure = Contract { deployments: Vec::new(), ..loaded.contract.clone() };
            &structure
        } else {
            &loaded.contract
        };
        let violations = compare::compare(contract, &subject, scope, &world);
        let (file, contract) = ((self.show)(importer.path), (self.show)(path));
        let verdict = match exemption {
            _ if !violations.is_empty() => Verdict::Blocked(Arc::new(Report {
                module: module.to_owned(),
                importer: report::Importer {
                    name: Some(importer.who.name().to_owned()),
                    source: Some(report::Source {
                        path: file.clone(),
                        text: Arc::clone(importer.shared.get_or_init(|| importer.text.into())),
                    }),
                    line,
                },
                contract: report::Source { path: contract.clone(), text: Arc::clone(&loaded.text) },
                platform: self.around.platform.clone(),
                violations,
            })),
            Some(exemption) => Verdict::Exempt(exemption),
            None => Verdict::Fits,
        };
        Pair { module: module.to_owned(), importer: importer.who.name().to_owned(), file, line, contract, verdict }
    }
}

/// What files tell of the world around an importer.
struct Static<'c> {
    court: &'c Court<'c>,
    importer: &'c Importer<'c>,
}

impl World for Static<'_> {
    fn platform(&self) -> &Platform {
        self.court.around.platform
    }

    fn environment_variable(&self, name: &str) -> Environment {
        (self.court.around.environment)(name)
    }

    fn phase(&self) -> Phase {
        Phase::Absent
    }

    fn live(&self, _: &str) -> Option<Binding> {
        None
    }

    fn imported(&self, module: &str, _: &str) -> Imported {
        let reach = self.court.reach;
        let found = reach.find(self.importer.home, module);
        match found.end.as_ref().and_then(|end| reach.declared(module, end)) {
            Some(module) => Imported::Source(module),
            None => Imported::Unknown,
        }
    }

    fn locate(&self, filename: &str) -> Located {
        let Some(name) = module_of_file(filename) else { return Located::Absent };
        let package = self.importer.who.package();
        let sibling = (!package.is_empty()).then(|| format!("{package}.{name}"));
        let reach = self.court.reach;
        for candidate in sibling.into_iter().chain([name]) {
            let found = reach.find(self.importer.home, &candidate);
            let Some(end) = &found.end else { continue };
            let version = self.court.distributions.version_of(&candidate);
            return match (end.source(), reach.declared(&candidate, end)) {
                (Some(file), Some(module)) => Located::Found { file: (self.court.show)(&file), module, version },
                _ => Located::Opaque { version },
            };
        }
        Located::Absent
    }

    fn distribution_version(&self) -> Option<String> {
        self.court.distributions.version_of(self.importer.who.name())
    }
}
