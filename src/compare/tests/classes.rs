//! Classes: members, inheritance, bases that can't be read, live classes.

use std::collections::HashMap;
use std::sync::Arc;

use super::support::*;
use crate::compare::violation::Context;
use crate::contract::model::{ArgumentRule, AttributeKind, ClassRule, Contract, FunctionRule, ModuleRules};
use crate::observed::model::{
    BaseTarget, BindingKind, Certainty, Class, Function, ImportedName, InstanceAttribute, Known, Module, ParameterKind,
    Variable,
};
use crate::observed::world::Imported;
use crate::value::Value;

fn wants_method(rule: FunctionRule) -> Contract {
    classes(vec![ClassRule { methods: vec![rule], ..wants_class("P") }])
}
fn wants_run() -> Contract {
    wants_method(wants_def("run", vec![argument("self")]))
}
fn wants_base(rule: ClassRule) -> Contract {
    classes(vec![ClassRule { superclasses: vec![rule], ..wants_class("P") }])
}
fn with_run() -> Class {
    class(&[], vec![("run", function(&["self"]))])
}
fn class_p(bases: &[&str]) -> (&'static str, BindingKind) {
    ("P", a(class(bases, vec![])))
}

const NO_METHOD: &[&str] = &["missing-method classes[P].methods[run]"];
const UNPROVEN_METHOD: &[&str] = &["unproven-method classes[P].methods[run]"];

#[test]
fn suggested_methods_are_valid_python() {
    let default = |name: &str| ArgumentRule { value: Some(Value::Int(1)), ..argument(name) };
    let of_kind = |name: &str, kind| ArgumentRule { kind: Some(kind), ..argument(name) };
    let typed = |name: &str| ArgumentRule { annotation: Some("str".to_owned()), ..argument(name) };
    let cases: Vec<(&str, Vec<ArgumentRule>, &str)> = vec![
        ("run", vec![], "def run(self): …"),
        ("__init__", vec![], "def __init__(self): …"),
        ("run", vec![argument("msg")], "def run(self, msg): …"),
        ("run", vec![argument("self"), argument("msg")], "def run(self, msg): …"),
        ("make", vec![argument("cls"), argument("msg")], "def make(cls, msg): …"),
        ("__new__", vec![], "def __new__(cls): …"),
        ("run", vec![of_kind("a", ParameterKind::PositionalOnly)], "def run(self, a, /): …"),
        (
            "run",
            vec![of_kind("a", ParameterKind::PositionalOnly), argument("b"), of_kind("c", ParameterKind::KeywordOnly)],
            "def run(self, a, /, b, *, c): …",
        ),
        (
            "run",
            vec![
                of_kind("a", ParameterKind::VarPositional),
                of_kind("c", ParameterKind::KeywordOnly),
                of_kind("k", ParameterKind::VarKeyword),
            ],
            "def run(self, *a, c, **k): …",
        ),
        ("run", vec![default("a"), argument("b"), typed("c")], "def run(self, a=1, b=…, c: str = …): …"),
    ];
    for (name, arguments, wanted) in cases {
        let found = run(&wants_method(wants_def(name, arguments)), module(vec![class_p(&[])]), &TestWorld::default());
        assert_eq!(found[0].help, format!("add `{wanted}` in class `P`"));
        assert_eq!(found[0].expected.as_deref(), Some(wanted));
    }
    // A function has no receiver.
    let function = Contract {
        module: ModuleRules { functions: vec![wants_def("run", vec![])], ..ModuleRules::default() },
        ..Contract::default()
    };
    let found = run(&function, module(vec![]), &TestWorld::default());
    assert_eq!(found[0].help, "add `def run(): …` at module level of plugin.py");
}

#[test]
fn help_for_instance_attributes_assigns_to_instances() {
    let wants =
        |variable, kind| classes(vec![ClassRule { attributes: vec![attribute(variable, kind)], ..wants_class("P") }]);
    let p = Class { instance_attributes: HashMap::from([instance("x", Known::Literal(s("a")))]), ..class(&[], vec![]) };
    let p = || module(vec![("P", a(p.clone()))]);
    let help = |contract: &Contract| run(contract, p(), &TestWorld::default())[0].help.clone();
    assert_eq!(help(&wants(wants_value("x", s("b")), AttributeKind::Either)), "set it in class `P`: `self.x = 'b'`");
    assert_eq!(
        help(&wants(wants_value("y", s("b")), AttributeKind::Instance)),
        "add `self.y = 'b'` in `__init__` of class `P`"
    );
    assert_eq!(help(&wants(wants_value("y", s("b")), AttributeKind::Either)), "add `y = 'b'` in class `P`");
}

#[test]
fn what_a_class_name_is_bound_to() {
    let p = |kind| module(vec![("P", kind)]);
    let plain = || a(class(&[], vec![]));
    let cases: Vec<(&str, Module, TestWorld, &[&str])> = vec![
        ("a class", p(plain()), TestWorld::default(), &[]),
        ("nothing", module(vec![]), TestWorld::default(), &["missing-class classes[P]"]),
        ("a number", p(literal(Value::Int(1))), TestWorld::default(), &["mismatch-class classes[P]"]),
        ("a function", p(function(&[])), TestWorld::default(), &["mismatch-class classes[P]"]),
        ("computed", p(computed()), TestWorld::default(), &["unproven-class classes[P]"]),
        ("computed, live", p(computed()), TestWorld::at(50).live("P", plain()), &[]),
        (
            "computed, live object",
            p(computed()),
            TestWorld::at(50).live("P", object("int")),
            &["mismatch-class classes[P]"],
        ),
        ("imported", p(import("m", Some("Q"))), TestWorld::default().source("m", module(vec![("Q", plain())])), &[]),
        ("imported, unknown", p(import("m", Some("Q"))), TestWorld::default(), &["unproven-class classes[P]"]),
    ];
    for (case, module, world, wanted) in cases {
        let found = run(&classes(vec![wants_class("P")]), module, &world);
        assert_eq!(summary(&found), wanted, "{case}");
        assert!(found.iter().all(|violation| violation.context == Context::Class), "{case}");
    }
}

#[test]
fn methods_through_bases() {
    let imported = |target| {
        let bases = vec![base("m.Root", target)];
        module(vec![("P", a(Class { bases, ..Class::default() }))])
    };
    let root = |name: Option<&str>| {
        BaseTarget::Imported(ImportedName { module: Some("m".to_owned()), name: name.map(str::to_owned) })
    };
    let source = || module(vec![("Root", a(class(&["Top"], vec![]))), ("Top", a(with_run()))]);
    let dynamic = || Class { dynamic: true, ..class(&[], vec![]) };
    let cli = TestWorld::default;
    let cases: Vec<(&str, Module, TestWorld, &[&str])> = vec![
        ("own", module(vec![("P", a(with_run()))]), cli(), &[]),
        ("none", module(vec![class_p(&[])]), cli(), NO_METHOD),
        ("same file", module(vec![class_p(&["B"]), ("B", a(with_run()))]), cli(), &[]),
        ("two up", module(vec![class_p(&["B"]), ("B", a(class(&["C"], vec![]))), ("C", a(with_run()))]), cli(), &[]),
        ("object only", module(vec![class_p(&["object"])]), cli(), NO_METHOD),
        ("unknown base", module(vec![class_p(&["Q"])]), cli(), UNPROVEN_METHOD),
        ("imported base, source", imported(root(Some("Root"))), cli().source("m", source()), &[]),
        (
            "imported base, live",
            imported(root(Some("Root"))),
            cli().imports("m", "Root", Imported::Live(definite(a(with_run()), 0))),
            &[],
        ),
        ("imported base, unknown", imported(root(Some("Root"))), cli(), UNPROVEN_METHOD),
        (
            "imported base, absent",
            imported(root(Some("Root"))),
            cli().imports("m", "Root", Imported::Absent),
            UNPROVEN_METHOD,
        ),
        (
            "from import",
            module(vec![class_p(&["Root"]), ("Root", import("m", Some("Root")))]),
            cli().source("m", source()),
            &[],
        ),
        ("known base", imported(BaseTarget::Known(Arc::new(with_run()))), cli(), &[]),
        ("computed base", imported(BaseTarget::Computed), cli(), UNPROVEN_METHOD),
        ("ABC adds nothing", module(vec![class_p(&["ABC"]), ("ABC", import("abc", Some("ABC")))]), cli(), NO_METHOD),
        (
            "builtin",
            module(vec![class_p(&["Exception"])]),
            cli().imports("builtins", "Exception", Imported::Live(definite(a(class(&[], vec![])), 0))),
            NO_METHOD,
        ),
        ("circle", module(vec![class_p(&["Q"]), ("Q", a(class(&["P"], vec![])))]), cli(), UNPROVEN_METHOD),
        ("itself", module(vec![class_p(&["P"])]), cli(), UNPROVEN_METHOD),
        ("dynamic", module(vec![("P", a(dynamic()))]), cli(), UNPROVEN_METHOD),
        ("behind an unknown base", module(vec![class_p(&["Q", "B"]), ("B", a(with_run()))]), cli(), UNPROVEN_METHOD),
        ("before an unknown base", module(vec![class_p(&["B", "Q"]), ("B", a(with_run()))]), cli(), &[]),
        ("unknown base, live class", module(vec![class_p(&["Q"])]), TestWorld::at(50).live("P", a(with_run())), &[]),
        (
            "unknown base, live class without",
            module(vec![class_p(&["Q"])]),
            TestWorld::at(50).live("P", a(class(&[], vec![]))),
            NO_METHOD,
        ),
        (
            "unknown base, live class of before",
            module(vec![class_p(&["Q"])]),
            TestWorld::at(5).live("P", a(with_run())),
            UNPROVEN_METHOD,
        ),
        ("added at run time", module(vec![class_p(&[])]), TestWorld::initialised().live("P", a(with_run())), &[]),
    ];
    for (case, module, world, wanted) in cases {
        assert_eq!(summary(&run(&wants_run(), module, &world)), wanted, "{case}");
    }
    let found = run(&wants_run(), module(vec![class_p(&["Q"])]), &cli());
    assert!(found[0].message.contains("base `Q`"), "{}", found[0].message);
}

#[test]
fn members_are_found_in_resolution_order() {
    // class Top: run(x)   class A(Top)   class B(Top): run(self)   class P(A, B): B comes before Top.
    let module = module(vec![
        ("Top", a(class(&[], vec![("run", function(&["x"]))]))),
        ("A", a(class(&["Top"], vec![]))),
        ("B", a(class(&["Top"], vec![("run", function(&["self"]))]))),
        class_p(&["A", "B"]),
    ]);
    expect(&wants_run(), module, &TestWorld::default(), &[]);
}

#[test]
fn what_a_method_name_is_bound_to() {
    let with = |kind: BindingKind, certainty: Certainty| {
        let mut p = class(&[], vec![("run", kind)]);
        p.body.entry("run".to_owned()).and_modify(|binding| binding.certainty = certainty);
        module(vec![("P", a(p))])
    };
    let property =
        || BindingKind::Function(Function { decorators: vec!["functools.cached_property".to_owned()], ..def(&[]) });
    let method = || function(&["self"]);
    let mismatch: &[&str] = &["mismatch-method classes[P].methods[run]"];
    let cases: Vec<(BindingKind, Certainty, &[&str], &[&str])> = vec![
        // (kind, certainty, from source, with a live class that has the method)
        (method(), Certainty::Definite, &[], &[]),
        (method(), Certainty::Possible, UNPROVEN_METHOD, &[]),
        (method(), Certainty::Varies, UNPROVEN_METHOD, &[]),
        (literal(Value::None), Certainty::Definite, mismatch, mismatch),
        (property(), Certainty::Definite, mismatch, mismatch),
        (a(class(&[], vec![])), Certainty::Definite, mismatch, mismatch),
        (computed(), Certainty::Definite, UNPROVEN_METHOD, &[]),
        (BindingKind::Deleted, Certainty::Definite, NO_METHOD, &[]),
        (BindingKind::Deleted, Certainty::Varies, UNPROVEN_METHOD, &[]),
        (import("m", Some("run")), Certainty::Definite, UNPROVEN_METHOD, &[]),
    ];
    for (kind, certainty, source, live) in cases {
        let case = format!("{kind:?} {certainty:?}");
        let found = run(&wants_run(), with(kind.clone(), certainty), &TestWorld::default());
        assert_eq!(summary(&found), source, "{case}");
        let world = TestWorld::at(50).live("P", a(with_run()));
        assert_eq!(summary(&run(&wants_run(), with(kind, certainty), &world)), live, "{case}, live");
    }
    let world = TestWorld::default().source("m", module(vec![("run", method())]));
    expect(&wants_run(), with(import("m", Some("run")), Certainty::Definite), &world, &[]);
}

fn p_with(body: Vec<(&str, BindingKind)>, instances: Vec<(String, InstanceAttribute)>) -> Module {
    let p = Class { instance_attributes: instances.into_iter().collect(), ..class(&[], body) };
    module(vec![("P", a(p))])
}

#[test]
fn attributes() {
    let one = || Known::Literal(Value::Int(1));
    let class_side = || p_with(vec![("x", literal(Value::Int(1)))], vec![]);
    let instance_side = || p_with(vec![], vec![instance("x", one())]);
    let property = || {
        let function =
            Function { decorators: vec!["property".to_owned()], returns: Some("int".to_owned()), ..def(&[]) };
        p_with(vec![("x", BindingKind::Function(function))], vec![])
    };
    let method = || p_with(vec![("x", function(&["self"]))], vec![]);
    let conditional = || {
        let variable = Variable { annotation: None, value: one() };
        let attribute = InstanceAttribute { variable, certainty: Certainty::Possible, span: None };
        p_with(vec![], vec![("x".to_owned(), attribute)])
    };
    let both = || p_with(vec![("x", literal(Value::None))], vec![instance("x", one())]);
    let declared = || p_with(vec![("x", var(Some("int"), Known::Unbound))], vec![]);
    let path = "classes[P].attributes[x]";
    let missing = || vec![format!("missing-attribute {path}")];
    let wrong = |key: &str| vec![format!("mismatch-attribute {path} {key}")];
    let is_method = || vec![format!("mismatch-attribute {path}")];
    let unproven = |key: &str| vec![format!("unproven-attribute {path}{key}")];
    let fits = Vec::<String>::new;
    // (case, module, [either, class, instance])
    let cases: Vec<(&str, Module, [Vec<String>; 3])> = vec![
        ("class attribute", class_side(), [fits(), fits(), wrong("type")]),
        ("instance attribute", instance_side(), [fits(), wrong("type"), fits()]),
        ("either", both(), [fits(), wrong("value"), fits()]),
        ("property", property(), [unproven(" value"), wrong("type"), unproven(" value")]),
        ("method", method(), [is_method(), is_method(), is_method()]),
        ("conditional", conditional(), [unproven(""), wrong("type"), unproven("")]),
        ("declared only", declared(), [missing(), missing(), missing()]),
        ("nothing", p_with(vec![], vec![]), [missing(), missing(), missing()]),
        (
            "computed in the body",
            p_with(vec![("x", computed())], vec![]),
            [unproven(" value"), unproven(" value"), wrong("type")],
        ),
        (
            "computed in a method",
            p_with(vec![], vec![instance("x", Known::Computed(None))]),
            [unproven(" value"), wrong("type"), unproven(" value")],
        ),
        ("unknown base", module(vec![class_p(&["Q"])]), [unproven(""), unproven(""), unproven("")]),
        (
            "inherited",
            module(vec![class_p(&["B"]), ("B", a(class(&[], vec![("x", literal(Value::Int(1)))])))]),
            [fits(), fits(), wrong("type")],
        ),
    ];
    for (case, module, wanted) in cases {
        for (kind, wanted) in
            [AttributeKind::Either, AttributeKind::Class, AttributeKind::Instance].into_iter().zip(wanted)
        {
            let rule = attribute(wants_value("x", Value::Int(1)), kind);
            let contract = classes(vec![ClassRule { attributes: vec![rule], ..wants_class("P") }]);
            assert_eq!(summary(&run(&contract, module.clone(), &TestWorld::default())), wanted, "{case} {kind:?}");
        }
    }
    let typed = attribute(wants_type("x", "int"), AttributeKind::Instance);
    let contract = classes(vec![ClassRule { attributes: vec![typed], ..wants_class("P") }]);
    expect(&contract, property(), &TestWorld::default(), &[]);
}

#[test]
fn a_live_class_decides_what_its_body_computes() {
    let rule = attribute(wants_value("x", Value::Int(1)), AttributeKind::Class);
    let contract = classes(vec![ClassRule { attributes: vec![rule], ..wants_class("P") }]);
    let source = || p_with(vec![("x", computed())], vec![]);
    let live = |value| a(class(&[], vec![("x", literal(Value::Int(value)))]));
    expect(&contract, source(), &TestWorld::at(50).live("P", live(1)), &[]);
    let wrong = ["mismatch-attribute classes[P].attributes[x] value"];
    expect(&contract, source(), &TestWorld::initialised().live("P", live(2)), &wrong);
    let unproven = ["unproven-attribute classes[P].attributes[x] value"];
    expect(&contract, source(), &TestWorld::at(5).live("P", live(1)), &unproven);
    expect(&contract, module(vec![class_p(&["Q"])]), &TestWorld::at(50).live("P", live(1)), &[]);
}

#[test]
fn superclasses() {
    let plain = |name| wants_base(wants_class(name));
    let in_full =
        |name| wants_base(ClassRule { methods: vec![wants_def("run", vec![argument("self")])], ..wants_class(name) });
    let missing: &[&str] = &["missing-superclass classes[P].superclasses[Root]"];
    let unproven: &[&str] = &["unproven-superclass classes[P].superclasses[Root]"];
    let nested: &[&str] = &["missing-method classes[P].superclasses[Root].methods[run]"];
    let empty = || ("Root", a(class(&[], vec![])));
    let cli = TestWorld::default;
    let cases: Vec<(&str, Contract, Module, TestWorld, &[&str])> = vec![
        ("direct", plain("Root"), module(vec![class_p(&["Root"]), empty()]), cli(), &[]),
        (
            "inherited",
            plain("Root"),
            module(vec![class_p(&["B"]), ("B", a(class(&["Root"], vec![]))), empty()]),
            cli(),
            &[],
        ),
        ("dotted rule", wants_base(wants_class("pkg.Root")), module(vec![class_p(&["Root"])]), cli(), &[]),
        ("unread, but named", plain("Root"), module(vec![class_p(&["Root"])]), cli(), &[]),
        ("its own name", plain("Root"), module(vec![class_p(&["R"]), ("R", import("m", Some("Root")))]), cli(), &[]),
        (
            "alias",
            wants_base(wants_class("R")),
            module(vec![class_p(&["R"]), ("R", import("m", Some("Root")))]),
            cli(),
            &[],
        ),
        ("none", plain("Root"), module(vec![class_p(&[])]), cli(), missing),
        ("another", plain("Root"), module(vec![class_p(&["B"]), ("B", a(class(&[], vec![])))]), cli(), missing),
        ("unread other", plain("Root"), module(vec![class_p(&["B"])]), cli(), unproven),
        (
            "unread other, live",
            plain("Root"),
            module(vec![class_p(&["B"])]),
            TestWorld::at(50).live("P", a(class(&[], vec![]))),
            missing,
        ),
        ("object", wants_base(wants_class("object")), module(vec![class_p(&[])]), cli(), &[]),
        ("in full", in_full("Root"), module(vec![class_p(&["Root"]), ("Root", a(with_run()))]), cli(), &[]),
        ("in full, lacking", in_full("Root"), module(vec![class_p(&["Root"]), empty()]), cli(), nested),
        ("in full, unread", in_full("Root"), module(vec![class_p(&["Root"])]), cli(), unproven),
        (
            "in full, live",
            in_full("Root"),
            module(vec![class_p(&["Root"])]),
            TestWorld::at(50).live(
                "P",
                a(Class { bases: vec![base("Root", BaseTarget::Known(Arc::new(with_run())))], ..Class::default() }),
            ),
            &[],
        ),
    ];
    for (case, contract, module, world, wanted) in cases {
        assert_eq!(summary(&run(&contract, module, &world)), wanted, "{case}");
    }
}

#[test]
fn deep_and_wide_hierarchies_end() {
    let chain = |length: usize| {
        let names: Vec<String> = (0..=length).map(|i| format!("C{i}")).collect();
        let mut bindings = vec![class_p(&["C0"])];
        bindings.extend(names.windows(2).map(|pair| (pair[0].as_str(), a(class(&[&pair[1]], vec![])))));
        bindings.push((names[length].as_str(), a(with_run())));
        module(bindings)
    };
    expect(&wants_run(), chain(50), &TestWorld::default(), &[]);
    expect(&wants_run(), chain(5_000), &TestWorld::default(), UNPROVEN_METHOD);
    // A ladder of diamonds has 2**60 paths.
    let mut ladder = Arc::new(with_run());
    for _ in 0..60 {
        let side = |name| {
            let bases = vec![base("T", BaseTarget::Known(Arc::clone(&ladder)))];
            base(name, BaseTarget::Known(Arc::new(Class { bases, ..Class::default() })))
        };
        ladder = Arc::new(Class { bases: vec![side("L"), side("R")], ..Class::default() });
    }
    let diamonds = module(vec![("P", BindingKind::Class(ladder))]);
    assert!(run(&wants_run(), diamonds, &TestWorld::default()).len() <= 1);
    // Rules nested without end on a class that is its own base.
    let rule = (0..500).fold(wants_class("Q"), |inner, _| ClassRule { superclasses: vec![inner], ..wants_class("P") });
    let found = run(&classes(vec![rule]), module(vec![class_p(&["P"])]), &TestWorld::default());
    assert_eq!(found.len(), 1);
}
