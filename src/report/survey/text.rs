//! For people: what needs attention, then one line of figures.

use crate::check::survey::{Skipped, Survey};
use crate::report::escape;
use crate::report::problem::render_problem;
use crate::report::text::{render_as, thousands};

use super::statistics::Statistics;
use super::tally::summary;
use super::{Settings, outcome};

/// Longest path, in characters.
const PATH: usize = 300;
/// Longest reason, in characters.
const REASON: usize = 400;
/// How many lines of one kind are shown; the rest are counted.
const LINES: usize = 100;

pub(super) fn render(survey: &Survey, settings: &Settings<'_>) -> String {
    let mut text = String::new();
    for report in survey.reports().filter(|report| !report.violations.is_empty()) {
        text.push_str(&render_as(report, settings.style, outcome(report)));
        text.push_str("\n\n");
    }
    for unusable in &survey.unusable {
        text.push_str(&render_problem(&unusable.problem, &unusable.path, unusable.text.as_deref(), settings.style));
        text.push_str("\n\n");
    }
    lines(&mut text, survey.skipped.iter().map(skipped_line));
    if let Some(gone) = survey.baseline.as_ref().map(|compared| &compared.gone).filter(|gone| !gone.is_empty()) {
        text.push_str("no longer found, though the baseline has it (--write-baseline records anew):\n");
        lines(&mut text, gone.iter().map(|entry| format!("  {}", escape::inline(entry, REASON))));
    }
    if settings.statistics {
        text.push_str(&Statistics::of(survey).text());
    }
    text.push_str(&summary(survey));
    text.push('\n');
    text
}

/// Each on a line, and an empty line after them if there are any.
fn lines(text: &mut String, all: impl ExactSizeIterator<Item = String>) {
    let count = all.len();
    for line in all.take(LINES) {
        text.push_str(&line);
        text.push('\n');
    }
    if count > LINES {
        text.extend(["… and ", &thousands(count - LINES), " more (all are in --format json)\n"]);
    }
    text.push_str(if count > 0 { "\n" } else { "" });
}

fn skipped_line(skipped: &Skipped) -> String {
    let path = escape::path(&skipped.path, PATH);
    let line = skipped.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("not checked: {path}{line}: {}", escape::inline(&skipped.detail, REASON))
}
