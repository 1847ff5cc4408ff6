//! A report for programs. The shape is versioned by `schema`; within a version, keys are only added.

use serde_json::{Value, json};

use crate::observed::platform::Platform;

use super::Report;
use super::places::{Place, Places};

/// The version of the shape.
pub const SCHEMA: u32 = 1;

/// The report as data.
#[must_use]
pub fn to_value(report: &Report) -> Value {
    placed_value(&Places::new(report), report)
}

pub(super) fn placed_value(places: &Places<'_>, report: &Report) -> Value {
    json!({
        "schema": SCHEMA,
        "module": report.module,
        "importer": {
            "name": report.importer.name,
            "file": report.importer.source.as_ref().map(|source| source.path.as_str()),
            "line": report.importer.line,
        },
        "contract": { "path": report.contract.path },
        "environment": environment(&report.platform),
        "ok": report.violations.is_empty(),
        "violations": violations(places, report),
    })
}

/// `{arch, os, python, interpreter}`.
pub(super) fn environment(platform: &Platform) -> Value {
    json!({
        "arch": platform.arch,
        "os": platform.os,
        "python": platform.python_text,
        "interpreter": platform.interpreter,
    })
}

pub(super) fn violations(places: &Places<'_>, report: &Report) -> Vec<Value> {
    (0..report.violations.len()).map(|index| violation(places, report, index)).collect()
}

fn violation(places: &Places<'_>, report: &Report, index: usize) -> Value {
    let violation = &report.violations[index];
    json!({
        "code": violation.code.to_string(),
        "category": violation.code.category.as_str(),
        "entity": violation.code.entity.as_str(),
        "context": violation.context.as_str(),
        "path": violation.path.to_string(),
        "key": violation.key,
        "message": violation.message,
        "expected": violation.expected,
        "found": violation.found,
        "help": violation.help,
        "contract": places.contract(index).map(place),
        "importer": places.importer(index).map(place),
    })
}

/// `{file, line, column, end_line, end_column}`.
pub(super) fn place(place: Place<'_>) -> Value {
    json!({
        "file": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    })
}
