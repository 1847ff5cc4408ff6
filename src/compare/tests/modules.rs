//! File name and version, everything at once, and what it costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::support::*;
use crate::compare::{Scope, Subject, compare};
use crate::contract::model::{ClassRule, Contract, ModuleRules};
use crate::observed::model::{Known, Module};
use crate::value::Value;

fn rules(module: ModuleRules) -> Contract {
    Contract { module, ..Contract::default() }
}

#[test]
fn file_names() {
    let contract = rules(ModuleRules { filename: Some(file_pattern("plugin.py")), ..ModuleRules::default() });
    let cases: [(Option<&str>, &[&str]); 3] = [
        (Some("/app/plugin.py"), &[]),
        (Some("/app/other.py"), &["mismatch-filename filename"]),
        (None, &["missing-filename filename"]),
    ];
    for (file, wanted) in cases {
        let subject = Subject { file: file.map(str::to_owned), ..Subject::default() };
        let found = compare(&contract, &subject, Scope::Whole, &TestWorld::default());
        assert_eq!(summary(&found), wanted, "{file:?}");
        assert!(!format!("{found:?}").contains("/app"), "folders of the machine are nobody's business");
    }
}

#[test]
fn versions() {
    let contract = rules(ModuleRules { version: Some(requirement("1.4")), ..ModuleRules::default() });
    let version = |kind| module(vec![("__version__", kind)]);
    let distribution = |text: &str| TestWorld { distribution: Some(text.to_owned()), ..TestWorld::default() };
    let cli = TestWorld::default;
    let mismatch: &[&str] = &["mismatch-version version"];
    let unproven: &[&str] = &["unproven-version version"];
    let imported = || version(import("_v", Some("version")));
    let cases: Vec<(&str, Module, TestWorld, &[&str])> = vec![
        ("literal", version(literal(s("1.4"))), cli(), &[]),
        ("wrong literal", version(literal(s("2.0"))), distribution("1.4"), mismatch),
        ("not a text", version(literal(Value::Float(1.4))), cli(), mismatch),
        ("distribution", module(vec![]), distribution("1.4"), &[]),
        ("wrong distribution", module(vec![]), distribution("1.5"), mismatch),
        ("none", module(vec![]), cli(), &["missing-version version"]),
        ("computed", version(computed()), cli(), unproven),
        ("computed, live", version(computed()), TestWorld::at(50).live("__version__", literal(s("1.4"))), &[]),
        ("imported", imported(), cli().source("_v", module(vec![("version", literal(s("1.4")))])), &[]),
        ("imported, unknown", imported(), cli(), unproven),
        (
            "a star brings no such name",
            module(vec![]).star("y", 1),
            distribution("1.4").source("y", module(vec![("__version__", literal(s("9")))])),
            &[],
        ),
        ("dynamic", Module { dynamic: true, ..Module::default() }, distribution("1.4"), unproven),
        ("computed, with a distribution", version(computed()), distribution("1.4"), unproven),
        ("not a version", version(literal(s("dev"))), cli(), mismatch),
    ];
    for (case, module, world, wanted) in cases {
        assert_eq!(summary(&run(&contract, module, &world)), wanted, "{case}");
    }
}

#[test]
fn versions_in_words() {
    let contract = rules(ModuleRules { version: Some(requirement("1.4")), ..ModuleRules::default() });
    let version = |kind| module(vec![("__version__", kind)]);
    let cases = [
        (version(literal(s("2.0"))), "version `2.0` of plugin.py does not fit `1.4`", Some("2.0")),
        (version(literal(s("dev"))), "the version of plugin.py is `dev`, which is not a valid version", Some("dev")),
        (version(literal(Value::Float(1.4))), "`__version__` of plugin.py must be text, but is `1.4`", Some("1.4")),
        (version(function(&[])), "`__version__` of plugin.py must be text, but is a function", Some("a function")),
        (version(computed()), "`__version__` of plugin.py can't be checked: its value is computed", None),
        (
            module(vec![]),
            "plugin.py has no version: it has no `__version__`, and no installed distribution provides it",
            None,
        ),
    ];
    for (module, message, shown) in cases {
        let found = run(&contract, module, &TestWorld::default());
        assert_eq!((found[0].message.as_str(), found[0].found.as_deref()), (message, shown));
        assert_eq!(found[0].help, "set `__version__` at module level of plugin.py to a version that fits `1.4`");
    }
}

#[test]
fn as_much_of_a_path_is_shown_as_the_rule_asks_for() {
    for (pattern, file, shown) in [
        ("plugin.py", "/home/me/secret/other.py", "other.py"),
        ("plugins/*.py", "/home/me/other/a.py", "other/a.py"),
        ("a\\b.py", "/home/x/y/c.py", "y/c.py"),
        ("a/b.py", "x\\y\\c.py", if cfg!(windows) { "y/c.py" } else { "x\\y\\c.py" }),
        ("a/b/c.py", "c.py", "c.py"),
    ] {
        let contract = rules(ModuleRules { filename: Some(file_pattern(pattern)), ..ModuleRules::default() });
        let subject = Subject { file: Some(file.to_owned()), ..Subject::default() };
        let found = compare(&contract, &subject, Scope::Whole, &TestWorld::default());
        assert_eq!(found[0].found.as_deref(), Some(shown));
    }
}

#[test]
fn everything_at_once_in_contract_order() {
    let contract = rules(ModuleRules {
        filename: Some(file_pattern("other.py")),
        version: None,
        variables: vec![wants_value("a", Value::Int(1)), wants("b")],
        functions: vec![wants_def("f", vec![])],
        classes: vec![ClassRule { methods: vec![wants_def("m", vec![])], ..wants_class("C") }, wants_class("D")],
    });
    let plugin = module(vec![("a", literal(Value::Int(2))), ("C", a(class(&[], vec![])))]);
    let wanted = [
        "mismatch-filename filename",
        "mismatch-variable variables[a] value",
        "missing-variable variables[b]",
        "missing-function functions[f]",
        "missing-method classes[C].methods[m]",
        "missing-class classes[D]",
    ];
    expect(&contract, plugin, &TestWorld::default(), &wanted);
}

#[test]
fn a_contract_that_asks_for_nothing_asks_the_world_nothing() {
    let world = TestWorld::default();
    expect(&Contract::default(), module(vec![("x", import("m", Some("x")))]), &world, &[]);
    expect(&variables(vec![wants("x")]), module(vec![("x", literal(Value::None))]), &world, &[]);
    assert_eq!(world.asked.get(), 0);
}

fn timed(entries: usize) -> Duration {
    let names: Vec<String> = (0..entries).map(|i| format!("v{i}")).collect();
    let bindings = names.iter().map(|name| (name.as_str(), literal(Value::Int(1)))).collect();
    let subject = Subject { file: None, module: Some(Arc::new(module(bindings))), no_source: None };
    let contract = variables(names.iter().map(|name| wants_value(name, Value::Int(2))).collect());
    let start = Instant::now();
    assert_eq!(compare(&contract, &subject, Scope::Whole, &TestWorld::default()).len(), entries);
    start.elapsed()
}

#[test]
fn cost_is_linear_in_entries() {
    // The best of three: the machine may be busy.
    let best = |entries| (0..3).map(|_| timed(entries)).min().unwrap_or_default();
    let (few, many) = (best(2_000), best(40_000));
    assert!(many < few * 100 + Duration::from_millis(200), "{few:?} for 2,000 and {many:?} for 40,000");
}

#[test]
fn a_module_behind_a_star_is_asked_for_its_list_once() {
    let names: Vec<String> = (0..5_000).map(|i| format!("v{i}")).collect();
    let all = Value::List(names.iter().map(|name| s(name)).collect());
    let mut bindings: Vec<_> = names.iter().map(|name| (name.as_str(), literal(Value::Int(1)))).collect();
    bindings.push(("__all__", var(None, Known::Literal(all))));
    let world = TestWorld::default().source("y", module(bindings));
    let contract = variables(names.iter().map(|name| wants_value(name, Value::Int(1))).collect());
    expect(&contract, module(vec![]).star("y", 1), &world, &[]);
    assert_eq!(world.asked.get(), names.len() + 1);
}
