use serde_json::json;

use crate::contract::problem::Problem;
use crate::report::Importer;
use crate::report::json::{placed_value, to_value};
use crate::report::places::Places;
use crate::report::problem::problem_to_value;
use crate::text::Span;

use super::sample::{report, several};

#[test]
fn the_shape_is_fixed() {
    let (mut report, mut spans) = several();
    report.violations.drain(..1);
    report.violations.truncate(2);
    spans.drain(..1);
    spans.truncate(2);
    spans[1] = None;
    let value = placed_value(&Places::with_contract_spans(&report, &spans), &report);
    assert_eq!(
        value,
        json!({
            "schema": 1,
            "module": "framework",
            "importer": {"name": "plugin", "file": "plugin.py", "line": 1},
            "contract": {"path": "framework/spymodel.yml"},
            "environment": {"arch": "x86_64", "os": "linux", "python": "3.12.4", "interpreter": "CPython"},
            "ok": false,
            "violations": [
                {
                    "code": "mismatch-variable",
                    "category": "mismatch",
                    "entity": "variable",
                    "context": "module",
                    "path": "variables[engine]",
                    "key": "value",
                    "message": "variable `engine` has another value",
                    "expected": "`\"docker\"`",
                    "found": "`\"podman\"`",
                    "help": "set `engine` to `\"docker\"`",
                    "contract": {
                        "file": "framework/spymodel.yml", "line": 4, "column": 12, "end_line": 4, "end_column": 18,
                    },
                    "importer": {"file": "plugin.py", "line": 3, "column": 1, "end_line": 3, "end_column": 18},
                },
                {
                    "code": "mismatch-argument",
                    "category": "mismatch",
                    "entity": "argument",
                    "context": "class",
                    "path": "classes[Extension].methods[add_extension].arguments[msg]",
                    "key": "annotation",
                    "message": "argument `msg` of `Extension.add_extension` has another annotation",
                    "expected": "`str`",
                    "found": "`bytes`",
                    "help": "annotate `msg` with `str`",
                    "contract": null,
                    "importer": {"file": "plugin.py", "line": 7, "column": 26, "end_line": 7, "end_column": 36},
                },
            ],
        })
    );
}

#[test]
fn an_unknown_importer_is_null() {
    let mut report = report("{}", "", Vec::new());
    report.importer = Importer::default();
    let value = to_value(&report);
    assert_eq!(value["importer"], json!({"name": null, "file": null, "line": null}));
    assert_eq!(value["ok"], true);
    assert_eq!(value["violations"], json!([]));
}

#[test]
fn a_problem_has_the_same_places() {
    let mut problem = Problem {
        message: "unknown key `vars`".to_owned(),
        span: Some(Span::new(2, 6)),
        path: None,
        help: Some("did you mean `variables`?".to_owned()),
    };
    let value = problem_to_value(&problem, "spymodel.yml", Some("\r\nvars: []"));
    assert_eq!(
        value,
        json!({
            "schema": 1,
            "contract": {"path": "spymodel.yml"},
            "message": "unknown key `vars`",
            "path": null,
            "help": "did you mean `variables`?",
            "place": {"file": "spymodel.yml", "line": 2, "column": 1, "end_line": 2, "end_column": 5},
        })
    );
    assert_eq!(problem_to_value(&problem, "spymodel.yml", None)["place"], json!(null));
    problem.span = None;
    assert_eq!(problem_to_value(&problem, "spymodel.yml", Some(""))["place"], json!(null));
}
