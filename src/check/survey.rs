//! What came of checking files: the one result that every output format shows.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::problem::Problem;
use crate::observed::platform::Platform;
use crate::report::Report;

/// Everything that was found, in a stable order: by importer, line, guarded module, contract.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Files and folders as they were named.
    pub roots: Vec<String>,
    /// What the environment part of contracts was compared with.
    pub platform: Platform,
    /// Every importer with every contract that it meets.
    pub pairs: Vec<Pair>,
    /// Contracts that can't be used.
    pub unusable: Vec<Unusable>,
    /// What was not checked, and why. What is not in here was.
    pub skipped: Vec<Skipped>,
    /// How much was looked at.
    pub extent: Extent,
    /// What a baseline made of it; none if none was given.
    pub baseline: Option<Compared>,
}

/// An importer and a contract that it meets.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The guarded module.
    pub module: String,
    /// The importing module's name.
    pub importer: String,
    /// The importing file.
    pub file: String,
    /// The line of the first import that leads there, from 1; none where a contract was named by hand.
    pub line: Option<usize>,
    /// The contract's path.
    pub contract: String,
    /// What was decided.
    pub verdict: Verdict,
}

/// What was decided of a pair.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The importer fits.
    Fits,
    /// It is exempt from all but the environment part, which fits.
    Exempt(Exemption),
    /// It does not fit. The report has at least one violation, or had before a baseline took it out.
    Blocked(Arc<Report>),
}

/// Why an importer is exempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exemption {
    /// It is inside the boundary.
    Boundary,
    /// `trusted_importers` names it.
    Trusted,
}

/// A contract that can't be used.
#[derive(Clone, Debug)]
pub struct Unusable {
    /// Its path.
    pub path: String,
    /// Its text, if it could be decoded.
    pub text: Option<Arc<str>>,
    /// What is wrong.
    pub problem: Problem,
}

/// Something that was not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file or folder.
    pub path: String,
    /// The line, where one is meant.
    pub line: Option<usize>,
    /// Which kind of reason.
    pub reason: Reason,
    /// The reason in words, as a clause: `its source does not parse: …`.
    pub detail: String,
}

/// Why something was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It can't be read, though Python might run it.
    Unreadable,
    /// It does not parse: what it would import is not known, but Python can't run it either.
    Unparsable,
    /// A symbolic link that leads back above itself.
    Cycle,
    /// What only the running program knows: the target of a computed import, modules in an archive.
    Dynamic,
}

impl Reason {
    /// Whether the check has a gap that its input is to blame for, so that it can't say that all is well.
    #[must_use]
    pub fn is_bad_input(self) -> bool {
        matches!(self, Self::Unreadable | Self::Cycle)
    }
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Python files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Contracts.
    pub contracts: usize,
    /// Modules that these guard.
    pub guarded: usize,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a baseline made of the violations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Violations that it had, which count no more.
    pub known: usize,
    /// What it has and is no longer found, in words.
    pub gone: Vec<String>,
}

impl Survey {
    /// Whether everything that was named could be used and looked at.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_named = |skipped: &Skipped| skipped.reason == Reason::Unparsable && self.roots.contains(&skipped.path);
        let is_gap = |skipped: &Skipped| skipped.reason.is_bad_input() || is_named(skipped);
        self.unusable.is_empty() && !self.skipped.iter().any(is_gap)
    }

    /// The reports of pairs that do not fit.
    pub fn reports(&self) -> impl Iterator<Item = &Arc<Report>> {
        self.pairs.iter().filter_map(|pair| match &pair.verdict {
            Verdict::Blocked(report) => Some(report),
            Verdict::Fits | Verdict::Exempt(_) => None,
        })
    }

    /// Whether no importer falls short of a contract.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.reports().all(|report| report.violations.is_empty())
    }
}
