//! `enable`: every process of this environment starts with the hook.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;

use super::activation::mark::Mark;
use super::activation::{self, Kind, Place};
use super::world::{Environment, World};
use super::{Exit, Failure, Mode, Outcome};

/// Govern every process of this environment from its start
///
/// Writes into the environment's site-packages folder what makes every Python process start with the hook, also under
/// -I, -E, -s and -P (not under -S). An existing sitecustomize stays untouched and runs as before.
#[derive(Args)]
pub struct Arguments {
    /// What happens to an import that does not fit
    #[arg(long, value_enum, default_value = "enforce")]
    mode: Mode,
    /// For this user only, in all environments that look at the user's site-packages
    #[arg(long, conflicts_with = "target")]
    user: bool,
    /// In this folder: a site-packages folder of another environment, or one that PYTHONPATH names, whose
    /// sitecustomize.py then gets a marked block
    #[arg(long, value_name = "DIR")]
    target: Option<PathBuf>,
}

/// Whether a new process has the hook.
const PROBE: &str =
    "import sys; hook = sys.modules.get('importspy_hook'); sys.exit(not (hook and hook.is_installed()))";

/// Runs the command.
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let environment = world.interpreter.environment().map_err(Failure::Unusable)?;
    let place = Place::chosen(arguments.target.as_deref(), arguments.user, &environment)?;
    for file in place.present() {
        let reason = match file.mark {
            Mark::Intact(_) => continue,
            Mark::Edited => "was changed by hand since it was written; `disable --force` removes it, changes included",
            Mark::Foreign => "is in the way and not ours",
        };
        return Err(Failure::Unusable(format!("{} {reason}", file.path.display())));
    }
    let before = place.mode();
    let wanted = place.wanted(arguments.mode, &environment)?;
    let mut changed = false;
    for (path, bytes) in &wanted {
        if std::fs::read(path).is_ok_and(|present| present == *bytes) {
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| activation::failed("make", folder, &error))?;
        }
        activation::write(path, bytes)?;
        changed = true;
        writeln!(world.out, "wrote {}", path.display())?;
    }
    let mode = arguments.mode.as_str();
    match before {
        _ if !changed => writeln!(world.out, "nothing to do: {} is enabled with mode {mode}", place.folder.display())?,
        Some(other) if other != arguments.mode => {
            writeln!(world.out, "the mode is {mode} now; it was {}", other.as_str())?;
        }
        _ => {}
    }
    verify(&place, &environment, mode, world)
}

/// Looks whether it works: paths may be put together in ways that nobody foresees.
fn verify(place: &Place, environment: &Environment, mode: &str, world: &mut World<'_>) -> Outcome {
    let known = environment.site_folders.iter().chain(&environment.user_site).any(|folder| *folder == place.folder);
    let looked_at = known || environment.path.contains(&place.folder);
    if !looked_at {
        let when = match place.kind {
            Kind::Site => "it governs the environment that this folder belongs to",
            Kind::Path => "it governs processes that have this folder on PYTHONPATH, but not under -I, -E or -S",
        };
        writeln!(world.out, "mode {mode}; {when}")?;
        return Ok(Exit::Fits);
    }
    let probe = Command::new(&environment.executable)
        .args(["-c", PROBE])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|error| Failure::Unusable(format!("can't run {}: {error}", environment.executable.display())))?;
    if probe.status.success() {
        writeln!(world.out, "new processes of {} are governed, mode {mode}", environment.executable.display())?;
        return Ok(Exit::Fits);
    }
    writeln!(
        world.err,
        "importspy-hook: the files are written, but a new process of {} is not governed; it says:\n{}",
        environment.executable.display(),
        String::from_utf8_lossy(&probe.stderr).trim_end()
    )?;
    Ok(Exit::Violations)
}
