//! Names that come from other modules, followed without importing anything.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::observed::model::{Binding, BindingKind, Certainty, Class, ImportedName, Known, Module, Variable};
use crate::observed::world::{Imported, World};
use crate::value::Value;

/// How many re-exports are followed for one name.
const LONGEST_CHAIN: usize = 32;

/// In which module a fact was found: where the names in it are to be looked up.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// The module that is being compared.
    Own,
    /// Another module, by its source.
    Other(Arc<Module>),
    /// A live object: only builtins are known around it.
    Live,
}

/// What an imported name turned out to be.
pub(super) enum Origin {
    /// This. Never an import.
    Bound(Binding, Home),
    /// The module has no such name.
    Absent,
    /// It can't be told.
    Unknown,
}

/// Which names `from module import *` brings.
enum Exports {
    /// Those of `__all__`.
    Listed(HashSet<String>),
    /// Those without a leading underscore.
    Public,
    /// It can't be told: `__all__` is computed.
    Unknown,
}

/// The modules around the one that is compared. Answers of the world are asked for once.
pub(super) struct Imports<'a> {
    /// The outside.
    pub world: &'a dyn World,
    answers: RefCell<HashMap<(String, String), Imported>>,
    exports: RefCell<HashMap<String, Rc<Exports>>>,
}

impl<'a> Imports<'a> {
    /// Nothing asked yet.
    pub fn new(world: &'a dyn World) -> Self {
        Self { world, answers: RefCell::default(), exports: RefCell::default() }
    }

    /// What an import statement binds.
    pub fn follow(&self, import: &ImportedName) -> Origin {
        self.followed(import, &mut HashSet::new())
    }

    /// The name `name` of the module `module`.
    pub fn name(&self, module: &str, name: &str) -> Origin {
        self.searched(module, name, &mut HashSet::new())
    }

    /// The name `name` in the source of a module that was found before.
    pub fn inside(&self, module: &Arc<Module>, name: &str) -> Origin {
        self.in_source(module, name, &mut HashSet::new())
    }

    /// What `from module import *` binds `name` to.
    pub fn star(&self, module: &str, name: &str) -> Origin {
        self.starred(module, name, &mut HashSet::new())
    }

    fn ask(&self, module: &str, name: &str) -> Imported {
        let key = (module.to_owned(), name.to_owned());
        if let Some(answer) = self.answers.borrow().get(&key) {
            return answer.clone();
        }
        let answer = self.world.imported(module, name);
        self.answers.borrow_mut().insert(key, answer.clone());
        answer
    }

    fn followed(&self, import: &ImportedName, seen: &mut HashSet<(String, String)>) -> Origin {
        match (&import.module, &import.name) {
            (Some(module), Some(name)) => self.searched(module, name, seen),
            (Some(_), None) => Origin::Bound(module_object(), Home::Live),
            (None, _) => Origin::Unknown,
        }
    }

    fn searched(&self, module: &str, name: &str, seen: &mut HashSet<(String, String)>) -> Origin {
        if seen.len() >= LONGEST_CHAIN {
            return Origin::Unknown;
        }
        if !seen.insert((module.to_owned(), name.to_owned())) {
            // A circle of re-exports brings nothing new.
            return Origin::Absent;
        }
        match self.ask(module, name) {
            Imported::Live(binding) => match &binding.kind {
                BindingKind::Import(import) => self.followed(import, seen),
                BindingKind::Deleted => Origin::Absent,
                _ => Origin::Bound(binding, Home::Live),
            },
            Imported::Source(source) => self.in_source(&source, name, seen),
            Imported::Absent => Origin::Absent,
            Imported::Unknown => Origin::Unknown,
        }
    }

    fn in_source(&self, module: &Arc<Module>, name: &str, seen: &mut HashSet<(String, String)>) -> Origin {
        if let Some(binding) = module.bindings.get(name) {
            for star in module.stars_after(binding) {
                match star.module.as_deref().map_or(Origin::Unknown, |from| self.starred(from, name, seen)) {
                    Origin::Absent => {}
                    other => return other,
                }
            }
            return match &binding.kind {
                BindingKind::Import(import) if binding.certainty == Certainty::Definite => self.followed(import, seen),
                BindingKind::Deleted if binding.certainty == Certainty::Definite => Origin::Absent,
                BindingKind::Import(_) | BindingKind::Deleted => Origin::Unknown,
                _ => Origin::Bound(binding.clone(), Home::Other(Arc::clone(module))),
            };
        }
        let mut unknown = module.dynamic;
        for star in module.star_imports.iter().rev() {
            match star.module.as_deref().map_or(Origin::Unknown, |from| self.starred(from, name, seen)) {
                Origin::Absent => {}
                Origin::Unknown => unknown = true,
                found @ Origin::Bound(..) if !unknown => return found,
                Origin::Bound(..) => return Origin::Unknown,
            }
        }
        if unknown { Origin::Unknown } else { Origin::Absent }
    }

    fn starred(&self, module: &str, name: &str, seen: &mut HashSet<(String, String)>) -> Origin {
        let brings = match &*self.exports(module, seen) {
            Exports::Listed(names) => Some(names.contains(name)),
            Exports::Public => Some(!name.starts_with('_')),
            Exports::Unknown => None,
        };
        match brings {
            Some(true) => self.searched(module, name, seen),
            Some(false) => Origin::Absent,
            None if matches!(self.searched(module, name, seen), Origin::Absent) => Origin::Absent,
            None => Origin::Unknown,
        }
    }

    fn exports(&self, module: &str, seen: &mut HashSet<(String, String)>) -> Rc<Exports> {
        if let Some(known) = self.exports.borrow().get(module) {
            return Rc::clone(known);
        }
        // Its own `__all__` only: one that a star import brings is not followed further than this.
        let exports = match self.searched(module, "__all__", seen) {
            Origin::Absent => Exports::Public,
            Origin::Bound(binding, _) if binding.certainty == Certainty::Definite => match binding.kind {
                BindingKind::Variable(Variable {
                    value: Known::Literal(Value::List(all) | Value::Tuple(all)), ..
                }) => {
                    let names = all.into_iter().filter_map(|item| match item {
                        Value::Str(name) => Some(name),
                        _ => None,
                    });
                    Exports::Listed(names.collect())
                }
                _ => Exports::Unknown,
            },
            _ => Exports::Unknown,
        };
        let exports = Rc::new(exports);
        self.exports.borrow_mut().insert(module.to_owned(), Rc::clone(&exports));
        exports
    }

    /// The class that a name of `builtins` is, if it is one.
    pub fn builtin_class(&self, name: &str) -> Option<Arc<Class>> {
        match self.name("builtins", name) {
            Origin::Bound(Binding { kind: BindingKind::Class(class), .. }, _) => Some(class),
            _ => None,
        }
    }
}

/// What `import a.b` binds.
pub(super) fn module_object() -> Binding {
    let value = Known::Computed(Some("module".to_owned()));
    let kind = BindingKind::Variable(Variable { annotation: None, value });
    Binding { kind, certainty: Certainty::Definite, span: None }
}
