//! A survey for people.

use std::fmt::Write as _;

use crate::check::survey::{Skipped, Survey, Verdict};
use crate::report::escape;
use crate::report::problem::render_problem;
use crate::report::text::{Outcome, Style, render_as};

/// Longest path, in characters.
const PATH: usize = 300;
/// Longest reason, in characters.
const REASON: usize = 400;

/// Everything that needs a reader's attention, then one line of counts. Ends with a line end.
#[must_use]
pub fn render(survey: &Survey, style: Style) -> String {
    let mut text = String::new();
    for report in survey.reports().filter(|report| !report.violations.is_empty()) {
        text.push_str(&render_as(report, style, Outcome::Checked));
        text.push_str("\n\n");
    }
    for unusable in &survey.unusable {
        text.push_str(&render_problem(&unusable.problem, &unusable.path, unusable.text.as_deref(), style));
        text.push_str("\n\n");
    }
    for skipped in &survey.skipped {
        text.push_str(&skipped_line(skipped));
        text.push('\n');
    }
    let blocked = survey.pairs.iter().filter(|pair| matches!(pair.verdict, Verdict::Blocked(_))).count();
    // Writing to a string can't fail.
    let _ = writeln!(text, "{} pairs checked: {blocked} blocked", survey.pairs.len());
    text
}

fn skipped_line(skipped: &Skipped) -> String {
    let path = escape::path(&skipped.path, PATH);
    let line = skipped.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("not checked: {path}{line}: {}", escape::inline(&skipped.detail, REASON))
}
