//! Whose frames are whose: the import machinery, told by the identity of its globals (DESIGN 4).

use parking_lot::RwLock;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::api;
use super::once::intern;

/// Modules whose frames are passed over. Those that are not loaded at `install()` are learnt when
/// one of their frames is met first.
///
/// `functools` is among them because `importlib.resources` dispatches through it; it imports nothing
/// on its own that could be guarded.
const MACHINERY: [&str; 8] = [
    "functools",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "importlib",
    "pkgutil",
    "runpy",
    "zipimport",
    "importspy_hook",
];

/// What is known of the interpreter's import machinery.
pub struct Machinery {
    find_spec: Py<PyAny>,
    find_and_load: Py<PyAny>,
    /// Code of the function through which loaders run what they have compiled.
    run: Py<PyAny>,
    /// Code of `ExtensionFileLoader.create_module` and `.exec_module`.
    extension_loading: [Py<PyAny>; 2],
    /// Folder of the standard library, to know its modules when they are met later.
    library: Option<String>,
    /// Globals of machinery modules, kept alive so that no address can be reused.
    globals: RwLock<Vec<Py<PyAny>>>,
}

/// Why a finder is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An import statement (or `import_module`, or `reload`) will run what is found.
    ToImport,
    /// Somebody only wants to know where a module is, and asks the other finders if we don't answer.
    AmongOthers,
    /// Somebody only wants to know where a module is.
    ToKnow,
}

/// A frame of code that is not part of the machinery.
pub struct Found<'py> {
    /// The frame.
    pub frame: Bound<'py, PyAny>,
    /// Its globals.
    pub globals: Bound<'py, PyDict>,
    /// Its code object.
    pub code: Bound<'py, PyAny>,
    /// The extension module whose loading runs inside that frame, if one is being loaded.
    pub extension: Option<Bound<'py, PyAny>>,
}

impl Machinery {
    /// Looks up everything that is needed later, from modules that every interpreter has loaded.
    pub fn new(py: Python<'_>, modules: &Bound<'_, PyDict>) -> PyResult<Self> {
        let bootstrap = modules.as_any().get_item("_frozen_importlib")?;
        let external = modules.as_any().get_item("_frozen_importlib_external")?;
        let code = |object: &Bound<'_, PyAny>| object.getattr("__code__").map(Bound::unbind);
        let extension = external.getattr("ExtensionFileLoader")?;
        let os_file = modules
            .get_item("os")?
            .and_then(|os| os.getattr("__file__").ok())
            .and_then(|file| file.extract::<String>().ok());
        let library = os_file.and_then(|file| file.rfind(std::path::is_separator).map(|end| file[..=end].to_owned()));
        let machinery = Self {
            find_spec: code(&bootstrap.getattr("_find_spec")?)?,
            find_and_load: code(&bootstrap.getattr("_find_and_load_unlocked")?)?,
            run: code(&bootstrap.getattr("_call_with_frames_removed")?)?,
            extension_loading: [code(&extension.getattr("create_module")?)?, code(&extension.getattr("exec_module")?)?],
            library,
            globals: RwLock::new(Vec::new()),
        };
        for name in ["_frozen_importlib", "_frozen_importlib_external", "importspy_hook"] {
            if let Some(module) = modules.get_item(name)? {
                machinery.learn(module.getattr(intern!(py, "__dict__"))?.unbind());
            }
        }
        Ok(machinery)
    }

    /// Whether the frame that asks a finder does so to import.
    ///
    /// `_find_spec` is called by `_find_and_load_unlocked` (an import), by `importlib.reload`, and by
    /// `importlib.util.find_spec` (a question); everybody else who calls a finder asks a question.
    pub fn asked(&self, py: Python<'_>) -> PyResult<Asked> {
        let Some(frame) = api::current_frame(py) else { return Ok(Asked::ToKnow) };
        if !api::frame_code(&frame).is(&self.find_spec) {
            return Ok(Asked::ToKnow);
        }
        let caller = frame.getattr(intern!(py, "f_back"))?;
        if caller.is_none() {
            return Ok(Asked::AmongOthers);
        }
        let code = api::frame_code(&caller);
        if code.is(&self.find_and_load) {
            return Ok(Asked::ToImport);
        }
        let is_reload = code.getattr(intern!(py, "co_name"))?.eq(intern!(py, "reload"))?
            && self.is_machinery(py, &caller, &code)?;
        Ok(if is_reload { Asked::ToImport } else { Asked::AmongOthers })
    }

    /// Whether `code` is that of the function through which loaders run what they have compiled.
    pub fn runs_loaded(&self, code: &Bound<'_, PyAny>) -> bool {
        code.is(&self.run)
    }

    /// The innermost frame of this thread that is not part of the machinery.
    ///
    /// `asked_from` is the address of the frame that called the import wrapper, where that is known:
    /// what runs above it belongs to finders and to overrides of `__import__`, not to importers.
    pub fn innermost<'py>(&self, py: Python<'py>, asked_from: Option<usize>) -> PyResult<Option<Found<'py>>> {
        let frame = match asked_from {
            Some(address) => find(py, address)?,
            None => api::current_frame(py),
        };
        self.outward(py, frame)
    }

    /// The code that imports the module to which `inner` belongs, or, if it is not being imported, that
    /// called into it: the innermost frame of another module further out.
    pub fn beyond<'py>(&self, py: Python<'py>, inner: &Found<'py>) -> PyResult<Option<Found<'py>>> {
        let mut frame = Some(inner.frame.clone());
        // An extension module has no frame of its own: this one is another module's already.
        let own = inner.extension.is_none().then_some(&inner.globals);
        while let Some(found) = self.outward(py, frame)? {
            let is_other = own.is_none_or(|own| !found.globals.is(own)) || found.extension.is_some();
            if is_other {
                return Ok(Some(found));
            }
            frame = back(py, &found.frame)?;
        }
        Ok(None)
    }

    /// The first frame that is not part of the machinery, from `frame` outwards.
    fn outward<'py>(&self, py: Python<'py>, mut frame: Option<Bound<'py, PyAny>>) -> PyResult<Option<Found<'py>>> {
        let override_code = import_override(py)?;
        let mut extension = None;
        while let Some(this) = frame {
            let code = api::frame_code(&this);
            if self.is_machinery(py, &this, &code)? {
                if extension.is_none() && self.extension_loading.iter().any(|known| code.is(known)) {
                    extension = loading_extension(py, &this)?;
                }
                frame = back(py, &this)?;
                continue;
            }
            if let Some(override_code) = &override_code
                && let Some(outermost) =
                    override_from(py, &this, override_code, |frame, code| self.is_machinery(py, frame, code))?
            {
                frame = back(py, &outermost)?;
                continue;
            }
            let globals = this.getattr(intern!(py, "f_globals"))?.cast_into::<PyDict>()?;
            return Ok(Some(Found { frame: this, globals, code, extension }));
        }
        Ok(None)
    }

    /// Whether `frame` belongs to the machinery.
    pub fn is_machinery(&self, py: Python<'_>, frame: &Bound<'_, PyAny>, code: &Bound<'_, PyAny>) -> PyResult<bool> {
        let globals = frame.getattr(intern!(py, "f_globals"))?;
        if self.globals.read().iter().any(|known| known.is(&globals)) {
            return Ok(true);
        }
        let Ok(globals) = globals.cast_into::<PyDict>() else { return Ok(false) };
        let Some(name) = globals.get_item(intern!(py, "__name__"))? else { return Ok(false) };
        let Ok(name) = name.cast_into_exact::<PyString>() else { return Ok(false) };
        let name = name.to_string_lossy();
        // `importlib/_bootstrap.py` shares its globals with the frozen module of the same job.
        if !MACHINERY.contains(&name.split('.').next().unwrap_or_default()) || !self.is_library_code(py, code)? {
            return Ok(false);
        }
        let modules = super::python::modules(py)?;
        let loaded = modules.get_item(name.as_ref())?;
        let genuine = match loaded {
            Some(module) => super::python::namespace(&module).is_some_and(|dict| dict.is(&globals)),
            None => false,
        };
        if genuine {
            self.learn(globals.into_any().unbind());
        }
        Ok(genuine)
    }

    /// The frame in which Python's import of the module `name` runs, if what a loader executes now belongs
    /// to that import, and is not loaded by hand while the module's own code runs.
    pub fn import_of(&self, py: Python<'_>, name: &str) -> PyResult<Option<usize>> {
        let module = super::python::loaded(py, name)?.and_then(|module| super::python::namespace(&module));
        let mut inner: Option<Bound<'_, PyAny>> = None;
        let mut frame = api::current_frame(py);
        while let Some(this) = frame {
            let code = api::frame_code(&this);
            if let Some(inner) = inner {
                let globals = inner.getattr(intern!(py, "f_globals"))?;
                let is_body = self.runs_loaded(&code) && !self.is_machinery(py, &inner, &api::frame_code(&inner))?;
                if is_body || module.as_ref().is_some_and(|module| globals.is(module)) {
                    return Ok(None);
                }
            }
            if code.is(&self.find_and_load) {
                let locals = this.getattr(intern!(py, "f_locals"))?;
                let imported = locals.get_item(intern!(py, "name"))?;
                return Ok(imported.eq(name)?.then_some(this.as_ptr() as usize));
            }
            frame = back(py, &this)?;
            inner = Some(this);
        }
        Ok(None)
    }

    /// Whether the running frame was called, with no import in between, by the frame at `address`:
    /// an override that was put over ours, and that ours was put over in turn, has come back.
    pub fn comes_straight_from(&self, py: Python<'_>, address: usize) -> PyResult<bool> {
        let mut frame = api::current_frame(py);
        while let Some(this) = frame {
            if this.as_ptr() as usize == address {
                return Ok(true);
            }
            if self.is_machinery(py, &this, &api::frame_code(&this))? {
                return Ok(false);
            }
            frame = back(py, &this)?;
        }
        Ok(false)
    }

    /// Whether `python -m` looks for the module that it is to run: nobody imports it, and no other
    /// question will be asked about it.
    pub fn asked_by_dash_m(&self, py: Python<'_>) -> PyResult<bool> {
        let mut frame = api::current_frame(py);
        while let Some(this) = frame {
            let code = api::frame_code(&this);
            if !self.is_machinery(py, &this, &code)? {
                return Ok(false);
            }
            if code.getattr(intern!(py, "co_name"))?.eq(intern!(py, "_run_module_as_main"))? {
                return Ok(true);
            }
            frame = back(py, &this)?;
        }
        Ok(false)
    }

    fn is_library_code(&self, py: Python<'_>, code: &Bound<'_, PyAny>) -> PyResult<bool> {
        let file = code.getattr(intern!(py, "co_filename"))?;
        let file = file.cast::<PyString>()?.to_string_lossy();
        Ok(file.starts_with("<frozen ")
            || self.library.as_ref().is_some_and(|folder| {
                file.strip_prefix(folder.as_str()).is_some_and(|rest| !rest.contains("site-packages"))
            }))
    }

    fn learn(&self, globals: Py<PyAny>) {
        let mut known = self.globals.write();
        if !known.iter().any(|other| other.is(&globals)) {
            known.push(globals);
        }
    }
}

/// The frame of this thread at `address`; the innermost one if it is not there.
fn find(py: Python<'_>, address: usize) -> PyResult<Option<Bound<'_, PyAny>>> {
    let mut frame = api::current_frame(py);
    while let Some(this) = frame {
        if this.as_ptr() as usize == address {
            return Ok(Some(this));
        }
        frame = back(py, &this)?;
    }
    Ok(api::current_frame(py))
}

/// The code of the Python function that somebody has put over our `__import__`, if somebody has.
fn import_override(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let builtins = super::python::modules(py)?.as_any().get_item(intern!(py, "builtins"))?;
    let present =
        super::python::namespace(&builtins).and_then(|all| all.get_item(intern!(py, "__import__")).ok().flatten());
    Ok(present.and_then(|function| {
        let plain = api::plain_attribute(&function, intern!(py, "__func__")).unwrap_or(function);
        api::plain_attribute(&plain, intern!(py, "__code__"))
    }))
}

/// The frame of an override of `__import__` that leads to `innermost`, which is then no importer: who called
/// the override imports. None if there is none.
fn override_from<'py>(
    py: Python<'py>,
    innermost: &Bound<'py, PyAny>,
    override_code: &Bound<'py, PyAny>,
    is_machinery: impl Fn(&Bound<'py, PyAny>, &Bound<'py, PyAny>) -> PyResult<bool>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let mut frame = Some(innermost.clone());
    while let Some(this) = frame {
        let code = api::frame_code(&this);
        if code.is(override_code) {
            return Ok(Some(this));
        }
        // Beyond the machinery is another import.
        if is_machinery(&this, &code)? {
            break;
        }
        frame = back(py, &this)?;
    }
    Ok(None)
}

/// The frame that called `frame`.
pub fn back<'py>(py: Python<'py>, frame: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let back = frame.getattr(intern!(py, "f_back"))?;
    Ok(if back.is_none() { None } else { Some(back) })
}

/// The module or spec that `ExtensionFileLoader` works on in `frame`.
fn loading_extension<'py>(py: Python<'py>, frame: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let locals = frame.getattr(intern!(py, "f_locals"))?;
    for name in [intern!(py, "module"), intern!(py, "spec")] {
        if let Ok(value) = locals.get_item(name) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
