//! What becomes of a survey: how it is shown, where it is kept, and the exit status.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::check::survey::Survey;
use crate::report::survey;
use crate::report::text::Style;

use super::world::World;
use super::{Exit, Outcome};

/// Options for the result, to flatten into a command's own.
#[derive(Args)]
pub struct Arguments {
    /// How the result is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the result to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Count violations by code, contract and importer
    #[arg(long)]
    statistics: bool,
    /// Fail only on violations that this file does not have
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Record today's violations in this file
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands for GitHub's log.
    Github,
    /// JUnit XML.
    Junit,
}

/// Shows and keeps `survey` as `arguments` say.
///
/// # Errors
///
/// A file can't be read or written, or output went nowhere.
pub fn finish(survey: Survey, _arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    write!(world.out, "{}", survey::render(&survey, Style::Plain))?;
    Ok(if !survey.unusable.is_empty() {
        Exit::Unusable
    } else if survey.fits() {
        Exit::Fits
    } else {
        Exit::Violations
    })
}
