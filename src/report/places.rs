//! Where each violation stands: in the contract and in the importer, as lines and columns.

use std::cell::OnceCell;

use crate::contract::position::Index;
use crate::text::Span;

use super::lines::Lines;
use super::{Report, Source};

/// A place in a file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'r> {
    /// The file, as the report names it.
    pub path: &'r str,
    /// The first line.
    pub line: usize,
    /// The column of the first character.
    pub column: usize,
    /// The line where the place ends.
    pub end_line: usize,
    /// The column just after the last character.
    pub end_column: usize,
}

impl<'r> Place<'r> {
    /// The place of `span` in the text that `lines` covers; a span outside it is brought inside.
    #[must_use]
    pub fn new(path: &'r str, lines: &Lines<'_>, span: Span) -> Self {
        let range = span.clamped(lines.text());
        let (start, end) = (lines.locate(range.start), lines.locate(range.end));
        Self { path, line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}

/// The places of a report's violations. Nothing is computed before it is asked for, nor twice.
#[derive(Debug)]
pub struct Places<'r> {
    report: &'r Report,
    contract_spans: Vec<OnceCell<Option<Span>>>,
    contract_index: OnceCell<Index>,
    contract_lines: OnceCell<Lines<'r>>,
    importer_lines: OnceCell<Lines<'r>>,
}

impl<'r> Places<'r> {
    /// The places of the violations of `report`, by their index there.
    #[must_use]
    pub fn new(report: &'r Report) -> Self {
        Self {
            report,
            contract_spans: vec![OnceCell::new(); report.violations.len()],
            contract_index: OnceCell::new(),
            contract_lines: OnceCell::new(),
            importer_lines: OnceCell::new(),
        }
    }

    /// As [`Self::new`], with the places in the contract already known.
    #[cfg(test)]
    pub(super) fn with_contract_spans(report: &'r Report, spans: &[Option<Span>]) -> Self {
        let contract_spans = spans.iter().map(|span| OnceCell::from(*span)).collect();
        Self { contract_spans, ..Self::new(report) }
    }

    /// Where the rule that violation `index` breaks stands in the contract.
    #[must_use]
    pub fn contract(&self, index: usize) -> Option<Place<'r>> {
        let span = self.contract_span(index)?;
        Some(Place::new(&self.report.contract.path, self.contract_lines(), span))
    }

    /// Where violation `index` stands in the importer. What is missing stands nowhere.
    #[must_use]
    pub fn importer(&self, index: usize) -> Option<Place<'r>> {
        let span = self.importer_span(index)?;
        let (source, lines) = self.importer_lines()?;
        Some(Place::new(&source.path, lines, span))
    }

    pub(super) fn contract_span(&self, index: usize) -> Option<Span> {
        let violation = self.report.violations.get(index)?;
        let find = || {
            let index = self.contract_index.get_or_init(|| Index::new(&self.report.contract.text));
            index.locate(&violation.path, violation.key)
        };
        *self.contract_spans.get(index)?.get_or_init(find)
    }

    pub(super) fn contract_lines(&self) -> &Lines<'r> {
        self.contract_lines.get_or_init(|| Lines::new(&self.report.contract.text))
    }

    pub(super) fn importer_span(&self, index: usize) -> Option<Span> {
        self.report.violations.get(index)?.importer_span
    }

    pub(super) fn importer_lines(&self) -> Option<(&'r Source, &Lines<'r>)> {
        let source = self.report.importer.source.as_ref()?;
        Some((source, self.importer_lines.get_or_init(|| Lines::new(&source.text))))
    }

    /// The line of the import, without the white space around it.
    pub(super) fn import_span(&self) -> Option<Span> {
        self.importer_lines()?.1.trimmed(self.report.importer.line?)
    }
}
