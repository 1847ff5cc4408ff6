//! Which guarded modules an import reaches.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::observed::extract::Request;
use crate::observed::model::{BindingKind, Known, Module};
use crate::observed::platform::Platform;
use crate::value::Value;

use super::contracts::{Contracts, Guard};
use super::editable::Editable;
use super::listing::Listings;
use super::modules::{self, Entry, Location};
use super::sources::Sources;
use super::who::{Home, Who};

/// What a dotted name leads to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The guarded modules on the dotted path, as far as it leads.
    pub guards: Vec<Arc<Guard>>,
    /// The module itself; none if it is not there.
    pub end: Option<Location>,
}

/// Finds modules and what guards them, for every importer.
pub(super) struct Reach<'a> {
    pub listings: Listings<'a>,
    pub contracts: Contracts,
    pub sources: Sources,
    platform: &'a Platform,
    /// The interpreter's own path.
    installed: Vec<Entry>,
    /// What is found after that.
    pub editable: Editable,
    /// Folders of the tree in which a name that is found nowhere else leads to a guarded module.
    elsewhere: HashMap<String, Vec<PathBuf>>,
    /// What was found outside of the importers' own ways.
    found: RwLock<HashMap<String, Arc<Found>>>,
}

impl<'a> Reach<'a> {
    pub fn new(platform: &'a Platform, path: &[PathBuf]) -> Self {
        let listings = Listings::new(platform);
        let mut installed = modules::entries(&listings, path);
        installed.retain(|(_, listing)| listing.names().next().is_some());
        let (contracts, sources) = (Contracts::default(), Sources::default());
        let editable = Editable::read(&installed, &sources, platform);
        Self {
            listings,
            contracts,
            sources,
            platform,
            installed,
            editable,
            elsewhere: HashMap::new(),
            found: RwLock::default(),
        }
    }

    /// Takes note of a folder of the tree that has a contract, below `top`.
    pub fn note(&mut self, folder: &Path, top: &Path) {
        let listing = self.listings.of(folder);
        let mut note = |name: &str, folder: &Path| {
            let folders = self.elsewhere.entry(name.to_owned()).or_default();
            if let Err(at) = folders.binary_search_by(|known| known.as_path().cmp(folder)) {
                folders.insert(at, folder.to_owned());
            }
        };
        if !listing.is_package() {
            listing.names().filter(|(_, has)| has.is_module()).for_each(|(name, _)| note(name, folder));
        }
        let mut here = folder;
        while here != top
            && here.starts_with(top)
            && let (Some(name), Some(above)) = (here.file_name().and_then(|name| name.to_str()), here.parent())
        {
            note(name, above);
            here = above;
        }
    }

    /// What `target` leads to for the files of `home`.
    pub fn find(&self, home: &Home, target: &str) -> Arc<Found> {
        if let Some(found) = home.found.borrow().get(target) {
            return Arc::clone(found);
        }
        let found = self.search(&home.way, target);
        home.found.borrow_mut().insert(target.into(), Arc::clone(&found));
        found
    }

    fn search(&self, way: &[Entry], target: &str) -> Arc<Found> {
        let top = target.split('.').next().unwrap_or(target);
        if modules::is_built_in(top) {
            return Arc::default();
        }
        if way.iter().any(|(_, listing)| listing.get(top).is_some()) {
            let first = match modules::find(&self.listings, way, top) {
                // Any regular package or module that comes later wins over portions.
                Some(Location::Namespace { .. }) => {
                    let all: Vec<Entry> = way.iter().chain(&self.installed).cloned().collect();
                    modules::find(&self.listings, &all, top)
                }
                first => first,
            };
            if let Some(first) = first {
                return Arc::new(self.follow(target, first));
            }
        }
        if let Some(found) = self.found.read().get(target) {
            return Arc::clone(found);
        }
        let first = modules::find(&self.listings, &self.installed, top);
        let found = Arc::new(match first.or_else(|| self.editable.find(&self.listings, top)) {
            Some(first) => self.follow(target, first),
            None => self.find_elsewhere(target, top),
        });
        self.found.write().insert(target.to_owned(), Arc::clone(&found));
        found
    }

    /// Where the program's own doing with the path may lead.
    fn find_elsewhere(&self, target: &str, top: &str) -> Found {
        let mut all = Found::default();
        for folder in self.elsewhere.get(top).into_iter().flatten() {
            let entries = modules::entries(&self.listings, std::slice::from_ref(folder));
            if let Some(first) = modules::find(&self.listings, &entries, top) {
                let found = self.follow(target, first);
                all.guards.extend(found.guards);
                all.end = all.end.or(found.end);
            }
        }
        all
    }

    fn follow(&self, target: &str, first: Location) -> Found {
        let mut guards = Vec::new();
        let mut here = first;
        let mut ends = target.match_indices('.').map(|(dot, _)| dot).chain([target.len()]);
        let mut end = ends.next().unwrap_or(target.len());
        loop {
            guards.extend(self.guard(&target[..end], &here));
            let Some(next) = ends.next() else { return Found { guards, end: Some(here) } };
            let inside = modules::inside(&self.listings, &here);
            match modules::find(&self.listings, &inside, &target[end + 1..next]) {
                Some(found) => (here, end) = (found, next),
                None => return Found { guards, end: None },
            }
        }
    }

    fn guard(&self, module: &str, location: &Location) -> Option<Arc<Guard>> {
        let guard = self.contracts.guard(&self.listings, module, location)?;
        guard.contracts.iter().any(super::contracts::Guarding::applies).then(|| Arc::new(guard))
    }

    /// The guarded modules that a request of `who` at `home` reaches.
    pub fn of_request(&self, home: &Home, who: &Who, request: &Request<'_>) -> Vec<Arc<Guard>> {
        let mut targets = who.names.iter().zip(&who.packages);
        let Some(target) = targets.find_map(|(name, package)| request.target(name, package)) else {
            return Vec::new();
        };
        let found = self.find(home, &target);
        let mut guards = found.guards.clone();
        let Some(end) = found.end.as_ref().filter(|end| !end.folders().is_empty()) else { return guards };
        if request.from.is_empty() {
            return guards;
        }
        let inside = modules::inside(&self.listings, end);
        if request.is_star() {
            guards.extend(self.of_star(&target, end, &inside));
        }
        guards.extend(request.from.iter().filter_map(|child| self.child(&target, &inside, child)));
        guards
    }

    fn child(&self, package: &str, inside: &[Entry], child: &str) -> Option<Arc<Guard>> {
        // A contract is beside a module, or inside a package.
        let may_be = inside
            .iter()
            .any(|(_, listing)| listing.get(child).is_some_and(|has| has.folder || !listing.contracts.is_empty()));
        let found = may_be.then(|| modules::find(&self.listings, inside, child))??;
        self.guard(&format!("{package}.{child}"), &found)
    }

    /// Guarded submodules that the package's `__all__` lists.
    fn of_star(&self, package: &str, location: &Location, inside: &[Entry]) -> Vec<Arc<Guard>> {
        let children = inside.iter().flat_map(|(_, listing)| listing.names());
        let guards: Vec<(&str, Arc<Guard>)> =
            children.filter_map(|(name, _)| Some((name, self.child(package, inside, name)?))).collect();
        // Parsing the package pays only if one of them is guarded.
        if guards.is_empty() {
            return Vec::new();
        }
        let listed = self.declared(package, location).map(|module| listed(&module)).unwrap_or_default();
        guards.into_iter().filter(|(name, _)| listed.iter().any(|it| it == name)).map(|(_, guard)| guard).collect()
    }

    /// What the source of a module declares, if it has one.
    pub fn declared(&self, module: &str, location: &Location) -> Option<Arc<Module>> {
        let is_package = matches!(location, Location::Package { .. });
        self.sources.of(&location.source()?, module, is_package, self.platform)
    }
}

/// The texts of a literal `__all__`.
fn listed(module: &Module) -> Vec<String> {
    let Some(BindingKind::Variable(variable)) = module.bindings.get("__all__").map(|binding| &binding.kind) else {
        return Vec::new();
    };
    match &variable.value {
        Known::Literal(Value::List(items) | Value::Tuple(items)) => {
            let text = |item: &Value| if let Value::Str(text) = item { Some(text.clone()) } else { None };
            items.iter().filter_map(text).collect()
        }
        _ => Vec::new(),
    }
}
