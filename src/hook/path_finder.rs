//! What Python's own `PathFinder` and `FileFinder` would answer, without running them.
//!
//! Finding a module in a folder takes them several thousand instructions of interpreted code. This says the
//! same: it is their code of Python 3.10 to 3.13, line by line, as it runs on Linux. It is used only as long
//! as every part that they are made of is the one that Python came with; and where anything is not of the
//! plainest kind (a finder of another class, an entry that is no text, a folder that is not there), Python's
//! own functions are asked about that entry of the path. So the fallback is never a guess, and what
//! the two say can differ only if the reading of those few functions is wrong.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyString, PyTuple};

use importspy_hook::contract::discovery::Guardable;

use super::bytecode::Bytecode;
use super::instances::Pattern;
use super::notes::Note;
use super::once::intern;
use super::originals::Originals;
use super::path_hooks::PathHooks;
use super::stock::Found;
use super::{api, files, guards, python};

/// Python's finders of modules in folders, as Python came with them.
pub struct PathFinder {
    class: Py<PyAny>,
    file_finder: Py<PyAny>,
    module_spec: Py<PyAny>,
    namespace_path: Py<PyAny>,
    loaders: [Py<PyAny>; 3],
    originals: Originals,
    hooks: Option<PathHooks>,
    bytecode: Option<Bytecode>,
    source_loader: Option<Pattern>,
    spec: Pattern,
}

/// What is known of one entry of the path.
enum Answer<'py> {
    /// The module is there.
    Found(Found<'py>),
    /// A folder of its name is there, which may be a portion of a namespace package.
    Portion(Bound<'py, PyString>),
    /// It is not there.
    Nothing,
    /// Python must say.
    Unsure,
}

impl PathFinder {
    /// Looks them up; none where they are not, or not certainly, those that this file knows.
    pub fn new(py: Python<'_>, modules: &Bound<'_, PyDict>) -> PyResult<Option<Self>> {
        let sys = python::sys(py)?;
        let utf8 = sys.call_method0("getfilesystemencoding")?.eq("utf-8")?;
        let is_verbose = sys.getattr("flags")?.getattr("verbose")?.is_truthy()?;
        let version = py.version_info();
        let is_known = version.major == 3 && (10..=13).contains(&version.minor);
        if !cfg!(target_os = "linux") || !is_known || !utf8 || is_verbose {
            return Ok(None);
        }
        let external = modules.as_any().get_item("_frozen_importlib_external")?;
        let bootstrap = modules.as_any().get_item("_frozen_importlib")?;
        let class = external.getattr("PathFinder")?;
        let file_finder = external.getattr("FileFinder")?;
        let mut originals = Originals::new();
        originals.take_from_class(&class, &["find_spec", "_get_spec", "_path_importer_cache", "_path_hooks"])?;
        originals.take_from_class(&file_finder, &["find_spec", "_get_spec", "_fill_cache", "__init__"])?;
        originals.take_from_class(&external.getattr("FileLoader")?, &["__init__"])?;
        let helpers = ["_path_stat", "_path_join", "_path_isfile", "_path_isdir", "_path_is_mode_type", "_path_isabs"];
        originals.take_from_module(&external, &helpers)?;
        originals.take_from_module(&external, &["_relax_case", "spec_from_file_location"])?;
        let module_spec = bootstrap.getattr("ModuleSpec")?;
        let mut of_spec = Originals::new();
        of_spec.take_from_class(&module_spec, &["__init__"])?;
        let os = external.getattr("_os")?;
        let is_own_stat = os.getattr("stat")?.getattr_opt("__self__")?.is_some_and(|module| module.is(&os));
        if !originals.come_from(py, &external)? || !of_spec.come_from(py, &bootstrap)? || !is_own_stat {
            return Ok(None);
        }
        originals.extend(of_spec);
        for class in ["SourceFileLoader", "SourceLoader", "_LoaderBasics"] {
            originals.take_from_class(&external.getattr(class)?, &[])?;
        }
        originals.take_from_module(&external, &["_bootstrap", "_os", "sys", "_NamespacePath"])?;
        originals.take_from_module(&os, &["stat"])?;
        originals.take_from_module(&bootstrap, &["ModuleSpec"])?;
        originals.take_from_module(sys.as_any(), &["flags"])?;
        let loader = |name: &str| external.getattr(name).map(Bound::unbind);
        let hooks = PathHooks::new(py, modules, &file_finder).unwrap_or_default();
        let (name, file) = (intern!(py, "name").as_any(), PyString::new(py, "/name.py").into_any());
        let source = external.getattr("SourceFileLoader")?;
        // A class between the two may have got one of its own.
        let is_plain = source.getattr("__init__")?.is(external.getattr("FileLoader")?.getattr("__init__")?);
        let source_loader = if is_plain { Pattern::of(&source, [name, &file]).unwrap_or_default() } else { None };
        let Some(spec) = Pattern::of(&module_spec, [name, &source])? else { return Ok(None) };
        let bytecode = Bytecode::new(&external, &bootstrap, &mut originals).unwrap_or_default();
        Ok(Some(Self {
            class: class.unbind(),
            file_finder: file_finder.unbind(),
            module_spec: module_spec.unbind(),
            namespace_path: external.getattr("_NamespacePath")?.unbind(),
            loaders: [loader("SourceFileLoader")?, loader("SourcelessFileLoader")?, loader("ExtensionFileLoader")?],
            originals,
            hooks,
            bytecode,
            source_loader,
            spec,
        }))
    }

    /// What `finder`, which stands in `sys.meta_path`, says of `name`; none if it must be asked itself.
    pub fn find_spec<'py>(
        &self,
        finder: &Bound<'py, PyAny>,
        name: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        target: Option<&Bound<'py, PyAny>>,
    ) -> Option<PyResult<Option<Found<'py>>>> {
        let py = finder.py();
        if !finder.is(&self.class) {
            return None;
        }
        let name = name.cast_exact::<PyString>().ok()?;
        let entries = if path.is_none() { python::of_sys(py, intern!(py, "path"))? } else { path.clone() };
        let entries = entries.cast_into_exact::<PyList>().ok()?;
        // What `rpartition` makes of it.
        let tail = name.to_str().ok()?.rsplit('.').next()?;
        let is_stock = self.originals.stand(py);
        is_stock.then(|| self.get_spec(name, tail, &entries, target))
    }

    /// `PathFinder.find_spec` and `_get_spec`.
    fn get_spec<'py>(
        &self,
        name: &Bound<'py, PyString>,
        tail: &str,
        entries: &Bound<'py, PyList>,
        target: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Found<'py>>> {
        let py = name.py();
        let mut portions: Option<Bound<'py, PyList>> = None;
        let mut is_stock = true;
        let mut next = 0;
        // By index, as Python walks a list that may change.
        while next < entries.len() {
            let Ok(entry) = entries.get_item(next) else { break };
            next += 1;
            let answer = if is_stock { self.look_in(&entry, name, tail)? } else { Answer::Unsure };
            match answer {
                Answer::Found(found) => return Ok(Some(found)),
                Answer::Portion(folder) => portions.get_or_insert_with(|| PyList::empty(py)).append(folder)?,
                Answer::Nothing => {}
                Answer::Unsure => {
                    // As if the path had no other entry.
                    let alone = PyList::new(py, [entry])?;
                    let get_spec = self.class.bind(py).getattr(intern!(py, "_get_spec"))?;
                    let spec = get_spec.call1((name, alone, target))?;
                    if !spec.getattr(intern!(py, "loader"))?.is_none() {
                        return Ok(Some(Found::Other(spec)));
                    }
                    let found = spec.getattr(intern!(py, "submodule_search_locations"))?;
                    for portion in found.try_iter()? {
                        portions.get_or_insert_with(|| PyList::empty(py)).append(portion?)?;
                    }
                    // Other code has run.
                    is_stock = self.originals.stand(py);
                }
            }
        }
        let Some(portions) = portions else { return Ok(None) };
        let spec = self.module_spec.bind(py).call1((name, py.None()))?;
        let get_spec = self.class.bind(py).getattr(intern!(py, "_get_spec"))?;
        let locations = self.namespace_path.bind(py).call1((name, portions, get_spec))?;
        spec.setattr(intern!(py, "submodule_search_locations"), locations)?;
        Ok(Some(Found::Other(spec)))
    }

    /// What `PathFinder._path_importer_cache(entry).find_spec(name)` says.
    fn look_in<'py>(
        &self,
        entry: &Bound<'py, PyAny>,
        name: &Bound<'py, PyString>,
        tail: &str,
    ) -> PyResult<Answer<'py>> {
        let py = name.py();
        let Ok(entry) = entry.cast_exact::<PyString>() else { return Ok(Answer::Unsure) };
        // Python looks up the current folder instead, which may be another one than when `pkgutil` asked for "".
        if entry.is_empty()? {
            return Ok(Answer::Unsure);
        }
        let finders = python::of_sys(py, intern!(py, "path_importer_cache"));
        let Some(Ok(finders)) = finders.map(Bound::cast_into_exact::<PyDict>) else { return Ok(Answer::Unsure) };
        let (finder, folder) = match finders.get_item(entry)? {
            Some(finder) => (finder, None),
            // A folder that nobody has looked into yet.
            None => match self.hooks.as_ref().map(|hooks| hooks.new_finder(&finders, entry)).transpose()?.flatten() {
                Some((finder, folder)) => (finder, Some(folder)),
                None => return Ok(Answer::Unsure),
            },
        };
        if finder.is_none() {
            return Ok(Answer::Nothing);
        }
        if !finder.get_type().is(&self.file_finder) {
            return Ok(Answer::Unsure);
        }
        self.ask_file_finder(&finder, folder, name, tail)
    }

    /// `FileFinder.find_spec`. `folder` is its folder's state, if that was looked at just now.
    fn ask_file_finder<'py>(
        &self,
        finder: &Bound<'py, PyAny>,
        folder: Option<files::Kind>,
        name: &Bound<'py, PyString>,
        tail: &str,
    ) -> PyResult<Answer<'py>> {
        let py = name.py();
        let Some(fields) = Fields::of(finder) else { return Ok(Answer::Unsure) };
        let Ok(path) = fields.path.to_str() else { return Ok(Answer::Unsure) };
        let Some(folder) = folder.or_else(|| files::kind(py, path)) else { return Ok(Answer::Unsure) };
        if !path.starts_with('/') {
            return Ok(Answer::Unsure);
        }
        let Some(names) = fields.names(finder, folder.modified)? else { return Ok(Answer::Unsure) };
        let path = path.trim_end_matches('/');
        let tail_text = if name.to_str()? == tail { name.clone() } else { PyString::new(py, tail) };
        let mut portion = None;
        if names.contains(&tail_text)? {
            let base = [path, "/", tail].concat();
            for detail in fields.loaders.iter() {
                let Some((suffix, loader)) = self.loader_detail(&detail) else { return Ok(Answer::Unsure) };
                let Ok(text) = suffix.to_str() else { return Ok(Answer::Unsure) };
                let file = [&base, "/__init__", text].concat();
                if files::kind(py, &file).is_some_and(|kind| kind.is_file) {
                    let locations = PyList::new(py, [&base])?;
                    let note = self.spec(name, &loader, &file, Some(locations))?;
                    let cached = self.cached(py, &base, "__init__", &suffix);
                    return Ok(Answer::Found(Found::Stock { note, cached, is_bare: false }));
                }
            }
            if files::kind(py, &base).is_some_and(|kind| kind.is_folder) {
                portion = Some(base);
            }
        }
        for detail in fields.loaders.iter() {
            let Some((suffix, loader)) = self.loader_detail(&detail) else { return Ok(Answer::Unsure) };
            if names.contains(api::concatenated(&tail_text, &suffix)?)? {
                let Ok(text) = suffix.to_str() else { return Ok(Answer::Unsure) };
                let file = [path, "/", tail, text].concat();
                if files::kind(py, &file).is_some_and(|kind| kind.is_file) {
                    let note = self.spec(name, &loader, &file, None)?;
                    let cached = self.cached(py, path, tail, &suffix);
                    // A listing that is read as the folder changes need not show every file (PITFALLS 34, 35).
                    let is_bare = files::is_settled(folder.modified)
                        && guards::shows_no_contract(&names, Guardable::Module { stem: tail });
                    return Ok(Answer::Found(Found::Stock { note, cached, is_bare }));
                }
            }
        }
        Ok(portion.map_or(Answer::Nothing, |folder| Answer::Portion(PyString::new(py, &folder))))
    }

    /// `FileFinder._get_spec` and `spec_from_file_location`, for a path from the root.
    fn spec<'py>(
        &self,
        name: &Bound<'py, PyString>,
        loader: &Bound<'py, PyAny>,
        file: &str,
        locations: Option<Bound<'py, PyList>>,
    ) -> PyResult<Note<'py>> {
        let py = name.py();
        let file = PyString::new(py, file).into_any();
        let loader = match &self.source_loader {
            Some(pattern) if pattern.is_of(loader) => pattern.make([name, &file])?,
            _ => loader.call1((name, &file))?,
        };
        let spec = self.spec.make([name, &loader])?;
        spec.setattr(intern!(py, "origin"), &file)?;
        spec.setattr(intern!(py, "_set_fileattr"), true)?;
        if let Some(locations) = locations {
            spec.setattr(intern!(py, "submodule_search_locations"), locations)?;
        }
        Ok(Note { spec, origin: Some(file), loader: Some(loader) })
    }

    fn cached(&self, py: Python<'_>, folder: &str, stem: &str, suffix: &Bound<'_, PyString>) -> Option<String> {
        self.bytecode.as_ref()?.place(py, folder, stem, suffix)
    }

    /// One of a `FileFinder`'s `_loaders`: a suffix and the class that loads such files, which makes a loader of
    /// its own kind.
    fn loader_detail<'py>(&self, detail: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyString>, Bound<'py, PyAny>)> {
        let pair = detail.cast_exact::<PyTuple>().ok().filter(|pair| pair.len() == 2)?;
        let class = pair.get_item(1).ok()?;
        let is_known = self.loaders.iter().any(|known| class.is(known));
        is_known.then_some((pair.get_item(0).ok()?.cast_into_exact().ok()?, class))
    }
}

/// What a `FileFinder` consists of, if it has nothing beside.
struct Fields<'py> {
    all: Bound<'py, PyDict>,
    path: Bound<'py, PyString>,
    loaders: Bound<'py, PyList>,
}

impl<'py> Fields<'py> {
    fn of(finder: &Bound<'py, PyAny>) -> Option<Self> {
        let py = finder.py();
        let all = finder.getattr(intern!(py, "__dict__")).ok()?.cast_into_exact::<PyDict>().ok()?;
        // A method may have been put in place of the class's.
        if all.len() != 5 || !all.contains(intern!(py, "_relaxed_path_cache")).ok()? {
            return None;
        }
        let path = all.get_item(intern!(py, "path")).ok()??.cast_into_exact().ok()?;
        let loaders = all.get_item(intern!(py, "_loaders")).ok()??.cast_into_exact().ok()?;
        Some(Self { all, path, loaders })
    }

    /// The folder's listing, read anew if it has changed since.
    fn names(&self, finder: &Bound<'py, PyAny>, modified: f64) -> PyResult<Option<Bound<'py, PySet>>> {
        let py = finder.py();
        let Some(read_at) = self.all.get_item(intern!(py, "_path_mtime"))? else { return Ok(None) };
        // A finder that has not read anything has the int -1 there.
        #[allow(clippy::float_cmp, reason = "as Python compares")]
        let is_fresh = read_at.extract::<f64>().is_ok_and(|read_at| read_at == modified);
        if !is_fresh {
            finder.call_method0(intern!(py, "_fill_cache"))?;
            finder.setattr(intern!(py, "_path_mtime"), modified)?;
        }
        let names = self.all.get_item(intern!(py, "_path_cache"))?;
        Ok(names.and_then(|names| names.cast_into_exact().ok()))
    }
}
