use serde_json::{Value, json};

use crate::check::survey::{Skipped, Survey};
use crate::compare::code::ALL;
use crate::report::tests::sample::several;
use crate::report::text::{Outcome, Style, render_as};

use super::{FORMATS, Format, Settings, empty, render, shown, survey};

const SUMMARY: &str = "4 pairs checked: 1 fit, 1 exempt, 1 known, 1 blocked (5 violations); 2 violations in the baseline; \
                       1 contract can't be used; 1 not checked; 1,234 files, 2 contracts, 1.25 s\n";

fn parsed(survey: &Survey, format: Format) -> Value {
    serde_json::from_str(&shown(survey, format)).unwrap()
}

#[test]
fn text_shows_what_needs_attention() {
    let expected = format!(
        "{}\n\n\
the contract can't be used

error: unknown key `vars`
 --> other/spymodel.yml:2:1
  |
2 | vars: []
  | ^^^^
  |
  = help: did you mean `variables`?

not checked: broken.py:3: its source does not parse

no longer found, though the baseline has it (--write-baseline records anew):
  old.py: missing-variable

violations by code
  1  missing-version
  1  missing-secret
  1  mismatch-variable
  1  mismatch-argument
  1  mismatch-architecture

violations by contract
  5  framework/spymodel.yml

violations by importer
  5  plugin.py

{SUMMARY}",
        render_as(&several().0, Style::Plain, Outcome::Checked),
    );
    assert_eq!(shown(&survey(), Format::Text), expected);
}

#[test]
fn text_without_findings_is_one_line() {
    let settings = Settings { style: Style::Colour, statistics: false, folder: "/" };
    let text = render(&empty(), Format::Text, &settings);
    assert_eq!(text, "0 pairs checked: 0 fit, 0 exempt, 0 blocked; 0 files, 0 contracts, 0.00 s\n");
}

#[test]
fn text_counts_what_it_does_not_show() {
    let mut survey = empty();
    let skipped = super::survey().skipped.remove(0);
    survey.skipped = (0..1_200).map(|i| Skipped { path: format!("{i}.py"), ..skipped.clone() }).collect();
    let text = shown(&survey, Format::Text);
    assert_eq!(text.matches("not checked: ").count(), 100);
    assert!(text.contains("\n… and 1,100 more (all are in --format json)\n"), "{text}");
}

#[test]
fn json_has_everything() {
    let value = parsed(&survey(), Format::Json);
    assert_eq!(value["schema"], 1);
    assert_eq!(value["ok"], false);
    let verdicts: Vec<_> = value["pairs"].as_array().unwrap().iter().map(|pair| &pair["verdict"]).collect();
    assert_eq!(verdicts, ["fits", "exempt", "known", "blocked"]);
    assert_eq!(value["pairs"][1]["exemption"], "trusted");
    assert_eq!(value["pairs"][3]["violations"][1]["importer"]["line"], 3);
    assert_eq!(value["unusable"][0]["place"]["line"], 2);
    assert_eq!(
        value["skipped"],
        json!([{"file": "broken.py", "line": 3, "reason": "unparsable", "detail": "its source does not parse"}])
    );
    assert_eq!(value["baseline"], json!({"known": 2, "gone": ["old.py: missing-variable"]}));
    assert_eq!(value["statistics"]["importers"], json!([{"name": "plugin.py", "count": 5}]));
    assert_eq!(value["summary"]["violations"], 5);
    assert_eq!(value["summary"]["seconds"], 1.25);
    assert_eq!(parsed(&empty(), Format::Json)["ok"], true);
}

#[test]
fn sarif_points_at_importer_and_contract() {
    let value = parsed(&survey(), Format::Sarif);
    let run = &value["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), ALL.len());
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_eq!(
        results[1]["locations"],
        json!([{"physicalLocation": {
            "artifactLocation": {"uri": "plugin.py", "uriBaseId": "SRCROOT"},
            "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 18},
        }}])
    );
    // A secret stands nowhere in the importer: what is shown is the import.
    assert_eq!(results[4]["locations"][0]["physicalLocation"]["region"], json!({"startLine": 1}));
    let related = &results[1]["relatedLocations"][0];
    assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "framework/spymodel.yml");
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 4);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let told: Vec<_> = notifications.iter().map(|it| (&it["descriptor"]["id"], &it["level"])).collect();
    assert_eq!(told, [(&json!("contract-error"), &json!("error")), (&json!("unparsable"), &json!("warning"))]);
    for told in notifications {
        let index = usize::try_from(told["descriptor"]["index"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["notifications"][index]["id"], told["descriptor"]["id"]);
    }
}

#[test]
fn sarif_fingerprints_survive_moved_lines_and_tell_twins_apart() {
    let fingerprints = |survey: &Survey| -> Vec<String> {
        let value = parsed(survey, Format::Sarif);
        let results = value["runs"][0]["results"].as_array().unwrap();
        let of =
            |result: &Value| result["partialFingerprints"]["importspyHookViolation/v1"].as_str().unwrap().to_owned();
        results.iter().map(of).collect()
    };
    let mut moved = several().0;
    let source = moved.importer.source.as_mut().unwrap();
    source.text = format!("# one more line\n{}", source.text).into();
    for violation in &mut moved.violations {
        violation.message.push_str(", in other words");
        violation.importer_span = violation.importer_span.map(|it| crate::text::Span::new(it.start + 16, it.end + 16));
    }
    let mut after = survey();
    after.pairs[3] = super::blocked("plugin", moved.clone());
    assert_eq!(fingerprints(&survey()), fingerprints(&after));

    after.pairs.push(super::blocked("plugin", moved));
    let mut all = fingerprints(&after);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 10);
}

#[test]
fn github_has_a_command_for_each_finding() {
    let text = shown(&survey(), Format::Github);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[1],
        "::error file=plugin.py,line=3,col=1,endLine=3,endColumn=18,title=mismatch-variable::variable `engine` has \
         another value%0Aexpected: `\"docker\"`%0Afound: `\"podman\"`%0Ahelp: set `engine` to \
         `\"docker\"`%0Acontract: framework/spymodel.yml:4:12"
    );
    assert_eq!(
        &lines[5..],
        [
            "::error file=other/spymodel.yml,line=2,col=1,endLine=2,endColumn=5,title=the contract can't be \
             used::unknown key `vars`%0Ahelp: did you mean `variables`?",
            "::warning file=broken.py,line=3,title=not checked::its source does not parse",
            "::notice title=no longer found, though the baseline has it::old.py: missing-variable",
            SUMMARY.trim_end(),
        ]
    );
}

#[test]
fn junit_has_a_case_for_each_pair() {
    let text = shown(&survey(), Format::Junit);
    assert!(
        text.contains(
            "<testsuite name=\"importspy-hook check\" tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"2\" time=\"1.250\">
    <testcase classname=\"good\" name=\"framework (framework/spymodel.yml)\" file=\"good.py\" line=\"1\"/>
"
        ),
        "{text}"
    );
    assert!(text.contains("message=\"5 violations: the importer declares no version; …\">`plugin` does not"), "{text}");
    assert!(text.contains("<error type=\"contract-error\" message=\"unknown key `vars`\">the contract can"), "{text}");
    assert!(text.contains("<skipped message=\"its source does not parse\"/>"), "{text}");
}

#[test]
fn every_format_ends_with_a_line_end() {
    for format in FORMATS {
        for survey in [survey(), empty()] {
            assert!(shown(&survey, format).ends_with('\n'), "{format:?}");
        }
    }
}
