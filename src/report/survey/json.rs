//! For programs. The shape is versioned by `schema`; within a version, keys are only added.
//! `docs/schemas/check.schema.json` describes it.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::check::survey::{Exemption, Pair, Reason, Skipped, Survey, Unusable, Verdict};
use crate::report::json::{environment, violations};
use crate::report::places::Places;
use crate::report::problem::problem_to_value;

use super::Settings;
use super::statistics::Statistics;
use super::tally::{Tally, standing};

/// The version of the shape.
const SCHEMA: u32 = 1;

/// The document. Pairs become data one after the other: there may be many.
#[derive(Serialize)]
struct Document<'s> {
    schema: u32,
    tool: Value,
    ok: bool,
    roots: &'s [String],
    environment: Value,
    summary: Value,
    #[serde(serialize_with = "pairs")]
    pairs: &'s [Pair],
    unusable: Vec<Value>,
    skipped: Vec<Value>,
    baseline: Option<Value>,
    statistics: Option<Value>,
}

pub(super) fn render(survey: &Survey, settings: &Settings<'_>) -> String {
    let document = Document {
        schema: SCHEMA,
        tool: json!({"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")}),
        ok: survey.fits() && survey.is_complete(),
        roots: &survey.roots,
        environment: environment(&survey.platform),
        summary: summary(survey),
        pairs: &survey.pairs,
        unusable: survey.unusable.iter().map(unusable).collect(),
        skipped: survey.skipped.iter().map(skipped).collect(),
        baseline: survey.baseline.as_ref().map(|it| json!({"known": it.known, "gone": it.gone})),
        statistics: settings.statistics.then(|| Statistics::of(survey).data()),
    };
    // All keys are text and nothing here fails: an error can only mean that there is no memory left.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn summary(survey: &Survey) -> Value {
    let (tally, extent) = (Tally::of(survey), &survey.extent);
    json!({
        "pairs": survey.pairs.len(),
        "fit": tally.fit,
        "exempt": tally.exempt,
        "known": tally.known,
        "blocked": tally.blocked,
        "violations": tally.violations,
        "unusable": survey.unusable.len(),
        "skipped": survey.skipped.len(),
        "files": extent.files,
        "bytes": extent.bytes,
        "contracts": extent.contracts,
        "guarded": extent.guarded,
        "seconds": extent.elapsed.as_secs_f64(),
    })
}

fn pairs<S: Serializer>(pairs: &&[Pair], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pairs.iter().map(pair))
}

fn pair(pair: &Pair) -> Value {
    let exemption = match pair.verdict {
        Verdict::Exempt(Exemption::Boundary) => Some("boundary"),
        Verdict::Exempt(Exemption::Trusted) => Some("trusted"),
        Verdict::Fits | Verdict::Blocked(_) => None,
    };
    let violations = match &pair.verdict {
        Verdict::Blocked(report) => violations(&Places::new(report), report),
        Verdict::Fits | Verdict::Exempt(_) => Vec::new(),
    };
    json!({
        "module": pair.module,
        "importer": {"name": pair.importer, "file": pair.file, "line": pair.line},
        "contract": {"path": pair.contract},
        "verdict": standing(pair).as_str(),
        "exemption": exemption,
        "violations": violations,
    })
}

fn unusable(unusable: &Unusable) -> Value {
    let mut value = problem_to_value(&unusable.problem, &unusable.path, unusable.text.as_deref());
    if let Some(fields) = value.as_object_mut() {
        // The document has its own.
        fields.remove("schema");
    }
    value
}

fn skipped(skipped: &Skipped) -> Value {
    json!({
        "file": skipped.path,
        "line": skipped.line,
        "reason": reason(skipped.reason),
        "detail": skipped.detail,
    })
}

/// As it stands in formats for programs.
pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Unreadable => "unreadable",
        Reason::Unparsable => "unparsable",
        Reason::Cycle => "cycle",
        Reason::Dynamic => "dynamic",
    }
}
