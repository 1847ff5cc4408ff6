"""The harness tells the truth about its children."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Project


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """A project for children without the hook."""
    return Project(tmp_path)


def test_files_are_dedented_and_run_in_their_folder(plain: Project) -> None:
    plain.write({"pack/__init__.py": "", "pack/part.py": "\n    VALUE = 7\n"})
    result = plain.script("import pack.part\nprint(pack.part.VALUE)\n", hook=False)
    assert result.succeeded().stdout == "7\n"


def test_a_failing_child_shows_everything(plain: Project) -> None:
    result = plain.script("print('before'); raise KeyError('lost')", hook=False)
    with pytest.raises(AssertionError, match=r"(?s)exit status 1.*before.*KeyError: 'lost'"):
        result.succeeded()


def test_a_child_that_does_not_end_is_killed(plain: Project) -> None:
    with pytest.raises(AssertionError, match=r"(?s)no end within.*started"):
        plain.script("print('started', flush=True)\nwhile True: pass\n", hook=False, seconds=1)


def test_foreign_environment_stays_out(plain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "elsewhere")
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = plain.script(
        "import os; print([os.environ.get(n) for n in ('PYTHONSTARTUP', 'FORCE_COLOR', 'MINE')])",
        hook=False,
        env={"MINE": "1"},
    )
    assert result.stdout == "[None, None, '1']\n"


def test_a_child_pytest_clears_up_after_nobody_else(plain: Project) -> None:
    """Else it may take long to end: it removes what whole runs of these tests have left."""
    plain.write({"test_it.py": f"def test(tmp_path): assert {str(plain.root.parent)!r} in str(tmp_path)\n"})
    plain.run("-m", "pytest", "-p", "no:cacheprovider", hook=False, env={"PYTEST_ADDOPTS": ""}).succeeded()


def test_an_uncaught_exception_is_described(project: Project) -> None:
    result = project.script("print('x')\nraise ValueError('told')\n")
    assert result.raised == {
        "type": "ValueError",
        "value_error": True,
        "import_error": False,
        "codes": [],
        "text": "told",
    }
    assert result.printed == "x\n"
