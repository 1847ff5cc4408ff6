//! `startup`: the file for PYTHONSTARTUP.

use std::path::Path;

use clap::Args;

use super::world::World;
use super::{Exit, Failure, Outcome};

/// Print the path of a file for PYTHONSTARTUP, which governs interactive sessions
#[derive(Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_: &Arguments, world: &mut World<'_>) -> Outcome {
    let environment = world.interpreter.environment().map_err(Failure::Unusable)?;
    let file = environment.package.join("_startup.py");
    writeln!(world.out, "{}", file.display())?;
    // Python runs one such file: naming ours would silently turn the user's off.
    if let Some(other) = std::env::var_os("PYTHONSTARTUP").filter(|other| !other.is_empty() && Path::new(other) != file)
    {
        writeln!(
            world.err,
            "importspy-hook: PYTHONSTARTUP names {} already; instead of replacing it, add to that file: \
             import importspy_hook; importspy_hook.install()",
            Path::new(&other).display()
        )?;
    }
    Ok(Exit::Fits)
}
