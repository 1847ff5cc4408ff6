//! Reports on everything that can be wrong at once: time in proportion to their size.

use std::time::{Duration, Instant};

use crate::compare::code::{Category, Entity};
use crate::compare::violation::Violation;
use crate::contract::path::ContractPath;
use crate::report::json::to_value;
use crate::report::text::{Style, render};

use super::sample::{IMPORTER, report, violation};

/// A report that all of `count` variables have another value.
fn all_wrong(contract: &str, count: usize) -> crate::report::Report {
    let variables = ContractPath::default().key("variables");
    let violations = (0..count).map(|i| Violation {
        path: variables.item(i, Some(&format!("v{i}"))),
        key: Some("value"),
        ..violation(Category::Mismatch, Entity::Variable, "another value")
    });
    report(contract, IMPORTER, violations.collect())
}

fn rendering(contract: &str, count: usize) -> Duration {
    let report = all_wrong(contract, count);
    let start = Instant::now();
    let text = render(&report, Style::Plain);
    let json = to_value(&report);
    let took = start.elapsed();
    assert!(text.contains("spymodel.yml:"));
    let places = json["violations"].as_array().unwrap();
    let last = &contract[contract.rfind("value: ").unwrap() + 7..];
    let line = contract.lines().count();
    assert_eq!(places.len(), count);
    assert_eq!(places[count - 1]["contract"]["line"], line);
    let width = places[count - 1]["contract"]["end_column"].as_u64().unwrap()
        - places[count - 1]["contract"]["column"].as_u64().unwrap();
    assert_eq!(usize::try_from(width).unwrap(), last.trim_end_matches(['\n', '}', ']']).len());
    took
}

#[test]
fn twenty_thousand_violations() {
    let block = |count: usize| {
        (0..count).fold("variables:\n".to_owned(), |text, i| text + &format!("- name: v{i}\n  value: 'x{i}'\n"))
    };
    // All in one line.
    let flow = |count: usize| {
        let text = (0..count).fold("variables: [".to_owned(), |text, i| {
            text + if i > 0 { ", " } else { "" } + &format!("{{name: v{i}, value: 'x{i}'}}")
        });
        text + "]\n"
    };
    for contract in [&block as &dyn Fn(usize) -> String, &flow] {
        let few = (0..3).map(|_| rendering(&contract(2_000), 2_000)).min().unwrap();
        let many = rendering(&contract(20_000), 20_000);
        assert!(many < few * 40 + Duration::from_millis(500), "{few:?} for 2,000 but {many:?} for 20,000");
        assert!(many < Duration::from_secs(20), "{many:?}");
    }
}
