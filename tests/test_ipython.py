"""`%load_ext importspy_hook` in the real IPython: what cells import is governed."""

from __future__ import annotations

import json

import pytest

from harness import Project, Result

GUARDED = {"core.py": "", "core.spymodel.yml": "functions: [{name: run, arguments: [{name: number, annotation: int}]}]"}

# Runs the cells in `cells.json`, as the program `ipython` does, or under file names as Jupyter gives them.
PROGRAM = """
import json, os, sys
from traitlets.config import Config
from IPython.core.compilerop import CachingCompiler, code_name
from IPython.terminal.interactiveshell import TerminalInteractiveShell

class Jupyter(CachingCompiler):
    def get_code_name(self, raw_code, transformed_code, number):
        return os.path.join(os.path.abspath("ipykernel_7"), code_name(raw_code, number).strip("<>") + ".py")

config = Config()
config.HistoryManager.enabled = False
config.TerminalInteractiveShell.simple_prompt = True
config.InteractiveShell.colors = config.TerminalInteractiveShell.colors = "NoColor"
shell = TerminalInteractiveShell.instance(config=config)
if sys.argv[1] == "jupyter":
    shell.compile = Jupyter()
for cell in json.load(open("cells.json")):
    result = shell.run_cell(cell, store_history=True)
    error = result.error_in_exec
    if error is not None:
        print("@@" + type(error).__name__, sorted({v.code for v in getattr(error, "violations", [])}))
"""

names = pytest.mark.parametrize("kind", ["terminal", "jupyter"])


def cells(project: Project, *texts: str, kind: str = "terminal", hook: bool = False) -> Result:
    project.write({"cells.json": json.dumps(texts), **GUARDED})
    environment = {"IPYTHONDIR": str(project.root / "ipython")}
    project.write({"program.py": PROGRAM})
    return project.run("program.py", kind, hook=hook, env=environment).succeeded()


LOAD = "%load_ext importspy_hook"
FITS = "def run(number: int): ...\n"


@names
def test_a_cell_that_lacks_something_is_refused(project: Project, kind: str) -> None:
    result = cells(project, LOAD, "import core\nprint('imported')", "1 + 1", kind=kind)
    assert "@@ContractViolation ['missing-function']" in result.stdout, result
    assert "imported\n" not in result.stdout and "2" in result.stdout


@names
@pytest.mark.parametrize("earlier", [True, False], ids=["defined-before", "same-cell"])
def test_a_cell_that_fits(project: Project, kind: str, earlier: bool) -> None:
    texts = [FITS, "import core\nprint('imported')"] if earlier else [FITS + "import core\nprint('imported')"]
    result = cells(project, LOAD, *texts, kind=kind)
    assert "imported\n" in result.stdout and "@@" not in result.stdout, result


@names
def test_the_source_of_a_cell_counts(project: Project, kind: str) -> None:
    """What only source tells: a function that the cell defines after the import."""
    result = cells(project, LOAD, "import core\nprint('imported')\n" + FITS, kind=kind)
    assert "imported\n" in result.stdout and "@@" not in result.stdout, result


def test_without_the_extension(project: Project) -> None:
    assert "imported\n" in cells(project, "import core\nprint('imported')").stdout


def test_unloading_takes_the_hook_out(project: Project) -> None:
    shown = "import importspy_hook; print('installed:', importspy_hook.is_installed())"
    result = cells(project, LOAD, shown, "%unload_ext importspy_hook", shown, "import core", "%importspy")
    assert [line for line in result.stdout.splitlines() if "installed:" in line] == ["installed: True", "installed: False"]
    assert "@@" not in result.stdout.replace("@@UsageError", ""), result
    # Who has installed it otherwise keeps it.
    result = cells(project, LOAD, "%unload_ext importspy_hook", shown, hook=True)
    assert "installed: True" in result.stdout
    # And again.
    result = cells(project, LOAD, "%reload_ext importspy_hook", shown, "%unload_ext importspy_hook", shown)
    assert [line for line in result.stdout.splitlines() if "installed:" in line] == ["installed: True", "installed: False"]


def test_the_magic_tells_what_was_decided(project: Project) -> None:
    result = cells(project, LOAD, "import core", FITS + "import core", "%importspy")
    tail = result.stdout.splitlines()[-3:]
    assert tail == [
        "importspy_hook: active, mode enforce",
        "1 allowed, 1 blocked",
        "blocked: core imported by __main__: missing-function",
    ], result
