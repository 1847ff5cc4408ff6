use crate::compare::code::{Category, Entity};
use crate::compare::violation::{Context, Violation};
use crate::contract::path::ContractPath;
use crate::contract::problem::Problem;
use crate::report::places::Places;
use crate::report::problem::render_problem;
use crate::report::text::{Outcome, Style, render, render_as, render_placed};
use crate::report::{Importer, Report};

use super::sample::{CONTRACT, IMPORTER, plain, report, several, span, violation};

fn missing(entity: Entity, message: &str) -> Violation {
    violation(Category::Missing, entity, message)
}

#[test]
fn several_violations() {
    let (report, spans) = several();
    assert_eq!(
        plain(&report, &spans),
        r#"`plugin` does not fit the contract of `framework` (framework/spymodel.yml)

error[missing-version]: the importer declares no version
  --> plugin.py:1:1
   |
 1 | import framework
   | ^^^^^^^^^^^^^^^^ imported here
   |
  ::: framework/spymodel.yml:1:10
   |
 1 | version: ^1.4
   |          ---- expected `^1.4`
   |
   = help: set `__version__` in plugin.py

error[mismatch-variable]: variable `engine` has another value
  --> plugin.py:3:1
   |
 3 | engine = "podman"
   | ^^^^^^^^^^^^^^^^^ found `"podman"`
   |
  ::: framework/spymodel.yml:4:12
   |
 4 |     value: docker
   |            ------ expected `"docker"`
   |
   = help: set `engine` to `"docker"`

error[mismatch-argument]: argument `msg` of `Extension.add_extension` has another annotation
  --> plugin.py:7:26
   |
 7 |     def add_extension(self, msg: bytes): ...
   |                             ^^^^^^^^^^ found `bytes`
   |
  ::: framework/spymodel.yml:9:59
   |
 9 |         arguments: [{name: self}, {name: msg, annotation: str}]
   |                                                           --- expected `str`
   |
   = help: annotate `msg` with `str`

error[mismatch-architecture]: the architecture is not allowed
  --> framework/spymodel.yml:11:11
   |
11 |   - arch: aarch64
   |           ^^^^^^^ expected `aarch64`, found `x86_64`
   |
   = help: run on a machine that the contract allows

error[missing-secret]: secret `PLUGIN_API_TOKEN` is not set
  --> framework/spymodel.yml:14:33
   |
14 |         environment: {secrets: [PLUGIN_API_TOKEN]}
   |                                 ^^^^^^^^^^^^^^^^ required here
   |
   = help: set `PLUGIN_API_TOKEN` before Python starts

5 violations: `framework` was not imported by `plugin` (plugin.py)"#
    );
}

#[test]
fn the_import_line_is_shown_once() {
    let violations = vec![missing(Entity::Variable, "no variable `a`"), missing(Entity::Variable, "no variable `b`")];
    let report = report(
        "variables:\n- name: a\n- name: b\n",
        "import os\nif os.name:\n    import framework  # now\n",
        violations,
    );
    let report = Report { importer: Importer { line: Some(3), ..report.importer }, ..report };
    assert_eq!(
        plain(&report, &[span(&report.contract.text, "a\n"), span(&report.contract.text, "b\n")]),
        "\
`plugin` does not fit the contract of `framework` (framework/spymodel.yml)

error[missing-variable]: no variable `a`
 --> plugin.py:3:5
  |
3 |     import framework  # now
  |     ^^^^^^^^^^^^^^^^^^^^^^^ imported here
  |
 ::: framework/spymodel.yml:2:9
  |
2 | - name: a
  |         - required here

error[missing-variable]: no variable `b`
 --> framework/spymodel.yml:3:9
  |
3 | - name: b
  |         ^ required here

2 violations: `framework` was not imported by `plugin` (plugin.py)"
    );
}

#[test]
fn places_that_are_not_known_are_put_into_words() {
    let path = ContractPath::default().key("classes").item(0, Some("Extension"));
    let found = Violation {
        path: path.clone(),
        key: Some("superclasses"),
        expected: Some("`Plugin`".to_owned()),
        found: Some("`object`".to_owned()),
        context: Context::Class,
        help: "derive `Extension` from `Plugin`".to_owned(),
        ..missing(Entity::Superclass, "class `Extension` does not derive from `Plugin`")
    };
    let version = Violation { key: Some("version"), ..missing(Entity::Version, "no version") };
    let mut report = report(CONTRACT, IMPORTER, vec![found, version]);
    report.importer = Importer { name: Some("__main__".to_owned()), source: None, line: Some(1) };
    assert_eq!(
        plain(&report, &[None, None]),
        "\
`__main__` does not fit the contract of `framework` (framework/spymodel.yml)

error[missing-superclass]: class `Extension` does not derive from `Plugin`
--> framework/spymodel.yml (classes[Extension].superclasses)
 |
 = note: expected `Plugin`, found `object`
 = help: derive `Extension` from `Plugin`

error[missing-version]: no version
--> framework/spymodel.yml (version)

2 violations: `framework` was not imported by `__main__`"
    );
}

#[test]
fn the_environment_is_the_subject_where_only_it_is_wrong() {
    let secret = Violation { context: Context::Environment, ..missing(Entity::Secret, "secret `TOKEN` is not set") };
    let mut report = report("", "", vec![secret]);
    report.importer = Importer::default();
    assert_eq!(
        plain(&report, &[None]),
        "\
this environment does not fit the contract of `framework` (framework/spymodel.yml)

error[missing-secret]: secret `TOKEN` is not set
--> framework/spymodel.yml

1 violation: `framework` was not imported"
    );
}

#[test]
fn the_last_line_says_what_became_of_it() {
    let (report, spans) = several();
    let places = Places::with_contract_spans(&report, &spans);
    let last = |outcome| {
        let text = render_placed(&places, &report, Style::Plain, outcome);
        text.lines().last().map(str::to_owned).unwrap()
    };
    assert_eq!(last(Outcome::Warned), "5 violations: `framework` was imported by `plugin` (plugin.py) all the same");
    assert_eq!(last(Outcome::Checked), "5 violations: `framework` would not be imported by `plugin` (plugin.py)");
    assert_eq!(last(Outcome::Compared), "5 violations: plugin.py does not fit framework/spymodel.yml");
    let text = render_placed(&places, &report, Style::Plain, Outcome::Compared);
    assert!(text.starts_with("`plugin` does not fit framework/spymodel.yml\n"), "{text}");
}

#[test]
fn a_report_without_violations_is_one_line() {
    let report = report(CONTRACT, IMPORTER, Vec::new());
    let line = "`plugin` fits the contract of `framework` (framework/spymodel.yml)";
    assert_eq!(render(&report, Style::Plain), line);
    assert_eq!(render_as(&report, Style::Colour, Outcome::Checked), line);
}

#[test]
fn an_importer_without_a_name_is_called_by_its_file() {
    let mut report = report(CONTRACT, IMPORTER, vec![missing(Entity::Version, "no version")]);
    report.importer.name = None;
    let text = plain(&report, &[None]);
    assert!(text.starts_with("`plugin.py` does not fit the contract of `framework`"), "{text}");
    assert!(text.ends_with("1 violation: `framework` was not imported by `plugin.py`"), "{text}");
}

#[test]
fn a_contract_that_cannot_be_used() {
    let text = "version: ^1.4\nvars: []\n";
    let mut problem = Problem {
        message: "unknown key `vars`".to_owned(),
        span: span(text, "vars"),
        path: Some("vars".to_owned()),
        help: Some("did you mean `variables`?".to_owned()),
    };
    assert_eq!(
        render_problem(&problem, "framework/spymodel.yml", Some(text), Style::Plain),
        "\
the contract can't be used

error: unknown key `vars`
 --> framework/spymodel.yml:2:1
  |
2 | vars: []
  | ^^^^ at `vars`
  |
  = help: did you mean `variables`?"
    );
    problem.message = "it is not UTF-8".to_owned();
    problem.path = None;
    problem.help = None;
    assert_eq!(
        render_problem(&problem, "framework/spymodel.yml", None, Style::Plain),
        "\
the contract can't be used

error: it is not UTF-8
--> framework/spymodel.yml"
    );
}
