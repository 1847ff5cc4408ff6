//! Variables: what source and live namespace say together, and every rule on a value.

use super::support::*;
use crate::compare::violation::Context;
use crate::compare::{Scope, Subject, compare};
use crate::contract::model::VariableRule;
use crate::observed::model::{BindingKind, Certainty, Known, Module};
use crate::observed::world::{Imported, Phase};
use crate::value::Value;

fn docker() -> BindingKind {
    literal(s("docker"))
}
fn podman() -> BindingKind {
    literal(s("podman"))
}
fn wants_docker() -> crate::contract::model::Contract {
    variables(vec![wants_value("x", s("docker"))])
}

const FITS: &[&str] = &[];
const MISSING: &[&str] = &["missing-variable variables[x]"];
const MISMATCH: &[&str] = &["mismatch-variable variables[x] value"];
const UNPROVEN: &[&str] = &["unproven-variable variables[x] value"];
const UNPROVEN_NAME: &[&str] = &["unproven-variable variables[x]"];

/// `x` is always bound at byte 10; an import runs before it (offset 5) or after it (offset 50).
#[test]
fn source_and_live_namespace_together() {
    let before = || TestWorld::at(50);
    let later = || TestWorld::at(5);
    let x = |kind: BindingKind| module(vec![("x", kind)]);
    let cases: Vec<(&str, Module, TestWorld, &[&str], &[&str])> = vec![
        // (case, module, world, with a value asked for, with the name only)
        ("a literal decides, live or not", x(docker()), before().live("x", podman()), FITS, FITS),
        ("a literal to come decides", x(docker()), later(), FITS, FITS),
        ("a wrong literal", x(podman()), later().live("x", docker()), MISMATCH, FITS),
        ("computed before the import", x(computed()), before().live("x", docker()), FITS, FITS),
        ("computed before the import, wrong", x(computed()), before().live("x", podman()), MISMATCH, FITS),
        ("computed after the import", x(computed()), later().live("x", docker()), UNPROVEN, FITS),
        ("computed, on the command line", x(computed()), TestWorld::default(), UNPROVEN, FITS),
        ("not bound", module(vec![]), before(), MISSING, MISSING),
        ("not bound, on the command line", module(vec![]), TestWorld::default(), MISSING, MISSING),
        ("put there by other means", module(vec![]), before().live("x", docker()), FITS, FITS),
        ("deleted", x(BindingKind::Deleted), later().live("x", docker()), MISSING, MISSING),
        ("declared only", x(var(Some("str"), Known::Unbound)), later(), MISSING, MISSING),
        ("declared, bound otherwise", x(var(Some("str"), Known::Unbound)), later().live("x", docker()), FITS, FITS),
        ("varies, decided", x(docker()).certainty("x", Certainty::Varies), before().live("x", docker()), FITS, FITS),
        ("varies, to come", x(docker()).certainty("x", Certainty::Varies), later(), UNPROVEN, FITS),
        (
            "possible, decided",
            x(docker()).certainty("x", Certainty::Possible),
            before().live("x", docker()),
            FITS,
            FITS,
        ),
        (
            "possible, to come",
            x(docker()).certainty("x", Certainty::Possible),
            later().live("x", docker()),
            UNPROVEN_NAME,
            UNPROVEN_NAME,
        ),
        (
            "possible, not bound",
            x(docker()).certainty("x", Certainty::Possible),
            before(),
            UNPROVEN_NAME,
            UNPROVEN_NAME,
        ),
        (
            "perhaps deleted",
            x(BindingKind::Deleted).certainty("x", Certainty::Varies),
            later(),
            UNPROVEN_NAME,
            UNPROVEN_NAME,
        ),
        ("initialised: live is the truth", x(docker()), TestWorld::initialised().live("x", podman()), MISMATCH, FITS),
        ("initialised: gone", x(docker()), TestWorld::initialised(), MISSING, MISSING),
        ("initialised: computed", x(computed()), TestWorld::initialised().live("x", docker()), FITS, FITS),
        ("unknown star", module(vec![]).star("y", 10), later(), UNPROVEN_NAME, UNPROVEN_NAME),
        ("unknown star that has run", module(vec![]).star("y", 10), before(), MISSING, MISSING),
        ("star with the name", module(vec![]).star("y", 10), later().source("y", x(docker())), FITS, FITS),
        ("star without the name", module(vec![]).star("y", 10), later().source("y", module(vec![])), MISSING, MISSING),
        (
            "star that lists other names",
            module(vec![]).star("y", 10),
            later().source("y", module(vec![("x", docker()), ("__all__", literal(Value::List(vec![s("z")])))])),
            MISSING,
            MISSING,
        ),
        (
            "star of a star",
            module(vec![]).star("y", 10),
            later().source("y", module(vec![]).star("z", 0)).source("z", x(docker())),
            FITS,
            FITS,
        ),
        (
            "stars in a circle",
            module(vec![]).star("y", 10),
            later().source("y", module(vec![]).star("y", 0)),
            MISSING,
            MISSING,
        ),
        ("a later star may bind it again", x(docker()).star("y", 30), later(), UNPROVEN, FITS),
        ("a later star without the name", x(docker()).star("y", 30), later().source("y", module(vec![])), FITS, FITS),
        ("an earlier star does not matter", x(docker()).star("y", 3), later(), FITS, FITS),
        ("dynamic", Module { dynamic: true, ..Module::default() }, before(), UNPROVEN_NAME, UNPROVEN_NAME),
        ("imported, run", x(import("y", Some("x"))), before().live("x", docker()), FITS, FITS),
        ("imported, to come", x(import("y", Some("x"))), later().source("y", x(docker())), FITS, FITS),
        ("imported, unknown", x(import("y", Some("x"))), later(), UNPROVEN, FITS),
        ("imported, absent", x(import("y", Some("x"))), later().imports("y", "x", Imported::Absent), MISSING, MISSING),
        (
            "imported in a circle",
            x(import("y", Some("x"))),
            later().source("y", x(import("y", Some("x")))),
            MISSING,
            MISSING,
        ),
        (
            "imported through a chain",
            x(import("y", Some("q"))),
            later().source("y", module(vec![("q", import("z", Some("x")))])).source("z", x(podman())),
            MISMATCH,
            FITS,
        ),
        ("a module", x(import("y", None)), later(), MISMATCH, FITS),
        ("a function", x(function(&[])), later(), MISMATCH, FITS),
        ("an object", x(computed()), before().live("x", object("object")), MISMATCH, FITS),
        ("a text subclass", x(computed()), before().live("x", object("str")), UNPROVEN, FITS),
    ];
    for (case, module, world, with_value, name_only) in cases {
        let found = summary(&run(&wants_docker(), module.clone(), &world));
        assert_eq!(found, with_value, "{case}, with a value");
        let found = summary(&run(&variables(vec![wants("x")]), module, &world));
        assert_eq!(found, name_only, "{case}, name only");
    }
}

#[test]
fn without_source_the_live_namespace_alone_decides() {
    let initialising = Phase::Initialising { offset: None };
    let cases: [(Phase, Option<&str>, bool, &[&str]); 7] = [
        (initialising, None, true, FITS),
        (initialising, None, false, MISSING),
        (initialising, Some("its source does not parse"), true, FITS),
        (initialising, Some("its source does not parse"), false, UNPROVEN_NAME),
        (Phase::Initialised, Some("its source does not parse"), false, MISSING),
        (Phase::Absent, None, false, UNPROVEN_NAME),
        (Phase::Absent, Some("its source does not parse"), false, UNPROVEN_NAME),
    ];
    for (phase, no_source, live, wanted) in cases {
        let mut world = TestWorld { phase, ..TestWorld::default() };
        if live {
            world = world.live("x", docker());
        }
        let subject = Subject { file: None, module: None, no_source: no_source.map(str::to_owned) };
        let found = compare(&wants_docker(), &subject, Scope::Whole, &world);
        assert_eq!(summary(&found), wanted, "{phase:?} {no_source:?} {live}");
        if let (Some(why), [violation]) = (no_source, found.as_slice())
            && wanted == UNPROVEN_NAME
        {
            assert!(violation.message.contains(why), "{}", violation.message);
        }
    }
}

#[test]
fn rules_on_a_value() {
    let rule = |pattern_text: Option<&str>, one_of: Option<Vec<Value>>| {
        let pattern = pattern_text.map(pattern);
        variables(vec![VariableRule { pattern, one_of, ..wants("x") }])
    };
    let x = |kind: BindingKind| module(vec![("x", kind)]);
    let world = TestWorld::default();
    let pattern_fails = ["mismatch-variable variables[x] pattern"];
    let outside = ["invalid-variable variables[x] one_of"];
    let both = || Some(vec![s("dev"), Value::Int(1)]);
    expect(&rule(Some("abc"), None), x(literal(s("abc"))), &world, &[]);
    expect(&rule(Some("abc"), None), x(literal(s("abcd"))), &world, &pattern_fails);
    expect(&rule(Some("5"), None), x(literal(Value::Int(5))), &world, &[]);
    expect(&rule(Some("True"), None), x(literal(Value::Bool(true))), &world, &[]);
    expect(&rule(Some("abc"), None), x(literal(Value::List(vec![s("abc")]))), &world, &pattern_fails);
    expect(&rule(Some("abc"), None), x(computed()), &world, &["unproven-variable variables[x] pattern"]);
    expect(&rule(None, both()), x(literal(s("dev"))), &world, &[]);
    expect(&rule(None, both()), x(literal(Value::Float(1.0))), &world, &[]);
    expect(&rule(None, both()), x(literal(s("test"))), &world, &outside);
    expect(&rule(None, both()), x(literal(Value::Bool(true))), &world, &outside);
    expect(&rule(None, both()), x(computed()), &world, &["unproven-variable variables[x] one_of"]);
    // Each aspect is its own violation; what can't be told is reported once.
    let all = variables(vec![VariableRule {
        annotation: Some("int".to_owned()),
        value: Some(s("a")),
        pattern: Some(pattern("b")),
        one_of: Some(vec![s("c")]),
        ..wants("x")
    }]);
    let every = [
        "mismatch-variable variables[x] annotation",
        "mismatch-variable variables[x] value",
        "mismatch-variable variables[x] pattern",
        "invalid-variable variables[x] one_of",
    ];
    expect(&all, x(literal(s("z"))), &world, &every);
    expect(&all, x(computed()), &world, &["unproven-variable variables[x] annotation"]);
}

#[test]
fn annotations() {
    let x = |annotation: Option<&str>, value: Known| module(vec![("x", var(annotation, value))]);
    let wrong = ["mismatch-variable variables[x] annotation"];
    let unproven = ["unproven-variable variables[x] annotation"];
    let one = || Known::Literal(Value::Int(1));
    let cases: Vec<(&str, Module, &[&str])> = vec![
        ("Optional[int]", x(Some("int | None"), one()), &[]),
        ("Optional[int]", x(Some("'int|None'"), Known::Computed(None)), &[]),
        ("int", x(Some("str"), one()), &wrong),
        ("int", x(None, one()), &[]),
        ("int", x(Some("Final[int]"), Known::Computed(None)), &[]),
        ("int", x(Some("Final"), one()), &[]),
        ("str", x(Some("typing.Final"), one()), &wrong),
        ("Final", x(Some("typing.Final"), one()), &[]),
        ("Final[int]", x(Some("Final"), one()), &[]),
        ("int", x(Some("ClassVar"), Known::Computed(None)), &unproven),
        ("str", x(None, one()), &wrong),
        ("int", x(None, Known::Computed(None)), &unproven),
        ("list[int]", x(None, Known::Literal(Value::List(vec![Value::Int(1)]))), &[]),
        ("list[int]", x(None, Known::Literal(Value::List(vec![s("a")]))), &wrong),
        ("Callable", module(vec![("x", function(&[]))]), &[]),
        ("type", module(vec![("x", a(class(&[], vec![])))]), &[]),
    ];
    for (wanted, module, violations) in cases {
        let found = summary(&run(&variables(vec![wants_type("x", wanted)]), module, &TestWorld::default()));
        assert_eq!(found, violations, "{wanted}");
    }
    // Initialised: the annotation is the source's, if there is one, else the live value's type.
    let path = TestWorld::initialised().live("x", object("PosixPath"));
    expect(&variables(vec![wants_type("x", "Path")]), x(Some("Path"), Known::Computed(None)), &path, &[]);
    expect(&variables(vec![wants_type("x", "Path")]), x(None, Known::Computed(None)), &path, &wrong);
}

#[test]
fn what_is_wrong_inside_a_value_is_told() {
    let int = Value::Int;
    let list = |items: Vec<Value>| Value::List(items);
    let cases = [
        ("list[str]", list(vec![int(1)]), "list[int]"),
        ("list[str]", list(vec![s("a"), int(1), s("b")]), "list[str | int]"),
        ("list", Value::Tuple(vec![int(1)]), "tuple"),
        ("str", list(vec![int(1)]), "list"),
        ("list[list[str]]", list(vec![list(vec![s("a")]), list(vec![])]), ""),
        ("list[list[str]]", list(vec![list(vec![s("a")]), list(vec![int(1)])]), "list[list[str] | list[int]]"),
        ("dict[str, int]", Value::Dict(vec![(s("a"), s("b"))]), "dict[str, str]"),
        ("Mapping[str, int]", Value::Dict(vec![(int(1), int(1))]), "dict[int, int]"),
        ("tuple[int, str]", Value::Tuple(vec![int(1)]), "tuple[int]"),
        ("tuple[int, ...]", Value::Tuple(vec![s("a"); 9]), "tuple[str, str, str, str, str, str, str, str, …]"),
        ("tuple[int]", Value::Tuple(vec![]), "tuple[()]"),
        ("set[str]", Value::Set(vec![int(1), Value::None]), "set[int | None]"),
        ("Optional[list[str]]", list(vec![int(1)]), "list[int]"),
        ("Literal['a', 'b']", s("c"), "Literal['c']"),
        ("list[Literal[1]]", list(vec![int(1), int(2)]), "list[Literal[1] | Literal[2]]"),
    ];
    for (annotation, value, told) in cases {
        let found = run(
            &variables(vec![wants_type("x", annotation)]),
            module(vec![("x", literal(value))]),
            &TestWorld::default(),
        );
        if told.is_empty() {
            assert_eq!(found, [], "{annotation}");
            continue;
        }
        assert_eq!(found[0].found.as_deref(), Some(format!("{told} (from its value)").as_str()), "{annotation}");
        let message = format!("variable `x` must be of type `{annotation}`, but its value is of type `{told}`");
        assert_eq!(found[0].message, message);
    }
    let deep = (0..1_000).fold(int(1), |inner, _| list(vec![inner, s("a")]));
    let found =
        run(&variables(vec![wants_type("x", "list[str]")]), module(vec![("x", literal(deep))]), &TestWorld::default());
    assert_eq!(found[0].found.as_deref(), Some("list[list[list[list | str] | str] | str] (from its value)"));
}

#[test]
fn words_are_not_shown_as_code() {
    let world = || TestWorld::initialised().live("x", object("list"));
    let every = variables(vec![VariableRule {
        value: Some(s("a")),
        pattern: Some(pattern("b")),
        one_of: Some(vec![s("c"), s("d")]),
        ..wants("x")
    }]);
    let messages: Vec<String> = run(&every, module(vec![]), &world()).into_iter().map(|it| it.message).collect();
    assert_eq!(
        messages,
        [
            "variable `x` must be `'a'`, not an object of type `list`",
            "the whole of variable `x` must match `b`, but it is an object of type `list`",
            "variable `x` is an object of type `list`, which is not an allowed value",
        ]
    );
}

#[test]
fn a_violation_says_it_all() {
    let found = run(&wants_docker(), module(vec![("x", podman())]), &TestWorld::default());
    let [violation] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(violation.message, "variable `x` must be `'docker'`, not `'podman'`");
    assert_eq!(violation.expected.as_deref(), Some("'docker'"));
    assert_eq!(violation.found.as_deref(), Some("'podman'"));
    assert_eq!(violation.help, "set it at module level of plugin.py: `x = 'docker'`");
    assert_eq!(violation.context, Context::Module);
    assert_eq!(violation.importer_span.map(|span| span.start), Some(10));

    let found = run(&wants_docker(), module(vec![]), &TestWorld::default());
    assert_eq!(found[0].message, "variable `x` is missing from plugin.py");
    assert_eq!(found[0].help, "add `x = 'docker'` at module level of plugin.py");

    let found = run(&wants_docker(), module(vec![]).star("conf", 7), &TestWorld::default());
    assert!(found[0].message.contains("`from conf import *`"), "{}", found[0].message);
    assert_eq!(found[0].importer_span.map(|span| span.start), Some(7));
}
