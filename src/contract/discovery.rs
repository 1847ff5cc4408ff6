//! Which contract guards a module, and who is inside its boundary (DESIGN 3): rules without I/O.

use std::path::is_separator;

use super::model::Contract;
use super::problem::Problem;

/// The name of a folder-wide contract, without extension.
const STEM: &str = "spymodel";
/// The extensions of a contract.
const EXTENSIONS: [&str; 2] = ["yml", "yaml"];
/// The names of a folder-wide contract.
pub const FOLDER_WIDE: [&str; 2] = ["spymodel.yml", "spymodel.yaml"];

/// What is being loaded from a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guardable<'a> {
    /// A module: `stem` is its last name, as in `DIR/stem.py` (see [`module_stem`]).
    Module {
        /// The last component of the module's name.
        stem: &'a str,
    },
    /// A package: the folder is its own.
    Package,
}

impl Guardable<'_> {
    /// The module's name relative to the contract's folder, for `protects`.
    #[must_use]
    pub fn relative(self) -> String {
        match self {
            Self::Package => "__init__".to_owned(),
            Self::Module { stem } => stem.to_owned(),
        }
    }

    /// The dotted name of the package in the contract's folder, for the boundary; none if it is none.
    ///
    /// `module` is what is loaded, `is_regular` whether that has an `__init__` if it is a package,
    /// `beside_init` whether the folder has one.
    pub fn package(self, module: &str, is_regular: bool, beside_init: impl FnOnce() -> bool) -> Option<String> {
        match self {
            // The portions of a namespace package have no `__init__`.
            Self::Package => is_regular.then(|| module.to_owned()),
            // A module that goes by a name of its own is in the package all the same: its folder tells.
            Self::Module { .. } => beside_init().then(|| module.rfind('.').map_or("", |dot| &module[..dot]).to_owned()),
        }
    }
}

/// How near to the module a contract is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rank {
    /// `DIR/name.spymodel.yml`: for this one module.
    Sidecar,
    /// `DIR/spymodel.yml`, for a module `DIR/name.py`.
    Folder,
    /// `DIR/spymodel.yml`, for the package in `DIR`.
    Package,
}

impl Rank {
    /// Whether no contract can be nearer.
    #[must_use]
    pub fn is_nearest(self) -> bool {
        self != Self::Folder
    }
}

/// The contract that applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the folder.
    pub file_name: String,
    /// How near it is.
    pub rank: Rank,
}

/// Two contracts of the same rank: neither can be preferred, so neither is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    /// Their names in the folder.
    pub file_names: [String; 2],
}

impl Ambiguous {
    /// The problem to report, for contracts in `folder`.
    #[must_use]
    pub fn problem(&self, folder: &str) -> Problem {
        let [first, second] = &self.file_names;
        Problem {
            message: format!("`{first}` and `{second}` both claim to be the contract in `{folder}`"),
            span: None,
            path: None,
            help: Some(format!("keep one of them and remove the other, `{first}` by custom")),
        }
    }
}

/// The contract for what is loaded from a folder in which `exists` tells the files.
///
/// # Errors
///
/// Two candidates of the rank that applies.
pub fn choose(loaded: Guardable<'_>, exists: impl Fn(&str) -> bool) -> Result<Option<Choice>, Ambiguous> {
    let of_rank = |[first, second]: [&str; 2], rank| {
        let choice = |file_name: &str| Ok(Some(Choice { file_name: file_name.to_owned(), rank }));
        match (exists(first), exists(second)) {
            (true, true) => Err(Ambiguous { file_names: [first.to_owned(), second.to_owned()] }),
            (true, false) => choice(first),
            (false, true) => choice(second),
            (false, false) => Ok(None),
        }
    };
    match loaded {
        Guardable::Package => of_rank(FOLDER_WIDE, Rank::Package),
        Guardable::Module { stem } => {
            let [first, second] = FOLDER_WIDE.map(|name| [stem, ".", name].concat());
            match of_rank([&first, &second], Rank::Sidecar)? {
                Some(choice) => Ok(Some(choice)),
                None => of_rank(FOLDER_WIDE, Rank::Folder),
            }
        }
    }
}

/// Whether a file of this name can be a contract: a quick look over a folder's listing.
#[must_use]
pub fn is_contract_name(file_name: &str) -> bool {
    let Some((stem, extension)) = file_name.rsplit_once('.') else { return false };
    EXTENSIONS.contains(&extension)
        && (stem == STEM || stem.strip_suffix(STEM).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')))
}

/// The module's name in a file name: `core` of `core.py`, `core.pyc`, `core.cpython-312-x86_64-linux-gnu.so`.
#[must_use]
pub fn module_stem(file_name: &str) -> &str {
    file_name.split('.').next().unwrap_or(file_name)
}

/// Whether a contract that was chosen with `rank` guards the module after all.
///
/// `relative` is the module's name relative to the contract's folder: `core`, `sub.deep`. The package
/// in that folder is itself called `__init__`. A sidecar always guards its module.
#[must_use]
pub fn is_protected(contract: &Contract, rank: Rank, relative: &str) -> bool {
    match &contract.protects {
        Some(globs) if rank != Rank::Sidecar => globs.iter().any(|glob| glob.matches_module(relative)),
        _ => true,
    }
}

/// The code that belongs to a guarded module, never validated against its contract.
///
/// Paths are those of the file system after links are resolved. On Windows `\` separates like `/`; elsewhere it is part
/// of a name.
#[derive(Clone, Copy, Debug)]
pub struct Boundary<'a> {
    /// The contract's folder.
    pub folder: &'a str,
    /// The dotted name of the package in that folder; none if the folder is not a package.
    pub package: Option<&'a str>,
    /// The guarded module's dotted name.
    pub module: &'a str,
    /// The guarded module's file, if it has one.
    pub file: Option<&'a str>,
}

impl Boundary<'_> {
    /// Whether an importer is inside.
    ///
    /// `name` is the importer's dotted name, only if it is believed to be that module; `file` is its
    /// file. Where both are known the file decides: a name is easily taken.
    #[must_use]
    pub fn contains(&self, name: Option<&str>, file: Option<&str>) -> bool {
        match (self.package, file) {
            (Some(_), Some(file)) => is_below(file, self.folder),
            (Some(package), None) => name.is_some_and(|name| is_dotted_below(name, package)),
            (None, Some(file)) => match self.file {
                Some(guarded) => components(guarded).eq(components(file)),
                None => name == Some(self.module),
            },
            (None, None) => name == Some(self.module),
        }
    }
}

/// Whether `name` is `package` or in it: `framework_extra` is not in `framework`.
fn is_dotted_below(name: &str, package: &str) -> bool {
    name.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether `file` is below `folder`, component by component. A path that goes up is not.
fn is_below(file: &str, folder: &str) -> bool {
    let mut parts = components(file);
    is_absolute(file) == is_absolute(folder)
        && components(folder).all(|part| parts.next() == Some(part))
        && parts.clone().next().is_some()
        && parts.all(|part| part != "..")
}

fn components(path: &str) -> impl Iterator<Item = &str> + Clone {
    path.split(is_separator).filter(|part| !part.is_empty() && *part != ".")
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(is_separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::glob::Glob;

    #[test]
    fn nearest_contract_wins() {
        let core = Guardable::Module { stem: "core" };
        let choice = |name: &str, rank| Ok(Some(Choice { file_name: name.to_owned(), rank }));
        let ambiguous = |a: &str, b: &str| Err(Ambiguous { file_names: [a.to_owned(), b.to_owned()] });
        for (loaded, listing, expected) in [
            (core, "", Ok(None)),
            (core, "core.py other.spymodel.yml", Ok(None)),
            (core, "spymodel.yml", choice("spymodel.yml", Rank::Folder)),
            (core, "spymodel.yaml", choice("spymodel.yaml", Rank::Folder)),
            (core, "core.spymodel.yml spymodel.yml", choice("core.spymodel.yml", Rank::Sidecar)),
            (core, "core.spymodel.yaml spymodel.yml spymodel.yaml", choice("core.spymodel.yaml", Rank::Sidecar)),
            (core, "core.spymodel.yml core.spymodel.yaml", ambiguous("core.spymodel.yml", "core.spymodel.yaml")),
            (core, "spymodel.yml spymodel.yaml", ambiguous("spymodel.yml", "spymodel.yaml")),
            (Guardable::Package, "spymodel.yml core.spymodel.yml", choice("spymodel.yml", Rank::Package)),
            (Guardable::Package, "__init__.spymodel.yml", Ok(None)),
            (Guardable::Package, "spymodel.yml spymodel.yaml", ambiguous("spymodel.yml", "spymodel.yaml")),
        ] {
            let files: Vec<&str> = listing.split(' ').collect();
            assert_eq!(choose(loaded, |name| files.contains(&name)), expected, "{loaded:?} {listing}");
        }
    }

    #[test]
    fn file_names() {
        for name in ["spymodel.yml", "spymodel.yaml", "core.spymodel.yml"] {
            assert!(is_contract_name(name), "{name}");
        }
        for name in ["", "spymodel", "spymodel.yml.bak", "xspymodel.yml", ".spymodel.yml", "spymodel.json", "core.yml"]
        {
            assert!(!is_contract_name(name), "{name}");
        }
        for name in ["core.py", "core.pyc", "core.cpython-312-x86_64-linux-gnu.so", "core.abi3.so", "core.pyd", "core"]
        {
            assert_eq!(module_stem(name), "core");
        }
    }

    #[test]
    fn protects_narrows_folder_wide_contracts_only() {
        let with = |globs: Option<&[&str]>| Contract {
            protects: globs.map(|globs| globs.iter().map(|glob| Glob::new(glob).unwrap()).collect()),
            ..Contract::default()
        };
        for (globs, rank, relative, expected) in [
            (None, Rank::Folder, "core", true),
            (Some(&["core", "sub.*"][..]), Rank::Folder, "core", true),
            (Some(&["core", "sub.*"]), Rank::Folder, "sub.deep", true),
            (Some(&["core", "sub.*"]), Rank::Folder, "util", false),
            (Some(&["core"]), Rank::Sidecar, "util", true),
            (Some(&["core"]), Rank::Package, "__init__", false),
            (Some(&["*"]), Rank::Package, "__init__", true),
        ] {
            assert_eq!(is_protected(&with(globs), rank, relative), expected, "{globs:?} {rank:?} {relative}");
        }
    }

    #[test]
    fn boundaries() {
        let package = Boundary {
            folder: "/srv/framework",
            package: Some("framework"),
            module: "framework.core",
            file: Some("/srv/framework/core.py"),
        };
        let plain = Boundary { folder: "/srv", package: None, module: "core", file: Some("/srv/core.py") };
        let windows = Boundary { folder: "C:\\srv\\framework", ..package };
        let fileless = Boundary { file: None, ..plain };
        for (boundary, name, file, expected) in [
            (package, Some("framework.util"), Some("/srv/framework/util.py"), true),
            (package, Some("framework.sub.deep"), Some("/srv/framework/sub/deep.py"), true),
            (package, None, Some("/srv/framework/./sub//deep.py"), true),
            (package, Some("framework_extra"), Some("/srv/framework_extra/__init__.py"), false),
            (package, Some("framework.util"), Some("/srv/other/util.py"), false),
            (package, Some("framework.x"), Some("/srv/framework/../x.py"), false),
            (package, Some("framework"), Some("/srv/framework"), false),
            (package, None, Some("srv/framework/x.py"), false),
            (package, Some("framework"), None, true),
            (package, Some("framework.x"), None, true),
            (package, Some("framework_extra"), None, false),
            (package, None, None, false),
            (windows, None, Some("C:/srv/framework/x.py"), cfg!(windows)),
            (package, Some("framework\\x"), Some("/srv/framework\\x.py"), cfg!(windows)),
            (plain, Some("core"), Some("/srv\\core.py"), cfg!(windows)),
            (windows, None, Some("D:/srv/framework/x.py"), false),
            (plain, Some("core"), Some("/srv/core.py"), true),
            (plain, Some("__main__"), Some("/srv/core.py"), true),
            (plain, Some("core"), Some("/srv/other/core.py"), false),
            (plain, Some("neighbour"), Some("/srv/neighbour.py"), false),
            (plain, Some("core"), None, true),
            (plain, Some("core.x"), None, false),
            (fileless, Some("core"), Some("/srv/core.py"), true),
            (fileless, Some("x"), Some("/srv/x.py"), false),
        ] {
            assert_eq!(boundary.contains(name, file), expected, "{boundary:?} {name:?} {file:?}");
        }
    }
}
