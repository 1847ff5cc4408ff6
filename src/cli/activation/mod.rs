//! What makes every process of an environment start with the hook.
//!
//! In a site-packages folder: a `.pth` file (PITFALLS 24: it runs under `-I`, `-E`, `-s` and `-P`, and no other
//! `sitecustomize` can stand in its way), a `.start` file for Python 3.15, which ignores the former
//! then (PEP 829), and the module that both call. In any other folder, which works through
//! `PYTHONPATH`: a marked block in its `sitecustomize.py`, and the module.

pub mod block;
pub mod mark;

use std::io;
use std::path::{Path, PathBuf};

use super::disk::{self, Readers};
use super::world::Environment;
use super::{Failure, Mode};
use mark::Mark;

/// The name of all files of ours. It sorts behind `importspy_hook.pth`, which editable
/// installations write and which may be what makes the package importable.
const STEM: &str = "importspy_hook_activation";

const MODULE: &str = include_str!("../../../importspy_hook/_site/importspy_hook_activation.py");

/// Writes an activation file. What others can't read would govern nobody but the administrator, whatever the umask.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    disk::replace(path, bytes, Readers::Everybody).map_err(|error| failed("write", path, &error))
}

/// One sentence for what the file system refused, with a way out.
pub fn failed(action: &str, path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; run it as the owner of that folder, or choose another one with --user or --target"
        }
        _ => "",
    };
    Failure::Unusable(format!("can't {action} {}: {error}{advice}", path.display()))
}

/// How a folder comes to be looked at as Python starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its `.pth` files run.
    Site,
    /// It is on `PYTHONPATH`.
    Path,
}

/// A folder that activation files are in, or go into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// How it is looked at.
    pub kind: Kind,
}

/// One activation file as it is on disk.
#[derive(Debug)]
pub struct Present {
    /// Its path.
    pub path: PathBuf,
    /// Whose it is.
    pub mark: Mark,
    bytes: Vec<u8>,
}

impl Place {
    /// The place that `--user` and `--target` name; without them, this environment's own folder.
    pub fn chosen(target: Option<&Path>, user: bool, environment: &Environment) -> Result<Self, Failure> {
        if let Some(folder) = target {
            let folder = std::path::absolute(folder)
                .map_err(|error| Failure::Unusable(format!("{}: {error}", folder.display())))?;
            return Ok(Self::of(folder, environment));
        }
        if user {
            if !environment.user_site_enabled {
                return Err(Failure::Unusable(
                    "this Python does not look at the user's site-packages (a virtual environment, -s or -I): \
                     leave --user out"
                        .to_owned(),
                ));
            }
            let folder = environment.user_site.clone();
            return folder
                .map(|folder| Self { folder, kind: Kind::Site })
                .ok_or_else(|| Failure::Unusable("this Python has no site-packages folder for users".to_owned()));
        }
        // On Windows, the installation's own folder comes first.
        let named = || environment.site_folders.iter().filter(|folder| is_named_for_packages(folder));
        let folder = named().find(|folder| folder.is_dir()).or_else(|| named().next());
        match folder.or(environment.site_folders.first()) {
            Some(folder) => Ok(Self { folder: folder.clone(), kind: Kind::Site }),
            None => Err(Failure::Unusable(
                "this Python has no site-packages folder; name a folder with --target".to_owned(),
            )),
        }
    }

    fn of(folder: PathBuf, environment: &Environment) -> Self {
        let known = environment.site_folders.iter().chain(&environment.user_site).any(|site| *site == folder);
        // Of another environment, perhaps one that is being put together.
        let site = known || is_named_for_packages(&folder);
        Self { folder, kind: if site { Kind::Site } else { Kind::Path } }
    }

    /// Every place that this interpreter looks at as it starts and that has files of ours.
    pub fn all(environment: &Environment) -> Vec<Self> {
        let sites = environment.site_folders.iter().chain(&environment.user_site).cloned();
        let mut places: Vec<Self> = sites.map(|folder| Self { folder, kind: Kind::Site }).collect();
        for folder in &environment.path {
            if !places.iter().any(|place| place.folder == *folder) {
                places.push(Self { folder: folder.clone(), kind: Kind::Path });
            }
        }
        let mut seen: Vec<PathBuf> = Vec::new();
        places.retain(|place| {
            let new = !seen.contains(&place.folder);
            seen.push(place.folder.clone());
            new && !place.present().is_empty()
        });
        places
    }

    /// The files as they are, in the order in which they may be removed: a process that starts
    /// meanwhile never meets a call of a module that is gone.
    pub fn present(&self) -> Vec<Present> {
        let look = |path: PathBuf| {
            let bytes = std::fs::read(&path).ok()?;
            let mark = match self.kind {
                Kind::Path if path == self.sitecustomize() => block::mark(&bytes),
                _ => mark::of_file(&bytes),
            };
            (mark != Mark::Foreign || path != self.sitecustomize()).then_some(Present { path, mark, bytes })
        };
        self.paths().into_iter().filter_map(look).collect()
    }

    /// Whether anything there is ours.
    pub fn is_used(&self) -> bool {
        self.present().iter().any(|file| file.mark != Mark::Foreign)
    }

    /// The mode, if everything is there, unchanged, and of one mind.
    pub fn mode(&self) -> Option<Mode> {
        let present = self.present();
        if present.len() != self.paths().len() {
            return None;
        }
        let mut agreed = None;
        for file in &present {
            match (file.mark, agreed) {
                (Mark::Edited | Mark::Foreign, _) => return None,
                (Mark::Intact(Some(mode)), Some(other)) if mode != other => return None,
                (Mark::Intact(Some(mode)), _) => agreed = Some(mode),
                (Mark::Intact(None), _) => {}
            }
        }
        agreed
    }

    /// What `enable` writes, in the order in which it may be written.
    pub fn wanted(&self, mode: Mode, environment: &Environment) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
        let call = match self.kind {
            Kind::Site => format!("import {STEM}; {STEM}.{}()", mode.as_str()),
            Kind::Path => format!("__import__(\"{STEM}\").{}()", mode.as_str()),
        };
        // A file that was not there hides the next one on the path, which must still run.
        let call_of_made = format!("__import__(\"{STEM}\").{}(__file__)", mode.as_str());
        let mut files = vec![(self.file("py"), mark::file(&module(&self.folder, &environment.package)))];
        match self.kind {
            Kind::Site => {
                files.push((self.file("start"), mark::file(&format!("{STEM}:{}\n", mode.as_str()))));
                files.push((self.file("pth"), mark::file(&format!("{call}\n"))));
            }
            Kind::Path => {
                let path = self.sitecustomize();
                let before = match std::fs::read(&path) {
                    Ok(bytes) => match block::without(&bytes) {
                        Some(rest) if rest.is_empty() && block::made_the_file(&bytes) => None,
                        Some(rest) => Some(rest),
                        None => Some(bytes),
                    },
                    Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                    Err(error) => return Err(failed("read", &path, &error)),
                };
                let call = if before.is_none() { &call_of_made } else { &call };
                let merged = block::with(before.as_deref(), call)
                    .map_err(|reason| Failure::Unusable(format!("{} stays as it is: {reason}", path.display())))?;
                files.push((path, merged));
            }
        }
        Ok(files)
    }

    fn paths(&self) -> Vec<PathBuf> {
        match self.kind {
            Kind::Site => vec![self.file("pth"), self.file("start"), self.file("py")],
            Kind::Path => vec![self.sitecustomize(), self.file("py")],
        }
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{STEM}.{extension}"))
    }

    fn sitecustomize(&self) -> PathBuf {
        self.folder.join("sitecustomize.py")
    }
}

impl Present {
    /// Takes it away; from a `sitecustomize.py` only what is ours. Returns what was done.
    pub fn remove(&self) -> Result<String, Failure> {
        if self.path.file_name().is_some_and(|name| name == "sitecustomize.py") {
            let rest = block::without(&self.bytes).unwrap_or_else(|| self.bytes.clone());
            if !(rest.is_empty() && block::made_the_file(&self.bytes)) {
                write(&self.path, &rest)?;
                return Ok(format!("removed our lines from {}", self.path.display()));
            }
        }
        std::fs::remove_file(&self.path).map_err(|error| failed("remove", &self.path, &error))?;
        self.remove_compiled();
        Ok(format!("removed {}", self.path.display()))
    }

    /// What Python made of a module that is gone serves nobody; that it stays would do no harm.
    fn remove_compiled(&self) {
        let (Some(folder), Some(stem)) = (self.path.parent(), self.path.file_stem()) else { return };
        if self.path.extension().is_none_or(|extension| extension != "py") {
            return;
        }
        let cache = folder.join("__pycache__");
        let prefix = format!("{}.", stem.to_string_lossy());
        for entry in std::fs::read_dir(&cache).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        let _ = std::fs::remove_dir(&cache);
    }
}

fn is_named_for_packages(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "site-packages" || name == "dist-packages")
}

/// The module for `folder`: it must find the package before Python has put all of `sys.path` together.
fn module(folder: &Path, package: &Path) -> String {
    match package.parent() {
        // A JSON string is a Python string: text without surrogates is escaped alike.
        Some(home) if home != folder => match home.to_str().and_then(|home| serde_json::to_string(home).ok()) {
            Some(home) => MODULE.replacen("HOME = \"\"", &format!("HOME = {home}"), 1),
            None => MODULE.to_owned(),
        },
        _ => MODULE.to_owned(),
    }
}
