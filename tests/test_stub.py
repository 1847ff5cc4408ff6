"""The types that ship: the stub tells what the extension has, and the front is typed strictly."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from harness import Result, run

pytestmark = pytest.mark.once


def mypy(folder: Path, *args: str) -> Result:
    # Away from the source tree, so that the installed package is what is checked.
    environment = {"PATH": os.environ["PATH"], "MYPY_CACHE_DIR": str(folder / "cache"), "NO_COLOR": "1"}
    return run([sys.executable, "-m", *args], folder, environment, 110)


def test_the_stub_matches_the_extension(extension: None, tmp_path: Path) -> None:
    mypy(tmp_path, "mypy.stubtest", "importspy_hook._native").succeeded()


def test_the_package_is_strictly_typed(extension: None, tmp_path: Path) -> None:
    mypy(tmp_path, "mypy", "--strict", "-p", "importspy_hook").succeeded()


def test_a_user_sees_the_types(extension: None, tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(
        "import importspy_hook\n"
        "importspy_hook.install(mode='report', log_level=None)\n"
        "installed: bool = importspy_hook.is_installed()\n"
        "try:\n"
        "    import json\n"
        "except importspy_hook.ContractViolation as error:\n"
        "    text: str = error.to_json()\n"
        "    name: str = error.module\n"
        "importspy_hook.cache_clear()\n"
        "importspy_hook.uninstall()\n"
    )
    mypy(tmp_path, "mypy", "--strict", "user.py").succeeded()
    (tmp_path / "wrong.py").write_text("import importspy_hook\nimportspy_hook.install(mood='report')\n")
    result = mypy(tmp_path, "mypy", "--strict", "wrong.py")
    assert result.returncode == 1 and "mood" in result.stdout, result


def test_what_ships(extension: None) -> None:
    spec = importlib.util.find_spec("importspy_hook")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent
    assert (folder / "py.typed").exists() and (folder / "_native.pyi").exists()
    assert not list(folder.parent.glob("importspy_hook*.pth"))
