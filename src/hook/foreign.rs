//! Modules under paths that are not UTF-8.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::PyString;

use importspy_hook::contract::discovery::{FOLDER_WIDE, Rank};
use importspy_hook::contract::problem::Problem;

use super::guards::{Guarding, Seen, split};
use super::once::intern;
use super::{files, python};

/// A path that text can't tell: not UTF-8 on the disk, or not what UTF-8 makes of the text.
pub fn path(path: &Bound<'_, PyAny>) -> Option<PathBuf> {
    let text = path.cast::<PyString>().ok()?;
    let read = text.to_str().ok();
    if read.is_some_and(str::is_ascii) {
        return None;
    }
    let path: PathBuf = text.extract().ok()?;
    (read.is_none() || path.to_str() != read).then_some(path)
}

/// Contracts are read, and boundaries drawn, by paths that are text. One beside a file of another kind must not count as
/// none: nobody is let in.
pub fn beside(module: &str, file: &Path, is_package: bool, loader: Option<&Bound<'_, PyAny>>) -> Option<Guarding> {
    let folder = file.parent()?;
    let mut stem = file.file_name()?;
    while let Some(shorter) = Path::new(stem).file_stem().filter(|shorter| *shorter != stem) {
        stem = shorter;
    }
    let sidecar = |end: &str| {
        let mut name = stem.to_owned();
        name.push(".");
        name.push(end);
        name
    };
    let sidecars = FOLDER_WIDE.iter().filter(|_| !is_package).map(|name| sidecar(name));
    let mut names = sidecars.chain(FOLDER_WIDE.iter().map(Into::into));
    let in_archive = |path: PathBuf| {
        let get_data = loader.and_then(|loader| python::attribute(loader, intern!(loader.py(), "get_data")));
        get_data.is_some_and(|get_data| get_data.call1((path.into_os_string(),)).is_ok())
    };
    let found = names.find(|name| files::exists(folder.join(name)) || in_archive(folder.join(name)))?;
    let shown = folder.join(found).to_string_lossy().into_owned();
    Some(Guarding {
        place: Err(Problem {
            message: format!("`{shown}` is the contract of `{module}`, but that path is not UTF-8"),
            span: None,
            path: None,
            help: Some("move the package to a folder whose path is UTF-8".to_owned()),
        }),
        folder: split(&shown).0.to_owned(),
        package: None,
        rank: Rank::Sidecar,
        relative: module.to_owned(),
        seen: Seen::Unsettled,
    })
}
