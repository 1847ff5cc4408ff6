//! What was decided lately, as data.

use std::collections::{BTreeMap, HashSet, VecDeque};

use parking_lot::Mutex;

/// Decisions that are remembered for `decisions()`.
const REMEMBERED: usize = 1000;

/// Why a decision is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Everything asked for is there.
    Fits,
    /// Something is not.
    Violations,
    /// The importer is inside the boundary; the environment fits.
    Boundary,
    /// The contract trusts the importer; the environment fits.
    Trusted,
    /// No Python code imports it; the environment fits.
    NoImporter,
    /// The contract can't be used.
    Error,
}

impl Reason {
    /// As it stands in `decisions()`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Violations => "violations",
            Self::Boundary => "boundary",
            Self::Trusted => "trusted",
            Self::NoImporter => "no-importer",
            Self::Error => "error",
        }
    }
}

/// One decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The guarded module.
    pub module: String,
    /// The importer, as reports call it.
    pub importer: String,
    /// The contract's path.
    pub contract: String,
    /// Whether the import was let through (in report mode: would have been).
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
    /// Codes of the violations, in contract order.
    pub codes: Vec<String>,
    /// What it took, in microseconds.
    pub microseconds: f64,
}

/// The latest decisions, oldest first, and whom they let in.
#[derive(Default)]
pub struct Log {
    latest: Mutex<VecDeque<Decision>>,
    /// Modules that anybody was let in to, ever.
    opened: Mutex<HashSet<String>>,
    /// Modules that came past all decisions, with their contracts.
    past: Mutex<BTreeMap<String, String>>,
}

impl Log {
    /// Adds one. A refusal is a warning in the log: nothing else may come of it, if it is only reported or swallowed.
    pub fn add(&self, decision: Decision, report_only: bool) {
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(
                    target: "importspy_hook::decision",
                    module = decision.module, importer = decision.importer, contract = decision.contract,
                    allowed = decision.allowed, reason = decision.reason.as_str(), violations = decision.codes.len(),
                    microseconds = decision.microseconds,
                    "import decided"
                )
            };
        }
        if decision.allowed {
            log!(info);
        } else {
            log!(warn);
        }
        if decision.allowed || report_only {
            self.open(&decision.module);
        }
        let mut latest = self.latest.lock();
        if latest.len() == REMEMBERED {
            latest.pop_front();
        }
        latest.push_back(decision);
    }

    /// Notes that the import of `module` may go on.
    pub fn open(&self, module: &str) {
        let mut opened = self.opened.lock();
        if !opened.contains(module) {
            opened.insert(module.to_owned());
        }
    }

    /// Whether anybody was let in to `module`, ever.
    pub fn has_opened(&self, module: &str) -> bool {
        self.opened.lock().contains(module)
    }

    /// Notes that `module` runs although nobody was let in to it, and says so once.
    pub fn came_past(&self, module: &str, contract: &str) {
        let is_news = {
            let mut past = self.past.lock();
            past.len() < REMEMBERED && past.insert(module.to_owned(), contract.to_owned()).is_none()
        };
        if is_news {
            tracing::warn!(target: "importspy_hook::decision", module, contract, "ran without a decision");
        }
    }

    /// Modules that came past all decisions, and their contracts, by name.
    pub fn past(&self) -> Vec<(String, String)> {
        self.past.lock().iter().map(|(module, contract)| (module.clone(), contract.clone())).collect()
    }

    /// All that are remembered, oldest first.
    pub fn all(&self) -> Vec<Decision> {
        self.latest.lock().iter().cloned().collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.latest.lock().clear();
    }
}
