//! A survey in figures.

use std::fmt::Write as _;

use crate::check::survey::{Pair, Survey, Verdict};
use crate::report::text::thousands;

/// How many of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Importers that fit.
    pub fit: usize,
    /// Importers that are exempt.
    pub exempt: usize,
    /// Importers whose violations a baseline knows, all of them.
    pub known: usize,
    /// Importers that do not fit.
    pub blocked: usize,
    /// Violations, without those that a baseline knows.
    pub violations: usize,
}

impl Tally {
    /// Counts.
    #[must_use]
    pub fn of(survey: &Survey) -> Self {
        let mut tally = Self::default();
        for pair in &survey.pairs {
            *match standing(pair) {
                Standing::Fits => &mut tally.fit,
                Standing::Exempt => &mut tally.exempt,
                Standing::Known => &mut tally.known,
                Standing::Blocked => &mut tally.blocked,
            } += 1;
            if let Verdict::Blocked(report) = &pair.verdict {
                tally.violations += report.violations.len();
            }
        }
        tally
    }
}

/// A verdict after a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Fits,
    Exempt,
    Known,
    Blocked,
}

impl Standing {
    /// As it stands in formats for programs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Exempt => "exempt",
            Self::Known => "known",
            Self::Blocked => "blocked",
        }
    }
}

pub(super) fn standing(pair: &Pair) -> Standing {
    match &pair.verdict {
        Verdict::Fits => Standing::Fits,
        Verdict::Exempt(_) => Standing::Exempt,
        Verdict::Blocked(report) if report.violations.is_empty() => Standing::Known,
        Verdict::Blocked(_) => Standing::Blocked,
    }
}

/// All of it in one line, without a line end.
#[must_use]
pub fn summary(survey: &Survey) -> String {
    let tally = Tally::of(survey);
    let mut text = format!(
        "{} checked: {} fit, {} exempt",
        counted(survey.pairs.len(), "pair"),
        thousands(tally.fit),
        thousands(tally.exempt)
    );
    // Writing to a string can't fail.
    if survey.baseline.is_some() {
        let _ = write!(text, ", {} known", thousands(tally.known));
    }
    let _ = write!(text, ", {} blocked", thousands(tally.blocked));
    if tally.violations > 0 {
        let _ = write!(text, " ({})", counted(tally.violations, "violation"));
    }
    if let Some(compared) = &survey.baseline {
        let _ = write!(text, "; {} in the baseline", counted(compared.known, "violation"));
    }
    if !survey.unusable.is_empty() {
        let _ = write!(text, "; {} can't be used", counted(survey.unusable.len(), "contract"));
    }
    if !survey.skipped.is_empty() {
        let _ = write!(text, "; {} not checked", thousands(survey.skipped.len()));
    }
    let extent = &survey.extent;
    let (files, contracts) = (counted(extent.files, "file"), counted(extent.contracts, "contract"));
    let _ = write!(text, "; {files}, {contracts}, {:.2} s", extent.elapsed.as_secs_f64());
    text
}

/// `1 file`, `2 files`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}
