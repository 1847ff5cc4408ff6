"""The plugin example does what it promises, on every Python."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness import Project

EXAMPLE = Path(__file__).parent.parent / "examples" / "plugin_framework"


def test_the_host_keeps_its_promise(project: Project) -> None:
    shutil.copytree(EXAMPLE, project.root / "example", ignore=shutil.ignore_patterns("__pycache__"))
    # Its own exit status says whether exactly the promised plugins were kept out.
    project.run("example/host.py", hook=False, unset=["PLUGIN_STAGE", "VAULT_SIGNING_KEY"]).succeeded()
