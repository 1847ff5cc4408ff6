//! Functions and their signatures.

use super::support::*;
use crate::contract::model::{ArgumentRule, FunctionRule};
use crate::observed::model::{BindingKind, Certainty, Function, Known, Module, Parameter, ParameterKind};
use crate::observed::world::Imported;
use crate::value::Value;

fn run_with(function: Function) -> Module {
    module(vec![("run", BindingKind::Function(function))])
}

#[test]
fn signatures() {
    let one = || Known::Literal(Value::Int(1));
    let typed = |name: &str, text: &str| Parameter { annotation: Some(text.to_owned()), ..parameter(name) };
    let wants_typed = |name: &str, text: &str| ArgumentRule { annotation: Some(text.to_owned()), ..argument(name) };
    let wants_default = |value| ArgumentRule { value: Some(value), ..argument("a") };
    let default = |known| Parameter { default: Some(known), ..parameter("a") };
    let kind = |kind| Parameter { kind, ..parameter("a") };
    let a_mismatch = |key: &str| vec![format!("mismatch-argument functions[run].arguments[a] {key}")];
    let none = Vec::<String>::new;
    let cases: Vec<(Vec<ArgumentRule>, Vec<Parameter>, Vec<String>)> = vec![
        (vec![], vec![parameter("a")], none()),
        (vec![argument("a")], vec![parameter("z"), parameter("a")], none()),
        (vec![argument("a")], vec![], vec!["missing-argument functions[run].arguments[a]".to_owned()]),
        (
            vec![argument("a")],
            vec![Parameter { kind: ParameterKind::VarKeyword, ..parameter("kw") }],
            vec!["missing-argument functions[run].arguments[a]".to_owned()],
        ),
        (
            vec![argument("b"), argument("a"), argument("c")],
            vec![parameter("c"), parameter("a"), parameter("b")],
            a_mismatch("name"),
        ),
        (vec![wants_typed("a", "List[int]")], vec![typed("a", "'list[int]'")], none()),
        (vec![wants_typed("a", "list[int]")], vec![typed("a", "list[str]")], a_mismatch("annotation")),
        (vec![wants_typed("a", "int")], vec![parameter("a")], a_mismatch("annotation")),
        (vec![wants_default(Value::Int(1))], vec![default(one())], none()),
        (vec![wants_default(Value::Bool(true))], vec![default(one())], a_mismatch("value")),
        (vec![wants_default(Value::Int(1))], vec![parameter("a")], a_mismatch("value")),
        (
            vec![wants_default(Value::Int(1))],
            vec![default(Known::Computed(None))],
            vec!["unproven-argument functions[run].arguments[a] value".to_owned()],
        ),
        (
            vec![ArgumentRule { kind: Some(ParameterKind::KeywordOnly), ..argument("a") }],
            vec![kind(ParameterKind::KeywordOnly)],
            none(),
        ),
        (
            vec![ArgumentRule { kind: Some(ParameterKind::KeywordOnly), ..argument("a") }],
            vec![kind(ParameterKind::PositionalOnly)],
            a_mismatch("kind"),
        ),
    ];
    for (rules, parameters, wanted) in cases {
        let contract = functions(vec![wants_def("run", rules.clone())]);
        let found = summary(&run(&contract, run_with(def(&parameters)), &TestWorld::default()));
        assert_eq!(found, wanted, "{rules:?}");
    }
}

#[test]
fn both_orders_are_shown() {
    let contract = functions(vec![wants_def("run", vec![argument("a"), argument("b")])]);
    let found = run(&contract, module(vec![("run", function(&["b", "a"]))]), &TestWorld::default());
    assert!(found[0].message.contains("(a, b)") && found[0].message.contains("(b, a)"), "{}", found[0].message);
}

#[test]
fn many_arguments_are_found_through_a_table() {
    let names: Vec<String> = (0..20_000).map(|i| format!("a{i}")).collect();
    let contract = functions(vec![wants_def("run", names.iter().map(|name| argument(name)).collect())]);
    let parameters: Vec<_> = names.iter().map(|name| parameter(name)).collect();
    expect(&contract, run_with(def(&parameters)), &TestWorld::default(), &[]);
}

#[test]
fn return_annotation_and_async() {
    let world = TestWorld::default();
    let returns = |text: &str| {
        functions(vec![FunctionRule { return_annotation: Some(text.to_owned()), ..wants_def("run", vec![]) }])
    };
    let returning = |text: Option<&str>| run_with(Function { returns: text.map(str::to_owned), ..def(&[]) });
    expect(&returns("Optional[str]"), returning(Some("str|None")), &world, &[]);
    let wrong = ["mismatch-return functions[run] return_annotation"];
    expect(&returns("str"), returning(Some("int")), &world, &wrong);
    expect(&returns("None"), returning(None), &world, &wrong);
    let found = run(&returns("None"), returning(None), &world);
    assert_eq!(found[0].found.as_deref(), Some("no annotation"));

    let is_async = |wanted| functions(vec![FunctionRule { is_async: Some(wanted), ..wants_def("run", vec![]) }]);
    let coroutine = || run_with(Function { is_async: true, ..def(&[]) });
    expect(&is_async(true), coroutine(), &world, &[]);
    expect(&is_async(false), coroutine(), &world, &["mismatch-function functions[run] async"]);
    expect(&is_async(true), run_with(def(&[])), &world, &["mismatch-function functions[run] async"]);
}

#[test]
fn what_a_function_name_is_bound_to() {
    let run_is = |kind| module(vec![("run", kind)]);
    let good = || function(&["a"]);
    let decorated = || {
        let decorators = vec!["lru_cache".to_owned()];
        BindingKind::Function(Function { decorators, ..def(&[parameter("a")]) })
    };
    let missing: &[&str] = &["missing-function functions[run]"];
    let mismatch: &[&str] = &["mismatch-function functions[run]"];
    let unproven: &[&str] = &["unproven-function functions[run]"];
    let argument_missing: &[&str] = &["missing-argument functions[run].arguments[a]"];
    let cli = TestWorld::default;
    let cases: Vec<(&str, Module, TestWorld, &[&str])> = vec![
        ("a def", run_is(good()), cli(), &[]),
        ("nothing", module(vec![]), cli(), missing),
        ("a number", run_is(literal(Value::Int(1))), cli(), mismatch),
        ("a class", run_is(a(class(&[], vec![]))), cli(), mismatch),
        ("computed", run_is(computed()), cli(), unproven),
        ("computed, live a function", run_is(computed()), TestWorld::at(50).live("run", good()), &[]),
        (
            "computed, live a number",
            run_is(computed()),
            TestWorld::at(50).live("run", literal(Value::Int(1))),
            mismatch,
        ),
        (
            "computed, live builtin",
            run_is(computed()),
            TestWorld::at(50).live("run", object("builtin_function_or_method")),
            unproven,
        ),
        ("a module", run_is(import("impl", None)), cli(), mismatch),
        (
            "imported source",
            run_is(import("impl", Some("go"))),
            cli().source("impl", module(vec![("go", good())])),
            &[],
        ),
        (
            "imported source, wrong",
            run_is(import("impl", Some("go"))),
            cli().source("impl", module(vec![("go", function(&[]))])),
            argument_missing,
        ),
        (
            "imported live",
            run_is(import("impl", Some("go"))),
            cli().imports("impl", "go", Imported::Live(definite(good(), 0))),
            &[],
        ),
        ("imported unknown", run_is(import("impl", Some("go"))), cli(), unproven),
        ("imported absent", run_is(import("impl", Some("go"))), cli().imports("impl", "go", Imported::Absent), missing),
        (
            "conditional, decided",
            run_is(good()).certainty("run", Certainty::Possible),
            TestWorld::at(50).live("run", good()),
            &[],
        ),
        ("conditional, to come", run_is(good()).certainty("run", Certainty::Possible), TestWorld::at(5), unproven),
        ("in both branches", run_is(good()).certainty("run", Certainty::Varies), cli(), unproven),
        (
            "initialised, written signature",
            run_is(good()),
            TestWorld::initialised().live("run", function(&["args"])),
            &[],
        ),
        ("initialised, gone", run_is(good()), TestWorld::initialised(), missing),
        (
            "initialised, rebound",
            run_is(good()),
            TestWorld::initialised().live("run", literal(Value::Int(1))),
            mismatch,
        ),
        (
            "initialised, decorated",
            run_is(decorated()),
            TestWorld::initialised().live("run", object("_lru_cache_wrapper")),
            &[],
        ),
        ("initialised, no def", module(vec![]), TestWorld::initialised().live("run", good()), &[]),
    ];
    for (case, module, world, wanted) in cases {
        let contract = functions(vec![wants_def("run", vec![argument("a")])]);
        assert_eq!(summary(&run(&contract, module, &world)), wanted, "{case}");
    }
}

#[test]
fn a_computed_default_is_the_live_one() {
    let with = |known| BindingKind::Function(def(&[Parameter { default: Some(known), ..parameter("a") }]));
    let contract =
        functions(vec![wants_def("run", vec![ArgumentRule { value: Some(Value::Int(5)), ..argument("a") }])]);
    let source = || module(vec![("run", with(Known::Computed(None)))]);
    let five = || with(Known::Literal(Value::Int(5)));
    let unproven = ["unproven-argument functions[run].arguments[a] value"];
    expect(&contract, source(), &TestWorld::initialised().live("run", five()), &[]);
    expect(&contract, source(), &TestWorld::at(50).live("run", five()), &[]);
    expect(&contract, source(), &TestWorld::at(5).live("run", five()), &unproven);
    let six = with(Known::Literal(Value::Int(6)));
    let mismatch = ["mismatch-argument functions[run].arguments[a] value"];
    expect(&contract, source(), &TestWorld::initialised().live("run", six), &mismatch);
}
