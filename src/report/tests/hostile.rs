//! Files that nobody vouches for, and sizes that nobody expects.

use std::sync::Arc;

use crate::compare::code::{Category, Entity};
use crate::compare::violation::Violation;
use crate::contract::problem::Problem;
use crate::report::json::placed_value;
use crate::report::places::Places;
use crate::report::problem::render_problem;
use crate::report::text::{Outcome, Style, render, render_placed};
use crate::text::Span;

use super::sample::{plain, report, several, source, violation};

fn variable(start: usize, end: usize) -> Violation {
    let importer_span = Some(Span::new(start, end));
    Violation { importer_span, ..violation(Category::Mismatch, Entity::Variable, "variable `x` has another value") }
}

/// No line of `text` holds anything that a terminal or a reader could take for something else.
fn assert_safe(text: &str) {
    let unsafe_char = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(unsafe_char), "{}", text.escape_debug());
}

#[test]
fn spans_outside_the_text_are_brought_inside() {
    let texts = ["", "\n", "x", "x = 1", "x = 1\r\n", "\r\r\n\n", "é", "\0\0\0", "漢字 = '🐍'\n", "\t\t\u{c}\t"];
    let ends = [0, 1, 2, 3, 4, 6, 7, 99, usize::MAX];
    for text in texts {
        for start in ends {
            for end in ends {
                let report = report(text, text, vec![variable(start, end)]);
                assert_safe(&plain(&report, &[Some(Span::new(start, end))]));
                let problem =
                    Problem { message: "no".into(), span: Some(Span::new(start, end)), path: None, help: None };
                assert_safe(&render_problem(&problem, "spymodel.yml", Some(text), Style::Plain));
            }
        }
    }
}

#[test]
fn nothing_in_a_file_can_write_to_the_terminal() {
    let evil = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\n0 violations: all fits\u{202e}\u{2028}\0\t`";
    let finding = Violation {
        message: format!("variable {evil}"),
        expected: Some(evil.to_owned()),
        found: Some(evil.to_owned()),
        help: evil.to_owned(),
        ..variable(0, 9)
    };
    let mut report = report(evil, evil, vec![finding]);
    report.module = evil.to_owned();
    report.importer.name = Some(evil.to_owned());
    report.contract = source(&format!("{evil}/spymodel.yml"), evil);
    report.importer.source = Some(source(evil, evil));
    for spans in [[None], [Some(Span::new(0, 9))], [Some(Span::new(20, 30))]] {
        let text = plain(&report, &spans);
        assert_safe(&text);
        // A line that claims to be the summary can only be the one that is.
        let claims: Vec<_> = text.lines().filter(|line| line.contains("violation") && !line.contains('|')).collect();
        assert!(text.lines().all(|line| !line.starts_with("0 violations")), "{text}");
        assert!(claims.last().is_some_and(|line| line.starts_with("1 violation: ")), "{text}");
    }
    let problem = Problem { message: evil.into(), span: None, path: Some(evil.into()), help: Some(evil.into()) };
    assert_safe(&render_problem(&problem, evil, None, Style::Plain));
    report.importer.name = None;
    report.violations.clear();
    assert_safe(&render(&report, Style::Plain));
}

#[test]
fn colour_is_all_that_colour_adds() {
    let (report, spans) = several();
    let places = Places::with_contract_spans(&report, &spans);
    let colour = render_placed(&places, &report, Style::Colour, Outcome::Blocked);
    assert!(colour.contains("\u{1b}["));
    let without: String = colour
        .split('\u{1b}')
        .enumerate()
        .map(|(i, part)| if i == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
        .collect();
    assert_eq!(without, plain(&report, &spans));
}

#[test]
fn columns_count_characters_whatever_their_width() {
    let text = "\u{c}\tx = '漢字'; y = 1\r\n";
    let start = text.find('y').unwrap();
    let report = report("", text, vec![variable(start, start + 5)]);
    let shown = plain(&report, &[None]);
    assert!(
        shown.contains(
            " --> plugin.py:1:13
  |
1 | ␌    x = '漢字'; y = 1
  |                  ^^^^^
"
        ),
        "{shown}"
    );
}

#[test]
fn long_things_are_shortened() {
    let finding = Violation {
        message: "m".repeat(10_000),
        expected: Some(format!("`{}`", "e".repeat(10_000))),
        found: Some("f".repeat(10_000)),
        help: "h".repeat(10_000),
        ..variable(50_000, 50_010)
    };
    let mut report = report(&"c".repeat(100_000), &"p".repeat(100_000), vec![finding]);
    report.contract.path = format!("/{}/spymodel.yml", "d".repeat(10_000));
    report.module = "a.".repeat(10_000);
    let text = plain(&report, &[Some(Span::new(0, 100_000))]);
    assert!(text.len() < 4_000, "{}", text.len());
    assert!(text.contains(":1:50001\n"), "{text}");
    assert!(text.contains("ddd/spymodel.yml:1:1\n"), "{text}");
    assert!(text.contains("eee…`\n"), "{text}");
}

#[test]
fn many_violations_in_a_large_file() {
    let text = (0..100_000).map(|i| format!("variable_{i} = {i}\n")).collect::<Vec<_>>().concat();
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
    let violations: Vec<_> = (0..10_000).map(|i| variable(starts[i * 10], starts[i * 10 + 1])).collect();
    let spans: Vec<_> = violations.iter().map(|violation| violation.importer_span).collect();
    let report = report(&text, &text, violations);
    let shown = plain(&report, &spans);
    assert_eq!(shown.matches("\nerror[").count(), 100);
    assert!(
        shown.ends_with(
            "
991 | variable_990 = 990
    | ------------------ required here

… and 9,900 more (all are in .violations)

10,000 violations: `framework` was not imported by `plugin` (plugin.py)"
        ),
        "{}",
        &shown[shown.len() - 600..]
    );
    let checked = render_placed(&Places::new(&report), &report, Style::Plain, Outcome::Checked);
    assert!(checked.contains("\n… and 9,900 more (all are in --format json)\n"));
    let value = placed_value(&Places::with_contract_spans(&report, &spans), &report);
    assert_eq!(value["violations"][9_999]["importer"]["line"], 99_991);
    assert_eq!(value["violations"][9_999]["contract"]["end_line"], 99_992);
}

#[test]
fn many_violations_in_one_enormous_line() {
    // Reading the line again for each violation would take hours here.
    let text: Arc<str> = "é".repeat(4_000_000).into();
    let violations: Vec<_> = (0..10_000).map(|i| variable(i * 800, i * 800 + 2)).collect();
    let spans: Vec<_> = violations.iter().map(|violation| violation.importer_span).collect();
    let mut report = report("", "", violations);
    report.contract.text = Arc::clone(&text);
    report.importer.source = Some(crate::report::Source { path: "plugin.py".into(), text });
    let value = placed_value(&Places::with_contract_spans(&report, &spans), &report);
    assert_eq!(value["violations"][9_999]["importer"]["column"], 9_999 * 400 + 1);
    assert!(plain(&report, &spans).len() < 200_000);
}
