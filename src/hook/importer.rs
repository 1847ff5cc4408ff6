//! Who imports: the module that owns the innermost frame outside the machinery (DESIGN 4).

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};

use super::frames::{self, Found, Machinery};
use super::once::intern;
use super::{api, lines, python};

/// An importer, as far as the interpreter can vouch for it.
pub struct Importer<'py> {
    /// Its namespace.
    pub globals: Bound<'py, PyDict>,
    /// The module that owns the namespace: `sys.modules` agrees. None: the importer is anonymous.
    pub module: Option<Bound<'py, PyAny>>,
    /// Its name in `sys.modules`; none if it is anonymous.
    pub name: Option<String>,
    /// The name it was found by, where that differs (`__main__` run with `-m`).
    pub alias: Option<String>,
    /// The file its code was compiled from, by the running code object: `<stdin>` and the like are files too.
    pub code_file: String,
    /// The file of its spec, else its `__file__`.
    pub file: Option<String>,
    /// The code object that runs the import; none for an extension module.
    pub code: Option<Bound<'py, PyAny>>,
    /// The line of the import in `code_file`, from 1.
    pub line: usize,
    /// How far its top-level code is.
    pub progress: Progress,
    /// Whether the running frame is its own: no machinery, no override and no extension in between.
    pub is_direct: bool,
}

/// How far the top-level code of an importer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It runs; the line, if it runs on this thread.
    Running(Option<usize>),
    /// It has ended.
    Ended,
}

impl<'py> Importer<'py> {
    /// The importer of the import that runs on this thread; none if no Python code asks for it.
    ///
    /// `asked_from` is as for [`Machinery::innermost`].
    pub fn find(py: Python<'py>, machinery: &Machinery, asked_from: Option<usize>) -> PyResult<Option<Self>> {
        machinery.innermost(py, asked_from)?.map(|found| Self::of(py, found)).transpose()
    }

    /// The module that `found` belongs to.
    pub fn of(py: Python<'py>, found: Found<'py>) -> PyResult<Self> {
        if let Some(loading) = &found.extension
            && let Some(importer) = Self::extension(py, loading)?
        {
            return Ok(importer);
        }
        let globals = found.globals;
        let claimed = globals.get_item(intern!(py, "__name__"))?.and_then(|name| python::string(&name));
        let module = match &claimed {
            Some(name) => python::loaded(py, name)?.filter(|module| owns(module, &globals)),
            None => None,
        };
        let spec = module.as_ref().and_then(python::spec);
        let code_file = python::text(&found.code, intern!(py, "co_filename")).unwrap_or_default();
        let name = module.as_ref().and(claimed);
        let alias = match (&spec, name.as_deref()) {
            (Some(spec), Some("__main__")) => python::text(spec, intern!(py, "name")),
            _ => None,
        };
        let file = spec.as_ref().and_then(located).or_else(|| {
            globals.get_item(intern!(py, "__file__")).ok().flatten().and_then(|file| python::string(&file))
        });
        let progress = progress(py, &found.frame, &globals, spec.as_ref())?;
        let line = lines::line_of(&found.frame);
        let is_direct = found.extension.is_none() && found.frame.as_ptr() as usize == api::frame_address();
        Ok(Self { globals, module, name, alias, code_file, file, code: Some(found.code), line, progress, is_direct })
    }

    /// The loaded module `object`, which somebody names without its importing anything.
    pub fn named(py: Python<'py>, object: &Bound<'py, PyModule>) -> PyResult<Self> {
        let globals = object.dict();
        let claimed = globals.get_item(intern!(py, "__name__"))?.and_then(|name| python::string(&name));
        let registered = match &claimed {
            Some(name) => python::loaded(py, name)?.is_some_and(|module| module.is(object)),
            None => false,
        };
        let spec = python::spec(object);
        let alias = spec.as_ref().filter(|_| claimed.as_deref() == Some("__main__"));
        let file = globals.get_item(intern!(py, "__file__"))?.and_then(|file| python::string(&file));
        let file = spec.as_ref().and_then(located).or(file);
        let running = api::current_frame(py).map(|frame| progress(py, &frame, &globals, spec.as_ref())).transpose()?;
        Ok(Self {
            alias: alias.and_then(|spec| python::text(spec, intern!(py, "name"))),
            name: claimed.filter(|_| registered),
            module: Some(object.clone().into_any()),
            code_file: file.clone().unwrap_or_default(),
            file,
            code: None,
            line: 0,
            progress: running.unwrap_or(Progress::Ended),
            globals,
            is_direct: false,
        })
    }

    /// An extension module whose initialisation runs: it has no Python frame of its own.
    fn extension(py: Python<'py>, loading: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        let (module, spec) = if loading.is_instance_of::<PyModule>() {
            (Some(loading.clone()), python::spec(loading))
        } else {
            (None, Some(loading.clone()))
        };
        let Some(spec) = spec else { return Ok(None) };
        let Some(name) = python::text(&spec, intern!(py, "name")) else { return Ok(None) };
        let file = python::text(&spec, intern!(py, "origin"));
        let globals = match &module {
            Some(module) => module.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?,
            None => PyDict::new(py),
        };
        Ok(Some(Self {
            globals,
            module,
            name: Some(name),
            alias: None,
            code_file: file.clone().unwrap_or_default(),
            file,
            code: None,
            line: 0,
            progress: Progress::Running(None),
            is_direct: false,
        }))
    }

    /// The names that globs over module names may match: an anonymous importer has none.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.name.iter().chain(&self.alias).map(String::as_str)
    }

    /// The import name: `__main__` under `-m` is the module it was found as.
    pub fn import_name(&self) -> Option<&str> {
        self.alias.as_deref().or(self.name.as_deref())
    }

    /// The package that relative imports of this importer start from.
    pub fn package(&self, py: Python<'py>) -> Option<String> {
        let package = self.globals.get_item(intern!(py, "__package__")).ok().flatten();
        if let Some(package) = package.and_then(|value| python::string(&value)) {
            return Some(package);
        }
        let name = self.import_name()?;
        if self.globals.contains(intern!(py, "__path__")).unwrap_or(false) {
            return Some(name.to_owned());
        }
        name.rfind('.').map(|dot| name[..dot].to_owned())
    }

    /// Its `__name__`, believed or not: what `if __name__ == "__main__"` in its source sees.
    pub fn dunder_name(&self) -> Option<String> {
        let name = self.globals.get_item(intern!(self.globals.py(), "__name__")).ok().flatten()?;
        python::string(&name)
    }

    /// Whether its code came from text that has no file (`exec`, a prompt, a notebook cell).
    pub fn is_pseudo(&self) -> bool {
        self.code_file.is_empty() || self.code_file.starts_with('<')
    }

    /// The loader that it names now: anybody can have rewritten that, except of the program itself.
    pub fn loader(&self) -> Option<Bound<'py, PyAny>> {
        let py = self.globals.py();
        match self.module.as_ref().and_then(python::spec) {
            Some(spec) => python::attribute(&spec, intern!(py, "loader")),
            None => self.globals.get_item(intern!(py, "__loader__")).ok().flatten().filter(|it| !it.is_none()),
        }
    }

    /// The file that `filename` rules are about. Code that belongs to no module can claim any
    /// `__file__`: only what its code was compiled from counts.
    pub fn file_for_rules(&self) -> Option<String> {
        let own = self.file.clone().filter(|_| self.name.is_some());
        let compiled_from = Some(self.code_file.clone()).filter(|_| !self.is_pseudo());
        if self.is_main() { compiled_from.or(own) } else { own.or(compiled_from) }
    }

    /// Whether it is the program itself.
    pub fn is_main(&self) -> bool {
        self.name.as_deref() == Some("__main__")
    }

    /// What to call it in reports.
    pub fn label(&self) -> String {
        match (&self.name, &self.alias) {
            (_, Some(alias)) => alias.clone(),
            (Some(name), None) => name.clone(),
            (None, None) => {
                format!("code in {}", if self.code_file.is_empty() { "<unknown>" } else { &self.code_file })
            }
        }
    }
}

/// The file that a spec names.
fn located(spec: &Bound<'_, PyAny>) -> Option<String> {
    let py = spec.py();
    let is_file =
        python::attribute(spec, intern!(py, "has_location")).is_some_and(|it| it.is_truthy().unwrap_or(false));
    if is_file { python::text(spec, intern!(py, "origin")) } else { None }
}

/// Whether `globals` is the namespace of `module`, and not one that only uses its name.
fn owns(module: &Bound<'_, PyAny>, globals: &Bound<'_, PyDict>) -> bool {
    python::namespace(module).is_some_and(|namespace| namespace.is(globals))
}

fn progress(
    py: Python<'_>,
    frame: &Bound<'_, PyAny>,
    globals: &Bound<'_, PyDict>,
    spec: Option<&Bound<'_, PyAny>>,
) -> PyResult<Progress> {
    // Code that a module executes (`exec`) is called `<module>`, too, but only the module's own file is
    // its top level. Where there is no file (a prompt, a notebook), it is what runs.
    let has_file = globals.contains(intern!(py, "__file__"))?;
    let mut current = Some(frame.clone());
    while let Some(this) = current {
        if this.getattr(intern!(py, "f_globals"))?.is(globals) {
            let code = api::frame_code(&this);
            let name = code.getattr(intern!(py, "co_name"))?;
            if name.cast::<PyString>().is_ok_and(|name| name.to_string_lossy() == "<module>") {
                let file = python::text(&code, intern!(py, "co_filename")).unwrap_or_default();
                if !has_file || !file.starts_with('<') {
                    return Ok(Progress::Running(Some(lines::line_of(&this))));
                }
            }
        }
        current = frames::back(py, &this)?;
    }
    let initialising = spec
        .and_then(|spec| python::attribute(spec, intern!(py, "_initializing")))
        .is_some_and(|value| value.is_truthy().unwrap_or(false));
    Ok(if initialising { Progress::Running(None) } else { Progress::Ended })
}
