//! The running interpreter as the core's [`World`]: facts on demand, nothing executed or imported.

use std::cell::RefCell;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use importspy_hook::observed::model::{Binding, BindingKind, Certainty, Known as Computed, Module};
use importspy_hook::observed::platform::Platform;
use importspy_hook::observed::world::{Environment, Imported, Located, Phase, World, module_of_file};

use super::cache::Evidence;
use super::importer::Importer;
use super::once::intern;
use super::source::{Known, Source};
use super::state::State;
use super::{live, python};

/// The world around one importer.
pub struct Interpreter<'a, 'py> {
    /// The hook's state.
    pub state: &'a State,
    /// Who imports; none if nobody does.
    pub importer: Option<&'a Importer<'py>>,
    /// How far its namespace is.
    pub phase: Phase,
    /// Whether the contract asks for the version of any module that it names: finding out which
    /// distribution provides one reads the file lists of all, which takes 100 milliseconds and more.
    pub wants_versions: bool,
    /// The importer's static structure, if it has any.
    pub module: Option<Arc<Module>>,
    /// What the decision rests on, gathered as it is asked for.
    pub evidence: RefCell<Evidence>,
    /// The interpreter.
    pub py: Python<'py>,
}

impl World for Interpreter<'_, '_> {
    fn platform(&self) -> &Platform {
        &self.state.platform
    }

    fn environment_variable(&self, name: &str) -> Environment {
        let value = self.state.environ.read(self.py, name);
        self.state.cache.note_environment(&mut self.evidence.borrow_mut(), name, &value);
        value
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn live(&self, name: &str) -> Option<Binding> {
        let key = PyString::new(self.py, name);
        let object = self.importer?.globals.get_item(&key).ok().flatten();
        let is_written = self.module.as_ref().is_some_and(|module| is_plainly_written(module, name));
        self.evidence.borrow_mut().binding(&key, object.as_ref(), is_written);
        object.map(|object| live::binding(&object))
    }

    fn imported(&self, module: &str, name: &str) -> Imported {
        // What a loaded module holds stays; what a file says that was only located may change.
        if !python::loaded(self.py, module).is_ok_and(|module| module.is_some()) {
            self.evidence.borrow_mut().leave_out();
        }
        self.find_imported(module, name).unwrap_or(Imported::Unknown)
    }

    fn locate(&self, filename: &str) -> Located {
        self.evidence.borrow_mut().leave_out();
        self.find_module(filename).unwrap_or(Located::Absent)
    }

    fn distribution_version(&self) -> Option<String> {
        self.evidence.borrow_mut().leave_out();
        self.version_of(self.importer?.import_name()?)
    }
}

impl<'py> Interpreter<'_, 'py> {
    fn find_imported(&self, module: &str, name: &str) -> PyResult<Imported> {
        let py = self.py;
        let Some(object) = python::loaded(py, module)? else {
            return Ok(match self.state.locate(py, module)? {
                Some(spec) => match self.parsed(&spec) {
                    Some(parsed) => Imported::Source(parsed),
                    None => Imported::Unknown,
                },
                None => Imported::Unknown,
            });
        };
        let key = (&PyString::new(py, module), &PyString::new(py, name));
        let bound = python::namespace(&object).and_then(|all| all.get_item(key.1).ok().flatten());
        if bound.is_none() {
            self.evidence.borrow_mut().elsewhere(key, None, false);
        }
        match bound {
            Some(value) => {
                // A class object does not tell the attributes that its methods give to instances:
                // its source does.
                let source = value.cast::<PyType>().ok().and_then(|class| self.source_of(class, name));
                let is_written = source.as_ref().is_some_and(|source| is_plainly_written(source, name));
                self.evidence.borrow_mut().elsewhere(key, Some(&value), is_written);
                Ok(source.map_or_else(|| Imported::Live(live::binding(&value)), Imported::Source))
            }
            None => Ok(match python::spec(&object).and_then(|spec| self.parsed(&spec)) {
                Some(parsed) => Imported::Source(parsed),
                None => Imported::Absent,
            }),
        }
    }

    /// The source of the module that defines `class`, if it defines it under that very name.
    fn source_of(&self, class: &Bound<'py, PyType>, name: &str) -> Option<Arc<Module>> {
        let py = self.py;
        let module = python::plain_text(class.as_any(), intern!(py, "__module__"))?;
        let module = python::loaded(py, &module).ok()??;
        if !python::namespace(&module)?.get_item(name).ok()??.is(class) {
            return None;
        }
        let parsed = self.parsed(&python::spec(&module)?)?;
        let is_class = matches!(parsed.bindings.get(name)?.kind, BindingKind::Class(_));
        is_class.then_some(parsed)
    }

    fn parsed(&self, spec: &Bound<'py, PyAny>) -> Option<Arc<Module>> {
        match self.state.sources.of_spec(spec, &self.state.platform) {
            Known::Read(Source { module: Ok(module), .. }) => Some(module),
            _ => None,
        }
    }

    fn find_module(&self, filename: &str) -> PyResult<Located> {
        let Some(name) = module_of_file(filename) else { return Ok(Located::Absent) };
        let package = self.importer.and_then(|importer| importer.package(self.py)).filter(|it| !it.is_empty());
        let sibling = package.map(|package| format!("{package}.{name}"));
        for candidate in sibling.into_iter().chain([name]) {
            let spec = match python::loaded(self.py, &candidate)? {
                Some(module) => python::spec(&module),
                None => self.state.locate(self.py, &candidate)?,
            };
            let Some(spec) = spec else { continue };
            let version = || if self.wants_versions { self.version_of(&candidate) } else { None };
            return Ok(match self.state.sources.of_spec(&spec, &self.state.platform) {
                Known::Read(Source { path, module: Ok(module), .. }) => {
                    Located::Found { file: path, module, version: version() }
                }
                _ => Located::Opaque { version: version() },
            });
        }
        Ok(Located::Absent)
    }

    /// The version of the installed distribution that provides the top-level package of `module`.
    ///
    /// The only place where the hook imports a module of the standard library: asked only when a
    /// contract has a version rule and the source has no `__version__`.
    fn version_of(&self, module: &str) -> Option<String> {
        let py = self.py;
        let top = module.split('.').next()?;
        let metadata = py.import(intern!(py, "importlib.metadata")).ok()?;
        let providers = metadata.call_method0(intern!(py, "packages_distributions")).ok()?;
        let names = providers.cast::<PyDict>().ok()?.get_item(top).ok()??;
        let name = names.try_iter().ok()?.next()?.ok()?;
        metadata.call_method1(intern!(py, "version"), (name,)).ok()?.extract().ok()
    }
}

/// Whether source alone tells all of a function or class: then a live object adds that it is there.
fn is_plainly_written(module: &Module, name: &str) -> bool {
    let definite = |binding: &Binding| binding.certainty == Certainty::Definite;
    let computed = |value: &Computed| matches!(value, Computed::Computed(_));
    module.bindings.get(name).is_some_and(|binding| {
        definite(binding)
            && module.stars_after(binding).next().is_none()
            && match &binding.kind {
                BindingKind::Function(function) => {
                    !function.parameters.iter().filter_map(|parameter| parameter.default.as_ref()).any(computed)
                }
                BindingKind::Class(class) => {
                    !class.dynamic
                        && class.instance_attributes.values().all(|it| it.certainty == Certainty::Definite)
                        && class.body.values().all(|member| match &member.kind {
                            BindingKind::Variable(variable) => definite(member) && !computed(&variable.value),
                            _ => definite(member),
                        })
                }
                _ => false,
            }
    })
}
