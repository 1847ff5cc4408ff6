//! `check`: files and trees against contracts, without running anything.

use std::borrow::Cow;
use std::env;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::check::survey::Survey;
use crate::check::{self, Against, Around, Options, Progress};
use crate::observed::world::Environment;
use crate::report::escape;

use super::world::World;
use super::{Failure, Outcome, output};

/// Longest path in a message, in characters.
const PATH: usize = 400;

/// Check files or whole trees against contracts, without running anything
///
/// A FILE is checked as if it were the importer: against the contract named by --spymodel, else against the
/// `spymodel.yml` in the working folder, else against the contracts of the guarded modules that it imports.
///
/// In a FOLDER, every importer is checked against every contract that its imports reach: contracts in the folder, and
/// those of installed modules. Hidden folders, virtual environments, `node_modules` and `__pycache__` are left out, and
/// so is what `.gitignore` and `.ignore` files name. Git's settings outside the tree don't count.
///
/// Exit status: 0 if everything fits, 1 if there are violations, 2 if the command or a contract can't be used, or a file
/// or folder can't be looked at.
#[derive(Args)]
pub struct Arguments {
    /// Python files or folders; none: the working folder
    #[arg(value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// The contract that the files are compared with, whoever they are
    #[arg(short, long, value_name = "CONTRACT", requires = "paths")]
    spymodel: Option<PathBuf>,
    /// Leave out what contracts demand of the machine (`deployments`)
    #[arg(long)]
    structure_only: bool,
    /// Look at what ignore files name, too
    #[arg(long)]
    no_ignore: bool,
    /// How many threads; otherwise one for each processor
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    output: output::Arguments,
}

/// Runs the command.
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let platform = world.interpreter.platform().map_err(Failure::Unusable)?;
    let path = world.interpreter.environment().map_err(Failure::Unusable)?.path;
    let around = Around { platform: &platform, path: &path, environment: &variable };
    let options =
        Options { structure_only: arguments.structure_only, jobs: arguments.jobs, ignore_files: !arguments.no_ignore };
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let only_files = !paths.iter().any(|path| path.is_dir());
    output::spare(&arguments.output, paths.iter().chain(&arguments.spymodel))?;
    let mut bar = Bar::new(world);
    let mut progress = |progress: Progress<'_>| bar.show(progress);
    let survey = match &arguments.spymodel {
        Some(contract) => check::files(paths, Against::Contract(contract), &around, &options, &mut progress),
        None if only_files => check::files(paths, Against::WorkingFolder, &around, &options, &mut progress),
        None => check::trees(paths, &around, &options, &mut progress),
    };
    bar.clear()?;
    let survey = survey.map_err(|refusal| Failure::Unusable(refusal.to_string()))?;
    if only_files {
        say_contracts(&survey, world)?;
    }
    output::finish(survey, &arguments.output, world)
}

/// Says what files were compared with: it may not have been named.
fn say_contracts(survey: &Survey, world: &mut World<'_>) -> io::Result<()> {
    let mut contracts: Vec<&str> = survey.pairs.iter().map(|pair| pair.contract.as_str()).collect();
    contracts.sort_unstable();
    contracts.dedup();
    let names: Vec<Cow<'_, str>> = contracts.into_iter().map(|path| escape::inline(path, PATH)).collect();
    if names.is_empty() { Ok(()) } else { writeln!(world.err, "compared with {}", names.join(", ")) }
}

/// An environment variable of this process.
fn variable(name: &str) -> Environment {
    // What can't be a name is not set; asking for it may panic.
    if name.is_empty() || name.contains(['=', '\0']) {
        return Environment::Absent;
    }
    match env::var(name) {
        Ok(value) => Environment::Text(value),
        Err(env::VarError::NotPresent) => Environment::Absent,
        Err(env::VarError::NotUnicode(_)) => Environment::NotUnicode,
    }
}

/// How far it is, on one line that goes when the work is done.
struct Bar<'b, 'w> {
    world: &'b mut World<'w>,
    shown: bool,
    failed: io::Result<()>,
}

/// How many characters the bar itself has.
const WIDTH: usize = 24;

impl<'b, 'w> Bar<'b, 'w> {
    fn new(world: &'b mut World<'w>) -> Self {
        Self { world, shown: false, failed: Ok(()) }
    }

    fn show(&mut self, progress: Progress<'_>) {
        if let Err(error) = self.world.interpreter.interruption() {
            self.failed = Err(error);
            progress.stop();
        }
        let Progress { done, total, .. } = progress;
        if !self.world.err_is_terminal || self.failed.is_err() || total == 0 {
            return;
        }
        let err = &mut self.world.err;
        let filled = (done * WIDTH).checked_div(total).unwrap_or(0).min(WIDTH);
        let bar = format!("{}{}", "#".repeat(filled), "-".repeat(WIDTH - filled));
        self.failed = write!(err, "\r[{bar}] {done}/{total} files").and_then(|()| err.flush());
        self.shown = true;
    }

    /// Takes it away.
    fn clear(self) -> io::Result<()> {
        if self.shown {
            write!(self.world.err, "\r\x1b[K")?;
            self.world.err.flush()?;
        }
        self.failed
    }
}
