//! `disable`: takes away what `enable` wrote, and nothing else.

use std::path::PathBuf;

use clap::Args;

use super::activation::mark::Mark;
use super::activation::{Kind, Place};
use super::world::World;
use super::{Exit, Failure, Outcome};

/// Take away what enable wrote
///
/// Without options: from every site-packages folder of this environment, but not from the user's.
#[derive(Args)]
pub struct Arguments {
    /// From this user's site-packages
    #[arg(long, conflicts_with = "target")]
    user: bool,
    /// From this folder
    #[arg(long, value_name = "DIR")]
    target: Option<PathBuf>,
    /// Also what was changed by hand since
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let environment = world.interpreter.environment().map_err(Failure::Unusable)?;
    let places = if arguments.target.is_some() || arguments.user {
        vec![Place::chosen(arguments.target.as_deref(), arguments.user, &environment)?]
    } else {
        let folders = environment.site_folders.iter().cloned();
        folders.map(|folder| Place { folder, kind: Kind::Site }).collect()
    };
    let present: Vec<_> = places.iter().flat_map(Place::present).collect();
    // All or nothing: half of it would make every start of Python complain.
    for file in &present {
        match file.mark {
            Mark::Edited if !arguments.force => {
                return Err(Failure::Unusable(format!(
                    "{} was changed by hand since `enable` wrote it, so nothing is removed; look at it, then remove our \
                     lines yourself or use --force",
                    file.path.display()
                )));
            }
            _ => {}
        }
    }
    let mut removed = false;
    for file in present.iter().filter(|file| file.mark != Mark::Foreign) {
        let what = file.remove()?;
        writeln!(world.out, "{what}")?;
        removed = true;
    }
    if !removed {
        let folders: Vec<String> = places.iter().map(|place| place.folder.display().to_string()).collect();
        writeln!(world.out, "nothing to do: not enabled in {}", folders.join(", "))?;
    }
    for place in Place::all(&environment) {
        let still = place.present().iter().any(|file| file.mark != Mark::Foreign);
        if still {
            writeln!(world.out, "still enabled in {}", place.folder.display())?;
        }
    }
    Ok(Exit::Fits)
}
