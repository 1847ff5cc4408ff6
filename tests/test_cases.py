"""Every case of `tests/cases/*.yaml`, each in a child process of its own."""

from __future__ import annotations

import pytest

import case_files
from harness import Project


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in case_files.load()])
def test_case(case: case_files.Case, project: Project) -> None:
    case.check(project)
