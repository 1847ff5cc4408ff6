//! Which file a loader has read what it runs from: a spec can say anything.

use std::path;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::frames::{self, Machinery};
use super::once::intern;
use super::state::State;
use super::{api, python};

/// The interpreter's loaders whose code need not name the file that it was read from.
pub struct Loaders {
    sourceless: Py<PyAny>,
    /// `zipimporter`, and what it has read of archives.
    zip: Option<(Py<PyAny>, Py<PyDict>)>,
    module_spec: Py<PyAny>,
}

/// A file, and the loader to look beside it with if it is not on the file system.
pub struct Read<'py> {
    /// The file's path.
    pub file: String,
    /// Its loader, if it is a member of an archive.
    pub loader: Option<Bound<'py, PyAny>>,
}

impl Loaders {
    /// Looks them up.
    pub fn new(modules: &Bound<'_, PyDict>) -> PyResult<Self> {
        let external = modules.as_any().get_item("_frozen_importlib_external")?;
        let bootstrap = modules.as_any().get_item("_frozen_importlib")?;
        let zip = modules.get_item("zipimport")?.and_then(|module| {
            let directories = module.getattr("_zip_directory_cache").ok()?.cast_into().ok()?.unbind();
            Some((module.getattr("zipimporter").ok()?.unbind(), directories))
        });
        Ok(Self {
            sourceless: external.getattr("SourcelessFileLoader")?.unbind(),
            zip,
            module_spec: bootstrap.getattr("ModuleSpec")?.unbind(),
        })
    }

    /// What `spec` says at this moment, for loading an extension module; none if it is of the interpreter's own class. Any
    /// other may compute what it says, and say something else the next time.
    pub fn plain_spec<'py>(&self, spec: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = spec.py();
        if spec.get_type().is(&self.module_spec) {
            return Ok(None);
        }
        let loader = python::attribute(spec, intern!(py, "loader"));
        let plain = self.module_spec.bind(py).call1((spec.getattr(intern!(py, "name"))?, loader))?;
        plain.setattr(intern!(py, "origin"), spec.getattr(intern!(py, "origin"))?)?;
        plain.setattr(intern!(py, "has_location"), true)?;
        Ok(Some(plain))
    }

    /// Where the loader that runs `code` for the module `name` has it from; none if there is no file.
    ///
    /// Loaders of sources have compiled it under that path. What was compiled before may name any.
    fn read<'py>(&self, machinery: &Machinery, code: &Bound<'py, PyAny>, name: &str) -> Option<Read<'py>> {
        let py = code.py();
        let loader = running_loader(py, machinery);
        if let Some(loader) = &loader {
            let kind = loader.get_type();
            if kind.is(&self.sourceless) {
                return Some(Read { file: python::text(loader, intern!(py, "path"))?, loader: None });
            }
            if let Some((_, directories)) = self.zip.as_ref().filter(|(zip, _)| kind.is(zip)) {
                let file = member(loader, directories.bind(py), name)?;
                return Some(Read { file, loader: Some(loader.clone()) });
            }
        }
        let file = python::text(code, intern!(py, "co_filename")).filter(|file| !file.starts_with('<'))?;
        Some(Read { file, loader: None })
    }
}

/// The loader in whose method the running frame, one of the machinery's, executes something.
fn running_loader<'py>(py: Python<'py>, machinery: &Machinery) -> Option<Bound<'py, PyAny>> {
    let mut frame = api::current_frame(py)?;
    if machinery.runs_loaded(&api::frame_code(&frame)) {
        frame = frames::back(py, &frame).ok()??;
    }
    frame.getattr(intern!(py, "f_locals")).ok()?.get_item(intern!(py, "self")).ok()
}

/// The path of the member that a `zipimporter` takes for the module `name`, as the directories that it has read tell.
fn member(zip: &Bound<'_, PyAny>, directories: &Bound<'_, PyDict>, name: &str) -> Option<String> {
    let py = zip.py();
    let archive = python::text(zip, intern!(py, "archive"))?;
    let stem = name.rsplit('.').next()?;
    let stem = format!("{}{stem}", python::text(zip, intern!(py, "prefix"))?);
    let files = directories.get_item(&archive).ok()??.cast_into::<PyDict>().ok()?;
    let separator = path::MAIN_SEPARATOR;
    // In its own order.
    let endings = [format!("{separator}__init__.pyc"), format!("{separator}__init__.py"), ".pyc".into(), ".py".into()];
    let member = endings.iter().map(|ending| format!("{stem}{ending}")).find(|it| files.contains(it).unwrap_or(false));
    member.map(|member| format!("{archive}{separator}{member}"))
}

/// Where `code` was read from, if that is not where the module's spec says that it is.
pub fn elsewhere<'py>(
    state: &State,
    spec: Option<&Bound<'py, PyAny>>,
    code: &Bound<'py, PyAny>,
    namespace: &Bound<'py, PyDict>,
) -> PyResult<Option<(String, Read<'py>)>> {
    let py = code.py();
    let name = namespace.get_item(intern!(py, "__name__"))?.and_then(|name| python::string(&name)).unwrap_or_default();
    let Some(read) = state.loaders.read(&state.machinery, code, &name) else { return Ok(None) };
    let said = spec.and_then(|spec| {
        let noted = python::attribute(spec, intern!(py, "name")).and_then(|name| name.cast_into::<PyString>().ok());
        match noted.filter(|name| state.modules.notes.is_of(name, spec)) {
            Some(name) => state.modules.notes.origin(py, &name.to_string_lossy()),
            None => python::text(spec, intern!(py, "origin")),
        }
    });
    // An archive looks for members under its own name only.
    let absolute = |file: &str| path::absolute(file).ok().filter(|_| read.loader.is_none());
    let is_same = said
        .is_some_and(|said| said == read.file || absolute(&said).is_some_and(|it| Some(it) == absolute(&read.file)));
    Ok((!is_same).then_some((name, read)))
}
