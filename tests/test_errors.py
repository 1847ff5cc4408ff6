"""What a refused import raises, and how it looks."""

from __future__ import annotations

import pytest

from harness import Project

CONTRACT = """\
filename: other.py
variables:
  - name: engine
    value: docker
functions:
  - name: run
    arguments: [{name: a, annotation: int}]
"""
IMPORTER = """\
engine = 'podman'


def go():
    import framework


def run(a: str):
    return a
"""
CODES = ["mismatch-filename", "mismatch-variable", "mismatch-argument"]

CATCH = """
import importspy_hook, plugin
def catch(f=plugin.go):
    try:
        f()
    except importspy_hook.ContractViolation as error:
        return error
    raise SystemExit("let in")
error = catch()
"""


@pytest.fixture
def refused(project: Project) -> Project:
    """A project whose `plugin.go()` is refused with three violations."""
    return project.write({"framework/__init__.py": "", "framework/spymodel.yml": CONTRACT, "plugin.py": IMPORTER})


def test_it_is_a_value_error_and_no_import_error(refused: Project) -> None:
    refused.script(
        CATCH
        + """
assert isinstance(error, ValueError) and not isinstance(error, ImportError)
assert issubclass(importspy_hook.ContractError, ValueError)
assert not issubclass(importspy_hook.ContractError, ImportError)
assert issubclass(importspy_hook.ContractWarning, Warning)
assert importspy_hook.ContractViolation.__doc__ and importspy_hook.ContractError.__doc__
"""
    ).succeeded()


def test_attributes(refused: Project) -> None:
    refused.script(
        CATCH
        + f"""
def field(violation, name):
    return getattr(violation, name) if hasattr(violation, name) else violation[name]
assert [field(v, "code") for v in error.violations] == {CODES}, error.violations
for v in error.violations:
    for name in ("code", "context", "message", "expected", "found", "help"):
        field(v, name)
assert error.module == "framework"
assert "plugin" in str(error.importer)
assert "spymodel.yml" in str(error.contract)
assert error.environment
"""
    ).succeeded()


def test_the_data(refused: Project) -> None:
    data = refused.script(
        CATCH
        + """
import json
data = error.to_dict()
assert json.loads(error.to_json()) == data
assert json.loads(json.dumps(data)) == data
print(json.dumps(data))
"""
    ).succeeded().json()
    assert [violation["code"] for violation in data["violations"]] == CODES
    mismatch = data["violations"][1]
    assert mismatch["context"] == "module"
    assert "docker" in mismatch["expected"] and "podman" in mismatch["found"]
    text = str(mismatch)
    assert "variables[engine]" in text
    assert data["module"] == "framework"


def test_the_report_names_both_places(refused: Project) -> None:
    result = refused.script(CATCH + "print(error)\n").succeeded()
    report = result.stdout
    for part in [*CODES, "spymodel.yml:4:", "plugin.py:1:", "engine = 'podman'", "value: docker", "3"]:
        assert part in report, f"{part!r} is not in the report\n{report}"
    assert "\x1b" not in report


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        # Any value asks for it, an empty one is none: as Python, pytest and rich have it.
        ({"FORCE_COLOR": "0"}, True),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
    ids=["neither", "no-color", "force-color", "force-color-on-a-dumb-terminal", "any-force", "empty-force", "any-no", "empty-no"],
)
def test_colour(refused: Project, env: dict[str, str], coloured: bool) -> None:
    unset = [] if "NO_COLOR" in env else ["NO_COLOR"]
    result = refused.script(CATCH + "print(error)\n", env=env, unset=unset).succeeded()
    assert ("\x1b[" in result.stdout) is coloured, result


def test_data_is_never_coloured(refused: Project) -> None:
    result = refused.script(CATCH + "print(error.to_json())\n", env={"FORCE_COLOR": "1"}, unset=["NO_COLOR"]).succeeded()
    assert "\x1b" not in result.stdout and "\\u001b" not in result.stdout.lower()


def test_pickle(refused: Project) -> None:
    refused.script(
        CATCH
        + """
import copy, pickle
for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert again.to_dict() == error.to_dict() and str(again) == str(error)
    assert (again.module, again.importer, again.contract) == (error.module, error.importer, error.contract)
assert copy.copy(error).to_dict() == error.to_dict()
"""
    ).succeeded()


def test_pickle_of_a_contract_error(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "varibles: []"})
    project.script(
        """
        import pickle, importspy_hook
        try:
            import framework
        except importspy_hook.ContractError as error:
            again = pickle.loads(pickle.dumps(error))
            assert type(again) is importspy_hook.ContractError and str(again) == str(error)
            assert "spymodel.yml:1:" in str(error)
        """
    ).succeeded()


def test_raise_from(refused: Project) -> None:
    refused.script(
        CATCH
        + """
try:
    raise RuntimeError("no plugin") from error
except RuntimeError as outer:
    assert outer.__cause__ is error
try:
    raise error from KeyError("first")
except ValueError as again:
    assert again is error and isinstance(again.__cause__, KeyError)
"""
    ).succeeded()


def test_each_exception_is_fresh(refused: Project) -> None:
    refused.script(
        CATCH
        + """
import traceback
def depth(e):
    return len(traceback.extract_tb(e.__traceback__))
errors = [catch() for _ in range(4)]
assert len({id(e) for e in errors}) == 4
assert len({depth(e) for e in errors}) == 1
errors[0].args = ("changed",)
assert catch().args != ("changed",)
assert all(e.__cause__ is None and e.__context__ is None for e in errors[1:])
"""
    ).succeeded()


@pytest.mark.parametrize(
    "statement",
    [
        "import framework",
        "import framework.core",
        "from framework import core",
        "from framework.core import X",
        "importlib.import_module('framework')",
        "importlib.import_module('framework.core')",
        "__import__('framework')",
    ],
)
@pytest.mark.parametrize("loaded", [False, True], ids=["first", "loaded"])
def test_the_traceback_ends_at_the_import_line(refused: Project, statement: str, loaded: bool) -> None:
    refused.write(
        {
            "framework/core.py": "X = 1\n",
            "fitting/other.py": "engine = 'docker'\ndef run(a: int): ...\nimport framework.core\n",
            "bad.py": f"import importlib\ndef go():\n    {statement}  # here\n",
        }
    )
    first = "import fitting.other\n" if loaded else ""
    refused.script(
        first
        + """
import traceback, bad, importspy_hook
try:
    bad.go()
except importspy_hook.ContractViolation as error:
    frames = traceback.extract_tb(error.__traceback__)
    assert frames[-1].line.endswith("# here"), frames
    assert not [f for f in frames if "importlib" in f.filename or "importspy" in f.filename], frames
else:
    raise SystemExit("let in")
"""
    ).succeeded()


def test_an_uncaught_one_shows_the_report_last(refused: Project) -> None:
    refused.write({"main.py": "import sys\nsys.excepthook = sys.__excepthook__\nimport plugin\nplugin.go()\n"})
    result = refused.run("main.py")
    assert result.returncode == 1
    assert "importlib" not in result.stderr, result
    assert result.stderr.index("import framework") < result.stderr.index("mismatch-filename"), result


def test_a_secret_is_nowhere(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "deployments: [{systems: [{environment: {variables: "
            "[{name: APP_TOKEN, value: other}, {name: APP_MODE, one_of: [a, b]}, {name: APP_N, annotation: int}]}}]}]",
        }
    )
    result = project.script(
        """
        import logging, pickle, importspy_hook
        logging.basicConfig(level=1)
        try:
            import framework
        except importspy_hook.ContractViolation as error:
            for text in (str(error), repr(error), error.to_json(), repr(error.__dict__), repr(pickle.dumps(error)),
                         repr(error.environment), repr(importspy_hook.decisions()), repr(importspy_hook.cache_info())):
                print(text)
        """,
        env={"APP_TOKEN": "hunter2-leak", "APP_MODE": "hunter2-leak", "APP_N": "hunter2-leak"},
    ).succeeded()
    assert "APP_TOKEN" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr
