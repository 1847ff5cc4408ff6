"""Fixtures for all tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from harness import Project


@pytest.fixture(scope="session")
def extension() -> None:
    """The installed wheel; without it nothing can be tested, and nothing may be skipped silently."""
    try:
        found = importlib.util.find_spec("importspy_hook._native")
    except ImportError:
        found = None
    if found is None:
        pytest.fail("importspy_hook is not installed in this environment; run `make wheel` and `tools/test-pythons`")


@pytest.fixture
def project(extension: None, tmp_path: Path) -> Project:
    """An empty project whose children have the hook."""
    return Project(tmp_path)
