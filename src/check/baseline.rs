//! Violations that are known and put up with: recorded once, so that only new ones count.

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::identity::{Identity, is_installed, portable};
use super::paths::is_within;
use super::survey::{Compared, Survey, Verdict};

/// The version of the file format.
const SCHEMA: u64 = 1;
/// What the file says it is.
const KIND: &str = "importspy_hook baseline";

/// Known violations, and how many of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Identity, usize>);

/// Why a text is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, as a clause.
    pub message: String,
    /// Line and column, from 1, where they are known.
    pub place: Option<(usize, usize)>,
}

/// The paths of a survey, as a baseline has them.
pub trait Paths {
    /// `path` relative to the baseline's folder, with `/`.
    fn relative(&self, path: &str) -> String;
}

#[derive(Serialize, Deserialize)]
struct Entry {
    importer: String,
    module: String,
    contract: String,
    rule: String,
    code: String,
    count: NonZeroUsize,
}

impl Baseline {
    /// All violations of `survey`.
    pub fn record(survey: &Survey, paths: &dyn Paths) -> Self {
        let mut all = BTreeMap::new();
        for pair in &survey.pairs {
            if let Verdict::Blocked(report) = &pair.verdict {
                for violation in &report.violations {
                    *all.entry(Identity::of(pair, violation, &|path| paths.relative(path))).or_default() += 1;
                }
            }
        }
        Self(all)
    }

    /// How many violations it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file: sorted, one violation on a line, so that two versions of it are easily compared and merged.
    #[must_use]
    pub fn to_text(&self) -> String {
        let line = |(identity, count): (&Identity, &usize)| {
            let Identity { importer, module, contract, rule, code } = identity.clone();
            let count = NonZeroUsize::new(*count)?;
            serde_json::to_string(&Entry { importer, module, contract, rule, code, count }).ok()
        };
        let lines: Vec<String> = self.0.iter().filter_map(line).collect();
        let list = if lines.is_empty() { "[]".to_owned() } else { format!("[\n    {}\n  ]", lines.join(",\n    ")) };
        format!("{{\n  \"kind\": \"{KIND}\",\n  \"schema\": {SCHEMA},\n  \"violations\": {list}\n}}\n")
    }

    /// Reads what [`Self::to_text`] wrote. Entries may stand in any order, and twice.
    ///
    /// # Errors
    ///
    /// It is no baseline, or one of a later version.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct File {
            violations: Vec<Entry>,
        }
        let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
        let head: Value = serde_json::from_slice(bytes).map_err(|error| fault(&error))?;
        let plainly = |message: String| Fault { message, place: None };
        if head.get("kind").and_then(Value::as_str) != Some(KIND) {
            return Err(plainly(format!("it is no baseline: it lacks `\"kind\": \"{KIND}\"`")));
        }
        match head.get("schema").and_then(Value::as_u64) {
            Some(SCHEMA) => {}
            Some(newer) if newer > SCHEMA => {
                let message =
                    format!("it was written by a newer importspy-hook (schema {newer}; this one reads {SCHEMA})");
                return Err(plainly(message));
            }
            _ => return Err(plainly(format!("its `schema` is not {SCHEMA}"))),
        }
        let file: File = serde_json::from_slice(bytes).map_err(|error| fault(&error))?;
        let mut all = BTreeMap::new();
        for Entry { importer, module, contract, rule, code, count } in file.violations {
            let count_of = all.entry(Identity { importer, module, contract, rule, code }).or_insert(0_usize);
            *count_of = count_of.saturating_add(count.get());
        }
        Ok(Self(all))
    }

    /// `survey` without the violations that are known, and with what became of the others here.
    #[must_use]
    pub fn applied(mut self, mut survey: Survey, paths: &dyn Paths) -> Survey {
        let mut known = 0;
        for pair in &mut survey.pairs {
            let Verdict::Blocked(report) = &pair.verdict else { continue };
            let is_new =
                |violation: &_| match self.0.get_mut(&Identity::of(pair, violation, &|path| paths.relative(path))) {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        known += 1;
                        false
                    }
                    _ => true,
                };
            let mut report = Arc::clone(report);
            Arc::make_mut(&mut report).violations.retain(is_new);
            pair.verdict = Verdict::Blocked(report);
        }
        let gone = self.gone(&survey, paths);
        survey.baseline = Some(Compared { known, gone });
        survey
    }

    /// What is left over of what was looked at.
    fn gone(&self, survey: &Survey, paths: &dyn Paths) -> Vec<String> {
        let relative = |path: &String| paths.relative(path);
        let roots: Vec<String> = survey.roots.iter().map(relative).collect();
        let mut unseen: Vec<String> = survey.skipped.iter().map(|skipped| relative(&skipped.path)).collect();
        unseen.extend(survey.unusable.iter().map(|unusable| relative(&unusable.path)));
        let met: HashSet<String> = survey.pairs.iter().map(|pair| portable(relative(&pair.contract))).collect();
        let looked_at = |path: &str| {
            roots.iter().any(|root| is_within(path, root)) && !unseen.iter().any(|folder| is_within(path, folder))
        };
        let is_gone = |identity: &Identity| {
            let contract = &identity.contract;
            looked_at(&identity.importer)
                && (met.contains(contract) || (looked_at(contract) && !is_installed(contract)))
        };
        let left = self.0.iter().filter(|(identity, count)| **count > 0 && is_gone(identity));
        left.map(|(identity, count)| in_words(identity, *count)).collect()
    }
}

fn in_words(identity: &Identity, count: usize) -> String {
    let Identity { importer, module, contract, rule, code } = identity;
    let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
    let rule = if rule.is_empty() { String::new() } else { format!("`{rule}` of ") };
    format!("{importer}: {code}, {rule}{contract}, importing `{module}`{times}")
}

fn fault(error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
    Fault { message, place: (line > 0).then_some((line, column.max(1))) }
}

#[cfg(test)]
#[path = "baseline_tests.rs"]
mod tests;
