//! `import` and `from … import`.

use std::borrow::Cow;

use ruff_python_ast::{StmtImport, StmtImportFrom};

use super::requests::absolute;
use super::walker::{Walker, place, top};
use crate::observed::model::{BindingKind, ImportedName, StarImport};

/// Longest module name that is followed.
const MAX_NAME: usize = 1_000;

impl<'a> Walker<'a> {
    /// `import a.b`, `import a.b as c`.
    pub fn import(&mut self, import: &'a StmtImport) {
        for alias in &import.names {
            let path = alias.name.id.as_str();
            let (name, module) = alias.asname.as_ref().map_or((top(path), top(path)), |name| (name.id.as_str(), path));
            let module = (module.len() <= MAX_NAME).then(|| module.to_owned());
            let kind = BindingKind::Import(ImportedName { module, name: None });
            self.bind(name, kind, place(self.text, alias), true);
        }
    }

    /// `from a import b`, `from .a import b as c`, `from a import *`.
    pub fn import_from(&mut self, import: &'a StmtImportFrom) {
        let written = import.module.as_ref().map(|module| module.id.as_str());
        // The name is copied for each alias; no file system holds a longer one.
        let module = absolute(self.about.package.unwrap_or_default(), import.level, written.unwrap_or_default());
        let module = module.map(Cow::into_owned).filter(|module| module.len() <= MAX_NAME);
        self.import_submodule(import, written, module.as_deref());
        for alias in &import.names {
            let name = alias.name.id.as_str();
            if name == "*" {
                let span = place(self.text, import);
                self.stars.push(StarImport { module: module.clone(), span });
                continue;
            }
            let bound = alias.asname.as_ref().map_or(name, |asname| asname.id.as_str());
            let target = ImportedName { module: module.clone(), name: Some(name.to_owned()) };
            self.bind(bound, BindingKind::Import(target), place(self.text, alias), true);
        }
    }

    /// In a package's `__init__`, `from .a import b` also binds `a`.
    fn import_submodule(&mut self, import: &'a StmtImportFrom, written: Option<&'a str>, module: Option<&str>) {
        let is_package = self.about.module.is_some() && self.about.module == self.about.package;
        let (Some(written), Some(_), 1, true) = (written, module, import.level, is_package) else {
            return;
        };
        let top = top(written);
        if !self.at_module_level() || self.is_bound(top) {
            return;
        }
        if let Some(package) = self.about.package {
            let target = ImportedName { module: Some(format!("{package}.{top}")), name: None };
            self.bind(top, BindingKind::Import(target), place(self.text, import), true);
        }
    }
}
