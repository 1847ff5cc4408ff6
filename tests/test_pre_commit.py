"""`.pre-commit-hooks.yaml`: what pre-commit runs, and when."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import Project, Result, run

MANIFEST = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"
FILES = {
    "core.py": "",
    "core.spymodel.yml": "functions: [{name: run}]",
    "fits.py": "import core\ndef run(): ...\n",
    "plain.py": "import json\n",
}


@pytest.fixture
def hook() -> dict[str, Any]:
    [hook] = yaml.safe_load(MANIFEST.read_text())
    assert isinstance(hook, dict)
    return hook


def call(project: Project, hook: dict[str, Any], *args: str) -> Result:
    """Run the hook as pre-commit does: its entry, its arguments, then file names."""
    program, *rest = shlex.split(hook["entry"])
    command = [str(Path(sys.executable).parent / program), *rest, *args]
    return run(command, project.root, project.environment(False, {}), 60)


def test_the_tree_is_checked(project: Project, hook: dict[str, Any]) -> None:
    assert hook["id"] == "importspy-hook-check" and hook["pass_filenames"] is False
    project.write(FILES)
    assert call(project, hook, *hook["args"]).returncode == 0
    project.write({"lacks.py": "import core\n"})
    result = call(project, hook, *hook["args"])
    assert result.returncode == 1 and "missing-function" in result.stdout, result
    project.write({"core.spymodel.yml": "functions: {"})
    assert call(project, hook, *hook["args"]).returncode == 2


def test_files_may_be_passed_instead(project: Project, hook: dict[str, Any]) -> None:
    """With `args: []` and `pass_filenames: true` in a user's configuration."""
    project.write(FILES | {"lacks.py": "import core\n"})
    assert call(project, hook, "fits.py").returncode == 0
    assert call(project, hook, "fits.py", "plain.py").returncode == 0
    result = call(project, hook, "fits.py", "lacks.py")
    assert result.returncode == 1 and "missing-function" in result.stdout, result


def test_it_runs_when_code_or_a_contract_changes(hook: dict[str, Any]) -> None:
    for path in ("a.py", "a/b.py", "spymodel.yml", "a/spymodel.yaml", "a/core.spymodel.yml"):
        assert re.search(hook["files"], path), path
    for path in ("a.yml", "my_spymodel.yml", "a.pyc", "a/spymodel.yml.orig", "README.md"):
        assert not re.search(hook["files"], path), path
