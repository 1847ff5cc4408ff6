//! What came of checking files, in every output format: one file each.

mod github;
mod json;
mod junit;
mod sarif;
mod statistics;
mod tally;
mod text;
mod uri;
mod xml;

#[cfg(test)]
mod tests;

use crate::check::survey::{Pair, Survey, Unusable};
use crate::report::Report;
use crate::report::lines::Lines;
use crate::report::places::{Place, Places};
use crate::report::text::{Outcome, Style};

pub use tally::{Tally, counted, summary};

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: `docs/schemas/check.schema.json`.
    Json,
    /// The Static Analysis Results Interchange Format 2.1.0.
    Sarif,
    /// Workflow commands, which become annotations.
    Github,
    /// Test results, as many services read them.
    Junit,
}

/// How a survey is shown.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// For texts.
    pub style: Style,
    /// Whether violations are counted by code, contract and importer.
    pub statistics: bool,
    /// The working folder. Formats that are read elsewhere name files relative to it.
    pub folder: &'a str,
}

/// The survey in a format. Ends with a line end.
#[must_use]
pub fn render(survey: &Survey, format: Format, settings: &Settings<'_>) -> String {
    match format {
        Format::Text => text::render(survey, settings),
        Format::Json => json::render(survey, settings),
        Format::Sarif => sarif::render(survey, settings),
        Format::Github => github::render(survey, settings),
        Format::Junit => junit::render(survey),
    }
}

/// What became of the import: there is none where a contract was named by hand.
fn outcome(report: &Report) -> Outcome {
    if report.importer.line.is_some() { Outcome::Checked } else { Outcome::Compared }
}

/// Where to show violation `index` of `report`, for formats that show one place: in the importer, else at its import.
struct Spot<'r> {
    file: &'r str,
    line: Option<usize>,
    place: Option<Place<'r>>,
}

impl<'r> Spot<'r> {
    fn new(pair: &'r Pair, report: &'r Report, places: &Places<'r>, index: usize) -> Self {
        match places.importer(index) {
            Some(place) => Self { file: place.path, line: Some(place.line), place: Some(place) },
            None => Self { file: &pair.file, line: report.importer.line.or(pair.line), place: None },
        }
    }
}

/// Where a contract that can't be used is wrong.
fn fault(unusable: &Unusable) -> Option<Place<'_>> {
    let text = unusable.text.as_deref()?;
    Some(Place::new(&unusable.path, &Lines::new(text), unusable.problem.span?))
}
