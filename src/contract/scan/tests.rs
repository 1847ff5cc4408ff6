use std::collections::HashSet;

use serde::de::IgnoredAny;

use super::*;
use crate::contract::random::random;

#[test]
fn facts() {
    let fact = |text: &str| {
        let facts = scan(text).unwrap();
        (facts.content, facts.aliases, facts.complete)
    };
    for (text, expected) in [
        ("", (false, false, true)),
        ("# only a comment\n\n", (false, false, true)),
        ("---\n...\n", (false, false, true)),
        ("%YAML 1.1\n---\na: b\n...\n", (true, false, true)),
        ("a: &x [1]\nb: *x\n", (true, true, true)),
        ("a: '*x'\nb: \"*x\"\nc: d *x\n# *x\ne: |\n  *x\nf: g\n", (true, false, true)),
        ("a: \"open", (true, false, false)),
        ("a:\n\t- b\n", (true, false, false)),
        ("a: @b", (true, false, false)),
    ] {
        assert_eq!(fact(text), expected, "{text:?}");
    }
}

#[test]
fn refusals_have_a_place() {
    for (text, message, start) in [
        ("a: !!python/object x", "unknown tag `!!python/object`", 3),
        ("a: !x y", "unknown tag `!x`", 3),
        ("a: ! y", "unknown tag `!`", 3),
        ("[!<x> y]", "unknown tag `!<x>`", 1),
        ("%TAG ! x\n---\n", "`%TAG` is not supported", 0),
        ("a: b\n---\nc: d\n", "the file holds more than one document", 5),
        ("a: b\n...\nc: d\n", "the file holds more than one document", 9),
        ("---\n---\n", "the file holds more than one document", 4),
    ] {
        let problem = scan(text).unwrap_err();
        assert_eq!((problem.message.as_str(), problem.span.unwrap().start), (message, start), "{text:?}");
    }
    for text in ["a: !!str 3", "a: !<tag:yaml.org,2002:str> 3", "a: '!x'", "a: b !x", "[!!int 3, !!map {}]"] {
        assert!(scan(text).unwrap().complete, "{text:?}");
    }
}

#[test]
fn depth_is_counted_whatever_hides_it() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "[ # ]\n".repeat(1000),
        "[ ']', \"]\", a-b:c, \n".repeat(1000),
        "[ 'it''s ]', ".repeat(1000),
        (0..1000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n"),
        (0..1000).fold(String::new(), |text, depth| {
            text + &" ".repeat(depth) + "- |\n" + &" ".repeat(depth + 1) + "]\n" + &" ".repeat(depth) + "-\n"
        }),
    ] {
        let problem = scan(&text);
        assert!(problem.as_ref().is_err_and(|problem| problem.message.contains("nests more than")), "{problem:?}");
    }
    let flat = "- {name: a, pattern: '[[[', x: [1, 2]} # [[[[\n- it's [[[\n- |\n  [[[[ ' \"\n".repeat(1000);
    assert!(scan(&flat).unwrap().complete);
}

/// The walk must see at least the depth that the parser sees, in every text the parser accepts.
#[test]
fn agrees_with_the_parser_on_random_texts() {
    const PIECES: &[&str] = &[
        "[", "]", "{", "}", ",", ":", ": ", "- ", "-", "? ", "\n", "\n  ", "\n    ", " ", "a", "b c", "'", "\"", "''",
        "\\", "#", " #", "|\n", ">-\n", "|2\n", "&x ", "*x ", "!!str ", "\t", "é", "\u{2028}", "\r\n", "---\n",
        "...\n", "1", "~", "%",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C99;
    let mut random = |below| random(&mut state, below);
    let mut accepted = HashSet::new();
    for _ in 0..40_000 {
        let length = 1 + random(14);
        let text: String = (0..length).map(|_| PIECES[random(PIECES.len())]).collect();
        if serde_yaml::from_str::<IgnoredAny>(&text).is_err() {
            continue;
        }
        let facts = scan(&text).unwrap_or_else(|problem| panic!("{text:?}: {problem:?}"));
        assert!(facts.complete, "the parser reads what the walk does not: {text:?}");
        let mut scanner = Scanner { text: &text, ..Scanner::default() };
        let mut deepest = 0;
        while scanner.token().unwrap() {
            deepest = deepest.max(scanner.indents.len() + scanner.flow);
        }
        let parsed: serde_yaml::Result<Depth> = serde_yaml::from_str(&text);
        if let Ok(Depth(real)) = parsed {
            // A list may stand at its key's own column, so one indentation can be two levels;
            // `[a: b]` makes a mapping without a bracket.
            assert!(real <= 2 * deepest, "{text:?}: {real} deep, {deepest} counted");
        }
        accepted.insert(text);
    }
    assert!(accepted.len() > 1000, "{}", accepted.len());
}

/// How deep the parsed collections nest.
struct Depth(usize);

impl<'de> serde::Deserialize<'de> for Depth {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn depth(value: &serde_yaml::Value) -> usize {
            match value {
                serde_yaml::Value::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
                serde_yaml::Value::Mapping(items) => {
                    1 + items.iter().map(|(key, value)| depth(key).max(depth(value))).max().unwrap_or(0)
                }
                _ => 0,
            }
        }
        Ok(Self(depth(&serde_yaml::Value::deserialize(deserializer)?)))
    }
}
