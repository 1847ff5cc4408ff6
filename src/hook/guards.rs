//! Which contracts guard a module: looked for beside what its spec names (DESIGN 3).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyDict, PySet, PyString};

use importspy_hook::contract::discovery::{self, FOLDER_WIDE, Guardable, Rank};
use importspy_hook::contract::problem::Problem;

use super::contracts::Place;
use super::files::{self, Stamp};
use super::importer::Importer;
use super::once::intern;
use super::{foreign, python};

/// What guards one module.
#[derive(Debug)]
pub struct Guard {
    /// The module's name.
    pub module: String,
    /// Its file; none for a namespace package.
    pub file: Option<String>,
    /// Its contracts: one, or one for each portion of a namespace package.
    pub contracts: Vec<Guarding>,
}

/// A contract, or the reason why it can't be told which one applies.
#[derive(Debug)]
pub struct Guarding {
    /// Where it is, or why it can't be had.
    pub place: Result<Place, Problem>,
    /// The contract's folder.
    pub folder: String,
    /// The name of the package in the folder: then importers inside it are inside the boundary. None
    /// if the folder is not a package.
    pub package: Option<String>,
    /// How near to the module the contract is.
    pub rank: Rank,
    /// The guarded module's name relative to the folder, for `protects`.
    pub relative: String,
    /// The folder as it was when the contract was chosen.
    pub seen: Seen,
}

/// The state of a folder when it was looked into.
#[derive(Clone, Copy, Debug)]
pub enum Seen {
    /// It is not on the file system, and stays as it is.
    Fixed,
    /// An equal stamp means that nothing has come or gone since.
    At(Stamp),
    /// It had changed so lately that its next change may not show.
    Unsettled,
}

impl Guarding {
    /// Whether the same contract would be chosen again: nothing has come to, or gone from, the folder.
    pub fn is_fresh(&self) -> bool {
        match self.seen {
            Seen::Fixed => true,
            Seen::At(stamp) => Stamp::of(&self.folder) == Some(stamp),
            Seen::Unsettled => false,
        }
    }
}

/// Finds contracts beside modules.
pub struct Discovery {
    file_finder: Py<PyAny>,
    file_loaders: Vec<Py<PyAny>>,
}

impl Discovery {
    /// Looks up the interpreter's own finder and loaders.
    pub fn new(modules: &Bound<'_, PyDict>) -> PyResult<Self> {
        let external = modules.as_any().get_item("_frozen_importlib_external")?;
        let get = |name: &str| external.getattr(name).map(Bound::unbind);
        Ok(Self {
            file_finder: get("FileFinder")?,
            file_loaders: vec![get("SourceFileLoader")?, get("ExtensionFileLoader")?, get("SourcelessFileLoader")?],
        })
    }

    /// The guard of the module that `spec` describes; none if it has no contract.
    pub fn guard(&self, name: &str, spec: &Bound<'_, PyAny>) -> PyResult<Option<Guard>> {
        let py = spec.py();
        let path = python::attribute(spec, intern!(py, "origin"));
        let origin = path.as_ref().and_then(python::string);
        let locations = python::attribute(spec, intern!(py, "submodule_search_locations"));
        let located = python::attribute(spec, intern!(py, "has_location"))
            .is_some_and(|value| value.is_truthy().unwrap_or(false));
        let loader = python::attribute(spec, intern!(py, "loader"));
        let mut contracts = Vec::new();
        match (&origin, &locations) {
            (Some(file), _) if located => {
                if let Some(path) = path.as_ref().and_then(foreign::path) {
                    contracts.extend(foreign::beside(name, &path, locations.is_some(), loader.as_ref()));
                }
                let (folder, stem) = split(file);
                let what = if locations.is_some() { Guardable::Package } else { Guardable::Module { stem } };
                contracts.extend(self.beside(name, folder, &what, loader.as_ref(), py)?);
            }
            (None, Some(portions)) => {
                // A spec may hold anything there, and a namespace whose parent is gone raises: no portions.
                for portion in python::items(portions).0 {
                    if let Some(folder) = python::string(&portion) {
                        if let Some(path) = foreign::path(&portion) {
                            contracts.extend(foreign::beside(name, &path.join("__init__.py"), true, None));
                        }
                        let found = self.beside(name, &folder, &Guardable::Package, None, py)?;
                        // Nothing can be imported from a folder that nobody may look into, and Python takes any
                        // for a portion.
                        contracts.extend(found.filter(|it| it.place.is_ok() || !files::is_closed(&folder)));
                    }
                }
            }
            _ => {}
        }
        if contracts.is_empty() {
            return Ok(None);
        }
        Ok(Some(Guard { module: name.to_owned(), file: origin.filter(|_| located), contracts }))
    }

    /// The guard of a module of which only the file is known; none if it has no contract.
    ///
    /// `loader` is that of an archive, if it is a member of one.
    pub fn guard_of_file(
        &self,
        py: Python<'_>,
        name: &str,
        file: &str,
        loader: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Guard>> {
        let (folder, stem) = split(file);
        let what = if stem == "__init__" { Guardable::Package } else { Guardable::Module { stem } };
        let contract = self.beside(name, folder, &what, loader, py)?;
        Ok(contract.map(|it| Guard { module: name.to_owned(), file: Some(file.to_owned()), contracts: vec![it] }))
    }

    fn beside(
        &self,
        module: &str,
        folder: &str,
        what: &Guardable<'_>,
        loader: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> PyResult<Option<Guarding>> {
        let on_disk = loader.is_none_or(|loader| {
            let kind = loader.get_type();
            self.file_loaders.iter().any(|stock| kind.is(stock)) || Path::new(folder).is_dir()
        });
        let listing = if on_disk { self.listing(py, folder, what)? } else { None };
        let archive = loader.filter(|_| !on_disk);
        let exists = |name: &str| match archive {
            Some(loader) => loader_has(loader, &join(folder, name)),
            None => files::exists(join(folder, name)),
        };
        // Most folders have no contract: where the listing tells, that costs no system call.
        if listing.is_some_and(|names| shows_no_contract(names.bind(py), *what)) {
            return Ok(None);
        }
        let looked = SystemTime::now();
        let choice = discovery::choose(*what, exists);
        if matches!(choice, Ok(None)) {
            return Ok(None);
        }
        let seen = match on_disk.then(|| Stamp::of(folder)) {
            Some(Some(stamp)) if stamp.settled_at(looked) => Seen::At(stamp),
            Some(Some(_)) => Seen::Unsettled,
            _ => Seen::Fixed,
        };
        let (place, rank) = match choice {
            Ok(None) => return Ok(None),
            Ok(Some(choice)) => {
                let path = join(folder, &choice.file_name);
                let place = match archive {
                    Some(loader) => Place::Loader { path, loader: loader.clone().unbind() },
                    None => Place::Disk { path },
                };
                (Ok(place), choice.rank)
            }
            Err(ambiguous) => (Err(ambiguous.problem(folder)), Rank::Folder),
        };
        let beside_init = || exists("__init__.py") || exists("__init__.pyc");
        let package = what.package(module, loader.is_some(), beside_init);
        let relative = what.relative();
        Ok(Some(Guarding { place, folder: folder.to_owned(), package, rank, relative, seen }))
    }

    /// What a module names as its own contract, or what stands beside it if it names none. The contract
    /// need not be there.
    ///
    /// A relative path is taken from the module's folder, else from the working folder.
    pub fn named(&self, module: &Importer<'_>, path: Option<&str>) -> PyResult<Guard> {
        let py = module.globals.py();
        let name = module.import_name().map_or_else(|| module.label(), str::to_owned);
        let file = module.file_for_rules();
        let (folder, stem) = file.as_deref().map_or((".", name.as_str()), split);
        let loader = module.loader();
        let contract = if let Some(path) = path {
            Ok(named(folder, path, loader.as_ref()))
        } else {
            let is_package = module.globals.contains(intern!(py, "__path__"))?;
            let what = if is_package { Guardable::Package } else { Guardable::Module { stem } };
            match self.beside(&name, folder, &what, loader.as_ref(), py)? {
                Some(guarding) => guarding.place,
                None => Ok(Place::Disk { path: join(folder, "spymodel.yml") }),
            }
        };
        let folder = contract.as_ref().map_or(folder, |place| split(place.path()).0).to_owned();
        let is_package = |init: &str| match &contract {
            Ok(Place::Loader { loader, .. }) => loader_has(loader.bind(py), &join(&folder, init)),
            _ => files::exists(join(&folder, init)),
        };
        let package = (is_package("__init__.py") || is_package("__init__.pyc")).then(|| name.clone());
        let relative = stem.to_owned();
        // As a sidecar, it guards the module that names it, whatever its `protects` says.
        let guarding = Guarding { place: contract, folder, package, rank: Rank::Sidecar, relative, seen: Seen::Fixed };
        Ok(Guard { module: name, file, contracts: vec![guarding] })
    }

    /// The names that the import system has just read from `folder` to find this module: asking
    /// them costs nothing, a `stat` costs microseconds. None if they are not there or too fresh to
    /// show every file (PITFALLS 34, 35).
    fn listing(&self, py: Python<'_>, folder: &str, what: &Guardable<'_>) -> PyResult<Option<Py<PySet>>> {
        if matches!(what, Guardable::Package) {
            return Ok(None);
        }
        let finders = python::sys(py)?.getattr(intern!(py, "path_importer_cache"))?;
        let Ok(finders) = finders.cast_into::<PyDict>() else { return Ok(None) };
        let Some(finder) = finders.get_item(folder)? else { return Ok(None) };
        if !finder.get_type().is(&self.file_finder) {
            return Ok(None);
        }
        let read_at = finder.getattr_opt(intern!(py, "_path_mtime"))?.and_then(|time| time.extract::<f64>().ok());
        if !read_at.is_some_and(files::is_settled) {
            return Ok(None);
        }
        let names = finder.getattr_opt(intern!(py, "_path_cache"))?;
        Ok(names.and_then(|names| names.cast_into_exact::<PySet>().ok()).map(Bound::unbind))
    }
}

/// Whether the names in a folder show that what is loaded from it has no contract there.
pub fn shows_no_contract(names: &Bound<'_, PySet>, what: Guardable<'_>) -> bool {
    let py = names.py();
    let exists = |name: &str| {
        // Interned, with its hash, for the two names that are asked for every time.
        let found = match FOLDER_WIDE.iter().position(|known| *known == name) {
            Some(0) => names.contains(intern!(py, FOLDER_WIDE[0])),
            Some(_) => names.contains(intern!(py, FOLDER_WIDE[1])),
            None => names.contains(name),
        };
        found.unwrap_or(true)
    };
    matches!(discovery::choose(what, exists), Ok(None))
}

/// The contract `path` as a module in `folder` names it.
fn named(folder: &str, path: &str, loader: Option<&Bound<'_, PyAny>>) -> Place {
    let beside = join(folder, path);
    if let Some(loader) = loader.filter(|_| !Path::new(folder).is_dir())
        && loader_has(loader, &beside)
    {
        return Place::Loader { path: beside, loader: loader.clone().unbind() };
    }
    let working = std::path::absolute(path).map(|path| path.to_string_lossy().into_owned());
    let working = working.ok().filter(|path| !files::exists(&beside) && files::exists(path));
    Place::Disk { path: working.unwrap_or(beside) }
}

/// The contract beside `file`, asked of the disk; as for who is inside its boundary, nothing is said.
pub fn on_disk(file: &str) -> Option<Guarding> {
    let (folder, stem) = split(file);
    let what = if stem == "__init__" { Guardable::Package } else { Guardable::Module { stem } };
    let (place, rank) = match discovery::choose(what, |name| files::exists(join(folder, name))) {
        Ok(None) => return None,
        Ok(Some(choice)) => (Ok(Place::Disk { path: join(folder, &choice.file_name) }), choice.rank),
        Err(ambiguous) => (Err(ambiguous.problem(folder)), Rank::Folder),
    };
    let relative = what.relative();
    Some(Guarding { place, folder: folder.to_owned(), package: None, rank, relative, seen: Seen::Unsettled })
}

/// Whether a loader that is not on the file system can give `path`.
fn loader_has(loader: &Bound<'_, PyAny>, path: &str) -> bool {
    let py = loader.py();
    // zipimport tells what it has without reading it.
    if let Some(files) = python::attribute(loader, intern!(py, "_files")).and_then(|it| it.cast_into::<PyDict>().ok())
        && let Some(archive) = python::text(loader, intern!(py, "archive"))
    {
        let inside = path.strip_prefix(archive.as_str()).map(|rest| rest.trim_start_matches(separators));
        return inside.is_some_and(|name| files.contains(name).unwrap_or(true));
    }
    python::attribute(loader, intern!(py, "get_data")).is_some_and(|get| get.call1((PyString::new(py, path),)).is_ok())
}

/// The folder and the stem (up to the first dot) of a module's file.
pub fn split(file: &str) -> (&str, &str) {
    let (folder, name) = match file.rfind(separators) {
        Some(0) => ("/", &file[1..]),
        Some(at) => (&file[..at], &file[at + 1..]),
        None => (".", file),
    };
    (folder, discovery::module_stem(name))
}

fn separators(character: char) -> bool {
    std::path::is_separator(character)
}

fn join(folder: &str, name: &str) -> String {
    let path: PathBuf = Path::new(folder).join(name);
    path.to_string_lossy().into_owned()
}

/// A guard shared by those who validate against it.
pub type Shared = Arc<Guard>;
