//! The line around a place, safe and short enough to show, in the form that the renderer takes.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Padding, Renderer, Snippet};

use crate::text::Span;

use super::escape;
use super::lines::Lines;

/// Lines with more bytes than this are cut around the place.
const LINE: usize = 160;
/// How many bytes of a cut line stand before the place.
const LEAD: usize = 40;
/// Paths with more characters than this lose their beginning.
const PATH: usize = 300;

/// How a report is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With terminal colours.
    Colour,
}

impl Style {
    /// The renderer for this style.
    pub(super) fn renderer(self) -> Renderer {
        match self {
            Self::Plain => Renderer::plain(),
            Self::Colour => Renderer::styled(),
        }
    }
}

/// One source line with a part of it to underline.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Its number, from 1.
    line: usize,
    /// The column of the underlined part in the file, from 1, in characters.
    column: usize,
    /// What is shown of the line.
    shown: String,
    /// The underlined bytes of `shown`.
    underlined: Range<usize>,
}

impl Excerpt {
    /// The line where `span` begins. White space at the ends of the span is not underlined, nor is
    /// what stands on further lines.
    pub(super) fn new(lines: &Lines<'_>, span: Span) -> Self {
        let text = lines.text();
        let mut range = span.clamped(text);
        let spanned = &text[range.clone()];
        let blank = spanned.len() - spanned.trim_start().len();
        if blank < spanned.len() {
            range.start += blank;
        }
        let at = lines.locate(range.start);
        let line = lines.line(at.line).unwrap_or(range.start..range.start);
        // A place on the line end itself is shown just after the last character.
        let start = range.start.min(line.end);
        let end = range.end.clamp(start, line.end);
        let end = start + text[start..end].trim_end().len();

        let cut = line.len() > LINE;
        let from = if cut { text.floor_char_boundary(line.start.max(start.saturating_sub(LEAD))) } else { line.start };
        let to = if cut { text.floor_char_boundary(line.end.min(from + LINE)) } else { line.end };

        let mut shown = String::with_capacity(to - from + 8);
        if from > line.start {
            shown.push('…');
        }
        push(&mut shown, &text[from..start]);
        let first = shown.len();
        push(&mut shown, &text[start..end.min(to)]);
        let underlined = first..shown.len();
        push(&mut shown, &text[end.min(to)..to]);
        if to < line.end {
            shown.push('…');
        }
        Self { line: at.line, column: lines.locate(start).column, shown, underlined }
    }

    /// `path:line:column`.
    pub(super) fn origin(&self, path: &str) -> Origin<'static> {
        origin(path).line(self.line).char_column(self.column)
    }

    /// The line with its underline.
    pub(super) fn snippet(self, kind: AnnotationKind, label: Option<String>) -> Snippet<'static, Annotation<'static>> {
        Snippet::source(self.shown).line_start(self.line).annotation(kind.span(self.underlined).label(label))
    }
}

/// A file as a whole.
pub(super) fn origin(path: &str) -> Origin<'static> {
    Origin::path(escape::path(path, PATH).into_owned())
}

/// The `= name: text` lines that end a block, each safe and on one line.
pub(super) fn notes<'a>(notes: &[(Level<'static>, &str)]) -> Vec<Element<'a>> {
    let mut elements = Vec::with_capacity(notes.len() + 1);
    for (level, text) in notes.iter().filter(|(_, text)| !text.is_empty()) {
        if elements.is_empty() {
            elements.push(Padding.into());
        }
        elements.push(level.clone().message(escape::inline(text, 600).into_owned()).into());
    }
    elements
}

/// Renders `groups` with one gutter width. The renderer ends the first of several groups with a
/// line of its own; an empty one takes that place.
pub(super) fn render(style: Style, groups: Vec<Group<'_>>) -> String {
    let mut all = Vec::with_capacity(groups.len() + 1);
    all.push(blank());
    all.extend(groups);
    let mut text = style.renderer().render(&all);
    text.drain(..usize::from(text.starts_with('\n')));
    text
}

/// A group that is one empty line.
pub(super) fn blank<'a>() -> Group<'a> {
    Group::with_level(Level::ERROR)
}

fn push(shown: &mut String, text: &str) {
    shown.extend(text.chars().map(escape::source));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, start: usize, end: usize) -> (usize, usize, String, String) {
        let Excerpt { line, column, shown, underlined } = Excerpt::new(&Lines::new(text), Span::new(start, end));
        let underlined = shown[underlined].to_owned();
        (line, column, shown, underlined)
    }

    fn expect(line: usize, column: usize, shown: &str, underlined: &str) -> (usize, usize, String, String) {
        (line, column, shown.to_owned(), underlined.to_owned())
    }

    #[test]
    fn only_the_first_line_is_shown() {
        assert_eq!(excerpt("a\r\n  b = [\r\n 1]\r\n", 5, 99), expect(2, 3, "  b = [", "b = ["));
        assert_eq!(excerpt("a\n\n  b \n", 1, 7), expect(3, 3, "  b ", "b"));
        assert_eq!(excerpt("a\rb\rc", 2, 3), expect(2, 1, "b", "b"));
    }

    #[test]
    fn no_span_is_too_strange() {
        assert_eq!(excerpt("", 0, 0), expect(1, 1, "", ""));
        assert_eq!(excerpt("", 7, 9), expect(1, 1, "", ""));
        assert_eq!(excerpt("ab\n", 3, 3), expect(2, 1, "", ""));
        assert_eq!(excerpt("ab\r\n", 2, 4), expect(1, 3, "ab", ""));
        assert_eq!(excerpt("ab\r\n", 3, 4), expect(1, 3, "ab", ""));
        assert_eq!(excerpt("ab", 2, 1), expect(1, 3, "ab", ""));
        assert_eq!(excerpt("aéb", 2, 2), expect(1, 2, "aéb", "é"));
    }

    #[test]
    fn controls_keep_their_columns() {
        assert_eq!(excerpt("\u{c}\tx\u{1b}\0 = 1", 2, 5), expect(1, 3, "␌\tx␛␀ = 1", "x␛␀"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}name = 1{}", "é".repeat(5_000), "z".repeat(5_000));
        let (line, column, shown, underlined) = excerpt(&text, 10_000, 10_004);
        assert_eq!((line, column, underlined.as_str()), (1, 5_001, "name"));
        assert_eq!(shown, format!("…{}name = 1{}…", "é".repeat(20), "z".repeat(112)));
        let (_, _, shown, underlined) = excerpt(&text, 10_000, 15_000);
        assert_eq!(shown, format!("…{}{underlined}…", "é".repeat(20)));
    }
}
