//! Whole surveys in every format.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod shapes;

use std::sync::Arc;
use std::time::Duration;

use crate::check::survey::{Compared, Exemption, Extent, Pair, Reason, Skipped, Survey, Unusable, Verdict};
use crate::contract::problem::Problem;
use crate::report::Report;
use crate::report::tests::sample::{report, several, span};
use crate::report::text::Style;

use super::{Format, Settings, render};

const FORMATS: [Format; 5] = [Format::Text, Format::Json, Format::Sarif, Format::Github, Format::Junit];

fn pair(importer: &str, verdict: Verdict) -> Pair {
    Pair {
        module: "framework".to_owned(),
        importer: importer.to_owned(),
        file: format!("{importer}.py"),
        line: Some(1),
        contract: "framework/spymodel.yml".to_owned(),
        verdict,
    }
}

fn blocked(importer: &str, report: Report) -> Pair {
    pair(importer, Verdict::Blocked(Arc::new(report)))
}

/// One pair of each kind, a contract that can't be used, a file that does not parse, and a baseline.
fn survey() -> Survey {
    let (report, _) = several();
    let known = Report { violations: Vec::new(), ..report.clone() };
    let text = "version: ^1.4\nvars: []\n";
    Survey {
        roots: vec![".".to_owned()],
        platform: report.platform.clone(),
        pairs: vec![
            pair("good", Verdict::Fits),
            pair("host", Verdict::Exempt(Exemption::Trusted)),
            blocked("known", known),
            blocked("plugin", report),
        ],
        unusable: vec![Unusable {
            path: "other/spymodel.yml".to_owned(),
            text: Some(text.into()),
            problem: Problem {
                message: "unknown key `vars`".to_owned(),
                span: span(text, "vars"),
                path: None,
                help: Some("did you mean `variables`?".to_owned()),
            },
        }],
        skipped: vec![Skipped {
            path: "broken.py".to_owned(),
            line: Some(3),
            reason: Reason::Unparsable,
            detail: "its source does not parse".to_owned(),
        }],
        extent: Extent { files: 1_234, bytes: 9, contracts: 2, guarded: 1, elapsed: Duration::from_millis(1_250) },
        baseline: Some(Compared { known: 2, gone: vec!["old.py: missing-variable".to_owned()] }),
    }
}

fn shown(survey: &Survey, format: Format) -> String {
    render(survey, format, &Settings { style: Style::Plain, statistics: true, folder: "/srv/app" })
}

/// Nothing at all.
fn empty() -> Survey {
    Survey {
        roots: Vec::new(),
        platform: report("", "", Vec::new()).platform,
        pairs: Vec::new(),
        unusable: Vec::new(),
        skipped: Vec::new(),
        extent: Extent::default(),
        baseline: None,
    }
}
