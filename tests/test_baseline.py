"""`check --baseline` and `--write-baseline`: known violations pass, new ones count."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import Project, Result, run

TREE = {
    "app/framework/__init__.py": "",
    "app/framework/spymodel.yml": """\
        variables:
          - name: engine
            value: docker
          - name: level
        """,
    "app/one.py": "import framework\nengine = 'podman'\n",
    "app/two.py": "import framework\nengine = 'docker'\n",
}


def check(project: Project, *args: str, folder: str = "app") -> Result:
    command = [sys.executable, "-m", "importspy_hook", "check", *args]
    return run(command, project.root / folder, project.environment(hook=False, extra={}), 60)


def entries(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_text("utf-8"))
    assert document["kind"] == "importspy_hook baseline" and document["schema"] == 1
    return document["violations"]


@pytest.fixture
def recorded(project: Project) -> Project:
    """A project with three violations, all of them in `app/known.json`."""
    project.write(TREE)
    result = check(project, ".", "--write-baseline", "known.json")
    assert result.returncode == 0 and result.stderr == "recorded 3 violations in known.json\n", result
    return project


def test_known_violations_pass(recorded: Project) -> None:
    result = check(recorded, ".", "--baseline", "known.json").succeeded()
    assert re.fullmatch(
        r"2 pairs checked: 0 fit, 0 exempt, 2 known, 0 blocked; 3 violations in the baseline; .*\n", result.stdout
    ), result


def test_the_file_is_sorted_and_portable(recorded: Project) -> None:
    path = recorded.root / "app" / "known.json"
    assert [(it["importer"], it["contract"], it["rule"], it["code"], it["count"]) for it in entries(path)] == [
        ("one.py", "framework/spymodel.yml", "variables[engine].value", "mismatch-variable", 1),
        ("one.py", "framework/spymodel.yml", "variables[level]", "missing-variable", 1),
        ("two.py", "framework/spymodel.yml", "variables[level]", "missing-variable", 1),
    ]
    text = path.read_text("utf-8")
    assert str(recorded.root) not in text and "podman" not in text
    check(recorded, ".", "--write-baseline", "known.json").succeeded()
    assert path.read_text("utf-8") == text


def test_new_violations_fail(recorded: Project) -> None:
    recorded.write({"app/two.py": "import framework\n"})
    result = check(recorded, ".", "--baseline", "known.json")
    assert result.returncode == 1, result
    assert re.findall(r"^error\[(.*?)\]", result.stdout, re.M) == ["missing-variable"], result
    assert "`engine`" in result.stdout and "1 violation: `framework` would not be imported" in result.stdout, result
    report = json.loads(check(recorded, ".", "--baseline", "known.json", "--format", "json").stdout)
    assert report["ok"] is False and report["baseline"] == {"known": 3, "gone": []}


def test_lines_may_move(recorded: Project) -> None:
    recorded.write({
        "app/one.py": "# more\n\nimport os\nimport framework\n\nengine = 'lxc'\n",
        "app/framework/spymodel.yml": """\
            # more
            variables:
              - name: other
                annotation: str
              - name: level
              - name: engine
                value: docker
            """,
    })
    result = check(recorded, ".", "--baseline", "known.json")
    assert re.findall(r"^error\[.*?\]: .*?`(.*?)`", result.stdout, re.M) == ["other", "other"], result


def test_what_is_mended_is_told(recorded: Project) -> None:
    recorded.write({"app/one.py": "import framework\nengine = 'docker'\n"})
    result = check(recorded, ".", "--baseline", "known.json").succeeded()
    assert "--write-baseline" in result.stdout, result
    assert "  one.py: mismatch-variable, `variables[engine].value` of framework/spymodel.yml" in result.stdout, result
    assert check(recorded, ".", "--write-baseline", "known.json").succeeded().stderr.startswith("recorded 2 ")
    assert "--write-baseline" not in check(recorded, ".", "--baseline", "known.json").stdout


def test_what_was_not_looked_at_is_not_told(recorded: Project) -> None:
    result = check(recorded, "two.py", "--baseline", "known.json").succeeded()
    assert "no longer found" not in result.stdout, result


def test_from_another_folder_and_through_a_link(recorded: Project) -> None:
    (recorded.root / "link").symlink_to(recorded.root / "app")
    for folder, args in [
        (".", ["app", "--baseline", "app/known.json"]),
        ("app/framework", ["..", "--baseline", "../known.json"]),
        (".", [str(recorded.root / "app"), "--baseline", "app/known.json"]),
        (".", ["link", "--baseline", "app/known.json"]),
        (".", ["app", "--baseline", "link/known.json"]),
    ]:
        result = check(recorded, *args, folder=folder).succeeded()
        assert " 2 known, 0 blocked" in result.stdout and "no longer found" not in result.stdout, result


def test_a_project_that_was_moved(recorded: Project) -> None:
    shutil.move(recorded.root / "app", recorded.root / "elsewhere")
    assert " 2 known" in check(recorded, ".", "--baseline", "known.json", folder="elsewhere").succeeded().stdout


def test_contracts_that_cannot_be_used_are_never_recorded(recorded: Project) -> None:
    path = recorded.root / "app" / "known.json"
    before = path.read_bytes()
    recorded.write({"app/bad/__init__.py": "", "app/bad/spymodel.yml": "nonsense: 1\n", "app/three.py": "import bad\n"})
    result = check(recorded, ".", "--write-baseline", "known.json")
    assert result.returncode == 2 and "known.json is not written: 1 contract can't be used" in result.stderr, result
    assert path.read_bytes() == before
    assert check(recorded, ".", "--baseline", "known.json").returncode == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"bad\.json:1:1 can't be used: EOF while parsing a value"),
        (b'{"kind": 1', r"bad\.json:1:10 can't be used: EOF while parsing an object"),
        (b"{}", r'bad\.json can\'t be used: it is no baseline: it lacks `"kind": "importspy_hook baseline"`'),
        (b'{"kind": "importspy_hook baseline", "schema": 9}', r"bad\.json can't be used: it was written by a newer .*"),
        (b'{"kind": "importspy_hook baseline", "schema": 1,\n"violations": [{}]}', r"bad\.json:2:17 can't .* `importer`"),
        (b"\xff\xfe\x00", r"bad\.json:1:1 can't be used: .*"),
        (b"[" * 100_000, r"bad\.json:1:\d+ can't be used: recursion limit exceeded"),
        (None, r".*can't read bad\.json: No such file.*"),
    ],
)
def test_a_baseline_that_cannot_be_used(project: Project, content: bytes | None, message: str) -> None:
    project.write(TREE)
    if content is not None:
        project.write({"app/bad.json": content})
    result = check(project, ".", "--baseline", "bad.json")
    assert result.returncode == 2 and result.stdout == "", result
    assert re.fullmatch(rf"importspy-hook: (the baseline )?{message}\n", result.stderr), result


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_baseline_that_never_ends(project: Project) -> None:
    os.mkfifo(project.write(TREE).root / "app" / "pipe.json")
    for path in ["pipe.json", "/dev/zero"]:
        result = check(project, ".", "--baseline", path)
        assert result.returncode == 2, result
        assert result.stderr == f"importspy-hook: can't read {path}: it is not a regular file\n", result


def test_a_baseline_that_cannot_be_written(project: Project) -> None:
    project.write(TREE)
    for path in ["absent/known.json", "framework"]:
        result = check(project, ".", "--write-baseline", path)
        assert result.returncode == 2 and result.stdout == "", result
        assert result.stderr.startswith(f"importspy-hook: can't write {path}: "), result
    assert not [name for name in os.listdir(project.root / "app") if name.endswith(".tmp")]


def test_reading_and_writing_at_once_is_refused(recorded: Project) -> None:
    result = check(recorded, ".", "--baseline", "known.json", "--write-baseline", "known.json")
    assert result.returncode == 2 and "cannot be used with" in result.stderr, result


def test_entries_may_be_merged_by_hand(recorded: Project) -> None:
    path = recorded.root / "app" / "known.json"
    document = json.loads(path.read_text("utf-8"))
    document["violations"] = [*reversed(document["violations"]), document["violations"][0]]
    path.write_text("\ufeff" + json.dumps(document), "utf-8")
    result = check(recorded, ".", "--baseline", "known.json").succeeded()
    assert " 2 known" in result.stdout and result.stdout.count("  one.py: ") == 1, result


def test_secrets_are_not_recorded(project: Project) -> None:
    project.write({
        "app/framework/__init__.py": "",
        "app/framework/spymodel.yml": """\
            deployments:
              - systems:
                  - environment:
                      variables: [{name: APP_TOKEN, value: right}]
            """,
        "app/one.py": "import framework\n",
    })
    command = [sys.executable, "-m", "importspy_hook", "check", ".", "--write-baseline", "known.json"]
    run(command, project.root / "app", project.environment(False, {"APP_TOKEN": "hunter2"}), 60).succeeded()
    text = (project.root / "app" / "known.json").read_text("utf-8")
    assert "hunter2" not in text
    [entry] = json.loads(text)["violations"]
    assert entry["rule"] == "deployments[].systems[].environment.variables[APP_TOKEN].value"
