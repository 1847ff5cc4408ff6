#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use super::{Baseline, Fault, Paths};
use crate::check::survey::{Extent, Pair, Reason, Skipped, Survey, Verdict};
use crate::compare::code::{Category, Entity};
use crate::compare::violation::Violation;
use crate::contract::path::ContractPath;
use crate::report::tests::sample::{CONTRACT, IMPORTER, report, violation};

/// Paths of a survey in the baseline's own folder.
struct Here;

impl Paths for Here {
    fn relative(&self, path: &str) -> String {
        path.to_owned()
    }
}

fn missing(name: &str) -> Violation {
    let path = ContractPath::default().key("variables").item(0, Some(name));
    Violation { path, ..violation(Category::Missing, Entity::Variable, &format!("no variable `{name}`")) }
}

fn survey(importers: &[(&str, &[&str])]) -> Survey {
    let pair = |(importer, names): &(&str, &[&str])| Pair {
        module: "framework".to_owned(),
        importer: (*importer).to_owned(),
        file: format!("{importer}.py"),
        line: Some(1),
        contract: "framework/spymodel.yml".to_owned(),
        verdict: Verdict::Blocked(Arc::new(report(
            CONTRACT,
            IMPORTER,
            names.iter().map(|name| missing(name)).collect(),
        ))),
    };
    Survey {
        roots: vec![".".to_owned()],
        platform: report("", "", Vec::new()).platform,
        pairs: importers.iter().map(pair).collect(),
        unusable: Vec::new(),
        skipped: Vec::new(),
        extent: Extent::default(),
        baseline: None,
    }
}

/// The messages that are left, by pair.
fn left(survey: &Survey) -> Vec<Vec<&str>> {
    survey.reports().map(|report| report.violations.iter().map(|it| it.message.as_str()).collect()).collect()
}

#[test]
fn the_file_is_sorted_with_one_violation_on_a_line() {
    let baseline = Baseline::record(&survey(&[("b", &["x"]), ("a", &["y", "x", "y"])]), &Here);
    assert_eq!(
        baseline.to_text(),
        r#"{
  "kind": "importspy_hook baseline",
  "schema": 1,
  "violations": [
    {"importer":"a.py","module":"framework","contract":"framework/spymodel.yml","rule":"variables[x]","code":"missing-variable","count":1},
    {"importer":"a.py","module":"framework","contract":"framework/spymodel.yml","rule":"variables[y]","code":"missing-variable","count":2},
    {"importer":"b.py","module":"framework","contract":"framework/spymodel.yml","rule":"variables[x]","code":"missing-variable","count":1}
  ]
}
"#
    );
    assert_eq!(Baseline::parse(baseline.to_text().as_bytes()), Ok(baseline));
    let empty = Baseline::default();
    assert_eq!(Baseline::parse(empty.to_text().as_bytes()), Ok(empty));
}

#[test]
fn only_what_is_new_is_left() {
    let before = survey(&[("a", &["x", "y", "y"]), ("b", &["x"])]);
    let baseline = Baseline::record(&before, &Here);
    assert_eq!(baseline.len(), 4);

    let same = baseline.clone().applied(before, &Here);
    assert!(same.fits());
    assert_eq!(same.baseline.unwrap().known, 4);

    // One more of the same, another one, and one that is gone.
    let after = baseline.applied(survey(&[("a", &["y", "y", "y", "z"]), ("b", &["x"]), ("c", &["x"])]), &Here);
    assert_eq!(left(&after), [vec!["no variable `y`", "no variable `z`"], vec![], vec!["no variable `x`"]]);
    let compared = after.baseline.unwrap();
    assert_eq!(compared.known, 3);
    assert_eq!(
        compared.gone,
        ["a.py: missing-variable, `variables[x]` of framework/spymodel.yml, importing `framework`"]
    );
}

#[test]
fn what_was_not_looked_at_is_not_gone() {
    let baseline = || Baseline::record(&survey(&[("src/a", &["x"]), ("src/b", &["x"]), ("lib/c", &["x"])]), &Here);
    let gone = |survey: Survey| baseline().applied(survey, &Here).baseline.unwrap().gone.len();
    assert_eq!(gone(survey(&[])), 3);
    // The contract was not looked at, either.
    assert_eq!(gone(Survey { roots: vec!["src".to_owned()], ..survey(&[]) }), 0);
    // It was met.
    assert_eq!(gone(Survey { roots: vec!["src".to_owned()], ..survey(&[("src/d", &[])]) }), 2);
    let skipped = |path: &str| {
        let (path, detail) = (path.to_owned(), String::new());
        vec![Skipped { path, line: None, reason: Reason::Unparsable, detail }]
    };
    assert_eq!(gone(Survey { skipped: skipped("src/a.py"), ..survey(&[]) }), 2);
    assert_eq!(gone(Survey { skipped: skipped("src"), ..survey(&[]) }), 1);
    assert_eq!(gone(Survey { skipped: skipped("framework/spymodel.yml"), ..survey(&[]) }), 0);
}

#[test]
fn a_broken_file_is_told_with_its_place() {
    let fault = |text: &str| Baseline::parse(text.as_bytes()).unwrap_err();
    let at = |message: &str, line, column| Fault { message: message.to_owned(), place: Some((line, column)) };
    let plain = |message: &str| Fault { message: message.to_owned(), place: None };
    let foreign = plain("it is no baseline: it lacks `\"kind\": \"importspy_hook baseline\"`");
    assert_eq!(fault(""), at("EOF while parsing a value", 1, 1));
    assert_eq!(fault("{\n  \"kind\": }"), at("expected value", 2, 11));
    assert_eq!(fault("[]"), foreign);
    assert_eq!(fault("{\"version\": 1}"), foreign);
    let with = |rest: &str| format!("{{\"kind\": \"importspy_hook baseline\"{rest}}}");
    assert_eq!(fault(&with("")), plain("its `schema` is not 1"));
    assert_eq!(
        fault(&with(", \"schema\": 2, \"violations\": 7")),
        plain("it was written by a newer importspy-hook (schema 2; this one reads 1)")
    );
    assert_eq!(fault(&with(", \"schema\": 1")).message, "missing field `violations`");
    let entry = ",\n\"schema\": 1, \"violations\": [{\"importer\": \"a\", \"module\": \"b\", \"contract\": \"c\",\n\"rule\": \"d\", \"code\": \"e\", \"count\": 0}]";
    let told = fault(&with(entry));
    assert_eq!((told.message.contains("nonzero"), told.place.map(|(line, _)| line)), (true, Some(3)), "{told:?}");
    assert!(Baseline::parse(b"\xff\xfe").is_err());
    assert_eq!(Baseline::parse("\u{FEFF}".as_bytes()).unwrap_err().message, "EOF while parsing a value");
}

#[test]
fn nothing_that_was_found_is_kept() {
    let mut one = survey(&[("a", &["x"])]);
    let Verdict::Blocked(report) = &mut one.pairs[0].verdict else { unreachable!() };
    let violation = &mut Arc::make_mut(report).violations[0];
    violation.found = Some("hunter2".to_owned());
    violation.message = "it is `hunter2`".to_owned();
    assert!(!Baseline::record(&one, &Here).to_text().contains("hunter2"));
}
