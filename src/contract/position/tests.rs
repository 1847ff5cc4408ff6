use super::*;
use crate::contract::path::ContractPath;

fn locate(text: &str, path: &ContractPath, key: Option<&str>) -> Option<Span> {
    Index::new(text).locate(path, key)
}

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
