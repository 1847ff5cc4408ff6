//! SARIF 2.1.0. A violation is a result; what could not be checked is a notification.

use std::collections::HashMap;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::check::identity::Identity;
use crate::check::survey::{Pair, Reason, Survey, Verdict};
use crate::compare::code::{ALL, Code};
use crate::report::Report;
use crate::report::codes::{self, Page};
use crate::report::escape;
use crate::report::places::{Place, Places};

use super::json::reason;
use super::{Settings, Spot, fault, uri};

/// The schema that the document follows.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative references are relative to: the working folder, which is where sources lie.
const BASE: &str = "SRCROOT";
/// Longest text, in characters.
const TEXT: usize = 600;
/// A notification that a contract can't be used.
const UNUSABLE: &str = "contract-error";

const REASONS: [(Reason, &str); 4] = [
    (Reason::Unreadable, "A file or folder can't be read."),
    (Reason::Unparsable, "A file does not parse, so what it imports is not known."),
    (Reason::Cycle, "A symbolic link leads back above itself."),
    (Reason::Dynamic, "What is imported is known only to the running program."),
];

#[derive(Serialize)]
struct Document<'s> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'s>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'s> {
    tool: Value,
    column_kind: &'static str,
    original_uri_base_ids: Value,
    invocations: Value,
    results: Results<'s>,
}

/// The results, which become data one after the other: there may be many.
struct Results<'s> {
    survey: &'s Survey,
    settings: &'s Settings<'s>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut seen = HashMap::new();
        for pair in &self.survey.pairs {
            let Verdict::Blocked(report) = &pair.verdict else { continue };
            let places = Places::new(report);
            for index in 0..report.violations.len() {
                list.serialize_element(&result(pair, report, &places, index, self.settings, &mut seen))?;
            }
        }
        list.end()
    }
}

pub(super) fn render(survey: &Survey, settings: &Settings<'_>) -> String {
    let run = Run {
        tool: json!({"driver": driver()}),
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: json!({BASE: {"description": message("The folder that the check was run in.")}}),
        invocations: json!([{
            "executionSuccessful": survey.is_complete(),
            "toolExecutionNotifications": notifications(survey, settings),
        }]),
        results: Results { survey, settings },
    };
    let document = Document { schema: SCHEMA, version: "2.1.0", runs: [run] };
    // As for JSON: nothing here fails.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn driver() -> Value {
    let mut notifications = vec![json!({
        "id": UNUSABLE,
        "shortDescription": {"text": "A contract can't be used."},
        "defaultConfiguration": {"level": "error"},
    })];
    notifications.extend(REASONS.iter().map(|(why, text)| {
        json!({
            "id": reason(*why),
            "shortDescription": {"text": text},
            "defaultConfiguration": {"level": "warning"},
        })
    }));
    json!({
        "name": "importspy-hook",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": codes::pages().map(rule).collect::<Vec<_>>(),
        "notifications": notifications,
    })
}

fn rule(page: &Page) -> Value {
    let code = page.code.to_string();
    let help = format!("{}\n\n`importspy-hook explain {code}` shows an example.", page.mend);
    json!({
        "id": code,
        "shortDescription": {"text": sentence(page.title)},
        "fullDescription": {"text": page.meaning},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": [page.code.category.as_str(), page.code.entity.as_str()]},
    })
}

/// `a class is missing` as `A class is missing.`
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn result<'r>(
    pair: &'r Pair,
    report: &'r Report,
    places: &Places<'r>,
    index: usize,
    settings: &Settings<'_>,
    seen: &mut HashMap<Identity, usize>,
) -> Value {
    let violation = &report.violations[index];
    let spot = Spot::new(pair, report, places, index);
    let rule = places.contract(index);
    let mut related = location(rule.map_or(pair.contract.as_str(), |place| place.path), rule.map(region), settings);
    related["id"] = 1.into();
    related["message"] = message(&format!("rule {}", violation.path));

    let relative = |path: &str| uri::relative(path, settings.folder).unwrap_or_else(|| path.to_owned());
    let identity = Identity::of(pair, violation, &relative);
    let fingerprint = identity.fingerprint();
    let nth = seen.entry(identity).or_insert(0);
    *nth += 1;
    json!({
        "ruleId": violation.code.to_string(),
        "ruleIndex": rule_index(violation.code),
        "level": "error",
        "kind": "fail",
        "message": {"text": told(report, index)},
        "locations": [location(spot.file, at(&spot), settings)],
        "relatedLocations": [related],
        "partialFingerprints": {"importspyHookViolation/v1": format!("{fingerprint}:{nth}")},
    })
}

/// What is wrong, what was expected and found, what to do, and a link to the rule.
fn told(report: &Report, index: usize) -> String {
    let violation = &report.violations[index];
    let mut text = inline(&violation.message);
    for (what, part) in [("expected", &violation.expected), ("found", &violation.found)] {
        if let Some(part) = part {
            text.extend(["\n", what, " ", &inline(part)]);
        }
    }
    if !violation.help.is_empty() {
        text.extend(["\nhelp: ", &inline(&violation.help)]);
    }
    let module = inline(&report.module);
    text.extend(["\nThis breaks the [contract](1) of `", &module, "`."]);
    text
}

fn rule_index(code: Code) -> Option<usize> {
    ALL.iter().position(|known| *known == code)
}

fn notifications(survey: &Survey, settings: &Settings<'_>) -> Vec<Value> {
    let unusable = survey.unusable.iter().map(|unusable| {
        let mut text = inline(&unusable.problem.message);
        if let Some(help) = &unusable.problem.help {
            text.extend(["\nhelp: ", &inline(help)]);
        }
        json!({
            "descriptor": {"id": UNUSABLE, "index": 0},
            "level": "error",
            "message": {"text": text},
            "locations": [location(&unusable.path, fault(unusable).map(region), settings)],
        })
    });
    let skipped = survey.skipped.iter().map(|skipped| {
        let index = REASONS.iter().position(|(reason, _)| *reason == skipped.reason).map(|index| index + 1);
        json!({
            "descriptor": {"id": reason(skipped.reason), "index": index},
            "level": "warning",
            "message": message(&skipped.detail),
            "locations": [location(&skipped.path, skipped.line.map(line_region), settings)],
        })
    });
    unusable.chain(skipped).collect()
}

fn location(path: &str, region: Option<Value>, settings: &Settings<'_>) -> Value {
    let (uri, is_relative) = uri::reference(path, settings.folder);
    let mut artifact = Map::new();
    artifact.insert("uri".to_owned(), uri.into());
    if is_relative {
        artifact.insert("uriBaseId".to_owned(), BASE.into());
    }
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact.into());
    if let Some(region) = region {
        physical.insert("region".to_owned(), region);
    }
    json!({"physicalLocation": physical})
}

fn at(spot: &Spot<'_>) -> Option<Value> {
    spot.place.map(region).or_else(|| spot.line.map(line_region))
}

fn region(place: Place<'_>) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

fn line_region(line: usize) -> Value {
    json!({"startLine": line.max(1)})
}

fn message(text: &str) -> Value {
    json!({"text": inline(text)})
}

/// Text from files: on one line, and free of what is a placeholder or a link in messages (SARIF 3.11.5 and 3.11.6).
fn inline(text: &str) -> String {
    escape::inline(text, TEXT).replace('{', "{{").replace('}', "}}").replace("](", "] (")
}
