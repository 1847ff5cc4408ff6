//! `disable`: takes away what `enable` wrote, and nothing else.

use std::path::PathBuf;

use clap::Args;

use super::activation::Place;
use super::activation::mark::Mark;
use super::world::World;
use super::{Exit, Failure, Outcome};

/// Take away what enable wrote
///
/// With the same options as enable: from this environment, from the user's site-packages, or from a folder.
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
    let place = Place::chosen(arguments.target.as_deref(), arguments.user, &environment)?;
    let present = place.present();
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
        writeln!(world.out, "nothing to do: not enabled in {}", place.folder.display())?;
    }
    for other in Place::all(&environment).iter().filter(|place| place.is_used()) {
        let folder = other.folder.display();
        let of_user = environment.user_site.as_ref() == Some(&other.folder);
        let option = if of_user { "--user".to_owned() } else { format!("--target {folder}") };
        writeln!(world.out, "still enabled in {folder}; see `disable {option}`")?;
    }
    Ok(Exit::Fits)
}
