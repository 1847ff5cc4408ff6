//! The files of a tree: which are sources, which folders have contracts, and what was left out.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf, is_separator};
use std::sync::Arc;

use super::ignore::{self, Level};
use super::listing::{Kind, Listings};
use super::survey::{Reason, Skipped};
use super::{Refusal, Watch};

/// Folders that hold no sources of the tree.
const NO_SOURCES: [&str; 2] = ["__pycache__", "node_modules"];
/// What marks the top of a virtual environment.
const ENVIRONMENT: &str = "pyvenv.cfg";

/// As much of a first line as is looked at, in bytes.
const LINE: u64 = 256;

/// What was found below the roots.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Sources.
    pub files: Vec<File>,
    /// Folders that have contracts, each with its root.
    pub guarded: Vec<(PathBuf, usize)>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// A source.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Its path, absolute.
    pub path: PathBuf,
    /// Which root it was found below.
    pub root: usize,
}

/// A folder or a file that was named.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// As it was named.
    pub named: PathBuf,
    /// Where it is, after links.
    pub real: PathBuf,
    /// The farthest folder that its modules are imported from: the working folder, if it is below that.
    pub top: PathBuf,
}

impl Root {
    /// Finds what was named.
    pub fn find(named: &Path) -> Result<Self, Refusal> {
        let refuse = |error: &dyn std::fmt::Display| Refusal(format!("can't read {}: {error}", named.display()));
        let real = fs::canonicalize(named).map_err(|error| refuse(&error))?;
        if real.to_str().is_none() || named.to_str().is_none() {
            return Err(refuse(&"its path is not Unicode"));
        }
        if real.is_dir() {
            fs::read_dir(&real).map_err(|error| refuse(&error))?;
        } else if !real.is_file() {
            return Err(refuse(&"it is neither a folder nor a regular file"));
        } else if !is_python(named).map_err(|error| refuse(&error))? {
            let named = named.display();
            return Err(Refusal(format!(
                "{named} is no Python source: its name does not end in .py, nor does its first line call Python"
            )));
        }
        let folder = if real.is_dir() { &real } else { real.parent().unwrap_or(&real) };
        let here = std::env::current_dir().and_then(fs::canonicalize).ok();
        let top = here.filter(|here| folder.starts_with(here)).unwrap_or_else(|| folder.to_owned());
        Ok(Self { named: named.to_owned(), real, top })
    }

    /// `path` as a user would name it, who named the root so.
    pub fn show(&self, path: &Path) -> String {
        let shown = match path.strip_prefix(&self.real) {
            Ok(rest) if rest.as_os_str().is_empty() => self.named.clone(),
            Ok(rest) if self.named == Path::new(".") => rest.to_owned(),
            Ok(rest) => self.named.join(rest),
            Err(_) => path.to_owned(),
        };
        shown.to_string_lossy().into_owned()
    }
}

/// The folders of `sys.path` that are there.
pub(super) fn installed(path: &[PathBuf]) -> Vec<PathBuf> {
    let real = |entry: &PathBuf| {
        let entry = if entry.as_os_str().is_empty() { Path::new(".") } else { entry };
        fs::canonicalize(entry).ok().filter(|real| real.is_dir() && real.to_str().is_some())
    };
    path.iter().filter_map(real).collect()
}

/// Archives on `sys.path`, whose modules can't be seen from outside.
pub(super) fn archives(path: &[PathBuf]) -> Vec<Skipped> {
    let skipped = |entry: &PathBuf| Skipped {
        path: entry.to_string_lossy().into_owned(),
        line: None,
        reason: Reason::Dynamic,
        detail: "it is an archive on `sys.path`: its modules and their contracts are not looked at".to_owned(),
    };
    path.iter().filter(|entry| entry.is_file()).map(skipped).collect()
}

/// Walks through all `roots`.
pub(super) fn walk(
    roots: &[Root],
    listings: &Listings<'_>,
    ignore_files: bool,
    watch: &mut Watch<'_>,
) -> Result<Walked, Refusal> {
    let mut walk = Walk { roots, listings, ignore_files, seen: HashSet::new(), out: Walked::default() };
    for (index, root) in roots.iter().enumerate() {
        if root.real.is_dir() {
            let above = if ignore_files { above(&root.real) } else { None };
            walk.folder(&root.real, index, above, watch)?;
        } else {
            walk.out.files.push(File { path: root.real.clone(), root: index });
        }
    }
    let mut out = walk.out;
    // Roots may overlap, and one root may be named twice. By bytes: any order that keeps a folder's files together will do.
    out.files.sort_unstable_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()).then(a.root.cmp(&b.root)));
    out.files.dedup_by(|b, a| a.path.as_os_str() == b.path.as_os_str());
    Ok(out)
}

struct Walk<'w> {
    roots: &'w [Root],
    listings: &'w Listings<'w>,
    ignore_files: bool,
    /// Folders by their real path.
    seen: HashSet<PathBuf>,
    out: Walked,
}

impl Walk<'_> {
    fn skip(&mut self, path: &Path, root: usize, reason: Reason, detail: impl Into<String>) {
        let path = self.roots[root].show(path);
        self.out.skipped.push(Skipped { path, line: None, reason, detail: detail.into() });
    }

    fn folder(
        &mut self,
        top: &Path,
        root: usize,
        above: Option<Arc<Level>>,
        watch: &mut Watch<'_>,
    ) -> Result<(), Refusal> {
        // Trees can be deeper than a stack.
        let mut waiting = vec![(top.to_owned(), above)];
        while let Some((folder, above)) = waiting.pop() {
            watch.look(0, 0)?;
            let is_top = folder == top;
            if !self.seen.insert(folder.clone()) {
                continue;
            }
            let mut entries = Vec::new();
            let listing = self.listings.visit(&folder, |name, kind, path| {
                entries.push((name.to_owned(), kind, path.to_owned()));
            });
            if let Some(error) = &listing.unreadable {
                self.skip(&folder, root, Reason::Unreadable, format!("its files can't be listed: {error}"));
            }
            if !is_top && entries.iter().any(|(name, ..)| name == ENVIRONMENT) {
                continue;
            }
            if !listing.contracts.is_empty() {
                self.out.guarded.push((folder.clone(), root));
            }
            let has_rules = entries.iter().any(|(name, ..)| ignore::FILE_NAMES.contains(&name.as_str()));
            let level = if self.ignore_files && has_rules { level(above, &folder) } else { above };
            entries.sort_unstable();
            for (name, kind, path) in entries {
                let (is_folder, path) = match kind {
                    Kind::Folder => (true, path),
                    Kind::File => (false, path),
                    Kind::Link => match self.follow(&path, &name, root) {
                        Some(target) => target,
                        None => continue,
                    },
                    Kind::Unnameable => {
                        if is_source(&name) || path.is_dir() {
                            self.skip(&path, root, Reason::Unreadable, "its name is not Unicode");
                        }
                        continue;
                    }
                    Kind::Other => {
                        if is_source(&name) {
                            self.skip(&path, root, Reason::Unreadable, "it is not a regular file");
                        }
                        continue;
                    }
                };
                let is_wanted = if is_folder {
                    !name.starts_with('.') && !NO_SOURCES.contains(&name.as_str())
                } else {
                    is_source(&name)
                };
                if !is_wanted || excluded(level.as_ref(), &folder.join(&name), is_folder) {
                    continue;
                }
                if is_folder {
                    waiting.push((path, level.clone()));
                } else {
                    self.out.files.push(File { path, root });
                }
            }
        }
        Ok(())
    }

    /// Where a symbolic link leads, if that is to be looked at.
    fn follow(&mut self, link: &Path, name: &str, root: usize) -> Option<(bool, PathBuf)> {
        let target = match fs::canonicalize(link) {
            Ok(target) => target,
            // Links to nothing are no sources; a circle of links is worth a word.
            Err(error) => {
                if is_source(name) || error.kind() != io::ErrorKind::NotFound {
                    self.skip(link, root, Reason::Unreadable, format!("its link leads nowhere: {error}"));
                }
                return None;
            }
        };
        if target.is_dir() {
            if link.starts_with(&target) || self.roots[root].real.starts_with(&target) {
                self.skip(link, root, Reason::Cycle, "it is a link to a folder that it is in");
                return None;
            }
            // What is in the tree is checked where it is.
            let inside = self.roots.iter().any(|root| target.starts_with(&root.real));
            return (!inside && target.to_str().is_some()).then_some((true, target));
        }
        // A file keeps the name it is imported by.
        target.is_file().then(|| (false, link.to_owned()))
    }
}

fn is_source(name: &str) -> bool {
    name.strip_suffix("w").unwrap_or(name).strip_suffix(".py").is_some_and(|stem| !stem.is_empty())
}

/// Whether a file that was named may be Python's: by its name, or, as a script's name may end in anything, by its first
/// line.
fn is_python(path: &Path) -> io::Result<bool> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if is_source(name) || path.extension().is_none() {
        return Ok(true);
    }
    let mut start = Vec::new();
    fs::File::open(path)?.take(LINE).read_to_end(&mut start)?;
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(line.starts_with(b"#!") && String::from_utf8_lossy(line).contains("python"))
}

fn excluded(level: Option<&Arc<Level>>, path: &Path, is_folder: bool) -> bool {
    level.is_some_and(|level| path.to_str().is_some_and(|path| level.excludes(path, is_folder)))
}

/// The ignore files of `folder`, on top of those above it.
fn level(above: Option<Arc<Level>>, folder: &Path) -> Option<Arc<Level>> {
    // The less important first: the last rule that matches decides.
    let texts: Vec<String> = ignore::FILE_NAMES
        .iter()
        .rev()
        .filter_map(|name| fs::read(folder.join(name)).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    let base = folder.to_str().map_or(0, |folder| folder.trim_end_matches(is_separator).len() + 1);
    Level::below(above, base, &texts)
}

/// The ignore files above `folder`, up to the top of its repository.
fn above(folder: &Path) -> Option<Arc<Level>> {
    let top = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    let mut folders: Vec<&Path> = folder.ancestors().skip(1).take_while(|above| above.starts_with(top)).collect();
    folders.reverse();
    folders.into_iter().fold(None, level)
}
