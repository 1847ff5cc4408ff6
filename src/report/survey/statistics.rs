//! Violations counted by code, by contract and by importer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::check::survey::{Survey, Verdict};
use crate::report::escape;
use crate::report::text::thousands;

/// How many importers are listed.
const IMPORTERS: usize = 10;
/// Longest name, in characters.
const NAME: usize = 160;

/// Names with their counts, the greatest count first.
type Counts = Vec<(String, usize)>;

/// The counts of a survey.
pub(super) struct Statistics {
    codes: Counts,
    contracts: Counts,
    importers: Counts,
}

impl Statistics {
    pub(super) fn of(survey: &Survey) -> Self {
        let (mut codes, mut contracts, mut importers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for pair in &survey.pairs {
            let Verdict::Blocked(report) = &pair.verdict else { continue };
            let count = report.violations.len();
            for violation in &report.violations {
                *codes.entry(violation.code).or_default() += 1;
            }
            *contracts.entry(pair.contract.as_str()).or_default() += count;
            *importers.entry(pair.file.as_str()).or_default() += count;
        }
        let codes = codes.into_iter().map(|(code, count): (_, usize)| (code.to_string(), count)).collect();
        let named = |counts: BTreeMap<&str, usize>| {
            sorted(counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, n)| (name.to_owned(), n)).collect())
        };
        Self { codes: sorted(codes), contracts: named(contracts), importers: named(importers) }
    }

    /// For people: three short tables.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let importers = &self.importers[..self.importers.len().min(IMPORTERS)];
        let more = match self.importers.len() {
            count if count > IMPORTERS => format!(" (the first {IMPORTERS} of {})", thousands(count)),
            _ => String::new(),
        };
        let tables = [("code", "", &self.codes[..]), ("contract", "", &self.contracts), ("importer", &more, importers)];
        for (by, note, counts) in tables {
            // Writing to a string can't fail.
            let _ = writeln!(text, "violations by {by}{note}");
            let width = counts.first().map_or(0, |(_, count)| thousands(*count).len());
            for (name, count) in counts {
                let _ = writeln!(text, "  {:>width$}  {}", thousands(*count), escape::path(name, NAME));
            }
            text.push('\n');
        }
        text
    }

    /// `{codes, contracts, importers}`, each a list of `{name, count}`.
    pub(super) fn data(&self) -> Value {
        let list = |counts: &Counts| -> Vec<Value> {
            counts.iter().map(|(name, count)| json!({"name": name, "count": count})).collect()
        };
        json!({
            "codes": list(&self.codes),
            "contracts": list(&self.contracts),
            "importers": list(&self.importers),
        })
    }
}

fn sorted(mut counts: Counts) -> Counts {
    counts.sort_by(|(_, a), (_, b)| b.cmp(a));
    counts
}
