//! What only the running program holds is compared, but never shown.

use std::sync::Arc;

use super::support::*;
use crate::compare::violation::Violation;
use crate::compare::{Scope, Subject, compare};
use crate::contract::model::{
    ArgumentRule, AttributeKind, ClassRule, Contract, FunctionRule, ModuleRules, VariableRule,
};
use crate::observed::model::{BaseTarget, Binding, BindingKind, Certainty, Class, Function, Known, Module, Parameter};
use crate::observed::world::Imported;
use crate::value::Value;

const SECRET: &str = "hunter2";
const NOT_SHOWN: &str = "taken from the running program (not shown: it may be a secret)";

/// Values that hold the secret, each with its type.
fn secrets() -> Vec<(Value, &'static str)> {
    let list = || Value::List(vec![Value::Int(1), s(SECRET)]);
    vec![
        (s(SECRET), "a `str`"),
        (s(&format!("https://me:{SECRET}@host/")), "a `str`"),
        (s(&format!("{}{SECRET}", "x".repeat(70))), "a `str`"),
        (Value::Bytes(SECRET.as_bytes().to_vec()), "a `bytes`"),
        (list(), "a `list`"),
        (Value::Tuple(vec![s(SECRET)]), "a `tuple`"),
        (Value::Set(vec![s(SECRET)]), "a `set`"),
        (Value::Dict(vec![(s("token"), s(SECRET))]), "a `dict`"),
        (Value::Dict(vec![(s(SECRET), list())]), "a `dict`"),
    ]
}

fn all_rules(name: &str) -> VariableRule {
    VariableRule {
        annotation: Some("dict[str, Literal['a']] | list[Literal['b']]".to_owned()),
        value: Some(s("c")),
        pattern: Some(pattern("d")),
        one_of: Some(vec![s("e"), Value::Int(2)]),
        ..wants(name)
    }
}

/// The codes, once it is sure that nothing tells the secret, and that what was found is told as far as it may be.
#[track_caller]
fn kept(case: &str, violations: &[Violation]) -> Vec<String> {
    let all = format!("{violations:?} {violations:#?}");
    assert!(!all.contains(SECRET), "{case}: {all}");
    // Bytes as numbers.
    assert!(!all.contains("104, 117, 110"), "{case}: {all}");
    assert!(!violations.is_empty(), "{case}");
    summary(violations)
}

fn with(contract: &Contract, module: Option<Module>, world: &TestWorld) -> Vec<Violation> {
    let no_source = module.is_none().then(|| "it has no file".to_owned());
    let subject = Subject { file: Some("/app/plugin.py".to_owned()), module: module.map(Arc::new), no_source };
    let violations = compare(contract, &subject, Scope::Whole, world);
    for violation in &violations {
        assert_eq!(violation.message.matches('`').count() % 2, 0, "{violation:?}");
    }
    violations
}

#[test]
fn variables_and_what_stands_in_for_functions_and_classes() {
    let names = Contract {
        module: ModuleRules {
            variables: vec![all_rules("x")],
            functions: vec![wants_def("x", vec![argument("a")])],
            classes: vec![ClassRule { methods: vec![wants_def("m", vec![])], ..wants_class("x") }],
            ..ModuleRules::default()
        },
        ..Contract::default()
    };
    let wanted = [
        "mismatch-variable variables[x] annotation",
        "mismatch-variable variables[x] value",
        "mismatch-variable variables[x] pattern",
        "invalid-variable variables[x] one_of",
        "mismatch-function functions[x]",
        "mismatch-class classes[x]",
    ];
    let x = |kind| Some(module(vec![("x", kind)]));
    let varies = |certainty| Some(module(vec![("x", literal(s("z")))]).certainty("x", certainty));
    for (value, what) in secrets() {
        let live = |world: TestWorld| world.live("x", literal(value.clone()));
        let bound = Binding { kind: literal(value.clone()), certainty: Certainty::Definite, span: None };
        let cases = [
            ("computed", x(computed()), live(TestWorld::at(50))),
            ("its type is known", x(object("str")), live(TestWorld::at(50))),
            ("varies", varies(Certainty::Varies), live(TestWorld::at(50))),
            ("possible", varies(Certainty::Possible), live(TestWorld::at(50))),
            ("put there by other means", Some(module(vec![])), live(TestWorld::at(50))),
            ("initialised", x(computed()), live(TestWorld::initialised())),
            ("another literal is written", x(literal(s("z"))), live(TestWorld::initialised())),
            ("no source", None, live(TestWorld::initialised())),
            ("imported, run", x(import("y", Some("x"))), live(TestWorld::at(50))),
            (
                "imported, to come",
                x(import("y", Some("x"))),
                TestWorld::at(5).imports("y", "x", Imported::Live(bound.clone())),
            ),
            (
                "by a star",
                Some(module(vec![]).star("y", 10)),
                TestWorld::at(5).imports("y", "x", Imported::Live(bound)).imports("y", "__all__", Imported::Absent),
            ),
        ];
        for (case, module, world) in cases {
            let found = with(&names, module, &world);
            assert_eq!(kept(case, &found), wanted, "{case} {value:?}");
            for violation in found.iter().filter(|it| it.key != Some("annotation")) {
                let shown = violation.found.as_deref().unwrap_or_default();
                let another = what.replace("a `", "another `");
                assert!(
                    shown == format!("{what}, {NOT_SHOWN}") || shown == format!("{another}, {NOT_SHOWN}"),
                    "{case}: {shown}"
                );
            }
        }
    }
}

#[test]
fn attributes_and_methods() {
    let wanted = [
        "mismatch-attribute classes[C].attributes[x] annotation",
        "mismatch-attribute classes[C].attributes[x] value",
        "mismatch-attribute classes[C].attributes[x] pattern",
        "invalid-attribute classes[C].attributes[x] one_of",
        "mismatch-method classes[C].methods[x]",
    ];
    let contract = classes(vec![ClassRule {
        attributes: vec![attribute(all_rules("x"), AttributeKind::Class)],
        methods: vec![wants_def("x", vec![argument("a")])],
        ..wants_class("C")
    }]);
    let of = |kind: BindingKind| class(&[], vec![("x", kind)]);
    let hidden = || literal(s(SECRET));
    let source = |class: Class| Some(module(vec![("C", a(class))]));
    let live = |world: TestWorld, class: Class| world.live("C", a(class));
    let derived = |known: Class| Class {
        bases: vec![base("B", BaseTarget::Known(Arc::new(known)))],
        ..class(&[], vec![("y", literal(Value::Int(1)))])
    };
    let gap = || Class { bases: vec![base("B", BaseTarget::Computed)], ..class(&[], vec![]) };
    let behind_gap = || Class {
        bases: vec![base("B", BaseTarget::Computed), base("D", BaseTarget::Known(Arc::new(of(literal(s("z"))))))],
        ..class(&[], vec![])
    };
    let cases = [
        ("computed", source(of(computed())), live(TestWorld::at(50), of(hidden()))),
        ("initialised", source(of(computed())), live(TestWorld::initialised(), of(hidden()))),
        ("no source", None, live(TestWorld::initialised(), of(hidden()))),
        ("of a live base", source(derived(of(hidden()))), TestWorld::at(50)),
        ("of a base that is not written", source(gap()), live(TestWorld::at(50), derived(of(hidden())))),
        ("of a live base, live", None, live(TestWorld::initialised(), derived(of(hidden())))),
        ("a base in front of it is not written", source(behind_gap()), live(TestWorld::at(50), of(hidden()))),
    ];
    for (case, module, world) in cases {
        let found = with(&contract, module, &world);
        assert_eq!(kept(case, &found), wanted, "{case}");
        for violation in found.iter().filter(|it| it.key != Some("annotation")) {
            assert!(violation.found.as_deref().unwrap_or_default().ends_with(NOT_SHOWN), "{case}: {violation:?}");
        }
    }
    // An attribute of instances that a live class tells.
    let slots = Class {
        instance_attributes: [instance("x", Known::Literal(s(SECRET)))].into_iter().collect(),
        ..Class::default()
    };
    let either = classes(vec![ClassRule {
        attributes: vec![attribute(all_rules("x"), AttributeKind::Either)],
        ..wants_class("C")
    }]);
    let found = with(&either, None, &live(TestWorld::initialised(), slots));
    assert_eq!(kept("an instance attribute", &found), wanted[..4]);
}

#[test]
fn defaults() {
    let contract =
        |value: Value| functions(vec![wants_def("run", vec![ArgumentRule { value: Some(value), ..argument("t") }])]);
    let with_default = |known| BindingKind::Function(def(&[Parameter { default: Some(known), ..parameter("t") }]));
    for (value, what) in secrets() {
        let live = |world: TestWorld| world.live("run", with_default(Known::Literal(value.clone())));
        let written = || Some(module(vec![("run", with_default(Known::Computed(None)))]));
        let cases = [
            ("computed", written(), live(TestWorld::at(50))),
            ("initialised", written(), live(TestWorld::initialised())),
            ("no source", None, live(TestWorld::initialised())),
        ];
        for (case, module, world) in cases {
            let found = with(&contract(Value::Int(1)), module, &world);
            assert_eq!(kept(case, &found), ["mismatch-argument functions[run].arguments[t] value"]);
            assert_eq!(found[0].message, "argument `t` of function `run` must default to `1`, and does not");
            assert_eq!(found[0].found.as_deref(), Some(format!("{what}, {NOT_SHOWN}").as_str()));
        }
    }
    // Of a method.
    let method = |known| a(class(&[], vec![("run", with_default(known))]));
    let rule = wants_def("run", vec![ArgumentRule { value: Some(Value::Int(1)), ..argument("t") }]);
    let contract = classes(vec![ClassRule { methods: vec![rule], ..wants_class("C") }]);
    for module in [None, Some(module(vec![("C", method(Known::Computed(None)))]))] {
        let world = TestWorld::initialised().live("C", method(Known::Literal(s(SECRET))));
        let found = kept("a method", &with(&contract, module, &world));
        assert_eq!(found, ["mismatch-argument classes[C].methods[run].arguments[t] value"]);
    }
}

#[test]
fn annotations_of_live_objects() {
    let annotation = || Some(format!("Annotated[int, {SECRET:?}]"));
    let run = || {
        BindingKind::Function(Function {
            returns: annotation(),
            ..def(&[Parameter { annotation: annotation(), ..parameter("a") }])
        })
    };
    let rule = FunctionRule {
        return_annotation: Some("str".to_owned()),
        ..wants_def("run", vec![ArgumentRule { annotation: Some("str".to_owned()), ..argument("a") }])
    };
    let found = with(&functions(vec![rule]), None, &TestWorld::initialised().live("run", run()));
    assert_eq!(kept("a function", &found).len(), 2);
    assert_eq!(found[0].found.as_deref(), Some("Annotated[int, …]"));

    let hint = format!("Literal[{SECRET:?}]");
    let of = || a(class(&[], vec![("x", var(Some(&hint), Known::Literal(s(SECRET))))]));
    let contract = classes(vec![ClassRule {
        attributes: vec![attribute(wants_type("x", "int"), AttributeKind::Either)],
        ..wants_class("C")
    }]);
    let plain = || Some(module(vec![("C", a(class(&[], vec![("x", computed())])))]));
    for module in [None, plain()] {
        let found = with(&contract, module, &TestWorld::initialised().live("C", of()));
        kept("a class", &found);
        assert_eq!(found[0].found.as_deref(), Some("Literal[…]"));
    }
}

#[test]
fn versions() {
    let contract = Contract {
        module: ModuleRules { version: Some(requirement("1.4")), ..ModuleRules::default() },
        ..Contract::default()
    };
    let written = || Some(module(vec![("__version__", computed())]));
    let not_shown = |what: &str| format!("{what}, {NOT_SHOWN}");
    let list = Value::List(vec![s(SECRET)]);
    let cases = [
        (s(SECRET), "the version of plugin.py is not a valid version", not_shown("a `str`")),
        (s(&format!("1.4 {SECRET}")), "the version of plugin.py is not a valid version", not_shown("a `str`")),
        (list, "`__version__` of plugin.py must be text, but is a `list`", not_shown("a `list`")),
        (Value::Float(1.4), "`__version__` of plugin.py must be text, but is a `float`", not_shown("a `float`")),
        (Value::None, "`__version__` of plugin.py must be text, but is `None`", "None".to_owned()),
        (s("2.0"), "version `2.0` of plugin.py does not fit `1.4`", "2.0".to_owned()),
    ];
    for (value, message, shown) in cases {
        for (module, world) in
            [(written(), TestWorld::at(50)), (written(), TestWorld::initialised()), (None, TestWorld::initialised())]
        {
            let found = with(&contract, module, &world.live("__version__", literal(value.clone())));
            assert_eq!(kept("version", &found), ["mismatch-version version"]);
            assert_eq!((found[0].message.as_str(), found[0].found.as_deref()), (message, Some(shown.as_str())));
        }
    }
}

#[test]
fn what_is_known_without_the_value_is_told() {
    let rules = |rule| variables(vec![rule]);
    let x = || Some(module(vec![("x", computed())]));
    let cases = [
        (
            wants_value("x", s("docker")),
            "variable `x` must be `'docker'`, and is not",
            format!("another `str`, {NOT_SHOWN}"),
        ),
        (wants_value("x", Value::Int(1)), "variable `x` must be `1`, and is not", format!("a `str`, {NOT_SHOWN}")),
        (
            VariableRule { pattern: Some(pattern("b")), ..wants("x") },
            "the whole of variable `x` must match `b`, and does not",
            format!("a `str`, {NOT_SHOWN}"),
        ),
        (
            VariableRule { one_of: Some(vec![s("c")]), ..wants("x") },
            "variable `x` must be one of the allowed values, and is not",
            format!("a `str`, {NOT_SHOWN}"),
        ),
        (
            wants_type("x", "Literal['a']"),
            "variable `x` must be of type `Literal['a']`, but its value is of type `str`",
            "str (from its value)".to_owned(),
        ),
    ];
    for (rule, message, shown) in cases {
        let found = with(&rules(rule), x(), &TestWorld::at(50).live("x", literal(s(SECRET))));
        kept(message, &found);
        assert_eq!((found[0].message.as_str(), found[0].found.as_deref()), (message, Some(shown.as_str())));
    }
    let found = with(&rules(wants_value("x", s("a"))), x(), &TestWorld::at(50).live("x", literal(Value::Int(7))));
    assert_eq!(found[0].found, Some(format!("an `int`, {NOT_SHOWN}")));
}

#[test]
fn what_source_spells_is_shown() {
    let podman = || literal(s("podman"));
    let rule = variables(vec![wants_value("x", s("docker"))]);
    let x = |kind| module(vec![("x", kind)]);
    let cases = [
        ("not loaded", x(podman()), TestWorld::default()),
        ("running", x(podman()), TestWorld::at(5)),
        ("initialised", x(podman()), TestWorld::initialised().live("x", podman())),
        ("under a condition", x(podman()).certainty("x", Certainty::Possible), TestWorld::at(50).live("x", podman())),
        ("of another source", x(import("y", Some("x"))), TestWorld::default().source("y", x(podman()))),
    ];
    for (case, module, world) in cases {
        let found = with(&rule, Some(module), &world);
        assert_eq!(found[0].found.as_deref(), Some("'podman'"), "{case}");
        assert_eq!(found[0].message, "variable `x` must be `'docker'`, not `'podman'`", "{case}");
    }
    // `None` is all that its type tells.
    let found = with(&rule, Some(x(computed())), &TestWorld::at(50).live("x", literal(Value::None)));
    assert_eq!(found[0].message, "variable `x` must be `'docker'`, not `None`");
    assert_eq!(found[0].found.as_deref(), Some("None"));

    let attributes = classes(vec![ClassRule {
        attributes: vec![attribute(wants_value("x", s("docker")), AttributeKind::Class)],
        ..wants_class("C")
    }]);
    let of = || class(&[], vec![("x", podman())]);
    let mut conditional = of();
    conditional.body.values_mut().for_each(|binding| binding.certainty = Certainty::Varies);
    for class in [of(), conditional] {
        let world = TestWorld::at(50).live("C", a(of()));
        let found = with(&attributes, Some(module(vec![("C", a(class))])), &world);
        assert_eq!(found[0].found.as_deref(), Some("'podman'"));
    }
}
