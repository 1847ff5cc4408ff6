//! Who an importing file is: the names it can be imported under, and where it looks for modules.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::listing::Listings;
use super::modules::{self, Entry};
use super::reach::Found;

/// What all files of one folder share.
#[derive(Debug)]
pub(super) struct Home {
    pub folder: PathBuf,
    /// Dotted names of the folder, from the nearest folder that it can be imported from to the farthest;
    /// the first is empty if the folder is no package.
    packages: Vec<String>,
    /// Whether the folder is a regular package.
    is_package: bool,
    /// Where its files look for modules before the interpreter's own path.
    pub way: Vec<Entry>,
    /// What was found on this way.
    pub found: RefCell<HashMap<Box<str>, Arc<Found>>>,
}

/// Names of one file.
#[derive(Clone, Debug)]
pub(super) struct Who {
    /// All that it may have, the one that reports use first.
    pub names: Vec<String>,
    /// The packages that relative imports may count from, each for the name at its place.
    pub packages: Vec<String>,
}

/// The folder in which sources lie that are not to be imported with its name.
const SOURCES: &str = "src";

impl Home {
    /// `top` is the farthest folder that modules are imported from.
    pub fn new(listings: &Listings<'_>, folder: &Path, top: &Path) -> Self {
        let (root, package) = modules::import_root(listings, folder);
        let is_package = !package.is_empty();
        let mut packages = vec![package.clone()];
        let mut way = vec![root.to_owned(), root.join(SOURCES)];
        let (mut here, mut dotted, mut named) = (root, package, true);
        while here != top
            && here.starts_with(top)
            && let (Some(name), Some(above)) = (here.file_name().and_then(|name| name.to_str()), here.parent())
        {
            named = named && is_identifier(name) && name != SOURCES;
            if named {
                dotted = if dotted.is_empty() { name.to_owned() } else { format!("{name}.{dotted}") };
                packages.push(dotted.clone());
            }
            here = above;
            way.extend([here.to_owned(), here.join(SOURCES)]);
        }
        let mut way = modules::entries(listings, &way);
        way.retain(|(_, listing)| listing.names().next().is_some());
        Self { folder: folder.to_owned(), packages, is_package, way, found: RefCell::default() }
    }

    /// The names of one of its files.
    pub fn who(&self, file: &Path) -> Who {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = |package: &String| match (package.as_str(), stem) {
            (package, "__init__") if !package.is_empty() => package.to_owned(),
            ("", stem) => stem.to_owned(),
            (package, stem) => format!("{package}.{stem}"),
        };
        let mut packages = self.packages.clone();
        // A regular package is most likely imported from where its `__init__`s end, a plain folder from the top.
        if !self.is_package {
            packages.reverse();
        }
        let mut names: Vec<String> = packages.iter().map(name).collect();
        if stem == "__main__" {
            names.push("__main__".to_owned());
        }
        Who { names, packages }
    }
}

impl Who {
    /// The name that reports use.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The package that goes with it.
    pub fn package(&self) -> &str {
        self.packages.first().map_or("", String::as_str)
    }
}

fn is_identifier(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
