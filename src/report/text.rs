//! A report for people, in the look of a modern compiler.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Padding, Snippet, Title};

use crate::compare::violation::{Context, Violation};

use super::escape;
use super::excerpt::{self, Excerpt, blank, notes, origin};
use super::places::Places;
use super::{Importer, Report};

pub use super::excerpt::Style;

/// How many violations are shown; the rest are counted.
const SHOWN: usize = 100;
/// Longest message, in characters.
const MESSAGE: usize = 400;
/// Longest expected or found text, in characters.
const VALUE: usize = 80;
/// Longest module name, in characters.
const NAME: usize = 120;
/// Longest path in a sentence, in characters.
const PATH: usize = 160;

/// What became of the import, for the last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It was stopped.
    #[default]
    Blocked,
    /// It went on, with a warning.
    Warned,
    /// Nothing was imported: the pair was only checked.
    Checked,
    /// The same, and nobody imports anything: the contract was named by hand.
    Compared,
}

/// The report on an import that was stopped. Ends without a line end.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    render_as(report, style, Outcome::Blocked)
}

/// The report, ending in what became of the import.
#[must_use]
pub fn render_as(report: &Report, style: Style, outcome: Outcome) -> String {
    render_placed(&Places::new(report), report, style, outcome)
}

pub(super) fn render_placed(places: &Places<'_>, report: &Report, style: Style, outcome: Outcome) -> String {
    if report.violations.is_empty() {
        return heading(report, outcome);
    }
    let shown = report.violations.len().min(SHOWN);
    let mut groups = Vec::with_capacity(shown * 4);
    let mut import_shown = false;
    for (index, violation) in report.violations.iter().take(SHOWN).enumerate() {
        if index > 0 {
            groups.push(blank());
        }
        groups.extend(block(places, report, index, violation, &mut import_shown));
    }
    let mut text = heading(report, outcome);
    text.push_str("\n\n");
    text.push_str(&excerpt::render(style, groups));
    text.push_str("\n\n");
    if report.violations.len() > SHOWN {
        let rest = thousands(report.violations.len() - SHOWN);
        let elsewhere = match outcome {
            Outcome::Blocked | Outcome::Warned => ".violations",
            Outcome::Checked | Outcome::Compared => "--format json",
        };
        text.extend(["… and ", rest.as_str(), " more (all are in ", elsewhere, ")\n\n"]);
    }
    text.push_str(&summary(report, outcome));
    text
}

/// `plugin` does not fit the contract of `framework` (framework/spymodel.yml)
fn heading(report: &Report, outcome: Outcome) -> String {
    let environment_only = !report.violations.is_empty()
        && report.violations.iter().all(|v| matches!(v.context, Context::Runtime | Context::Environment));
    let subject = match importer(&report.importer) {
        Some(importer) if !environment_only => importer,
        _ if environment_only || report.violations.is_empty() => "this environment".to_owned(),
        _ => "the importer".to_owned(),
    };
    let verb = if report.violations.is_empty() { "fits" } else { "does not fit" };
    let contract = escape::path(&report.contract.path, PATH);
    if outcome == Outcome::Compared {
        return format!("{subject} {verb} {contract}");
    }
    let module = escape::inline(&report.module, NAME);
    format!("{subject} {verb} the contract of `{module}` ({contract})")
}

/// 3 violations: `framework` was not imported by `plugin` (plugin.py)
fn summary(report: &Report, outcome: Outcome) -> String {
    let count = report.violations.len();
    let module = escape::inline(&report.module, NAME);
    let mut by = importer(&report.importer).unwrap_or_default();
    if let (Some(_), Some(source)) = (&report.importer.name, &report.importer.source) {
        by = format!("{by} ({})", escape::path(&source.path, PATH));
    }
    let sentence = match (outcome, by.is_empty()) {
        (Outcome::Blocked, true) => format!("`{module}` was not imported"),
        (Outcome::Blocked, false) => format!("`{module}` was not imported by {by}"),
        (Outcome::Warned, true) => format!("`{module}` was imported all the same"),
        (Outcome::Warned, false) => format!("`{module}` was imported by {by} all the same"),
        (Outcome::Checked, true) => format!("`{module}` would not be imported"),
        (Outcome::Checked, false) => format!("`{module}` would not be imported by {by}"),
        (Outcome::Compared, _) => {
            let file = report.importer.source.as_ref().map_or("", |source| &source.path);
            let contract = &report.contract.path;
            format!("{} does not fit {}", escape::path(file, PATH), escape::path(contract, PATH))
        }
    };
    format!("{} violation{}: {sentence}", thousands(count), if count == 1 { "" } else { "s" })
}

/// The importer's name in backquotes, or its file if it has no name.
fn importer(importer: &Importer) -> Option<String> {
    match (&importer.name, &importer.source) {
        (Some(name), _) => Some(format!("`{}`", escape::inline(name, NAME))),
        (None, Some(source)) => Some(format!("`{}`", escape::path(&source.path, PATH))),
        (None, None) => None,
    }
}

/// One violation: title, place in the importer, place in the contract, help.
///
/// A thing that is missing has no place in the importer. The first such violation shows the import
/// line instead, so that the reader sees what brought the contract in; once is enough.
fn block(
    places: &Places<'_>,
    report: &Report,
    index: usize,
    violation: &Violation,
    import_shown: &mut bool,
) -> Vec<Group<'static>> {
    let mut expected = labelled("expected", violation.expected.as_deref());
    let mut found = labelled("found", violation.found.as_deref());

    let title = escape::inline(&violation.message, MESSAGE).into_owned();
    let mut block = Block::new(Level::ERROR.primary_title(title).id(violation.code.to_string()));

    let mut span = places.importer_span(index);
    let in_module = matches!(violation.context, Context::Module | Context::Class);
    if span.is_none() && in_module && !*import_shown {
        span = places.import_span();
        *import_shown = span.is_some();
        if span.is_some() && found.is_none() {
            found = Some("imported here".to_owned());
        }
    }
    if let (Some(span), Some((source, lines))) = (span, places.importer_lines()) {
        let excerpt = Excerpt::new(lines, span);
        block.place(excerpt.origin(&source.path), Some(excerpt.snippet(AnnotationKind::Primary, found.take())));
    }

    let path = &report.contract.path;
    if let Some(span) = places.contract_span(index) {
        let excerpt = Excerpt::new(places.contract_lines(), span);
        let kind = if block.is_placed { AnnotationKind::Context } else { AnnotationKind::Primary };
        let label = joined(expected.take(), found.take()).or_else(|| Some("required here".to_owned()));
        block.place(excerpt.origin(path), Some(excerpt.snippet(kind, label)));
    } else {
        block.place(origin(&in_words(path, violation)), None);
    }

    let rest = joined(expected, found).unwrap_or_default();
    block.end(&[(Level::NOTE, &rest), (Level::HELP, &violation.help)])
}

/// A rule whose place in the contract's text is not known: framework/spymodel.yml (variables[engine].value)
fn in_words(contract: &str, violation: &Violation) -> String {
    let path = match (violation.path.to_string(), violation.key) {
        (path, Some(key)) if path.is_empty() => key.to_owned(),
        (path, Some(key)) => format!("{path}.{key}"),
        (path, None) => path,
    };
    if path.is_empty() { contract.to_owned() } else { format!("{contract} ({path})") }
}

fn labelled(what: &str, text: Option<&str>) -> Option<String> {
    let text = text?;
    let shown = escape::inline(text, VALUE);
    let is_cut_code = text.starts_with('`') && text.ends_with('`') && !shown.ends_with('`');
    Some(format!("{what} {shown}{}", if is_cut_code { "`" } else { "" }))
}

fn joined(expected: Option<String>, found: Option<String>) -> Option<String> {
    match (expected, found) {
        (Some(expected), Some(found)) => Some(format!("{expected}, {found}")),
        (expected, found) => expected.or(found),
    }
}

/// The groups of one finding. The renderer takes line and column of a place only where no snippet
/// is attached to it, so each snippet begins a group of its own.
pub(super) struct Block {
    groups: Vec<Group<'static>>,
    current: Group<'static>,
    is_placed: bool,
}

impl Block {
    pub(super) fn new(title: Title<'static>) -> Self {
        Self { groups: Vec::with_capacity(3), current: Group::with_title(title), is_placed: false }
    }

    /// A file, and the line in it. The first is `-->`, the others are `:::`.
    pub(super) fn place(
        &mut self,
        origin: Origin<'static>,
        snippet: Option<Snippet<'static, annotate_snippets::Annotation<'static>>>,
    ) {
        if self.is_placed {
            self.add(Padding);
        }
        self.is_placed = true;
        self.add(origin);
        if let Some(snippet) = snippet {
            self.groups.push(std::mem::replace(&mut self.current, blank()));
            self.add(snippet);
        }
    }

    /// The finished groups, ending in `remarks`.
    pub(super) fn end(mut self, remarks: &[(Level<'static>, &str)]) -> Vec<Group<'static>> {
        self.current = self.current.elements(notes(remarks));
        self.groups.push(self.current);
        self.groups
    }

    fn add(&mut self, element: impl Into<annotate_snippets::Element<'static>>) {
        self.current = std::mem::replace(&mut self.current, blank()).element(element);
    }
}

/// `12,345`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
