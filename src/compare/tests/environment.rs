//! Where the code runs: alternatives, environment variables, secrets, other modules.

use std::sync::Arc;

use super::support::*;
use crate::compare::code::Category;
use crate::compare::violation::Context;
use crate::compare::{Scope, Subject, compare};
use crate::contract::model::{Contract, Deployment, EnvironmentRule, EnvironmentRules, ModuleRules, Python, System};
use crate::observed::model::{Certainty, Module};
use crate::observed::world::{Environment, Located};

fn environment(variables: Vec<EnvironmentRule>, secrets: &[&str]) -> Contract {
    let secrets = secrets.iter().map(|name| (*name).to_owned()).collect();
    let environment = EnvironmentRules { variables, secrets };
    deployments(vec![Deployment {
        systems: vec![System { environment, ..System::default() }],
        ..Deployment::default()
    }])
}
fn deployments(deployments: Vec<Deployment>) -> Contract {
    Contract { deployments, ..Contract::default() }
}
fn pythons(pythons: Vec<Python>) -> Contract {
    deployments(vec![Deployment { systems: vec![System { pythons, ..System::default() }], ..Deployment::default() }])
}
fn set(name: &str, text: &str) -> TestWorld {
    let mut world = TestWorld::default();
    world.environment.insert(name.to_owned(), Environment::Text(text.to_owned()));
    world
}

#[test]
fn environment_variables_are_text_unless_typed() {
    let wants = |annotation: Option<&str>, value: &str| EnvironmentRule {
        name: "T".to_owned(),
        annotation: annotation.map(str::to_owned),
        value: Some(value.to_owned()),
        ..EnvironmentRule::default()
    };
    let cases = [
        (None, "3.10", "3.10", ""),
        (None, "3.10", "3.1", "value"),
        (None, "true", "True", "value"),
        (Some("str"), "5", "5", ""),
        (Some("int"), "5", " 005 ", ""),
        (Some("int"), "1000", "1_000", ""),
        (Some("int"), "5", "-5", "value"),
        (Some("int"), "5", "5.0", "annotation"),
        (Some("int"), "5", "", "annotation"),
        (Some("int"), "5", "_5", "annotation"),
        (Some("int"), "5", "--5", "annotation"),
        (Some("int"), "99999999999999999999999999999999999999999", "99999999999999999999999999999999999999999", ""),
        (Some("float"), "1.5", "15e-1", ""),
        (Some("float"), "1", "1.0", ""),
        (Some("float"), "nan", "NaN", ""),
        (Some("float"), "1", "one", "annotation"),
        (Some("bool"), "true", "ON", ""),
        (Some("bool"), "no", "0", ""),
        (Some("bool"), "yes", "off", "value"),
        (Some("bool"), "yes", "2", "annotation"),
    ];
    for (annotation, wanted, found, key) in cases {
        let path = "mismatch-environment-variable deployments[0].systems[0].environment.variables[T]";
        let expected: Vec<String> = if key.is_empty() { vec![] } else { vec![format!("{path} {key}")] };
        let violations = run(&environment(vec![wants(annotation, wanted)], &[]), module(vec![]), &set("T", found));
        assert_eq!(summary(&violations), expected, "{annotation:?} {wanted:?} {found:?}");
    }
}

#[test]
fn the_found_value_is_never_told() {
    let leak = "hunter2-leak";
    let rules = |annotation: Option<&str>| EnvironmentRule {
        name: "T".to_owned(),
        annotation: annotation.map(str::to_owned),
        value: Some("5".to_owned()),
        pattern: Some(pattern("p")),
        one_of: Some(vec!["6".to_owned(), "7".to_owned()]),
    };
    for annotation in [None, Some("int"), Some("bool"), Some("float")] {
        let found = run(&environment(vec![rules(annotation)], &[]), module(vec![]), &set("T", leak));
        assert!(found.len() >= 2);
        assert!(found.iter().all(|violation| violation.context == Context::Environment));
        assert!(!format!("{found:?}").contains(leak), "{found:?}");
    }
    // Each rule alone, and next to a secret of the same name.
    let aspects: [(fn(&mut EnvironmentRule), usize); 6] = [
        (|rule| rule.annotation = Some("int".to_owned()), 1),
        (|rule| rule.annotation = Some("bool".to_owned()), 1),
        (|rule| rule.value = Some("5".to_owned()), 1),
        (|rule| rule.pattern = Some(pattern("p")), 1),
        (|rule| rule.one_of = Some(vec!["6".to_owned()]), 1),
        (|_| {}, 0),
    ];
    for (aspect, count) in aspects {
        let mut rule = EnvironmentRule { name: "T".to_owned(), ..EnvironmentRule::default() };
        aspect(&mut rule);
        let found = run(&environment(vec![rule], &["T"]), module(vec![]), &set("T", leak));
        assert_eq!(found.len(), count, "{found:?}");
        assert!(!format!("{found:?}").contains(leak), "{found:?}");
    }
}

#[test]
fn presence_of_variables_and_secrets() {
    let any = || EnvironmentRule { name: "T".to_owned(), ..EnvironmentRule::default() };
    let path = "deployments[0].systems[0].environment";
    let both = environment(vec![any()], &["S"]);
    let missing =
        [format!("missing-environment-variable {path}.variables[T]"), format!("missing-secret {path}.secrets[S]")];
    assert_eq!(summary(&run(&both, module(vec![]), &TestWorld::default())), missing);

    // Set to nothing is set; so is text that is not Unicode.
    let mut world = set("S", "");
    world.environment.insert("T".to_owned(), Environment::NotUnicode);
    assert_eq!(summary(&run(&both, module(vec![]), &world)), Vec::<String>::new());
    let text = EnvironmentRule { value: Some("x".to_owned()), ..any() };
    let wrong = format!("mismatch-environment-variable {path}.variables[T]");
    assert_eq!(summary(&run(&environment(vec![text], &[]), module(vec![]), &world)), [wrong]);
}

#[test]
fn machine_and_interpreter() {
    let system = |os: Vec<&'static str>| System { os, ..System::default() };
    let deployment = |arch: Vec<&'static str>, os| Deployment { arch, systems: vec![system(os)] };
    let world = TestWorld::default();
    let one = |arch, os| deployments(vec![deployment(arch, os)]);
    expect(&one(vec!["x86_64"], vec!["linux"]), module(vec![]), &world, &[]);
    expect(&one(vec!["aarch64", "x86_64"], vec![]), module(vec![]), &world, &[]);
    let wrong = ["mismatch-architecture deployments[0].arch", "mismatch-operating-system deployments[0].systems[0].os"];
    expect(&one(vec!["aarch64"], vec!["windows"]), module(vec![]), &world, &wrong);
    let outside = ["invalid-architecture deployments[0].arch", "invalid-operating-system deployments[0].systems[0].os"];
    expect(&one(vec!["aarch64", "arm"], vec!["windows", "darwin"]), module(vec![]), &world, &outside);

    let python = |version: &str, interpreter| {
        pythons(vec![Python { version: Some(requirement(version)), interpreter, modules: vec![] }])
    };
    expect(&python("3.12.1", vec!["CPython"]), module(vec![]), &world, &[]);
    let base = "deployments[0].systems[0].pythons[0]";
    let wrong = [format!("mismatch-python-version {base}.version"), format!("mismatch-interpreter {base}.interpreter")];
    let found = run(&python("3.11.0", vec!["PyPy"]), module(vec![]), &world);
    assert_eq!(summary(&found), wrong);
    assert!(found.iter().all(|violation| violation.context == Context::Runtime));
}

#[test]
fn the_closest_alternative_is_reported() {
    let python = |version: &str| Python { version: Some(requirement(version)), ..Python::default() };
    let system = |os, pythons| System { os: vec![os], pythons, ..System::default() };
    let deployment = |arch, systems| Deployment { arch: vec![arch], systems };
    let contract = deployments(vec![
        deployment("aarch64", vec![system("linux", vec![python("3.12.1"), python("3.11.0")])]),
        deployment(
            "x86_64",
            vec![system("windows", vec![python("3.11.0")]), system("linux", vec![python("3.11.0"), python("3.10.0")])],
        ),
        deployment("x86_64", vec![system("windows", vec![python("3.12.1")])]),
    ]);
    // Three alternatives are one violation away: the first of them is reported.
    let found = run(&contract, module(vec![]), &TestWorld::default());
    assert_eq!(summary(&found), ["mismatch-architecture deployments[0].arch"]);
    assert!(found[0].help.contains("6 declared alternatives"), "{}", found[0].help);

    let mut fits = contract.clone();
    fits.deployments.push(deployment("x86_64", vec![]));
    expect(&fits, module(vec![]), &TestWorld::default(), &[]);

    let single = deployments(vec![deployment("aarch64", vec![])]);
    let found = run(&single, module(vec![]), &TestWorld::default());
    assert!(!found[0].help.contains("alternatives"), "{}", found[0].help);
}

fn entry(filename: Option<&str>, rules: ModuleRules) -> Contract {
    let rules = ModuleRules { filename: filename.map(file_pattern), ..rules };
    pythons(vec![Python { modules: vec![rules], ..Python::default() }])
}
fn author() -> ModuleRules {
    ModuleRules { variables: vec![wants_value("author", s("Ada"))], ..ModuleRules::default() }
}

#[test]
fn entries_for_the_importer_add_rules() {
    let bob = || module(vec![("author", literal(s("Bob")))]);
    let base = "deployments[0].systems[0].pythons[0]";
    let world = TestWorld::default();
    for (filename, label) in [(Some("plugin.py"), "plugin.py"), (None, "0")] {
        let wrong = format!("mismatch-variable {base}.modules[{label}].variables[author] value");
        let contract = entry(filename, author());
        assert_eq!(summary(&run(&contract, bob(), &world)), [wrong]);
        let subject =
            Subject { file: Some("/app/plugin.py".to_owned()), module: Some(Arc::new(bob())), no_source: None };
        assert_eq!(compare(&contract, &subject, Scope::EnvironmentOnly, &world), []);
    }
}

#[test]
fn entries_for_other_modules() {
    let base = "deployments[0].systems[0].pythons[0].modules[addons.py]";
    let rules = || ModuleRules { version: Some(requirement("1.2")), ..author() };
    let world = |located: Option<Located>| {
        // A live namespace of the importer says nothing about another module.
        let mut world = TestWorld::initialised().live("author", literal(s("Ada")));
        world.located.extend(located.map(|located| ("addons.py".to_owned(), located)));
        world
    };
    let found = |module, version: Option<&str>| Located::Found {
        file: "/lib/addons.py".to_owned(),
        module: Arc::new(module),
        version: version.map(str::to_owned),
    };
    let good = || module(vec![("author", literal(s("Ada"))), ("__version__", literal(s("1.2")))]);
    let bad = || module(vec![("author", literal(s("Bob")))]);
    let opaque = |version: Option<&str>| Some(Located::Opaque { version: version.map(str::to_owned) });
    let cases: Vec<(Option<Located>, Vec<String>)> = vec![
        (None, vec![format!("missing-module {base} filename")]),
        (Some(found(good(), None)), vec![]),
        (Some(found(bad(), Some("1.2"))), vec![format!("mismatch-variable {base}.variables[author] value")]),
        (
            Some(found(bad(), None)),
            vec![
                format!("missing-version {base}.version"),
                format!("mismatch-variable {base}.variables[author] value"),
            ],
        ),
        (opaque(Some("1.2")), vec![format!("unproven-module {base}")]),
        (opaque(Some("2.0")), vec![format!("mismatch-version {base}.version"), format!("unproven-module {base}")]),
        (opaque(None), vec![format!("unproven-version {base}.version"), format!("unproven-module {base}")]),
    ];
    for (located, wanted) in cases {
        let world = world(located.clone());
        for scope in [Scope::Whole, Scope::EnvironmentOnly] {
            let subject = Subject { file: Some("/app/plugin.py".to_owned()), module: None, no_source: None };
            let violations = compare(&entry(Some("addons.py"), rules()), &subject, scope, &world);
            assert_eq!(summary(&violations), wanted, "{located:?}");
            assert!(violations.iter().all(|v| v.importer_span.is_none()), "places in another file mean nothing");
        }
    }
    let only_there = entry(Some("addons.py"), ModuleRules::default());
    expect(&only_there, module(vec![]), &world(opaque(None)), &[]);
}

#[test]
fn the_version_of_another_module_falls_back_to_its_distribution() {
    let contract =
        entry(Some("addons.py"), ModuleRules { version: Some(requirement("1.2")), ..ModuleRules::default() });
    let path = "deployments[0].systems[0].pythons[0].modules[addons.py].version";
    let version = |kind| module(vec![("__version__", kind)]);
    let possible = || version(literal(s("9"))).certainty("__version__", Certainty::Possible);
    let varies = || version(literal(s("9"))).certainty("__version__", Certainty::Varies);
    let imported = || version(import("_version", Some("version")));
    let cases: Vec<(&str, Module, Option<&str>, &str)> = vec![
        ("computed", version(computed()), Some("1.2.3"), ""),
        ("computed, wrong", version(computed()), Some("1.3"), "mismatch-version"),
        ("computed, nothing installed", version(computed()), None, "unproven-version"),
        ("under try", possible(), Some("1.2.3"), ""),
        ("under try, nothing installed", possible(), None, "unproven-version"),
        ("in both branches", varies(), Some("1.2.3"), ""),
        ("imported under try", imported().certainty("__version__", Certainty::Varies), Some("1.2.3"), ""),
        ("imported", imported(), Some("1.2.3"), ""),
        ("behind a star", module(vec![]).star("_version", 10), Some("1.2.3"), ""),
        ("behind a star, nothing installed", module(vec![]).star("_version", 10), None, "unproven-version"),
        ("dynamic", Module { dynamic: true, ..Module::default() }, Some("1.2.3"), ""),
        ("an object", version(object("VersionInfo")), Some("1.2.3"), ""),
        ("a function, nothing installed", version(function(&[])), None, "mismatch-version"),
        ("a function", version(function(&[])), Some("1.2.3"), ""),
        ("what the source says goes first", version(literal(s("1.3"))), Some("1.2.3"), "mismatch-version"),
        ("no version at all", module(vec![]), None, "missing-version"),
    ];
    for (case, source, installed, wanted) in cases {
        let located = Located::Found {
            file: "/lib/addons.py".to_owned(),
            module: Arc::new(source),
            version: installed.map(str::to_owned),
        };
        let mut world = TestWorld { distribution: Some("7".to_owned()), ..TestWorld::default() };
        world.located.insert("addons.py".to_owned(), located);
        let found = run(&contract, module(vec![]), &world);
        let wanted: Vec<String> = if wanted.is_empty() { vec![] } else { vec![format!("{wanted} {path}")] };
        assert_eq!(summary(&found), wanted, "{case}");
        for violation in found {
            assert!(!violation.help.contains("set `__version__`"), "{case}: {}", violation.help);
            assert!(violation.message.contains("`addons.py`"), "{case}: {}", violation.message);
            if installed.is_none() && violation.code.category != Category::Mismatch {
                assert!(violation.message.contains("no installed distribution provides it"), "{}", violation.message);
                assert!(violation.message.contains("`__version__`"), "{}", violation.message);
            }
        }
    }
}

#[test]
fn nobody_is_told_to_edit_another_module() {
    let asks = ModuleRules {
        variables: vec![wants_value("author", s("Ada")), wants("licence")],
        functions: vec![wants_def("run", vec![])],
        ..ModuleRules::default()
    };
    let mut world = TestWorld::default();
    world.located.insert(
        "addons.py".to_owned(),
        Located::Found {
            file: "/lib/addons.py".to_owned(),
            module: Arc::new(module(vec![("author", literal(s("Bob")))])),
            version: None,
        },
    );
    let mut contract = entry(Some("addons.py"), asks);
    contract.module.variables = vec![wants("mine")];
    let found = run(&contract, module(vec![]), &world);
    assert_eq!(found.len(), 4);
    assert_eq!(found[0].help, "add `mine = …` at module level of plugin.py");
    for violation in &found[1..] {
        assert_eq!(violation.help, "install a version of `addons.py` that fits this rule, or change the rule");
    }
}

#[test]
fn only_the_environment_for_exempt_importers() {
    let mut contract = environment(vec![], &["S"]);
    contract.module = ModuleRules { filename: Some(file_pattern("other.py")), ..author() };
    let subject = Subject::default();
    let found = compare(&contract, &subject, Scope::EnvironmentOnly, &TestWorld::default());
    assert_eq!(summary(&found), ["missing-secret deployments[0].systems[0].environment.secrets[S]"]);
    assert_eq!(found[0].found.as_deref(), Some("not set"));
}
