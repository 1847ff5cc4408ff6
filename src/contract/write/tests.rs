use super::*;
use crate::contract::loader;
use crate::contract::model::VariableRule;
use crate::contract::random::random;
use crate::value::Value;

/// The value that a contract with this one says, read back by the loader.
fn read_back(value: &Value) -> Option<Value> {
    let written = scalar::value(value)?;
    // In a block, in a flow mapping, and in a list in one.
    let text = format!(
        "variables:\n  - name: a\n    value: {written}\n  - {{name: b, value: {written}, annotation: int}}\n  - {{name: c, value: [{written}]}}\n"
    );
    let loaded = loader::load(text.as_bytes()).unwrap_or_else(|problem| panic!("{text}\n{problem:?}"));
    let values: Vec<Value> = loaded.contract.module.variables.into_iter().filter_map(|rule| rule.value).collect();
    let [block, flow, Value::List(inner)] = values.as_slice() else { panic!("{text}\n{values:?}") };
    assert!(same(block, flow) && same(block, &inner[0]), "{text}");
    Some(block.clone())
}

/// Equal, and of one type; `nan` is `nan`.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
        (Value::List(a) | Value::Tuple(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b,
    }
}

#[track_caller]
fn keeps(value: &Value) {
    let read = read_back(value).unwrap();
    assert!(same(value, &read), "{value:?} came back as {read:?}, written {}", scalar::value(value).unwrap());
}

const WORDS: &str = "a 5 -5 +5 5.0 1e5 1_000 0x1f 0o17 017 1:30 2024-01-01 .inf .nan nan inf yes no on off y n Y N true True false null Null ~ None
    a: :a #a a#b - --- ... ? *a &a !a %a @a `a | > [a ] {a } , ' '' 'a' \" \"a\" \\ \\n a\\ a'b\"c = << a=b list[str] ${a} {{x}} / . .. a.b * ** () (a)
    0 00 0. .5 1. 1e e1 é 日本 😀 a,b [a,b] {a:b} :: -a ?a <a> a/b C:\\a";
const TEXTS: [&str; 52] = [
    "",
    " ",
    "a: b",
    "a #b",
    "- a",
    "--- a",
    "? a",
    "| a",
    "a, b",
    "!!str a",
    "<!-- -->",
    "'quoted' then",
    "\"x\" y",
    "dict[str, int]",
    "str | None",
    "a  b",
    "- - -",
    " a",
    "a ",
    "a\tb",
    "\t",
    "a\nb",
    "\n",
    "a\n",
    "\n\na",
    "a\r\nb",
    "\r",
    "\0",
    "\u{7}",
    "\u{1b}[0m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{200b}",
    "\u{feff}",
    "\u{fffe}",
    "\u{10ffff}",
    "\u{e000}",
    "\u{ad}",
    "\u{61c}",
    "\u{180e}",
    "\u{3000}",
    "\u{fff9}",
    "\u{d7ff}",
    "\u{fdd0}",
    "\u{2066}a",
    "a:\n  - b",
    "---\n...",
    "# a\nb: c",
    "\u{1f468}\u{200d}\u{1f469}",
    "é\u{301}",
];

#[test]
fn texts_come_back_as_they_are() {
    for text in WORDS.split_whitespace().chain(TEXTS) {
        keeps(&Value::Str(text.to_owned()));
    }
}

#[test]
fn numbers_and_other_values_come_back_as_they_are() {
    for float in [
        0.0,
        -0.0,
        1.0,
        0.1,
        -2.5,
        1e16,
        1e-7,
        1.5e300,
        5e-324,
        f64::MAX,
        f64::MIN_POSITIVE,
        f64::INFINITY,
        -f64::INFINITY,
        f64::NAN,
    ] {
        keeps(&Value::Float(float));
    }
    for int in [
        0,
        1,
        -1,
        1 << 40,
        i128::from(i64::MAX),
        i128::from(i64::MIN),
        i128::from(u64::MAX),
        1 << 100,
        i128::MAX,
        i128::MIN,
    ] {
        keeps(&Value::Int(int));
    }
    keeps(&Value::BigInt("9".repeat(60)));
    keeps(&Value::BigInt(format!("-1{}", "0".repeat(50))));
    keeps(&Value::Bool(true));
    let text = |text: &str| Value::Str(text.to_owned());
    keeps(&Value::List(vec![
        Value::None,
        Value::Bool(false),
        text("a, b"),
        text("[x]"),
        Value::List(vec![]),
        text("yes"),
        text(""),
    ]));
    keeps(&Value::Tuple(vec![Value::Int(1), Value::Tuple(vec![text("1")])]));
    assert_eq!(read_back(&Value::Bytes(vec![1])), None);
    assert_eq!(read_back(&Value::List(vec![Value::Dict(vec![])])), None);
}

#[test]
fn random_texts_come_back_as_they_are() {
    const PARTS: &[&str] = &[
        "a",
        "B",
        "0",
        "9",
        " ",
        "  ",
        "\t",
        "\n",
        "\r",
        ":",
        ": ",
        "#",
        " #",
        "-",
        "- ",
        "?",
        "*",
        "&",
        "!",
        "%",
        "@",
        "`",
        "'",
        "\"",
        "\\",
        "[",
        "]",
        "{",
        "}",
        ",",
        "|",
        ">",
        "=",
        "<<",
        "~",
        ".",
        "_",
        "é",
        "\u{85}",
        "\u{2029}",
        "\u{0}",
        "\u{1f600}",
        "yes",
        "null",
        "e",
        "+",
    ];
    let mut state = 11;
    for _ in 0..20_000 {
        let length = 1 + random(&mut state, 6);
        let text: String = (0..length).map(|_| PARTS[random(&mut state, PARTS.len())]).collect();
        keeps(&Value::Str(text));
    }
}

/// Whatever reads YAML as 1.1 (`PyYAML`, older editors) must not take a text for something else.
#[test]
fn texts_that_other_readers_misread_are_quoted() {
    for text in [
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "1_000",
        "017",
        "1:30",
        "2024-01-01",
        "0x1f",
        "12e3",
        "=",
        "<<",
        "~",
        ".5",
        "+1",
        "nan",
    ] {
        let written = scalar::text(text);
        assert!(written.starts_with(['"', '\'']), "{text} is written {written}");
    }
    for text in ["docker", "a b", "plugins/a.py", "str | None", "é"] {
        assert_eq!(scalar::text(text), text);
    }
}

#[test]
fn odd_names_and_annotations_come_back_as_they_are() {
    let names = ["null", "yes", "_", "é", "ﬁ", "ªb", "x1", "true", "日本", "𝒙", "n"];
    let annotations = [
        "list[str]",
        "'A'",
        "\"A | None\"",
        "Literal['a: b', \"#\"]",
        "dict[\n    str,\n    int,\n]",
        "x # y",
        "None",
        "lambda: 1",
        "*Ts",
        "{1: 2}",
    ];
    let mut draft = Draft::default();
    for name in names {
        draft.contract.module.variables.push(VariableRule { name: name.to_owned(), ..VariableRule::default() });
    }
    for annotation in annotations {
        let rule =
            VariableRule { name: "a".to_owned(), annotation: Some(annotation.to_owned()), ..VariableRule::default() };
        draft.contract.module.classes.push(crate::contract::model::ClassRule {
            name: "A".to_owned(),
            attributes: vec![crate::contract::model::AttributeRule { variable: rule, ..Default::default() }],
            ..Default::default()
        });
    }
    let text = text(&draft, "a\nvariables: [\u{85}.py");
    let read = loader::load(text.as_bytes()).unwrap_or_else(|problem| panic!("{text}\n{problem:?}")).contract.module;
    assert_eq!(read.variables.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), names);
    let found = read.classes.iter().map(|class| class.attributes[0].variable.annotation.as_deref().unwrap());
    assert_eq!(found.collect::<Vec<_>>(), annotations);
}

#[test]
fn a_contract_that_asks_for_nothing_can_be_used() {
    let text = text(&Draft::default(), "empty.py");
    assert!(text.ends_with("\n{}\n"), "{text}");
    assert!(loader::load(text.as_bytes()).is_ok());
}
