//! Why a contract can't be used, pointing into it.

use annotate_snippets::{AnnotationKind, Level};
use serde_json::{Value, json};

use crate::contract::problem::Problem;

use super::escape;
use super::excerpt::{self, Excerpt, Style, origin};
use super::json;
use super::lines::Lines;
use super::places::Place;
use super::text::Block;

/// The problem for people. `path` is the contract's; `text` what was read from it, if it could be
/// decoded. Ends without a line end.
#[must_use]
pub fn render_problem(problem: &Problem, path: &str, text: Option<&str>, style: Style) -> String {
    let message = escape::inline(&problem.message, 400).into_owned();
    let mut block = Block::new(Level::ERROR.primary_title(message));
    let mut at = problem.path.as_ref().map(|path| format!("at `{}`", escape::inline(path, 160)));
    if let (Some(span), Some(text)) = (problem.span, text) {
        let excerpt = Excerpt::new(&Lines::new(text), span);
        block.place(excerpt.origin(path), Some(excerpt.snippet(AnnotationKind::Primary, at.take())));
    } else {
        block.place(origin(path), None);
    }
    let at = at.unwrap_or_default();
    let help = problem.help.as_deref().unwrap_or_default();
    let groups = block.end(&[(Level::NOTE, &at), (Level::HELP, help)]);
    format!("the contract can't be used\n\n{}", excerpt::render(style, groups))
}

/// The problem for programs: `{schema, contract, message, path, help, place}`.
#[must_use]
pub fn problem_to_value(problem: &Problem, path: &str, text: Option<&str>) -> Value {
    let place = problem.span.zip(text).map(|(span, text)| json::place(Place::new(path, &Lines::new(text), span)));
    json!({
        "schema": json::SCHEMA,
        "contract": { "path": path },
        "message": problem.message,
        "path": problem.path,
        "help": problem.help,
        "place": place,
    })
}
