"""`explain`: every page's example gives exactly its code, and what mends it does."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import case_files
from harness import Project, Result


@functools.cache
def pages() -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "importspy_hook", "explain", "--json"]
    # In another folder: here, the package's source would hide the installed wheel.
    done = subprocess.run(command, cwd=sys.prefix, capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


def cli(project: Project, *args: str) -> Result:
    return project.run("-m", "importspy_hook", "explain", *args, hook=False)


def run(project: Project, example: dict[str, Any]) -> Result:
    """Import `framework` as the example does."""
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": example["contract"], **example["files"]})
    if example["file"] is None:
        return project.run("-c", example["importer"], env=example["environment"])
    project.write({example["file"]: example["importer"], "main.py": f"import {Path(example['file']).stem}\n"})
    return project.run("main.py", env=example["environment"])


@pytest.mark.parametrize("number", range(41))
def test_an_example_gives_its_code_and_is_mended(project: Project, number: int) -> None:
    page = pages()[number]
    run(project, page["example"]).blocked(page["code"])
    run(project, page["mended"]).succeeded()


def test_there_are_no_more_pages_than_are_tested() -> None:
    assert len(pages()) == 41


@pytest.mark.once
def test_the_codes_are_those_of_the_cases() -> None:
    covered = {code for case in case_files.load() for code in case.data.get("codes", [])}
    assert covered <= {page["code"] for page in pages()} <= case_files.CODES


@pytest.mark.once
def test_a_page(project: Project) -> None:
    assert cli(project, "mismatch-variable").succeeded().stdout == """\
mismatch-variable: a module variable has another value, type or text

The variable is there, but not with the `value`, the `annotation` or the text that fits
the `pattern`. Values compare with their type: `5` is not `"5"`.

The contract framework/spymodel.yml

    variables:
      - name: engine
        value: docker

refuses this plugin.py:

    import framework

    engine = "podman"

Give it the value or the type that the contract asks for. This importer fits:

    import framework

    engine = "docker"
"""


@pytest.mark.once
def test_every_page_is_plain_text(project: Project) -> None:
    listed = cli(project).succeeded().stdout.splitlines()
    assert [line.split()[0] for line in listed] == [page["code"] for page in pages()]
    for page in pages()[::8]:
        text = cli(project, page["code"]).succeeded().stdout
        assert page["meaning"] in text.replace("\n", " ") and page["mend"] in text.replace("\n", " ")
        assert all(len(line) <= 100 for line in text.splitlines())
        assert json.loads(cli(project, page["code"], "--json").succeeded().stdout) == page


@pytest.mark.once
@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("mismatch-varable", "did you mean `mismatch-variable`?"),
        ("no-such-code-at-all", "`explain` without a code lists all"),
        ("x\x1b[31m\n", "lists all"),
    ],
)
def test_an_unknown_code(project: Project, code: str, advice: str) -> None:
    result = cli(project, code)
    assert result.returncode == 2 and result.stdout == "" and advice in result.stderr, result
    assert len(result.stderr.splitlines()) == 1 and "\x1b" not in result.stderr, result
