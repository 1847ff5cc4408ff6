//! The command line. A subcommand is one file with its arguments and a `run`; everything it says
//! goes through [`World`], so that redirected and captured output works.

mod activation;
mod check;
mod disable;
mod disk;
mod enable;
mod explain;
mod init;
pub mod output;
mod run;
mod schema;
mod startup;
pub mod status;
pub mod world;

use std::ffi::OsString;
use std::io;

use clap::{Parser, Subcommand, ValueEnum};

use self::world::World;

/// What every command may end with (DESIGN 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything fits.
    Fits,
    /// It was looked at, and it does not.
    Violations,
    /// The command, or a contract, can't be used.
    Unusable,
    /// Whatever a program that ran in our place ended with.
    Passed(i32),
}

impl Exit {
    /// The exit status.
    #[must_use]
    pub fn status(self) -> i32 {
        match self {
            Self::Fits => 0,
            Self::Violations => 1,
            Self::Unusable => 2,
            Self::Passed(status) => status,
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// For people; exit status 2.
    Unusable(String),
    /// Output went nowhere: the caller's own exception.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// How a command ends.
pub type Outcome = Result<Exit, Failure>;

/// What happens to an import that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// It is blocked.
    Enforce,
    /// It goes on, with a warning.
    Report,
}

impl Mode {
    /// Its name, in `install(mode=…)` and everywhere else.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Report => "report",
        }
    }
}

/// Govern Python imports by contracts.
#[derive(Parser)]
#[command(name = "importspy-hook", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Enable(enable::Arguments),
    Disable(disable::Arguments),
    Status(status::Arguments),
    Startup(startup::Arguments),
    Run(run::Arguments),
    Init(init::Arguments),
    Schema(schema::Arguments),
    Explain(explain::Arguments),
}

/// Runs the command line `arguments`, without the program's name.
///
/// # Errors
///
/// Output could not be written.
pub fn main(arguments: Vec<OsString>, world: &mut World<'_>) -> io::Result<Exit> {
    let named = std::iter::once("importspy-hook".into()).chain(arguments);
    let outcome = match Arguments::try_parse_from(named) {
        Ok(arguments) => match arguments.command {
            Command::Check(arguments) => check::run(&arguments, world),
            Command::Enable(arguments) => enable::run(&arguments, world),
            Command::Disable(arguments) => disable::run(&arguments, world),
            Command::Status(arguments) => status::run(&arguments, world),
            Command::Startup(arguments) => startup::run(&arguments, world),
            Command::Run(arguments) => run::run(&arguments, world),
            Command::Init(arguments) => init::run(&arguments, world),
            Command::Schema(arguments) => schema::run(&arguments, world),
            Command::Explain(arguments) => explain::run(&arguments, world),
        },
        Err(error) => {
            let text = error.render();
            if error.use_stderr() {
                write!(world.err, "{text}")?;
                Ok(Exit::Unusable)
            } else {
                write!(world.out, "{text}")?;
                Ok(Exit::Fits)
            }
        }
    };
    match outcome {
        Ok(exit) => Ok(exit),
        Err(Failure::Unusable(message)) => {
            writeln!(world.err, "importspy-hook: {message}")?;
            Ok(Exit::Unusable)
        }
        Err(Failure::Output(error)) => Err(error),
    }
}
