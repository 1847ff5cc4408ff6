//! Folders as the import system sees them: each read once, whoever asks.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::contract::discovery;
use crate::observed::platform::Platform;

/// What a folder has that can be imported, or guards what can.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// By name in an import.
    modules: HashMap<Box<str>, Has>,
    /// File names of contracts.
    pub contracts: Vec<Box<str>>,
    /// Why it could not be read, or not in full.
    pub unreadable: Option<String>,
}

/// What a folder has under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Has {
    /// A folder.
    pub folder: bool,
    /// A module; of several kinds the one that is imported.
    pub code: Option<Code>,
}

/// Kinds of modules, in the order in which the import system prefers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    /// An extension module for this interpreter.
    Extension,
    /// Source.
    Source,
    /// Compiled code without a source.
    Compiled,
}

impl Listing {
    /// What is there under `name`.
    pub fn get(&self, name: &str) -> Option<Has> {
        self.modules.get(name).copied()
    }

    /// All names, each with what is there.
    pub fn names(&self) -> impl Iterator<Item = (&str, Has)> {
        self.modules.iter().map(|(name, has)| (name.as_ref(), *has))
    }

    /// Whether it is a regular package.
    pub fn is_package(&self) -> bool {
        self.get("__init__").is_some_and(Has::is_module)
    }

    /// Whether it has a contract of this file name.
    pub fn has_contract(&self, file_name: &str) -> bool {
        self.contracts.iter().any(|contract| contract.as_ref() == file_name)
    }

    /// Takes note of an entry.
    fn add(&mut self, name: &str, is_folder: impl Fn() -> bool, platform: &Platform) {
        // What is called like a contract is one, whatever it is: it can't be read, then.
        if discovery::is_contract_name(name) {
            self.contracts.push(name.into());
            return;
        }
        let stem = discovery::module_stem(name);
        if stem.is_empty() {
            return;
        }
        let rest = &name[stem.len()..];
        let code = match rest {
            "" if is_folder() => {
                self.modules.entry(stem.into()).or_default().folder = true;
                return;
            }
            ".py" if !is_folder() => Code::Source,
            ".pyc" if !is_folder() => Code::Compiled,
            _ if is_extension(rest, platform) => Code::Extension,
            _ => return,
        };
        let has = self.modules.entry(stem.into()).or_default();
        has.code = Some(has.code.map_or(code, |other| other.min(code)));
    }
}

impl Has {
    /// Whether it is more than a folder.
    pub fn is_module(self) -> bool {
        self.code.is_some()
    }
}

/// Whether what follows a file's stem makes it an extension module of this interpreter.
fn is_extension(rest: &str, platform: &Platform) -> bool {
    let Some(tag) = rest.strip_suffix(".so").or_else(|| rest.strip_suffix(".pyd")) else { return false };
    let (major, minor, _) = platform.python;
    match tag.strip_prefix(".cpython-") {
        // Of another version, or of a free-threaded build, which has a `t` behind the digits.
        Some(tag) => tag.strip_prefix(&format!("{major}{minor}")).is_some_and(|rest| rest.starts_with(['-', 't'])),
        None => true,
    }
}

/// Listings of folders, kept.
pub(super) struct Listings<'a> {
    platform: &'a Platform,
    read: RwLock<HashMap<PathBuf, Arc<Listing>>>,
}

impl<'a> Listings<'a> {
    pub fn new(platform: &'a Platform) -> Self {
        Self { platform, read: RwLock::default() }
    }

    /// The listing of `folder`; an empty one if there is no such folder.
    pub fn of(&self, folder: &Path) -> Arc<Listing> {
        if let Some(listing) = self.read.read().get(folder) {
            return Arc::clone(listing);
        }
        self.visit(folder, |_, _, _| ())
    }

    /// The same, showing each entry's name, type and path to `see`.
    pub fn visit(&self, folder: &Path, mut see: impl FnMut(&str, Kind, &Path)) -> Arc<Listing> {
        let mut listing = Listing::default();
        let result = self.fill(&mut listing, folder, &mut see);
        if let Err(error) = result
            && !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        {
            listing.unreadable = Some(error.to_string());
        }
        let listing = Arc::new(listing);
        self.read.write().insert(folder.to_owned(), Arc::clone(&listing));
        listing
    }

    fn fill(&self, listing: &mut Listing, folder: &Path, see: &mut dyn FnMut(&str, Kind, &Path)) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let Some(name) = name.to_str() else {
                see(&name.to_string_lossy(), Kind::Unnameable, &path);
                continue;
            };
            let kind = match entry.file_type()? {
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_symlink() => Kind::Link,
                kind if kind.is_file() => Kind::File,
                _ => Kind::Other,
            };
            let is_folder = || kind == Kind::Folder || kind == Kind::Link && path.is_dir();
            listing.add(name, is_folder, self.platform);
            see(name, kind, &path);
        }
        Ok(())
    }
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    File,
    Folder,
    /// A symbolic link, to whatever.
    Link,
    /// A device, a pipe, a socket.
    Other,
    /// Its name is no Unicode.
    Unnameable,
}
