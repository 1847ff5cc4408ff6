"""The one way in which tests run child interpreters.

A `Project` is a folder of files. Its children get the hook from a `sitecustomize` of their own, as a user's would, or run
without it for comparison. A child that fails shows everything it printed.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# An uncaught exception becomes a line of JSON, so that a test need not read a report to know what was raised.
MARK = "@@"
SITE = f"""
import sys, json
import importspy_hook
importspy_hook.install()
def hook(t, e, tb):
    codes = sorted({{v.code if hasattr(v, "code") else v["code"] for v in getattr(e, "violations", [])}})
    print("{MARK}" + json.dumps({{"type": t.__name__, "value_error": isinstance(e, ValueError),
          "import_error": isinstance(e, ImportError), "codes": codes, "text": str(e)}}))
sys.excepthook = hook
"""

# What a developer's shell may hold and a case may set.
FOREIGN = ("PYTHON", "MODE", "DEBUG", "NO_COLOR", "FORCE_COLOR", "COVERAGE")


@dataclasses.dataclass(frozen=True)
class Result:
    """What a child did."""

    command: list[str]
    returncode: int
    stdout: str
    stderr: str

    @property
    def raised(self) -> dict[str, Any] | None:
        """The uncaught exception, as the excepthook of `SITE` describes it."""
        lines = [line for line in self.stdout.splitlines() if line.startswith(MARK)]
        return json.loads(lines[-1][len(MARK) :]) if lines else None

    @property
    def printed(self) -> str:
        """Standard output up to the uncaught exception."""
        return self.stdout.split(MARK)[0]

    def json(self) -> Any:
        """The last line of standard output, which the child wrote with `json.dumps`."""
        lines = self.stdout.splitlines()
        assert lines, self
        return json.loads(lines[-1])

    def succeeded(self) -> Result:
        """This result, if the child ended well."""
        assert self.returncode == 0, self
        return self

    def blocked(self, *codes: str) -> Result:
        """This result, if an uncaught `ContractViolation` ended the child, with just these codes if any are named."""
        assert self.returncode != 0 and self.raised is not None, self
        assert self.raised["type"] == "ContractViolation", self
        if codes:
            assert self.raised["codes"] == sorted(codes), self
        return self

    def __str__(self) -> str:
        parts = [f"$ {' '.join(self.command)}", f"exit status {self.returncode}"]
        for name, text in [("stdout", self.stdout), ("stderr", self.stderr)]:
            if text:
                parts.append(f"--- {name}\n{text.rstrip()}")
        return "\n".join(parts)

    __repr__ = __str__


class Project:
    """A folder of files in which child interpreters run."""

    def __init__(self, base: Path) -> None:
        self.root = base / "project"
        self.site = base / "site"
        self.root.mkdir()
        self.site.mkdir()
        (self.site / "sitecustomize.py").write_text(SITE)

    def write(self, files: Mapping[str, str | bytes]) -> Project:
        """Write files, by path relative to the folder; text is dedented."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                content = textwrap.dedent(content).encode()
            path.write_bytes(content)
        return self

    def environment(self, hook: bool, extra: Mapping[str, str]) -> dict[str, str]:
        """A child's environment: the tests' own, without what would change the outcome."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        env |= {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        # With pytest-xdist, a child pytest removes what earlier runs, also of these tests, have left in the folder that
        # they share, before it ends: that can take a minute.
        env["PYTEST_DEBUG_TEMPROOT"] = str(self.root.parent)
        if hook:
            env["PYTHONPATH"] = str(self.site)
        return env | extra

    def run(
        self,
        *args: str,
        hook: bool = True,
        env: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        seconds: float = 60,
    ) -> Result:
        """Run `python ARGS` in the folder."""
        environment = self.environment(hook, env or {})
        for name in unset:
            environment.pop(name, None)
        return run([sys.executable, *args], self.root, environment, seconds)

    def script(self, source: str, *args: str, **options: Any) -> Result:
        """Run `source` as `main.py`."""
        self.write({"main.py": source})
        return self.run("main.py", *args, **options)


def installed_package() -> Path:
    """Where the package under test is."""
    import importspy_hook

    return Path(importspy_hook.__file__).parent


def make_environment(folder: Path) -> Path:
    """Make a virtual environment that has the package; return its site-packages folder."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    package = site / "importspy_hook"
    shutil.copytree(installed_package(), package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for extension in installed_package().glob("*.so"):
        (package / extension.name).symlink_to(extension)
    return site


def run(command: list[str], folder: Path, environment: Mapping[str, str], seconds: float) -> Result:
    """Run a command to its end, or kill it and all that it started."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        result = Result(command, process.returncode, stdout, stderr)
        raise AssertionError(f"no end within {seconds} s\n{result}") from None
    return Result(command, process.returncode, stdout, stderr)
