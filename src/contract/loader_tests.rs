use super::*;
use crate::contract::model::{AttributeKind, Contract};
use crate::observed::model::ParameterKind;
use crate::value::Value;

fn read(text: &str) -> Contract {
    load(text.as_bytes()).unwrap_or_else(|problem| panic!("{text}\n{problem:?}")).contract
}

/// A contract of the original format with null wherever something may be left open.
const ORIGINAL: &str = r"
filename: extension.py
version:
variables:
  - name: engine
    annotation:
    value: docker   
  - name: settings
    annotation: dict
    value: default
functions:
classes:
  - name: Extension
    attributes:
      - type: class
        name: extension_name
        annotation: str
        value: extension_value
      - type: instance
        name: extension_name
        annotation:
        value:
    methods:
      - name: __init__
        arguments:
          - name: self
            annotation:
            value: null
        return_annotation:
      - name: add_extension
        arguments:
          - {name: self}
          - {name: msg, annotation: str}
        return_annotation: str
      - name: http_get_request
        arguments: ~
        return_annotation: None
    superclasses:
      - name: Plugin
        attributes:
        methods:
        superclasses:
  - name: Bare
    attributes:
    methods: null
    superclasses:
deployments:
  - arch: x86_64
    systems:
      - os: windows
        environment:
          variables:
            - name: CI
              value: true
              annotation:
          secrets:
            - MY_SECRET
            - OTHER
        pythons:
          - version: 3.12.8
            interpreter: CPython
            modules:
              - filename: extension.py
                version: 1
                variables:
                  - {name: author, value: Luca}
                functions:
                classes:
          - version: 3.10
            interpreter: IronPython
            modules:
          - version:
            interpreter:
            modules:
              - filename: addons.py
      - os: linux
        environment:
        pythons:
  - arch: arm64
    systems:
      - os: macos
        pythons: []
";

#[test]
fn the_original_format_loads() {
    let contract = read(ORIGINAL);
    assert_eq!(contract.module.filename.as_ref().unwrap().text, "extension.py");
    assert!(contract.module.version.is_none() && contract.module.functions.is_empty());
    assert_eq!(contract.module.variables[0].value, Some(Value::Str("docker".into())));
    assert_eq!(contract.module.variables[1].annotation.as_deref(), Some("dict"));
    let class = &contract.module.classes[0];
    assert_eq!((class.attributes[0].kind, class.attributes[1].kind), (AttributeKind::Class, AttributeKind::Instance));
    assert_eq!(class.attributes[1].variable.value, None);
    assert_eq!(class.methods[0].arguments[0].value, None);
    assert_eq!(class.methods[1].return_annotation.as_deref(), Some("str"));
    assert_eq!(class.methods[2].return_annotation.as_deref(), Some("None"));
    assert_eq!(class.superclasses[0].name, "Plugin");
    let [windows, linux] = contract.deployments[0].systems.as_slice() else { panic!() };
    assert_eq!((windows.os.as_slice(), linux.os.as_slice()), (&["windows"][..], &["linux"][..]));
    assert_eq!(windows.environment.variables[0].value.as_deref(), Some("true"));
    assert_eq!(windows.environment.secrets, ["MY_SECRET", "OTHER"]);
    let [first, second, third] = windows.pythons.as_slice() else { panic!() };
    assert_eq!(first.modules[0].version.as_ref().unwrap().text, "1");
    assert_eq!(second.version.as_ref().unwrap().text, "3.10");
    assert_eq!(second.interpreter, ["IronPython"]);
    assert!(third.version.is_none() && third.interpreter.is_empty());
    assert_eq!(contract.deployments[1].arch, ["aarch64"]);
    assert_eq!(contract.deployments[1].systems[0].os, ["darwin"]);
}

#[test]
fn all_cases_load_as_they_should() {
    let cases: serde_yaml::Value =
        serde_yaml::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/cases.yaml"))).unwrap();
    let mut count = 0;
    for case in cases.as_sequence().unwrap() {
        let Some(contract) = case.get("contract").and_then(serde_yaml::Value::as_str) else { continue };
        count += 1;
        let refused = case["expect"].as_str() == Some("contract-error");
        let loaded = load(contract.as_bytes());
        assert_eq!(loaded.is_err(), refused, "{:?} {loaded:?}", case["name"]);
        if let Err(problem) = loaded {
            assert!(problem.span.is_some(), "{problem:?}");
        }
    }
    assert!(count > 25, "{count}");
}

#[test]
fn scalars_keep_text_where_text_is_meant_and_type_where_value_is() {
    let contract = read(
        "variables:\n- {name: a, value: 3.10}\n- {name: b, value: '3.10'}\n- {name: c, value: 0x1F}\n- {name: d, value: true}\n\
         - {name: e, value: [1, ~, {k: [2.5, x]}, -7]}\n- {name: f, value: ~}\n- {name: g, value: 'null'}\n\
         - {name: h, value: 340282366920938463463374607431768211455}\n\
         - {name: i, value: [1, {k: -123456789012345678901234567890123456789012345678901234567890}]}\n\
         - {name: j, value: 1e300}\n- {name: k, value: ''}\n- {name: l, value: !!str 5}\n- {name: m, value: {1: a, true: b, ~: c}}\n\
         - {name: n, value: 170141183460469231731687303715884105727}\n- {name: o, value: 1.5, one_of: [~, 1.5]}\n\
         deployments: [{systems: [{environment: {variables: [{name: A, value: 3.10}, {name: B, value: true}, {name: C, value: 0x1F},\
         {name: D, value: 010}, {name: E, value: ''}, {name: F, one_of: [1.0, yes]}]}}]}]\n",
    );
    let text = |s: &str| Value::Str(s.into());
    let expected = [
        Some(Value::Float(3.1)),
        Some(text("3.10")),
        Some(Value::Int(31)),
        Some(Value::Bool(true)),
        Some(Value::List(vec![
            Value::Int(1),
            Value::None,
            Value::Dict(vec![(text("k"), Value::List(vec![Value::Float(2.5), text("x")]))]),
            Value::Int(-7),
        ])),
        None,
        Some(text("null")),
        Some(Value::BigInt("340282366920938463463374607431768211455".into())),
        Some(Value::List(vec![
            Value::Int(1),
            Value::Dict(vec![(
                text("k"),
                Value::BigInt("-123456789012345678901234567890123456789012345678901234567890".into()),
            )]),
        ])),
        Some(Value::Float(1e300)),
        Some(text("")),
        Some(text("5")),
        Some(Value::Dict(vec![(Value::Int(1), text("a")), (Value::Bool(true), text("b")), (Value::None, text("c"))])),
        Some(Value::Int(i128::MAX)),
        Some(Value::Float(1.5)),
    ];
    for (rule, expected) in contract.module.variables.iter().zip(&expected) {
        assert_eq!(&rule.value, expected, "{}", rule.name);
    }
    assert_eq!(contract.module.variables[14].one_of, Some(vec![Value::None, Value::Float(1.5)]));
    let environment = &contract.deployments[0].systems[0].environment.variables;
    let texts: Vec<_> = environment.iter().map(|rule| rule.value.as_deref()).collect();
    assert_eq!(texts, [Some("3.10"), Some("true"), Some("0x1F"), Some("010"), Some(""), None]);
    assert_eq!(environment[5].one_of.as_ref().unwrap(), &["1.0", "yes"]);
}

#[test]
fn everything_in_the_format() {
    let contract = read(
        "\u{FEFF}schema_version: 1.0\nfilename: plugins/*.py\nversion: ^1.2\nprotects: [core, 'sub*']\ntrusted_importers: [tests.*]\n\
         functions: [{name: f, async: true, arguments: [{name: args, kind: VAR_POSITIONAL}, {name: k, kind: keyword-only, value: 1}]}]\n\
         classes: [{name: C, superclasses: [Base, pkg.Other, {name: Full, methods: [{name: m}]}]}]\n\
         deployments: [{arch: [AMD64, arm64], systems: [{os: [macOS, Linux], pythons: [{interpreter: [cpython, GraalPython]}]}]}]\n",
    );
    assert_eq!(contract.protects.as_ref().unwrap().len(), 2);
    assert!(contract.trusted_importers[0].matches_module("tests.unit.x"));
    let function = &contract.module.functions[0];
    assert_eq!(function.is_async, Some(true));
    assert_eq!(function.arguments[0].kind, Some(ParameterKind::VarPositional));
    assert_eq!(function.arguments[1].kind, Some(ParameterKind::KeywordOnly));
    let names: Vec<_> = contract.module.classes[0].superclasses.iter().map(|base| base.name.as_str()).collect();
    assert_eq!(names, ["Base", "pkg.Other", "Full"]);
    assert_eq!(contract.deployments[0].arch, ["x86_64", "aarch64"]);
    assert_eq!(contract.deployments[0].systems[0].os, ["darwin", "linux"]);
    assert_eq!(contract.deployments[0].systems[0].pythons[0].interpreter, ["CPython", "GraalPy"]);
    for text in
        ["{}", "--- {}\n...\n", "%YAML 1.2\n---\n{}\n", "schema_version: '1.x'", "deployments: []", "variables: []"]
    {
        read(text);
    }
}

#[test]
fn anchors_aliases_and_merge_keys() {
    let contract = read(
        "variables:\n- &a {name: a, annotation: int, value: &v [1, 2]}\n- {<<: *a, name: b}\n- {name: c, value: *v}\n\
         - {<<: [{annotation: str}, *a], name: d}\n- {name: e, value: {<<: {x: 1, y: 2}, x: 3}}\nclasses: &empty []\nfunctions: *empty\n",
    );
    let rules = &contract.module.variables;
    let one_two = Some(Value::List(vec![Value::Int(1), Value::Int(2)]));
    assert_eq!((rules[1].name.as_str(), rules[1].annotation.as_deref()), ("b", Some("int")));
    assert_eq!((&rules[1].value, &rules[2].value), (&one_two, &one_two));
    assert_eq!((rules[3].annotation.as_deref(), &rules[3].value), (Some("str"), &one_two));
    let entry = |key: &str, value| (Value::Str(key.into()), Value::Int(value));
    assert_eq!(rules[4].value, Some(Value::Dict(vec![entry("x", 3), entry("y", 2)])));
}

/// Contract, part of the message, underlined text, path, part of the help.
type Refusal = (&'static str, &'static str, &'static str, &'static str, &'static str);

const REFUSALS: &[Refusal] = &[
    ("varaibles: []", "unknown key `varaibles`", "varaibles", "", "did you mean `variables`?"),
    ("a: 1\n", "unknown key `a`", "a", "", "known here: schema_version, filename"),
    ("classes: [{name: C, method: []}]", "unknown key `method`", "method", "classes[0]", "`methods`"),
    ("variables: []\n\"variables\": []", "`variables` stands here twice", "\"variables\"", "", "keep one"),
    (
        "variables:\n- name: a\n  value: {k: 1, k: 2}",
        "a key stands in this mapping twice",
        "k",
        "variables[0].value",
        "",
    ),
    ("variables:\n- name: a\n  value: {[1]: 2}", "can't be a key", "[1]", "variables[0].value", ""),
    ("variables: 3", "expected a list, found a number", "3", "variables", ""),
    ("variables: {name: a}", "expected a list, found a mapping", "{name: a}", "variables", ""),
    ("variables: [a]", "expected a mapping, found text", "a", "variables[0]", ""),
    ("variables: [{name: [a]}]", "expected text, found a list", "[a]", "variables[0].name", ""),
    ("- a", "expected a mapping, found a list", "- a", "", ""),
    ("just text", "expected a mapping, found text", "just text", "", ""),
    (
        "functions: [{name: f, async: maybe}]",
        "expected `true` or `false`, found text",
        "maybe",
        "functions[0].async",
        "",
    ),
    ("variables: [{value: 1}]", "this variable has no `name`", "{value: 1}", "variables[0]", "add `name: …`"),
    ("variables:\n- name: a\n-\n", "has no `name`", "-", "variables[1]", ""),
    ("variables: [{name: ''}]", "`name` is empty text", "''", "variables[0].name", ""),
    ("variables: [{name: a b}]", "`a b` is not a name", "a b", "variables[0].name", ""),
    (
        "functions: [{name: f, arguments: [{name: '*args'}]}]",
        "not a name",
        "'*args'",
        "functions[f].arguments[0].name",
        "`args`",
    ),
    ("version: '>>1'", "`>>1` is no version requirement", "'>>1'", "version", ">=3.10,<3.13"),
    ("version: [1]", "expected text", "[1]", "version", ""),
    ("filename: 'a['", "not closed", "'a['", "filename", ""),
    ("filename: ../a.py", "`..`", "../a.py", "filename", ""),
    ("protects: [a, 'b[']", "not closed", "'b['", "protects[1]", ""),
    ("protects: []", "would guard nothing", "[]", "protects", ""),
    ("trusted_importers: [a, ~]", "entry of the list is empty", "~", "trusted_importers[1]", ""),
    ("schema_version: 2", "`schema_version: 2` is not supported", "2", "schema_version", "schema_version: 1"),
    ("schema_version: one", "not supported", "one", "schema_version", ""),
    (
        "deployments: [{arch: x86_65}]",
        "unknown architecture `x86_65`",
        "x86_65",
        "deployments[0].arch",
        "did you mean `x86_64`? known: x86_64, aarch64",
    ),
    ("deployments: [{arch: 386}]", "unknown architecture `386`", "386", "deployments[0].arch", ""),
    (
        "deployments: [{systems: [{os: [linux, beos]}]}]",
        "unknown operating system `beos`",
        "beos",
        "deployments[0].systems[0].os[1]",
        "linux, darwin",
    ),
    (
        "deployments: [{systems: [{pythons: [{interpreter: CPyton}]}]}]",
        "unknown interpreter `CPyton`",
        "CPyton",
        "deployments[0].systems[0].pythons[0].interpreter",
        "`CPython`",
    ),
    (
        "deployments: [{systems: [{environment: {variables: [{name: A, value: [1]}]}}]}]",
        "expected text, found a list",
        "[1]",
        "deployments[0].systems[0].environment.variables[0].value",
        "",
    ),
    (
        "deployments: [{systems: [{environment: {secrets: [a, '']}}]}]",
        "entry of the list is empty",
        "''",
        "deployments[0].systems[0].environment.secrets[1]",
        "",
    ),
    (
        "deployments: [{systems: [{envs: {}}]}]",
        "unknown key `envs`",
        "envs",
        "deployments[0].systems[0]",
        "environment",
    ),
    (
        "functions: [{name: f, arguments: [{name: a, kind: star}]}]",
        "unknown kind of argument `star`",
        "star",
        "functions[f].arguments[a].kind",
        "known: positional-only",
    ),
    (
        "classes: [{name: C, attributes: [{name: a, type: static}]}]",
        "unknown type of attribute `static`",
        "static",
        "classes[C].attributes[0].type",
        "known: class, instance",
    ),
    (
        "variables: [{name: a, pattern: '(x'}]",
        "unclosed group, at character 1",
        "'(x'",
        "variables[a].pattern",
        "regular expressions",
    ),
    ("variables: [{name: a, one_of: []}]", "`one_of` is empty", "[]", "variables[a].one_of", ""),
    ("variables: [{name: a, value: 5, one_of: ['5', true]}]", "not among `one_of`", "5", "variables[a].value", ""),
    ("variables: [{name: a, value: xy, pattern: x}]", "does not match `pattern`", "xy", "variables[a].value", ""),
    (
        "deployments: [{systems: [{environment: {variables: [{name: A, value: 1, one_of: [2]}]}}]}]",
        "not among `one_of`",
        "1",
        "deployments[0].systems[0].environment.variables[A].value",
        "",
    ),
    (
        "variables: [{name: a, value: 1}, {name: b}, {name: a, value: 2}]",
        "entries named `a` contradict each other in `value`",
        "2",
        "variables[a].value",
        "",
    ),
    (
        "variables: [{name: a, annotation: int}, {name: a, annotation: str}]",
        "contradict each other in `annotation`",
        "str",
        "variables[a].annotation",
        "",
    ),
    (
        "functions: [{name: f, async: true}, {name: f, async: false}]",
        "contradict each other in `async`",
        "false",
        "functions[f].async",
        "",
    ),
    (
        "functions: [{name: f, arguments: [{name: a}, {name: a}]}]",
        "argument `a` is listed twice",
        "a",
        "functions[f].arguments[a].name",
        "",
    ),
    ("classes: [{name: C, superclasses: [~]}]", "this superclass has no `name`", "~", "classes[C].superclasses[0]", ""),
    (
        "classes: [{name: C, superclasses: [3]}]",
        "expected text or a mapping, found a number",
        "3",
        "classes[0].superclasses[0]",
        "",
    ),
    ("a: !!python/object:x {}", "unknown tag `!!python/object:x`", "!!python/object:x", "", ""),
    ("variables:\n\t- name: a\n", "a tab stands where YAML wants spaces", "\t", "", "spaces"),
    ("variables: [", "did not find expected node content", "", "", ""),
    ("variables: *x", "unknown anchor", "*", "", ""),
    ("variables:\n- name: \"\\ud800\"\n", "invalid Unicode character escape", "d", "", ""),
    ("variables: [{name: \"a}]", "unexpected end of stream", "", "", ""),
    ("a: b\n---\na: b", "more than one document", "---", "", ""),
    ("variables: &a [*a]", "expected a mapping, found a list", "[*a]", "variables[0]", ""),
    ("{} }", "did not find expected <document start>", "}", "", ""),
    ("variables: [{name: a, value: &a [*a]}]", "nest", "[*a]", "variables[0].value", ""),
    ("variables: [{name: \u{7}}]", "control character U+0007", "\u{7}", "", ""),
    ("? [a]\n: b", "expected a key, found a list", "[a]", "", ""),
];

#[test]
fn refusals_are_precise() {
    let mut wrong = Vec::new();
    for (text, message, underlined, path, help) in REFUSALS {
        let Err(problem) = load(text.as_bytes()) else {
            wrong.push(format!("{text:?} loads"));
            continue;
        };
        let span = problem.span.map(|span| &text[span.start..span.end]);
        let fits = problem.message.contains(message)
            && span == Some(underlined)
            && problem.path.as_deref().unwrap_or_default() == *path
            && problem.help.as_deref().unwrap_or_default().contains(help)
            && !problem.message.contains(['\n', '\t']);
        if !fits {
            wrong.push(format!("{text:?}\n   {span:?} {problem:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts_that_are_no_contract_at_all() {
    for (bytes, message) in [
        (&b""[..], "the contract is empty"),
        (b"# nothing\n", "the contract is empty"),
        (b"---\n", "the contract is empty"),
        (b"~", "the contract is empty"),
        (b"null\n...\n", "the contract is empty"),
        (b"a: b\nc: \xff", "not UTF-8: byte 0xff at offset 8, in line 2"),
        (b"\xff\xfea\x00", "UTF-16"),
        (b"a: \xed\xa0\x80", "not UTF-8"),
        (b"a: \x00", "control character U+0000"),
    ] {
        let problem = load(bytes).unwrap_err();
        assert!(problem.message.contains(message), "{bytes:?}: {problem:?}");
    }
    let problem = load(&vec![b' '; (1 << 20) + 1]).unwrap_err();
    assert!(problem.message.contains("1048577 bytes long"), "{problem:?}");
}

#[test]
fn what_looks_odd_but_is_fine() {
    for text in [
        "variables: [{name: a, value: 1}, {name: a, annotation: int}, {name: a, value: 1.0}]",
        "variables: [{name: a, annotation: 'Optional[int]'}, {name: a, annotation: int | None}]",
        "variables: [{name: a, annotation: typing.List}, {name: a, annotation: list}]",
        "variables: [{name: a, value: 1.0, one_of: [1, 2]}]",
        "classes: [{name: C, attributes: [{name: a, type: class, value: 1}, {name: a, type: instance, value: 2}]}]",
        "functions: [{name: f, arguments: [{name: a}]}, {name: f, arguments: [{name: b}]}]",
        "variables: [{name: a, pattern: ''}]",
        "version: 3.10   ",
        "variables:\n- name: x  # why\n\n\n",
        "variables:\r\n- name: x\r\n  value: |\r\n    text\r\n",
        "deployments: [~, {systems: [~, {pythons: [~]}]}]",
    ] {
        read(text);
    }
}
