//! `schema`: the JSON Schema of contracts.

use clap::Args;

use crate::contract::schema::json;

use super::world::World;
use super::{Exit, Outcome};

/// Print the JSON Schema of spymodel.yml, for editors and other tools
///
/// An editor with the YAML language server uses it for a contract that starts with the line
/// `# yaml-language-server: $schema=PATH`.
#[derive(Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_: &Arguments, world: &mut World<'_>) -> Outcome {
    world.out.write_all(json::text().as_bytes())?;
    Ok(Exit::Fits)
}
