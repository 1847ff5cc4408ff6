//! Packages that are installed where they are developed, by a finder of setuptools': a module that maps names to folders.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::observed::model::{BindingKind, Known, Module};
use crate::observed::platform::Platform;
use crate::value::Value;

use super::listing::Listings;
use super::modules::{self, Entry, Location};
use super::sources::Sources;
use super::survey::{Reason, Skipped};

/// How the names of these modules start and end.
const FINDER: (&str, &str) = ("__editable__", "_finder");

/// What all finders of an environment know.
#[derive(Debug, Default)]
pub(super) struct Editable {
    /// Packages and modules, by dotted name: their folders, and their files without extension.
    mapping: HashMap<String, PathBuf>,
    /// Namespace packages: their portions.
    namespaces: HashMap<String, Vec<PathBuf>>,
    /// Finders that are not understood.
    pub skipped: Vec<Skipped>,
}

impl Editable {
    /// Reads the finders in the folders of `sys.path`.
    pub fn read(installed: &[Entry], sources: &Sources, platform: &Platform) -> Self {
        let mut editable = Self::default();
        for (folder, listing) in installed {
            let is_finder = |name: &&str| name.starts_with(FINDER.0) && name.ends_with(FINDER.1);
            let mut finders: Vec<&str> = listing.names().map(|(name, _)| name).filter(is_finder).collect();
            finders.sort_unstable();
            for name in finders {
                let file = folder.join(format!("{name}.py"));
                let known = sources.of(&file, name, false, platform).and_then(|module| editable.learn(&module));
                if known.is_none() {
                    editable.skipped.push(Skipped {
                        path: file.to_string_lossy().into_owned(),
                        line: None,
                        reason: Reason::Dynamic,
                        detail: "it finds modules of an editable install, but it can't be told where".to_owned(),
                    });
                }
            }
        }
        editable
    }

    fn learn(&mut self, module: &Module) -> Option<()> {
        for (name, path) in pairs(module, "MAPPING")? {
            let Value::Str(path) = path else { return None };
            self.mapping.entry(name.to_owned()).or_insert_with(|| path.into());
        }
        // Finders of older versions have none.
        for (name, portions) in pairs(module, "NAMESPACES").unwrap_or_default() {
            let Value::List(portions) = portions else { return None };
            let paths =
                portions.iter().filter_map(|it| if let Value::Str(path) = it { Some(path.into()) } else { None });
            self.namespaces.entry(name.to_owned()).or_default().extend(paths);
        }
        Some(())
    }

    /// Where a top-level name leads to.
    pub fn find(&self, listings: &Listings<'_>, top: &str) -> Option<Location> {
        if let Some(path) = self.mapping.get(top)
            && let Some(found) = locate(listings, path)
        {
            return Some(found);
        }
        let mut portions = self.namespaces.get(top).cloned().unwrap_or_default();
        // `ns.kit` at `…/ns/kit` is in a portion of `ns`.
        for (name, path) in &self.mapping {
            if let Some(child) = name.strip_prefix(top).and_then(|rest| rest.strip_prefix('.'))
                && path.file_name().is_some_and(|name| name == child)
            {
                portions.extend(path.parent().map(Path::to_owned));
            }
        }
        portions.retain(|portion| portion.is_dir());
        portions.sort_unstable();
        portions.dedup();
        (!portions.is_empty()).then_some(Location::Namespace { portions })
    }
}

/// What is at a path, which need not be called like the module.
fn locate(listings: &Listings<'_>, path: &Path) -> Option<Location> {
    let folder = path.parent()?.to_owned();
    modules::find(listings, &modules::entries(listings, &[folder]), path.file_name()?.to_str()?)
}

/// The items of a literal mapping from texts.
fn pairs<'m>(module: &'m Module, name: &str) -> Option<Vec<(&'m str, &'m Value)>> {
    let BindingKind::Variable(variable) = &module.bindings.get(name)?.kind else { return None };
    let Known::Literal(Value::Dict(items)) = &variable.value else { return None };
    items
        .iter()
        .map(|(key, value)| if let Value::Str(key) = key { Some((key.as_str(), value)) } else { None })
        .collect()
}
