//! What becomes of a survey: how it is shown, where it is kept, what it is compared with, and the exit status.
//!
//! Standard output has the result and nothing else; with `--output` it has nothing. What else is to be said goes to
//! standard error.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::check::baseline::{Baseline, Paths};
use crate::check::paths::{absolute, between};
use crate::check::survey::Survey;
use crate::report::escape;
use crate::report::survey::{Format, Settings, counted, render, summary};
use crate::report::text::Style;

use super::disk::{self, Readers};
use super::world::World;
use super::{Exit, Failure, Outcome};

/// Longest text from a file in a message, in characters.
const TEXT: usize = 400;

/// Options for the result, to flatten into a command's own.
#[derive(Args)]
#[command(next_help_heading = "Result")]
pub struct Arguments {
    /// How the result is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the result to this file, whole or not at all; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Also count violations by code, by contract and by importer (text, json)
    #[arg(long)]
    statistics: bool,
    /// Let violations pass that this file has; only new ones count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Record the violations in this file, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Json, Self::Sarif, Self::Github, Self::Junit]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Junit => "junit",
        }))
    }
}

/// Refuses to write over what is `read`: a slip of the hand would cost the user a source.
///
/// # Errors
///
/// One of the files that are to be written is one of these.
pub fn spare<'p>(arguments: &'p Arguments, read: impl Iterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    let written = || [&arguments.output, &arguments.write_baseline].into_iter().flatten();
    for read in read.chain(&arguments.baseline) {
        if let Some(path) = written().find(|path| path.is_file() && disk::is_same(path, read)) {
            return Err(Failure::Unusable(format!("{} is read: it is not written over", path.display())));
        }
    }
    Ok(())
}

/// Shows and keeps `survey` as `arguments` say.
///
/// # Errors
///
/// A file can't be read or written, or output went nowhere.
pub fn finish(survey: Survey, arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let survey = compared(survey, arguments, world)?;
    let folder = env::current_dir().unwrap_or_default();
    let output = arguments.output.as_deref().filter(|path| *path != Path::new("-"));
    let settings = Settings {
        style: style(output.is_none() && world.out_is_terminal),
        statistics: arguments.statistics,
        folder: &folder.to_string_lossy(),
    };
    let text = render(&survey, arguments.format, &settings);
    match output {
        None => world.out.write_all(text.as_bytes())?,
        Some(path) => {
            disk::replace(path, text.as_bytes(), Readers::Usual)
                .map_err(|error| disk::failed("write", path, &error))?;
            writeln!(world.err, "{}", summary(&survey))?;
        }
    }
    Ok(if !survey.is_complete() {
        Exit::Unusable
    } else if survey.fits() {
        Exit::Fits
    } else {
        Exit::Violations
    })
}

/// Colour where a terminal shows it and nobody asked for something else.
fn style(is_terminal: bool) -> Style {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = || env::var_os("TERM").as_deref() == Some(OsStr::new("dumb"));
    if !is_set("NO_COLOR") && (is_set("FORCE_COLOR") || (is_terminal && !is_dumb())) {
        Style::Colour
    } else {
        Style::Plain
    }
}

/// `survey` compared with a baseline, if one is named; one that is to be written is written.
fn compared(survey: Survey, arguments: &Arguments, world: &mut World<'_>) -> Result<Survey, Failure> {
    if let Some(path) = &arguments.baseline {
        let bytes = disk::read(path).map_err(|error| disk::failed("read", path, &error))?;
        let baseline = Baseline::parse(&bytes).map_err(|fault| {
            let place = fault.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
            let message = escape::inline(&fault.message, TEXT).into_owned();
            Failure::Unusable(format!("the baseline {}{place} can't be used: {message}", path.display()))
        })?;
        let ways = Ways::new(path, &survey).map_err(|error| disk::failed("read", path, &error))?;
        return Ok(baseline.applied(survey, &ways));
    }
    let Some(path) = &arguments.write_baseline else { return Ok(survey) };
    if !survey.unusable.is_empty() {
        // What such a contract forbids is not known: the record would have a gap that nobody sees.
        let unusable = counted(survey.unusable.len(), "contract");
        writeln!(world.err, "importspy-hook: {} is not written: {unusable} can't be used", path.display())?;
        return Ok(survey);
    }
    let failed = |error: io::Error| disk::failed("write", path, &error);
    let ways = Ways::new(path, &survey).map_err(failed)?;
    let baseline = Baseline::record(&survey, &ways);
    disk::replace(path, baseline.to_text().as_bytes(), Readers::Usual).map_err(failed)?;
    writeln!(world.err, "recorded {} in {}", counted(baseline.len(), "violation"), path.display())?;
    Ok(baseline.applied(survey, &ways))
}

/// Ways from a baseline's folder, wherever the check was started and through whichever link.
struct Ways {
    /// The baseline's folder, without links.
    folder: PathBuf,
    /// The working folder.
    here: PathBuf,
    /// What was checked: as it is named, and without links.
    roots: Vec<(PathBuf, PathBuf)>,
}

impl Ways {
    fn new(baseline: &Path, survey: &Survey) -> io::Result<Self> {
        let here = env::current_dir()?;
        let folder = here.join(baseline).parent().map_or_else(|| Ok(here.clone()), fs::canonicalize)?;
        let roots =
            survey.roots.iter().map(|root| absolute(root, &here)).map(|root| (root.clone(), real(root))).collect();
        Ok(Self { folder, here, roots })
    }
}

impl Paths for Ways {
    fn relative(&self, path: &str) -> String {
        let path = absolute(path, &self.here);
        let within = self.roots.iter().filter_map(|(named, real)| Some((real, path.strip_prefix(named).ok()?)));
        let path = match within.min_by_key(|(_, rest)| rest.components().count()) {
            Some((real, rest)) if rest.as_os_str().is_empty() => real.clone(),
            Some((real, rest)) => real.join(rest),
            None => real(path),
        };
        between(&self.folder, &path)
    }
}

/// A path without links; but a file keeps its own name.
fn real(path: PathBuf) -> PathBuf {
    if path.is_dir() {
        return fs::canonicalize(&path).unwrap_or(path);
    }
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path,
    }
}
