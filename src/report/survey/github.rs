//! Workflow commands, which GitHub turns into annotations of the lines they name.

use std::fmt::Write as _;

use crate::check::survey::{Survey, Verdict};
use crate::report::escape;
use crate::report::places::Places;

use super::tally::summary;
use super::{Settings, Spot, fault, uri};

/// Longest text, in characters.
const TEXT: usize = 600;

pub(super) fn render(survey: &Survey, settings: &Settings<'_>) -> String {
    let mut text = String::new();
    for pair in &survey.pairs {
        let Verdict::Blocked(report) = &pair.verdict else { continue };
        let places = Places::new(report);
        for (index, violation) in report.violations.iter().enumerate() {
            let spot = Spot::new(pair, report, &places, index);
            let mut message = escape::inline(&violation.message, TEXT).into_owned();
            let mut line = |what: &str, text: &str| {
                if !text.is_empty() {
                    message.extend(["\n", what, &escape::inline(text, TEXT)]);
                }
            };
            line("expected: ", violation.expected.as_deref().unwrap_or_default());
            line("found: ", violation.found.as_deref().unwrap_or_default());
            line("help: ", &violation.help);
            let rule = match places.contract(index) {
                Some(place) => format!("{}:{}:{}", place.path, place.line, place.column),
                None => pair.contract.clone(),
            };
            line("contract: ", &rule);
            let title = violation.code.to_string();
            command(&mut text, &Command { kind: "error", title: &title, spot: &spot, message: &message }, settings);
        }
    }
    for unusable in &survey.unusable {
        let place = fault(unusable);
        let spot = Spot { file: &unusable.path, line: place.map(|place| place.line), place };
        let mut message = escape::inline(&unusable.problem.message, TEXT).into_owned();
        if let Some(help) = &unusable.problem.help {
            message.extend(["\nhelp: ", &escape::inline(help, TEXT)]);
        }
        let title = "the contract can't be used";
        command(&mut text, &Command { kind: "error", title, spot: &spot, message: &message }, settings);
    }
    for skipped in &survey.skipped {
        let spot = Spot { file: &skipped.path, line: skipped.line, place: None };
        let message = escape::inline(&skipped.detail, TEXT);
        command(
            &mut text,
            &Command { kind: "warning", title: "not checked", spot: &spot, message: &message },
            settings,
        );
    }
    for entry in survey.baseline.iter().flat_map(|compared| &compared.gone) {
        let message = data(&escape::inline(entry, TEXT));
        // Writing to a string can't fail.
        let _ = writeln!(text, "::notice title=no longer found, though the baseline has it::{message}");
    }
    text.push_str(&summary(survey));
    text.push('\n');
    text
}

struct Command<'a> {
    kind: &'a str,
    title: &'a str,
    spot: &'a Spot<'a>,
    message: &'a str,
}

fn command(text: &mut String, command: &Command<'_>, settings: &Settings<'_>) {
    let Command { kind, title, spot, message } = command;
    let relative = uri::relative(spot.file, settings.folder);
    let file = property(&escape::inline(relative.as_deref().unwrap_or(spot.file), TEXT));
    // Writing to a string can't fail.
    let _ = write!(text, "::{kind} file={file}");
    if let Some(line) = spot.line {
        let _ = write!(text, ",line={line}");
    }
    if let Some(place) = spot.place {
        // Columns are understood only within one line.
        let _ = if place.end_line == place.line {
            write!(text, ",col={},endLine={},endColumn={}", place.column, place.end_line, place.end_column)
        } else {
            write!(text, ",endLine={}", place.end_line)
        };
    }
    let _ = writeln!(text, ",title={}::{}", property(title), data(message));
}

/// A message: line ends and `%` are the only characters with a meaning.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which `,` and `:` would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
