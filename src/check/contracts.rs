//! Contracts of a tree: found beside modules, read once.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::contract::discovery::{self, Guardable, Rank};
use crate::contract::loader::{self, Loaded};
use crate::contract::problem::Problem;

use super::listing::Listings;
use super::modules::Location;

/// One more than the largest contract, in bytes: enough to see that it is too large.
const READ_AT_MOST: u64 = 1024 * 1024 + 1;

/// What guards one module.
#[derive(Debug)]
pub(super) struct Guard {
    /// The module's name.
    pub module: String,
    /// Its file; none for a namespace package.
    pub file: Option<PathBuf>,
    /// Its contracts: one, or one for each portion of a namespace package.
    pub contracts: Vec<Guarding>,
}

/// A contract beside a module.
#[derive(Debug)]
pub(super) struct Guarding {
    /// The contract's path; of two that can't both be it, their folder.
    pub path: PathBuf,
    /// How near to the module it is.
    pub rank: Rank,
    /// What it says.
    pub contract: Arc<Contract>,
    /// Its folder.
    pub folder: PathBuf,
    /// The package in this folder, if it is one.
    pub package: Option<String>,
    /// The module's name relative to the folder.
    pub relative: String,
}

/// A contract, or why it can't be used.
#[derive(Debug)]
pub(super) enum Contract {
    Usable(Loaded),
    Unusable(Problem, Option<Arc<str>>),
}

/// A folder, and two names in it.
type Candidates = (PathBuf, [String; 2]);

/// Contracts by path, each read once.
#[derive(Default)]
pub(super) struct Contracts {
    read: Mutex<HashMap<PathBuf, Arc<OnceLock<Arc<Contract>>>>>,
    /// Folders where it can't be told which one applies, with the candidates.
    ambiguous: Mutex<HashMap<Candidates, Arc<Contract>>>,
}

impl Contracts {
    /// The contract in this file.
    pub fn of_file(&self, path: &Path) -> Arc<Contract> {
        let cell = {
            let mut read = self.read.lock();
            match read.get(path) {
                Some(cell) => Arc::clone(cell),
                None => Arc::clone(read.entry(path.to_owned()).or_default()),
            }
        };
        Arc::clone(cell.get_or_init(|| Arc::new(read(path))))
    }

    /// The guard of a module; none if there is no contract beside it.
    pub fn guard(&self, listings: &Listings<'_>, module: &str, location: &Location) -> Option<Guard> {
        // Most modules have none: that is seen at once.
        let has_contracts = |folder: &PathBuf| !listings.of(folder).contracts.is_empty();
        let may_be = match location {
            Location::Module { folder, .. } => has_contracts(folder),
            _ => location.folders().iter().any(has_contracts),
        };
        if !may_be {
            return None;
        }
        let (what, file) = match location {
            Location::Module { stem, folder, .. } => {
                let file = location.source().unwrap_or_else(|| folder.join(stem));
                (Guardable::Module { stem }, Some(file))
            }
            Location::Package { folder, .. } => (Guardable::Package, Some(folder.join("__init__.py"))),
            Location::Namespace { .. } => (Guardable::Package, None),
        };
        let single;
        let folders = match location {
            Location::Module { folder, .. } => {
                single = [folder.clone()];
                &single[..]
            }
            _ => location.folders(),
        };
        let beside = |folder: &PathBuf| self.beside(listings, module, folder, what, file.is_some());
        let contracts: Vec<Guarding> = folders.iter().filter_map(beside).collect();
        (!contracts.is_empty()).then(|| Guard { module: module.to_owned(), file, contracts })
    }

    fn beside(
        &self,
        listings: &Listings<'_>,
        module: &str,
        folder: &Path,
        what: Guardable<'_>,
        is_regular: bool,
    ) -> Option<Guarding> {
        let listing = listings.of(folder);
        if listing.contracts.is_empty() {
            return None;
        }
        let (path, rank, contract) = match discovery::choose(what, |name| listing.has_contract(name)) {
            Ok(None) => return None,
            Ok(Some(choice)) => {
                let path = folder.join(&choice.file_name);
                let contract = self.of_file(&path);
                (path, choice.rank, contract)
            }
            Err(ambiguous) => {
                let problem = ambiguous.problem(&folder.to_string_lossy());
                let contract = Arc::new(Contract::Unusable(problem, None));
                let key = (folder.to_owned(), ambiguous.file_names);
                let contract = Arc::clone(self.ambiguous.lock().entry(key).or_insert(contract));
                (folder.to_owned(), Rank::Folder, contract)
            }
        };
        let package = what.package(module, is_regular, || listing.is_package());
        let relative = what.relative();
        Some(Guarding { path, rank, contract, folder: folder.to_owned(), package, relative })
    }

    /// Every contract that was looked at, and every folder in which two claim to be it.
    pub fn all(&self) -> Vec<(PathBuf, Arc<Contract>)> {
        let (read, ambiguous) = (self.read.lock(), self.ambiguous.lock());
        let files = read.iter().filter_map(|(path, cell)| Some((path.clone(), Arc::clone(cell.get()?))));
        files.chain(ambiguous.iter().map(|((folder, _), it)| (folder.clone(), Arc::clone(it)))).collect()
    }
}

impl Guarding {
    /// Whether it guards the module after all; one that can't be used guards everybody.
    pub fn applies(&self) -> bool {
        match &*self.contract {
            Contract::Usable(loaded) => discovery::is_protected(&loaded.contract, self.rank, &self.relative),
            Contract::Unusable(..) => true,
        }
    }
}

/// Reads the contract at `path`.
pub(super) fn read(path: &Path) -> Contract {
    let unreadable = |reason: &str| Contract::Unusable(Problem::unreadable(reason), None);
    match fs::metadata(path) {
        Ok(data) if !data.is_file() => return unreadable("it is not a regular file"),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return unreadable("it is a link to nothing"),
        Err(error) => return unreadable(&error.to_string()),
    }
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(READ_AT_MOST).read_to_end(&mut bytes));
    if let Err(error) = result {
        return unreadable(&error.to_string());
    }
    match loader::load(&bytes) {
        Ok(loaded) => Contract::Usable(loaded),
        Err(problem) => {
            let text = std::str::from_utf8(&bytes).ok().map(|text| text.trim_start_matches('\u{feff}').into());
            Contract::Unusable(problem, text)
        }
    }
}
