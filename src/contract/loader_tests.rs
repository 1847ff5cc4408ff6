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
