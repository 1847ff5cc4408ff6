//! The index against the parser: the same place for every path, whatever the style of the text.

use std::fmt::{Debug, Write as _};

use serde_yaml::Value;

use super::{Index, oracle};
use crate::contract::loader::load;
use crate::contract::path::ContractPath;
use crate::text::Span;

const CASES: [&str; 12] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/annotations.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/cases.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/classes.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/contracts_bad.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/discovery.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/environment.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/importers.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/queries.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/structure.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/values.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/versions.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/contract/position/samples.yaml")),
];

/// Keys that may or may not be there, beside those that are.
const KEYS: [&str; 6] = ["name", "value", "annotation", "arguments", "systems", "nowhere"];

/// Checks every path of `text`, and some that lead nowhere; tells how many.
fn agree(text: &str) -> usize {
    agree_on(text, &|span| (span.start, text.get(span.start..span.end)))
}

fn agree_on<T: Debug + PartialEq>(text: &str, aspect: &dyn Fn(Span) -> T) -> usize {
    let Some(value) = serde_yaml::from_str::<Value>(text).ok().filter(|value| !has_odd_key(value)) else { return 0 };
    let index = Index::new(text);
    let mut count = 0;
    visit(&value, &ContractPath::default(), &mut |path, key| {
        count += 1;
        let expected = oracle::locate(text, path, key);
        let found = index.locate(path, key);
        assert_eq!(found.map(aspect), expected.map(aspect), "`{path}` {key:?} in {text:?}\n{text}");
    });
    count
}

/// Whether a mapping has a list or mapping for a key: the oracle sees nothing after it.
fn has_odd_key(value: &Value) -> bool {
    match value {
        Value::Sequence(items) => items.iter().any(has_odd_key),
        Value::Mapping(entries) => {
            entries.iter().any(|(key, value)| key.is_sequence() || key.is_mapping() || has_odd_key(value))
        }
        _ => false,
    }
}

fn visit(value: &Value, path: &ContractPath, check: &mut impl FnMut(&ContractPath, Option<&str>)) {
    check(path, None);
    match value {
        Value::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                visit(item, &path.item(i, None), check);
            }
            check(&path.item(items.len(), None), None);
            check(path, Some("name"));
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                // No contract's path has a `<<`.
                if let Some(key) = key.as_str().filter(|key| *key != "<<") {
                    check(path, Some(key));
                    visit(value, &path.key(key.to_owned().leak()), check);
                }
            }
            for key in KEYS {
                check(path, Some(key));
                check(&path.key(key).item(1, None).key("x"), Some("name"));
            }
            check(&path.item(0, None), None);
        }
        _ => check(path, Some("value")),
    }
}

/// All texts in `value`.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Sequence(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Mapping(entries) => entries.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn on_the_contracts_of_all_cases() {
    let (mut contracts, mut places) = (0, 0);
    for cases in CASES {
        let cases: Value = serde_yaml::from_str(cases).unwrap();
        let mut found = Vec::new();
        texts(&cases, &mut found);
        for text in found {
            if load(text.as_bytes()).is_ok() {
                contracts += 1;
                places += agree(text);
            }
        }
    }
    assert!(contracts > 300 && places > 5_000, "{contracts} contracts, {places} places");
}

/// The case files are YAML themselves.
#[test]
fn on_the_case_files() {
    for cases in CASES {
        let start = cases.match_indices("\n- ").nth(6).map_or(cases.len(), |(at, _)| at + 1);
        assert!(agree(&cases[..start]) > 10);
    }
}

/// Writes random contracts in random styles.
struct Writer {
    state: u64,
    anchors: usize,
    out: String,
}

impl Writer {
    fn random(&mut self, below: usize) -> usize {
        crate::contract::random::random(&mut self.state, below)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.random(from.len())]
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A line end, perhaps after a comment or before an empty line, then the indentation.
    fn line(&mut self, indent: usize) {
        let end = self.pick(&["\n", "\n", "\n", "\n", " # é [\n", "\r\n", "\n\n", "\n  # - x\n"]);
        self.put(end);
        self.put(&" ".repeat(indent));
    }

    fn scalar(&mut self, flow: bool) {
        let text = if flow {
            self.pick(&["a", "b c", "'it''s'", "\"q \\\" ]\"", "5", "~", "true", "dict", "é", "'[x]'", "\"\"", "3.10"])
        } else {
            self.pick(&[
                "a",
                "b c",
                "'it''s'",
                "\"q \\\"\"",
                "-5",
                "~",
                "null",
                "dict[str, int]",
                "é",
                "''",
                "a:b",
                "x#y",
                "3.10",
                "!!str 5",
                "1e3",
            ])
        };
        self.put(text);
    }

    fn property(&mut self) {
        match self.random(8) {
            0 => {
                let _ = write!(self.out, "&a{} ", self.anchors);
                self.anchors += 1;
            }
            1 if self.random(3) == 0 => self.put("!!str "),
            _ => {}
        }
    }

    fn alias(&mut self) -> bool {
        let hit = self.anchors > 0 && self.random(7) == 0;
        if hit {
            let which = self.random(self.anchors);
            let _ = write!(self.out, "*a{which}");
        }
        hit
    }

    fn key(&mut self) {
        let key = self.pick(&["name", "value", "annotation", "'arguments'", "\"systems\"", "<<", "k", "long key"]);
        self.put(key);
    }

    fn flow(&mut self, depth: usize) {
        if self.alias() {
            self.put(" ");
            return;
        }
        let list = self.random(2) == 0;
        if depth == 0 || self.random(3) == 0 {
            return self.scalar(true);
        }
        self.put(if list { "[" } else { "{" });
        for i in 0..self.random(4) {
            if i > 0 {
                self.put(",");
            }
            match self.random(6) {
                0 => self.line(20),
                1 => {}
                _ => self.put(" "),
            }
            if !list {
                self.key();
                self.put(": ");
                if self.random(5) == 0 {
                    continue;
                }
            }
            self.flow(depth - 1);
        }
        self.put(if list { "]" } else { "}" });
    }

    /// A value; the output ends after a `-` or a `:`.
    fn block(&mut self, indent: usize, depth: usize, in_map: bool) {
        match self.random(9) {
            0 => return,
            1 if depth > 0 => {
                self.put(" ");
                return self.flow(3);
            }
            2 => {
                let head = self.pick(&[" |", " >-", " | # c"]);
                self.put(head);
                for _ in 0..=self.random(2) {
                    self.put("\n");
                    self.put(&" ".repeat(indent + 1));
                    self.put("text: [");
                }
                return;
            }
            _ => {}
        }
        self.put(" ");
        if self.alias() {
            return;
        }
        if depth == 0 || self.random(3) == 0 {
            self.property();
            return self.scalar(false);
        }
        let list = self.random(2) == 0;
        let inline = !in_map && self.random(2) == 0;
        let anchored = !inline && self.random(5) == 0;
        if anchored {
            // The oracle takes a comment after an anchor for the node.
            let _ = writeln!(self.out, "&a{}", self.anchors);
            self.anchors += 1;
        }
        let bare = in_map && list && self.random(2) == 0;
        let inner = if bare {
            indent
        } else if inline {
            indent + 2
        } else {
            indent + 1 + self.random(3)
        };
        for i in 0..=self.random(3) {
            match (inline, anchored, i) {
                (true, _, 0) => {}
                (_, true, 0) => self.put(&" ".repeat(inner)),
                _ => self.line(inner),
            }
            if list {
                self.put("-");
            } else {
                self.key();
                self.put(":");
            }
            self.block(inner, depth - 1, !list);
        }
    }

    fn contract(&mut self) -> String {
        self.out.clear();
        self.anchors = 0;
        for key in ["variables", "classes", "deployments"] {
            let _ = write!(self.out, "{key}:");
            self.block(0, 4, true);
            let end = self.pick(&["\n", "\n", "  # end\n", "\r\n", "\n\n"]);
            self.put(end);
        }
        std::mem::take(&mut self.out)
    }
}

#[test]
fn on_random_contracts() {
    let mut writer = Writer { state: 0x2545_F491_4F6C_DD1D, anchors: 0, out: String::new() };
    let (mut contracts, mut places) = (0, 0);
    for _ in 0..1_200 {
        let text = writer.contract();
        if crate::contract::guard::check(&text).is_ok() {
            let found = agree(&text);
            contracts += usize::from(found > 0);
            places += found;
        }
    }
    assert!(contracts > 300 && places > 20_000, "{contracts} contracts, {places} places");
}

/// Whatever a text is made of, both see the same nodes in it. Where they end, the oracle only guesses.
#[test]
fn on_random_pieces() {
    const PIECES: &[&str] = &[
        "[", "]", "{", "}", ", ", ": ", ":", "- ", "-", "? ", "\n", "\n  ", "\n    ", " ", "a", "b c", "'d'", "\"e\"",
        "name: ", "value: ", "- name: ", "|\n", ">-\n", "&x ", "*x ", "é", "1", "~", "---\n", "...\n", "\t",
    ];
    let mut writer = Writer { state: 0x9E37_79B9_7F4A_7C99, anchors: 0, out: String::new() };
    let mut texts = 0;
    for _ in 0..20_000 {
        let length = 1 + writer.random(12);
        let text: String = (0..length).map(|_| writer.pick(PIECES)).collect();
        if crate::contract::guard::check(&text).is_ok() {
            texts += usize::from(agree_on(&text, &|span| span.start) > 4);
        }
    }
    assert!(texts > 1_000, "{texts}");
}
