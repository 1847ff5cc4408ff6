//! `init`: a contract that a module fits.

mod alone;
mod prune;

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::compare::Subject;
use crate::contract::write::{Options, draft};
use crate::observed::decode::{Decoded, MAX_SOURCE, decode};
use crate::observed::extract::{About, extract};
use crate::observed::model::Module;
use crate::observed::platform::Platform;
use crate::text::line_column;

use self::alone::Alone;
use super::disk::{self, Readers};
use super::world::World;
use super::{Exit, Failure, Outcome};

/// Write a contract that a module fits, as a starting point
///
/// Reads MODULE without running it, and asks for what its source shows beyond doubt. Comments in the contract say how to
/// loosen and to tighten it, and what was left out. Values that look like secrets are never written.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Arguments {
    /// The Python file of a module that should be let in, a plugin for example
    #[arg(value_name = "MODULE.py")]
    module: PathBuf,
    /// Where to write the contract; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "spymodel.yml")]
    output: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Ask for names with a leading underscore, too
    #[arg(long)]
    private: bool,
    /// Ask for types only, not for the values of constants and defaults
    #[arg(long)]
    no_values: bool,
    /// Do not ask for this machine and this Python
    #[arg(long)]
    no_environment: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let platform = world.interpreter.platform().map_err(Failure::Unusable)?;
    let module = arguments.module.as_path();
    let file =
        module.file_name().and_then(|name| name.to_str()).ok_or_else(|| refused(module, "its name is not text"))?;
    let to_file = arguments.output != Path::new("-");
    if to_file && !arguments.force && fs::symlink_metadata(&arguments.output).is_ok() {
        let output = arguments.output.display();
        return Err(Failure::Unusable(format!(
            "{output} is there already: --force writes over it, -o names another file"
        )));
    }
    if to_file && disk::is_same(&arguments.output, module) {
        let output = arguments.output.display();
        return Err(Failure::Unusable(format!("{output} is the module itself: -o names another file")));
    }
    let source = read(module)?;
    let readings = readings(module, &source, &platform)?;
    let options =
        Options { private: arguments.private, values: !arguments.no_values, environment: !arguments.no_environment };
    let draft = readings.first().map(|reading| draft(reading, &platform, options)).unwrap_or_default();
    let subject = |module| Subject { file: Some(file.to_owned()), module: Some(module), no_source: None };
    let subjects: Vec<Subject> = readings.into_iter().map(subject).collect();
    let text = prune::settled(draft, &subjects, file, &Alone { platform: &platform })
        .map_err(|why| Failure::Unusable(format!("can't write a contract for {}: {why}", module.display())))?;
    if !to_file {
        world.out.write_all(text.as_bytes())?;
        return Ok(Exit::Fits);
    }
    let output = arguments.output.as_path();
    disk::replace(output, text.as_bytes(), Readers::Usual).map_err(|error| disk::failed("write", output, &error))?;
    writeln!(world.out, "wrote {}, which {file} fits", arguments.output.display())?;
    Ok(Exit::Fits)
}

/// What the module declares as whatever it may run: as a module of no certain name, of the name that its folders give
/// it, and as a program. Relative imports and `__name__` tell these apart.
fn readings(path: &Path, source: &str, platform: &Platform) -> Result<Vec<Arc<Module>>, Failure> {
    let (name, package) = name_of(path);
    let ways = [(None, None), (Some(name.as_str()), Some(package.as_str())), (Some("__main__"), None)];
    let read = |(module, package)| {
        extract(source, &About { platform, module, package }).map(Arc::new).map_err(|error| {
            let place = error.offset.map(|offset| line_column(source, offset));
            let place = place.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
            refused(path, &format!("it does not parse: {place}{}", error.message))
        })
    };
    ways.into_iter().map(read).collect()
}

/// The module's name and its package, by the folders around it that have an `__init__.py`.
fn name_of(path: &Path) -> (String, String) {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let mut packages = Vec::new();
    let mut folder = path.parent();
    while let Some(here) = folder.filter(|here| here.join("__init__.py").is_file()) {
        packages.push(text(here.file_name()));
        folder = here.parent();
    }
    packages.reverse();
    let package = packages.join(".");
    match text(path.file_stem()) {
        stem if package.is_empty() => (stem, package),
        stem if stem == "__init__" => (package.clone(), package),
        stem => (format!("{package}.{stem}"), package),
    }
}

/// The text of a Python file.
fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::Unusable(format!("can't read {}: {error}", path.display()));
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        let package = path.join("__init__.py");
        let hint = if package.is_file() { format!("; did you mean {}?", package.display()) } else { String::new() };
        return Err(refused(path, &format!("it is a folder{hint}")));
    }
    if !metadata.is_file() {
        return Err(refused(path, "it is no regular file"));
    }
    if !path.extension().is_none_or(|extension| extension == "py" || extension == "pyw") {
        return Err(refused(path, "a Python file ends in .py"));
    }
    let mut bytes = Vec::new();
    // One byte more than may be there tells what is too large, whatever grows meanwhile.
    let limit = u64::try_from(MAX_SOURCE).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    match decode(&bytes) {
        Ok(Decoded::Text(text)) => Ok(text.into_owned()),
        Ok(Decoded::NeedsCodec { encoding }) => {
            Err(refused(path, &format!("it is written in {encoding}; save it as UTF-8 to have it read here")))
        }
        Err(error) => Err(refused(path, &format!("it can't be decoded: {}", error.message))),
    }
}

fn refused(path: &Path, why: &str) -> Failure {
    Failure::Unusable(format!("can't use {}: {why}", path.display()))
}
