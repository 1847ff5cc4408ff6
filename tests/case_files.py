"""Cases as data: `tests/cases/*.yaml`.

Every case is a project of `framework/__init__.py` (guarded by `contract`, if it has one), `plugin.py` (`importer`) and
`main.py` (`import plugin`, unless given), plus `files`. What is a name ending in `_python` is Python source that leaves the
content in `out`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import yaml

from harness import Project

FOLDER = Path(__file__).parent / "cases"

KEYS = {
    "name": "kebab-case, unique among all files",
    "contract": "framework/spymodel.yml; absent: none",
    "contract_python": "the same, computed",
    "importer": "plugin.py",
    "importer_python": "the same, computed",
    "main": "main.py; absent: `import plugin`",
    "files": "further files, by path",
    "env": "environment variables",
    "seconds": "time limit",
    "expect": "allowed, blocked or contract-error",
    "codes": "the exact set of violation codes",
    "contains": "parts of the exception's text",
    "lacks": "what no output may contain",
    "stdout_lacks": "what standard output may not contain",
}

EXPECTED = {"allowed": None, "blocked": "ContractViolation", "contract-error": "ContractError"}

ENTITIES = (
    "filename version variable function argument return class attribute method superclass architecture "
    "operating-system python-version interpreter environment-variable secret module"
).split()
CODES = {f"{category}-{entity}" for category in ("missing", "mismatch", "invalid", "unproven") for entity in ENTITIES}


@dataclasses.dataclass(frozen=True)
class Case:
    """One entry of a file."""

    file: str
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["name"])

    def content(self, key: str) -> str | bytes | None:
        """The literal or computed content of `contract` or `importer`."""
        source = self.data.get(f"{key}_python")
        if source is None:
            return self.data.get(key)
        namespace: dict[str, Any] = {}
        exec(source, namespace)
        return namespace["out"]

    def lay_out(self, project: Project) -> None:
        """Write the case's files."""
        files = {"framework/__init__.py": "LOADED = True\n", "main.py": self.data.get("main", "import plugin\n")}
        files["plugin.py"] = self.content("importer")
        contract = self.content("contract")
        if contract is not None:
            files["framework/spymodel.yml"] = contract
        files |= self.data.get("files", {})
        # Not `write`, which dedents: cases say exactly what they mean.
        project.write({name: text.encode() if isinstance(text, str) else text for name, text in files.items()})

    def check(self, project: Project) -> None:
        """Run the case and compare with what it expects."""
        self.lay_out(project)
        data = self.data
        env = {name: str(value) for name, value in data.get("env", {}).items()}
        result = project.run("main.py", env=env, seconds=data.get("seconds", 20))
        raised = result.raised
        wanted = EXPECTED[data["expect"]]
        if wanted is None:
            assert result.returncode == 0 and raised is None, f"expected to be allowed\n{result}"
            return
        assert raised is not None, f"expected {wanted}\n{result}"
        assert raised["type"] == wanted and raised["value_error"] and not raised["import_error"], result
        if "codes" in data:
            assert raised["codes"] == sorted(data["codes"]), result
        for text in data.get("contains", []):
            assert text in raised["text"], f"{text!r} is not in the exception's text\n{raised['text']}"
        for text in data.get("lacks", []):
            assert text not in result.stdout + result.stderr, f"{text!r} is shown\n{result}"
        for text in data.get("stdout_lacks", []):
            assert text not in result.printed, f"{text!r} was printed\n{result}"


def load() -> list[Case]:
    """All cases of all files."""
    return [
        Case(path.name, data)
        for path in sorted(FOLDER.glob("*.yaml"))
        for data in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    ]
