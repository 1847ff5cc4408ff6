//! Names, paths and texts that nobody vouches for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::check::survey::{Survey, Verdict};
use crate::report::tests::sample::{several, source};
use crate::report::{Importer, Report};

use super::{Compared, Format, blocked, shown, survey};

/// Bits that mean something in one of the formats or to a terminal.
const BITS: &[&str] = &[
    "\u{1b}[31m",
    "\n",
    "\r\n",
    "\0",
    "\u{7f}",
    "\u{9b}",
    "\u{202e}",
    "\u{2028}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\t",
    "]]>",
    "<!--",
    "</testcase>",
    "<",
    "&",
    "&amp;",
    "\"",
    "'",
    "::error::",
    "::set-output name=x::",
    "%",
    "%0A",
    ",",
    ":",
    "{0}",
    "{",
    "}",
    "](https://example.org)",
    "[",
    "\\",
    "/",
    "..",
    "é",
    "👩‍🚀",
    " ",
    "#",
    "?",
    "x",
];

/// Texts that are the same in every run.
struct Texts(u64);

impl Texts {
    fn next(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.number(12) {
            text.push_str(BITS[self.number(BITS.len())]);
        }
        text
    }

    fn number(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 40).unwrap() % below
    }
}

fn hostile(texts: &mut Texts) -> Survey {
    let mut all = survey();
    let (mut report, _) = several();
    for violation in &mut report.violations {
        violation.message = texts.next();
        violation.expected = Some(texts.next());
        violation.found = Some(texts.next());
        violation.help = texts.next();
    }
    let importer = Some(source(&texts.next(), &texts.next()));
    report.importer = Importer { name: Some(texts.next()), source: importer, line: Some(1) };
    report.contract = source(&texts.next(), &texts.next());
    report.module = texts.next();
    all.pairs.push(blocked("hostile", Report { violations: Vec::new(), ..report.clone() }));
    all.pairs.push(blocked("hostile", report));
    for pair in &mut all.pairs {
        for text in [&mut pair.module, &mut pair.importer, &mut pair.file, &mut pair.contract] {
            *text = texts.next();
        }
    }
    all.unusable[0].path = texts.next();
    all.unusable[0].problem.message = texts.next();
    all.unusable[0].problem.help = Some(texts.next());
    all.unusable[0].text = Some(texts.next().into());
    all.skipped[0].path = texts.next();
    all.skipped[0].detail = texts.next();
    all.baseline = Some(Compared { known: 1, gone: vec![texts.next(), texts.next()] });
    all.roots = vec![texts.next()];
    all
}

/// What could move a cursor, break a line, or reorder text.
fn is_loose(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}')
}

#[test]
fn whatever_the_names_are_every_format_stays_whole() {
    let mut texts = Texts(7);
    for _ in 0..400 {
        let survey = hostile(&mut texts);
        let violations: usize = survey.reports().map(|report| report.violations.len()).sum();

        let text = shown(&survey, Format::Text);
        assert!(!text.contains(is_loose), "{}", text.escape_debug());

        for format in [Format::Json, Format::Sarif] {
            let text = shown(&survey, format);
            serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        }

        let github = shown(&survey, Format::Github);
        assert!(!github.contains(is_loose), "{}", github.escape_debug());
        let lines: Vec<&str> = github.lines().collect();
        // Each finding is one command, and no text makes another.
        assert_eq!(lines.len(), violations + 1 + 1 + 2 + 1, "{github}");
        for line in &lines[..lines.len() - 1] {
            let (properties, _) = line[2..].split_once("::").unwrap();
            let (kind, properties) = properties.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&kind), "{line}");
            for property in properties.split(',').filter(|_| kind != "notice") {
                let (name, _) = property.split_once('=').unwrap_or_else(|| panic!("{line}"));
                assert!(["file", "line", "col", "endLine", "endColumn", "title"].contains(&name), "{line}");
            }
        }
        assert_well_formed(&shown(&survey, Format::Junit), survey.pairs.len() + 2);
    }
}

/// Every `<` begins one of our tags, every tag is ended, and there is nothing that XML can't hold.
fn assert_well_formed(text: &str, cases: usize) {
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n").unwrap();
    assert!(!body.contains(|c: char| (c < ' ' && c != '\n' && c != '\t') || matches!(c, '\u{FFFE}' | '\u{FFFF}')));
    let mut open = Vec::new();
    let mut seen = 0;
    for piece in body.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').unwrap();
        assert!(!content.contains('>'), "{content}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{text}");
            continue;
        }
        assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(
            ["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"].contains(&name),
            "{tag}"
        );
        seen += usize::from(name == "testcase");
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(seen, cases);
}

#[test]
fn time_grows_with_the_number_of_pairs() {
    let (report, _) = several();
    let report = Arc::new(report);
    let rendering = |count: usize, format: Format| {
        let mut all = survey();
        let verdict = || Verdict::Blocked(Arc::clone(&report));
        all.pairs = (0..count).map(|i| super::pair(&format!("m{i}"), verdict())).collect();
        let start = Instant::now();
        shown(&all, format);
        start.elapsed()
    };
    for format in super::FORMATS {
        // The machine may be busy: the best of three, and room for the rest.
        let best = |count| (0..3).map(|_| rendering(count, format)).min().unwrap_or_default();
        let (few, many) = (best(100), best(1_000));
        assert!(many < few * 40 + Duration::from_secs(2), "{format:?}: {few:?} for 100 but {many:?} for 1,000");
    }
}
