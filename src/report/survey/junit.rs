//! Test results in the shape that began with `JUnit`: a test case for each pair.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::check::survey::{Pair, Survey, Verdict};
use crate::report::Report;
use crate::report::escape;
use crate::report::problem::render_problem;
use crate::report::text::{Style, render_as};

use super::json::reason;
use super::outcome;
use super::tally::{Standing, Tally, counted, standing, summary};
use super::xml::Document;

/// Longest text in an attribute, in characters.
const TEXT: usize = 600;

pub(super) fn render(survey: &Survey) -> String {
    let tally = Tally::of(survey);
    let tests = survey.pairs.len() + survey.unusable.len() + survey.skipped.len();
    let counts = [
        ("tests", tests.to_string()),
        ("failures", tally.blocked.to_string()),
        ("errors", survey.unusable.len().to_string()),
        ("skipped", (survey.skipped.len() + tally.known).to_string()),
        ("time", format!("{:.3}", survey.extent.elapsed.as_secs_f64())),
    ];
    let mut attributes = vec![("name", "importspy-hook check")];
    attributes.extend(counts.iter().map(|(name, value)| (*name, value.as_str())));

    let mut document = Document::new();
    document.start("testsuites", &attributes);
    document.start("testsuite", &attributes);
    for pair in &survey.pairs {
        case(&mut document, pair);
    }
    for unusable in &survey.unusable {
        let path = escape::inline(&unusable.path, TEXT);
        document.start("testcase", &[("classname", "contract"), ("name", &path), ("file", &path)]);
        let message = escape::inline(&unusable.problem.message, TEXT);
        let text = render_problem(&unusable.problem, &unusable.path, unusable.text.as_deref(), Style::Plain);
        document.element("error", &[("type", "contract-error"), ("message", &message)], &text);
        document.end();
    }
    for skipped in &survey.skipped {
        let path = escape::inline(&skipped.path, TEXT);
        let line = skipped.line.map(|line| line.to_string());
        let mut attributes = vec![("classname", reason(skipped.reason)), ("name", &path), ("file", &path)];
        attributes.extend(line.as_deref().map(|line| ("line", line)));
        document.start("testcase", &attributes);
        document.element("skipped", &[("message", &escape::inline(&skipped.detail, TEXT))], "");
        document.end();
    }
    document.element("system-out", &[], &ending(survey));
    document.finish()
}

fn case(document: &mut Document, pair: &Pair) {
    let name = format!("{} ({})", escape::inline(&pair.module, TEXT), escape::inline(&pair.contract, TEXT));
    let (class, file) = (escape::inline(&pair.importer, TEXT), escape::inline(&pair.file, TEXT));
    let line = pair.line.map(|line| line.to_string());
    let mut attributes = vec![("classname", &*class), ("name", &name), ("file", &file)];
    attributes.extend(line.as_deref().map(|line| ("line", line)));
    match (&pair.verdict, standing(pair)) {
        (Verdict::Blocked(report), Standing::Blocked) => {
            document.start("testcase", &attributes);
            failure(document, report);
            document.end();
        }
        (_, Standing::Known) => {
            document.start("testcase", &attributes);
            document.element("skipped", &[("message", "all of its violations are in the baseline")], "");
            document.end();
        }
        _ => document.element("testcase", &attributes, ""),
    }
}

fn failure(document: &mut Document, report: &Arc<Report>) {
    let mut message = counted(report.violations.len(), "violation");
    if let Some(first) = report.violations.first() {
        // Writing to a string can't fail.
        let more = if report.violations.len() > 1 { "; …" } else { "" };
        let _ = write!(message, ": {}{more}", escape::inline(&first.message, TEXT));
    }
    let mut codes: Vec<String> = report.violations.iter().map(|violation| violation.code.to_string()).collect();
    codes.dedup();
    let codes = codes.join(" ");
    let attributes = [("type", &*escape::inline(&codes, TEXT)), ("message", &message)];
    document.element("failure", &attributes, &render_as(report, Style::Plain, outcome(report)));
}

fn ending(survey: &Survey) -> String {
    let mut text = summary(survey);
    for entry in survey.baseline.iter().flat_map(|compared| &compared.gone) {
        // Writing to a string can't fail.
        let _ = write!(text, "\nno longer found, though the baseline has it: {}", escape::inline(entry, TEXT));
    }
    text
}
