//! The source of modules: where from, whether it is really theirs, and what it declares.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use importspy_hook::bounded::Bounded;
use importspy_hook::observed::decode::{self, Decoded};
use importspy_hook::observed::extract::{About, extract};
use importspy_hook::observed::lines::LineStarts;
use importspy_hook::observed::model::Module;
use importspy_hook::observed::platform::Platform;

use super::files::{self, Stamp};
use super::importer::Importer;
use super::notes::Notes;
use super::once::intern;
use super::python;

/// The largest source that is parsed, in bytes (DESIGN: bad input).
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// Parsed sources that are kept.
const KEPT: usize = 1024;

/// A source that could be read.
#[derive(Clone)]
pub struct Source {
    /// Its path or pseudo path.
    pub path: String,
    /// The decoded text.
    pub text: Arc<str>,
    /// What it declares, or why that can't be told, as a clause ("its source does not parse: …").
    pub module: Result<Arc<Module>, String>,
    /// Where its lines start.
    pub lines: LineStarts,
    /// The state of the file that it was read from, if it was.
    stamp: Option<Stamp>,
}

/// What is known of an importer's source.
pub enum Known {
    /// It has none.
    None,
    /// It has one that can't be used, and why.
    Unusable(String),
    /// It has one.
    Read(Source),
}

type Key = (String, Option<String>, Option<String>);
type Parsed = Result<Arc<Module>, String>;

/// A code object, kept alive, and the state of its file.
type Verified = Arc<(Py<PyAny>, Stamp)>;

#[derive(Clone)]
struct Kept {
    /// Of its bytes.
    digest: u64,
    /// Whether an equal stamp proves equal bytes.
    is_settled: bool,
    source: Source,
}

/// Reads and parses sources; remembers what files declare.
pub struct Sources {
    stock_loader: Py<PyAny>,
    stock_get_source: Py<PyAny>,
    stock_get_data: Py<PyAny>,
    compile: Py<PyAny>,
    /// When the hook came.
    since: SystemTime,
    parsed: Bounded<Key, Kept>,
    hasher: RandomState,
    /// Code objects, by address, that compiling this state of their file has given.
    verified: Bounded<usize, Verified>,
}

impl Sources {
    /// Looks up the interpreter's own source loader.
    pub fn new(modules: &Bound<'_, PyDict>, builtins: &Bound<'_, PyAny>) -> PyResult<Self> {
        let external = modules.as_any().get_item("_frozen_importlib_external")?;
        let loader = external.getattr("SourceFileLoader")?;
        Ok(Self {
            stock_get_source: loader.getattr("get_source")?.unbind(),
            stock_get_data: loader.getattr("get_data")?.unbind(),
            stock_loader: loader.unbind(),
            compile: builtins.getattr("compile")?.unbind(),
            since: SystemTime::now(),
            parsed: Bounded::new(KEPT),
            hasher: RandomState::new(),
            verified: Bounded::new(KEPT),
        })
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.parsed.clear();
        self.verified.clear();
    }

    /// The importer's source: its loader's, else its file's, else what `linecache` was told.
    ///
    /// The loader is the one that the module was found with, not one that it names now. Any other
    /// text is believed only if compiling it gives the very code that runs; of the program itself
    /// (`__main__`, where a prompt or a notebook registers its cells), what it names is believed.
    pub fn of_importer(&self, importer: &Importer<'_>, notes: &Notes, platform: &Platform) -> Known {
        let Some(code) = &importer.code else { return self.of_loaded(importer, notes, platform) };
        let py = code.py();
        let about = Names { module: importer.dunder_name(), package: importer.package(py) };
        let (path, pseudo) = (importer.code_file.as_str(), importer.is_pseudo());
        let (loader, origin) = match &importer.name {
            Some(_) if importer.is_main() => (importer.loader(), importer.file.clone()),
            Some(name) => (notes.loader(py, name), notes.origin(py, name)),
            None => (None, None),
        };
        // A cell of a notebook, or what a prompt has read, is told before the program's own file. Jupyter gives
        // its cells the names of files that it does not write.
        if importer.is_main()
            && (pseudo || !files::exists(path))
            && let Some(text) = linecache(py, path)
        {
            return Known::Read(Self::parse(py, path, Text::Str(text), &about, platform));
        }
        let is_its_file = pseudo || origin.as_deref().is_some_and(|origin| files::same(origin, path));
        if let Some(loader) = loader.filter(|_| is_its_file) {
            let name = importer.import_name().unwrap_or("__main__");
            let file = if pseudo { origin.as_deref() } else { Some(path) };
            match self.of_loader(&loader, name, file, &about, platform) {
                Known::None => {}
                Known::Read(source) if !pseudo && self.is_stale(importer, &loader, path, source.stamp) => {
                    return Known::Unusable(format!("{path} has changed since the code that runs was compiled"));
                }
                known => return known,
            }
        }
        if !pseudo {
            match self.of_file(py, path, &about, platform) {
                Known::None => {}
                Known::Read(_) if !self.is_rewritten(importer, path) && !self.compiled_from(code, path) => {
                    return Known::Unusable(format!("the code that runs was not compiled from {path}"));
                }
                known => return known,
            }
        }
        match linecache(py, path) {
            Some(text) if self.compiles_to(PyString::new(py, &text).as_any(), path, code) => {
                Known::Read(Self::parse(py, path, Text::Str(text), &about, platform))
            }
            _ => Known::None,
        }
    }

    /// The source of a module none of whose code runs here: one that was named, or an extension module.
    fn of_loaded(&self, importer: &Importer<'_>, notes: &Notes, platform: &Platform) -> Known {
        let Some(module) = &importer.module else { return Known::None };
        let py = module.py();
        let found_by = importer.name.as_deref().filter(|_| !importer.is_main()).and_then(|name| notes.spec(py, name));
        match (found_by.or_else(|| python::spec(module)), &importer.file) {
            (Some(spec), _) => self.of_spec(&spec, platform),
            // The program itself.
            (None, Some(file)) => {
                let about = Names { module: importer.dunder_name(), package: importer.package(py) };
                self.of_file(py, file, &about, platform)
            }
            (None, None) => Known::None,
        }
    }

    /// The source of another module, found without importing it.
    pub fn of_spec(&self, spec: &Bound<'_, PyAny>, platform: &Platform) -> Known {
        let py = spec.py();
        let Some(name) = python::text(spec, intern!(py, "name")) else { return Known::None };
        let Some(loader) = python::attribute(spec, intern!(py, "loader")) else { return Known::None };
        let origin = python::text(spec, intern!(py, "origin"));
        let package = python::text(spec, intern!(py, "parent"));
        let about = Names { module: Some(name.clone()), package };
        self.of_loader(&loader, &name, origin.as_deref(), &about, platform)
    }

    fn of_loader(
        &self,
        loader: &Bound<'_, PyAny>,
        name: &str,
        origin: Option<&str>,
        about: &Names,
        platform: &Platform,
    ) -> Known {
        let py = loader.py();
        if self.is_stock(loader) {
            let path = python::text(loader, intern!(py, "path"));
            // A module can name another file to its loader.
            return match origin.or(path.as_deref()) {
                Some(path) => self.of_file(py, path, about, platform),
                None => Known::None,
            };
        }
        // The loaders of built-in and frozen modules are classes; `-c` and the prompt name one, too.
        if loader.is_instance_of::<PyType>() {
            return Known::None;
        }
        let Some(get_source) = python::attribute(loader, intern!(py, "get_source")) else { return Known::None };
        match get_source.call1((name,)) {
            Ok(text) => match python::string(&text) {
                Some(text) => {
                    let path = origin.unwrap_or(name);
                    Known::Read(Self::parse(py, path, Text::Str(text), about, platform))
                }
                None => Known::None,
            },
            Err(error) => Known::Unusable(format!("its loader can't give its source: {error}")),
        }
    }

    /// Whether the file has changed since the hook is there, and no longer gives the code that runs.
    ///
    /// `read` is its state when it was read.
    fn is_stale(&self, importer: &Importer<'_>, loader: &Bound<'_, PyAny>, path: &str, read: Option<Stamp>) -> bool {
        let is_young = || read.or_else(|| Stamp::of(path)).is_some_and(|stamp| stamp.is_after(self.since));
        self.is_stock(loader)
            && is_young()
            && !self.is_rewritten(importer, path)
            && importer.code.as_ref().is_some_and(|code| !self.compiled_from(code, path))
    }

    /// Whether a loader that compiles files in its own way has loaded the importer from `path`, so that
    /// the code can't be compared: pytest's assertion rewriter, typeguard.
    pub fn is_rewritten(&self, importer: &Importer<'_>, path: &str) -> bool {
        let py = importer.globals.py();
        let Some(spec) = importer.module.as_ref().and_then(python::spec) else { return false };
        let Some(loader) = python::attribute(&spec, intern!(py, "loader")) else { return false };
        let executes = python::attribute(&loader, intern!(py, "exec_module")).is_some();
        let own_way = python::attribute(&loader, intern!(py, "get_source")).is_none()
            || (self.is_stock(&loader) && !loader.get_type().is(&self.stock_loader));
        let from_path = python::text(&spec, intern!(py, "origin")).is_some_and(|origin| files::same(&origin, path));
        executes && own_way && from_path
    }

    /// Whether the loader reads its source from `path` as the interpreter's own does.
    fn is_stock(&self, loader: &Bound<'_, PyAny>) -> bool {
        let py = loader.py();
        let kind = loader.get_type();
        kind.is(&self.stock_loader)
            || [(intern!(py, "get_source"), &self.stock_get_source), (intern!(py, "get_data"), &self.stock_get_data)]
                .into_iter()
                .all(|(name, stock)| kind.getattr(name).is_ok_and(|method| method.is(stock)))
    }

    fn of_file(&self, py: Python<'_>, path: &str, about: &Names, platform: &Platform) -> Known {
        let Some(stamp) = Stamp::of(path) else { return Known::None };
        if !stamp.is_file || !may_be_source(path) {
            return Known::None;
        }
        if stamp.size > LARGEST {
            return Known::Unusable(format!("its source is over {} MiB", LARGEST >> 20));
        }
        let key = (path.to_owned(), about.module.clone(), about.package.clone());
        let kept = self.parsed.get(&key);
        if let Some(kept) = &kept
            && kept.is_settled
            && kept.source.stamp == Some(stamp)
        {
            return Known::Read(kept.source.clone());
        }
        // Asked before it is read: a young file may change afterwards without a new stamp.
        let is_settled = stamp.settled();
        let bytes = match read(path, stamp.size) {
            Ok(bytes) => bytes,
            Err(reason) => return Known::Unusable(reason),
        };
        let digest = self.hasher.hash_one(&bytes);
        let source = match kept {
            // A young file may have changed without a new stamp, but most have not.
            Some(kept) if kept.digest == digest => Source { stamp: Some(stamp), ..kept.source },
            _ => Source { stamp: Some(stamp), ..Self::parse(py, path, Text::Bytes(bytes), about, platform) },
        };
        self.parsed.put(key, Kept { digest, is_settled, source: source.clone() });
        Known::Read(source)
    }

    fn parse(py: Python<'_>, path: &str, text: Text, about: &Names, platform: &Platform) -> Source {
        let started = std::time::Instant::now();
        let text: Result<Arc<str>, String> = match text {
            Text::Str(text) if text.len() as u64 > LARGEST => Err(format!("its source is over {} MiB", LARGEST >> 20)),
            Text::Str(text) => Ok(text.into()),
            Text::Bytes(bytes) => decoded(py, &bytes),
        };
        let (text, module): (Arc<str>, Parsed) = match text {
            Ok(text) => {
                let about = About { platform, module: about.module.as_deref(), package: about.package.as_deref() };
                let module = extract(&text, &about)
                    .map(Arc::new)
                    .map_err(|problem| format!("its source does not parse: {}", problem.message));
                (text, module)
            }
            Err(reason) => ("".into(), Err(reason)),
        };
        tracing::debug!(
            target: "importspy_hook::extraction",
            path, bytes = text.len(), parsed = module.is_ok(), microseconds = files::microseconds(started),
            "source read"
        );
        Source { path: path.to_owned(), text, module, lines: LineStarts::default(), stamp: None }
    }

    /// Whether compiling the file `path` gives `code`, or a code object that contains it.
    pub fn compiled_from(&self, code: &Bound<'_, PyAny>, path: &str) -> bool {
        let py = code.py();
        let Some(stamp) = Stamp::of(path) else { return false };
        let address = code.as_ptr() as usize;
        if self.verified.get(&address).is_some_and(|found| found.1 == stamp) {
            return true;
        }
        // As above.
        let is_settled = stamp.settled();
        let Ok(bytes) = read(path, stamp.size) else { return false };
        let same = self.compiles_to(PyBytes::new(py, &bytes).as_any(), path, code);
        if same && is_settled {
            self.verified.put(address, Arc::new((code.clone().unbind(), stamp)));
        }
        same
    }

    /// Whether compiling `text` gives `code`, or a code object that contains it.
    fn compiles_to(&self, text: &Bound<'_, PyAny>, path: &str, code: &Bound<'_, PyAny>) -> bool {
        let py = text.py();
        let options = PyDict::new(py);
        if options.set_item("dont_inherit", true).is_err() {
            return false;
        }
        let compiled = self.compile.bind(py).call((text, path, "exec"), Some(&options));
        compiled.is_ok_and(|top| contains_code(&top, code, 0))
    }
}

/// The names that relative imports and `__name__` tests need.
struct Names {
    module: Option<String>,
    package: Option<String>,
}

enum Text {
    Bytes(Vec<u8>),
    Str(String),
}

fn contains_code(top: &Bound<'_, PyAny>, code: &Bound<'_, PyAny>, depth: usize) -> bool {
    let py = top.py();
    if top.eq(code).unwrap_or(false) {
        return true;
    }
    if depth > 50 {
        return false;
    }
    let Ok(constants) = top.getattr(intern!(py, "co_consts")) else { return false };
    let Ok(constants) = constants.cast_into::<PyTuple>() else { return false };
    constants
        .iter()
        .filter(|constant| constant.get_type().is(code.get_type()))
        .any(|inner| contains_code(&inner, code, depth + 1))
}

fn may_be_source(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    !["pyc", "so", "pyd"].iter().any(|compiled| extension.eq_ignore_ascii_case(compiled))
}

/// The bytes of a source file of about `size` bytes, never more than [`LARGEST`].
fn read(path: &str, size: u64) -> Result<Vec<u8>, String> {
    let clause = |error: std::io::Error| format!("its source can't be read: {error}");
    let mut bytes = Vec::new();
    bytes.reserve_exact(usize::try_from(size.min(LARGEST)).unwrap_or(0) + 1);
    File::open(path).map_err(clause)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(clause)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("its source is over {} MiB", LARGEST >> 20));
    }
    Ok(bytes)
}

fn decoded(py: Python<'_>, bytes: &[u8]) -> Result<Arc<str>, String> {
    match decode::decode(bytes) {
        Ok(Decoded::Text(text)) => Ok(text.as_ref().into()),
        Ok(Decoded::NeedsCodec { encoding }) => PyBytes::new(py, bytes)
            .call_method1(intern!(py, "decode"), (encoding.as_str(),))
            .ok()
            .and_then(|text| python::string(&text))
            .map(|text| text.trim_start_matches('\u{feff}').into())
            .ok_or_else(|| format!("its source is not valid {encoding}")),
        Err(problem) => Err(format!("its source can't be decoded: {}", problem.message)),
    }
}

/// A text that was registered in `linecache` (notebook cells); only if that module is loaded.
fn linecache(py: Python<'_>, path: &str) -> Option<String> {
    let cache = python::loaded(py, "linecache").ok()??.getattr(intern!(py, "cache")).ok()?;
    let entry = cache.cast::<PyDict>().ok()?.get_item(path).ok()??;
    let lines = entry.cast::<PyTuple>().ok()?.get_item(2).ok()?;
    let mut text = String::new();
    for line in lines.try_iter().ok()? {
        text.push_str(&python::string(&line.ok()?)?);
    }
    Some(text)
}
