//! Files and whole trees, checked without running anything (DESIGN 11).
//!
//! Nothing here decides what fits: contracts are chosen by `contract::discovery`, read by
//! `contract::loader`, compared by `compare`. What is here finds out who would meet whom.

pub mod baseline;
mod contracts;
mod distributions;
mod editable;
mod file;
pub mod identity;
mod ignore;
mod judge;
mod listing;
mod modules;
pub mod paths;
mod reach;
mod sources;
pub mod survey;
#[cfg(test)]
mod tests;
mod tree;
mod walk;
mod who;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::observed::platform::Platform;
use crate::observed::world::Environment;

use survey::Survey;

/// What a check needs to know of the interpreter and the machine that the code is meant for.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Where the code is to run.
    pub platform: &'a Platform,
    /// `sys.path`: where installed modules are. The empty path is the working folder.
    pub path: &'a [PathBuf],
    /// Tells an environment variable. Asked on several threads.
    pub environment: &'a (dyn Fn(&str) -> Environment + Sync),
}

/// How to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// Leave `deployments` out: only what the importer itself declares is compared.
    pub structure_only: bool,
    /// How many threads; none: as many as there are processors.
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Leave out what `.gitignore` and `.ignore` files name.
    pub ignore_files: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { structure_only: false, jobs: None, ignore_files: true }
    }
}

/// What named files are compared with.
#[derive(Clone, Copy, Debug)]
pub enum Against<'a> {
    /// This contract, in full: naming it by hand overrides boundaries and `trusted_importers`.
    Contract(&'a Path),
    /// The contract in the working folder if there is one, else as [`Against::Imports`].
    WorkingFolder,
    /// The contracts of the guarded modules that each file imports.
    Imports,
}

/// Why nothing could be checked: one message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// How far a check of trees is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'p> {
    /// Files that are done.
    pub done: usize,
    /// Files that there are; 0 as long as they are looked for.
    pub total: usize,
    stop: &'p AtomicBool,
}

impl Progress<'_> {
    /// Ends the check, which is then refused.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Tells how far a check is, and hears whether it is to end.
struct Watch<'w> {
    progress: &'w mut dyn FnMut(Progress<'_>),
    stop: AtomicBool,
    told: Instant,
}

impl<'w> Watch<'w> {
    /// How often progress is told.
    const TICK: Duration = Duration::from_millis(50);

    fn new(progress: &'w mut dyn FnMut(Progress<'_>)) -> Self {
        Self { progress, stop: AtomicBool::new(false), told: Instant::now() }
    }

    /// Tells it if it is time to; refuses to go on once it is stopped.
    fn look(&mut self, done: usize, total: usize) -> Result<(), Refusal> {
        if self.told.elapsed() >= Self::TICK {
            (self.progress)(Progress { done, total, stop: &self.stop });
            self.told = Instant::now();
        }
        self.go_on()
    }

    fn go_on(&self) -> Result<(), Refusal> {
        if self.stop.load(Ordering::Relaxed) { Err(Refusal("the check was stopped".to_owned())) } else { Ok(()) }
    }
}

/// Checks `files`, each as if it were the importer.
///
/// `progress` is called on this thread a few times a second.
///
/// # Errors
///
/// A file is no Python source, can't be read, or does not parse and so does not tell what it imports; a contract that
/// was named is not there; there is no contract at all; or [`Progress::stop`] was called. A contract that can't be used
/// is no error but in the result.
pub fn files(
    files: &[PathBuf],
    against: Against<'_>,
    around: &Around<'_>,
    options: &Options,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Survey, Refusal> {
    let mut watch = Watch::new(progress);
    let contract = match against {
        Against::Contract(path) => Some(path.to_owned()),
        Against::WorkingFolder => file::of_working_folder()?,
        Against::Imports => None,
    };
    match contract {
        Some(path) => file::check(files, &path, around, options, &mut watch),
        None => file::check_imports(files, matches!(against, Against::WorkingFolder), around, options, &mut watch),
    }
}

/// Checks every importer below `roots` against every contract that it meets.
///
/// `progress` is called on this thread a few times a second.
///
/// # Errors
///
/// A root is no folder or file that can be read, or [`Progress::stop`] was called.
pub fn trees(
    roots: &[PathBuf],
    around: &Around<'_>,
    options: &Options,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Survey, Refusal> {
    tree::check(roots, around, options, &mut Watch::new(progress))
}
