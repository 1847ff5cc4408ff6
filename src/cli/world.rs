//! What commands know of the world: streams, and the interpreter they run in.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::observed::platform::Platform;

use super::status::Hook;

/// Everything a command gets besides its arguments.
pub struct World<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Whether somebody sees standard output as it comes.
    pub out_is_terminal: bool,
    /// Whether somebody sees standard error as it comes.
    pub err_is_terminal: bool,
    /// The interpreter that runs us.
    pub interpreter: &'a dyn Interpreter,
}

/// The interpreter that runs us.
pub trait Interpreter {
    /// Where it looks for what.
    ///
    /// # Errors
    ///
    /// It does not say; the text is for people.
    fn environment(&self) -> Result<Environment, String>;

    /// What it is and runs on.
    ///
    /// # Errors
    ///
    /// It does not say; the text is for people.
    fn platform(&self) -> Result<Platform, String>;

    /// What the hook does in it.
    ///
    /// # Errors
    ///
    /// It does not say; the text is for people.
    fn hook(&self) -> Result<Hook, String>;

    /// Looks whether the user wants work to end that takes long.
    ///
    /// # Errors
    ///
    /// Yes; the error is the caller's own exception.
    fn interruption(&self) -> io::Result<()>;
}

/// Where an interpreter looks for what.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `sys.executable`.
    pub executable: PathBuf,
    /// The folder of the package `importspy_hook`.
    pub package: PathBuf,
    /// Folders whose `.pth` files run in every process of this environment.
    pub site_folders: Vec<PathBuf>,
    /// The same for this user.
    pub user_site: Option<PathBuf>,
    /// Whether the user's folder counts; not so in virtual environments, under `-s` and `-I`.
    pub user_site_enabled: bool,
    /// `sys.path`.
    pub path: Vec<PathBuf>,
    /// `PYTHONPATH`, if it counts.
    pub python_path: Vec<PathBuf>,
}
