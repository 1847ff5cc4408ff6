//! Where the nodes of a contract stand in its text. Only asked when something is wrong.

use crate::text::Span;

use super::path::{self, ContractPath};
use super::place::{Found, Kind, Part, Step, find};
use super::token::{collection, previous, skip_properties, token};

/// The place of `path` (and of the value of `key` below it) in the contract's text.
///
/// A scalar is covered as it is written, quotes included, as far as its first line goes. An entry
/// of a list is represented by its `name`, any other list or mapping by its first line, a value
/// that is not written by its key. What comes through an alias is where its anchor is.
///
/// Falls back to the nearest ancestor that is there; the whole of an empty path is none.
#[must_use]
pub fn locate(text: &str, path: &ContractPath, key: Option<&str>) -> Option<Span> {
    let mut steps: Vec<Step> = path.0.iter().map(step).collect();
    steps.extend(key.map(|key| Step::Key(key.to_owned().into())));
    locate_steps(text, steps)
}

fn step(step: &path::Step) -> Step {
    match step {
        path::Step::Key(key) => Step::key(key),
        path::Step::Item { index, .. } => Step::Index(*index),
    }
}

/// As [`locate`], for any steps.
pub(super) fn locate_steps(text: &str, mut steps: Vec<Step>) -> Option<Span> {
    let mut merges = 0;
    while !steps.is_empty() {
        match find(text, &steps, Part::Value) {
            Found::At(at, kind) => return Some(cover(text, steps, at, &kind)),
            // The value may be inherited: then it stands in the merged mapping.
            Found::Lost { reached, merge: true } if merges < 4 => {
                merges += 1;
                steps.insert(reached.min(steps.len()), Step::key("<<"));
            }
            Found::Lost { reached, .. } => {
                steps.truncate(reached.min(steps.len() - 1));
                if steps.last() == Some(&Step::key("<<")) {
                    steps.pop();
                }
            }
        }
    }
    None
}

/// A scalar as it is written: the raw text of what `steps` lead to.
pub(super) fn raw_scalar<'t>(text: &'t str, steps: &[Step]) -> Option<&'t str> {
    match find(text, steps, Part::Value) {
        Found::At(at, kind @ (Kind::Scalar | Kind::Text(_))) => {
            let span = token(text, skip_properties(text, at), &kind);
            text.get(span.start..span.end)
        }
        _ => None,
    }
}

fn cover(text: &str, mut steps: Vec<Step>, at: usize, kind: &Kind) -> Span {
    let start = skip_properties(text, at);
    if *kind == Kind::Collection {
        if matches!(steps.last(), Some(Step::Index(_))) {
            steps.push(Step::key("name"));
            if let Found::At(at, kind @ (Kind::Text(_) | Kind::Scalar)) = find(text, &steps, Part::Value) {
                return token(text, skip_properties(text, at), &kind);
            }
        }
        return collection(text, start);
    }
    let span = token(text, start, kind);
    if *kind != Kind::Null || span.start < span.end {
        return span;
    }
    // Nothing is written there.
    if let (Some(Step::Key(_)), Found::At(at, kind)) = (steps.last(), find(text, &steps, Part::Key)) {
        return token(text, skip_properties(text, at), &kind);
    }
    previous(text, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# é — a comment that makes bytes and characters differ
filename: plugin.py   # trailing
version:
variables:
  - name: engine
    value: \"docker é\"  # ok
  - {name: flow, value: 5, annotation: 'dict[str, int]'}
  - name: plain
    annotation: dict[str, int]
    value: [1, [2, 3], \"]\"]
    one_of: [a, b]
  - &base
    name: anchored
    value: |
      text
  - <<: *base
    pattern: x
classes:
- name: 'It''s'
  superclasses: [Base, {name: Other}]
  methods:
  -
    name: run
  attributes: ~
deployments:
  - arch: x86_64
    systems:
      - os: [linux,
             darwin]
";

    fn path(text: &str) -> ContractPath {
        text.split('.').filter(|part| !part.is_empty()).fold(ContractPath::default(), |path, part| {
            match part.parse::<usize>() {
                Ok(index) => path.item(index, None),
                Err(_) => path.key(Box::leak(part.to_owned().into_boxed_str())),
            }
        })
    }

    #[test]
    fn places() {
        for (at, key, expected) in [
            ("", None, None),
            ("", Some("filename"), Some("plugin.py")),
            ("filename", None, Some("plugin.py")),
            ("version", None, Some("version")),
            ("variables.0", None, Some("engine")),
            ("variables.0", Some("value"), Some("\"docker é\"")),
            ("variables.0.value", None, Some("\"docker é\"")),
            ("variables.0", Some("annotation"), Some("engine")),
            ("variables.1", None, Some("flow")),
            ("variables.1", Some("value"), Some("5")),
            ("variables.1", Some("annotation"), Some("'dict[str, int]'")),
            ("variables.2", Some("annotation"), Some("dict[str, int]")),
            ("variables.2", Some("value"), Some("[1, [2, 3], \"]\"]")),
            ("variables.2.value.1", None, Some("[2, 3]")),
            ("variables.2.one_of.1", None, Some("b")),
            ("variables.3", None, Some("anchored")),
            ("variables.3", Some("value"), Some("|")),
            ("variables.4", Some("pattern"), Some("x")),
            ("variables.4", None, Some("<<: *base")),
            ("variables.4", Some("value"), Some("|")),
            ("variables.9", None, Some("- name: engine")),
            ("variables.0.methods.3", None, Some("engine")),
            ("classes.0", None, Some("'It''s'")),
            ("classes.0.superclasses.0", None, Some("Base")),
            ("classes.0.superclasses.1", None, Some("Other")),
            ("classes.0.methods.0", None, Some("run")),
            ("classes.0.methods.0.arguments", None, Some("run")),
            ("classes.0.attributes", None, Some("~")),
            ("deployments.0", None, Some("arch: x86_64")),
            ("deployments.0", Some("arch"), Some("x86_64")),
            ("deployments.0.systems.0", Some("os"), Some("[linux,")),
            ("deployments.0.systems.0.os.1", None, Some("darwin")),
            ("nowhere.0", None, None),
        ] {
            let found = locate(TEXT, &path(at), key).map(|span| &TEXT[span.start..span.end]);
            assert_eq!(found, expected, "{at} {key:?}");
        }
    }

    #[test]
    fn line_ends_and_broken_texts() {
        let text = "variables:\r\n- name: a\r\n  value: b c\r\n-\r\n";
        let at = |path_text: &str, key| locate(text, &path(path_text), key).map(|span| &text[span.start..span.end]);
        assert_eq!(at("variables.0", Some("value")), Some("b c"));
        assert_eq!(at("variables.1", None), Some("-"));
        // The file may have changed since it was read.
        for broken in ["", "variables: [", "- a", "variables: {", "\u{0}", "variables", "variables: !x [a]"] {
            let span = locate(broken, &path("variables.0"), Some("value"));
            assert!(span.is_none_or(|span| broken.get(span.start..span.end).is_some()), "{broken:?} {span:?}");
        }
    }
}
