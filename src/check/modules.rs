//! Where modules are: the import system's own search, without importing anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::listing::{Code, Has, Listing, Listings};

/// Built into the interpreter or frozen into it: found before any folder is looked at. Sorted.
const BUILT_IN: [&str; 50] = [
    "__main__",
    "_abc",
    "_ast",
    "_codecs",
    "_collections",
    "_collections_abc",
    "_functools",
    "_imp",
    "_io",
    "_locale",
    "_operator",
    "_signal",
    "_sitebuiltins",
    "_sre",
    "_stat",
    "_string",
    "_suggestions",
    "_symtable",
    "_sysconfig",
    "_thread",
    "_tokenize",
    "_tracemalloc",
    "_typing",
    "_warnings",
    "_weakref",
    "abc",
    "atexit",
    "builtins",
    "codecs",
    "errno",
    "faulthandler",
    "gc",
    "genericpath",
    "io",
    "itertools",
    "marshal",
    "nt",
    "ntpath",
    "os",
    "posix",
    "posixpath",
    "pwd",
    "runpy",
    "site",
    "stat",
    "sys",
    "time",
    "winreg",
    "xxsubtype",
    "zipimport",
];

/// Where a module is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// In a file of `folder`.
    Module { folder: PathBuf, stem: String, has: Has },
    /// In a folder with an `__init__`.
    Package { folder: PathBuf, has: Has },
    /// In folders without.
    Namespace { portions: Vec<PathBuf> },
}

impl Location {
    /// Its source; none if it has none.
    pub fn source(&self) -> Option<PathBuf> {
        match self {
            Self::Module { folder, stem, has } if has.code == Some(Code::Source) => {
                Some(folder.join(format!("{stem}.py")))
            }
            Self::Package { folder, has } if has.code == Some(Code::Source) => Some(folder.join("__init__.py")),
            _ => None,
        }
    }

    /// The folders that its submodules are in.
    pub fn folders(&self) -> &[PathBuf] {
        match self {
            Self::Module { .. } => &[],
            Self::Package { folder, .. } => std::slice::from_ref(folder),
            Self::Namespace { portions } => portions,
        }
    }
}

/// An entry of a search path.
pub(super) type Entry = (PathBuf, Arc<Listing>);

/// Looks for `name` in `entries`, as the interpreter's own path finder does.
pub(super) fn find(listings: &Listings<'_>, entries: &[Entry], name: &str) -> Option<Location> {
    let mut portions = Vec::new();
    for (folder, listing) in entries {
        let Some(has) = listing.get(name) else { continue };
        let inner = has.folder.then(|| folder.join(name));
        if let Some(inner) = &inner
            && let Some(init) = listings.of(inner).get("__init__").filter(|init| init.is_module())
        {
            return Some(Location::Package { folder: inner.clone(), has: init });
        }
        if has.is_module() {
            return Some(Location::Module { folder: folder.clone(), stem: name.to_owned(), has });
        }
        portions.extend(inner);
    }
    (!portions.is_empty()).then_some(Location::Namespace { portions })
}

/// The entries that a module's own submodules are looked for in.
pub(super) fn inside(listings: &Listings<'_>, location: &Location) -> Vec<Entry> {
    entries(listings, location.folders())
}

/// Folders with their listings.
pub(super) fn entries(listings: &Listings<'_>, folders: &[PathBuf]) -> Vec<Entry> {
    folders.iter().map(|folder| (folder.clone(), listings.of(folder))).collect()
}

/// Whether a top-level name never leads to a file.
pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.binary_search(&name).is_ok()
}

/// The folder that the topmost package above `folder` is in, and the dotted name of `folder` from there;
/// the folder itself and an empty name if it is no package.
pub(super) fn import_root<'f>(listings: &Listings<'_>, folder: &'f Path) -> (&'f Path, String) {
    let (mut root, mut names) = (folder, Vec::new());
    while listings.of(root).is_package()
        && let (Some(name), Some(above)) = (root.file_name().and_then(|name| name.to_str()), root.parent())
    {
        names.push(name);
        root = above;
    }
    names.reverse();
    (root, names.join("."))
}
