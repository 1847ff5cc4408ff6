"""`importspy_hook.check()`: files, trees and modules validated without importing them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from harness import Project

PROJECT = {
    "core.py": "raise SystemExit('core was imported')\n",
    "core.spymodel.yml": "functions: [{name: run}]\nvariables: [{name: LEVEL, value: 3}]",
    "plugins/fits.py": "import core\nLEVEL = 3\ndef run(): ...\nraise SystemExit('fits was imported')\n",
    "plugins/lacks.py": "import core\nraise SystemExit('lacks was imported')\n",
    "own.yml": "classes: [{name: Plugin}]",
    "broken.yml": "classes: {",
    "plain.py": "import json\n",
    "text.txt": "no Python",
    "wrong.py": "def f(:\n",
}


def evaluate(project: Project, source: str, **options: Any) -> Any:
    """Run `source`, which calls `show(value)`, where `check` is imported; what was shown."""
    project.write(PROJECT)
    start = "import json, sys\nfrom importspy_hook import check\nshow = lambda value: print(json.dumps(value))\n"
    return project.script(start + source, hook=False, **options).succeeded().json()


def raised(project: Project, call: str, **options: Any) -> list[str]:
    """The class and the text of what `call` raises."""
    source = f"try:\n    {call}\nexcept Exception as error:\n    show([type(error).__name__, str(error)])\n"
    found: list[str] = evaluate(project, source, **options)
    return found


def codes(project: Project, call: str, **options: Any) -> list[str]:
    found: list[str] = evaluate(project, f"show([v.code for v in {call}.violations])", **options)
    return found


BOTH = ["missing-variable", "missing-function"]


def test_a_file(project: Project) -> None:
    assert codes(project, "check('plugins/lacks.py')") == BOTH
    assert codes(project, "check('plugins/fits.py')") == []
    assert codes(project, "check(__import__('pathlib').Path('plugins/lacks.py'))") == BOTH


@pytest.mark.parametrize("path", ["'own.yml'", "__import__('pathlib').Path('own.yml').absolute()"])
def test_against_a_contract_of_its_own(project: Project, path: str) -> None:
    assert codes(project, f"check('plugins/fits.py', {path})") == ["missing-class"]
    assert codes(project, f"check('plain.py', contract={path})") == ["missing-class"]


def test_a_folder(project: Project) -> None:
    assert codes(project, "check('.')") == BOTH
    assert codes(project, "check('plugins')") == BOTH


@pytest.mark.parametrize("name", ["plugins.lacks", "'plugins.lacks'", "' plugins.lacks'"])
def test_the_name_of_a_module(project: Project, name: str) -> None:
    if name == "'plugins.lacks'":
        assert codes(project, f"check({name})") == BOTH
        assert evaluate(project, f"check({name}); show('plugins.lacks' in sys.modules)") is False
    else:
        assert raised(project, f"check({name})")[0] in ("NameError", "FileNotFoundError")


def test_a_module(project: Project) -> None:
    project.write({"loaded.py": "import sys\nsys.modules['core'] = sys\nimport core\n"})
    assert codes(project, "check(__import__('loaded'))") == BOTH
    assert codes(project, "(__import__('loaded'), check('loaded'))[1]") == BOTH
    assert codes(project, "check(sys.modules['__main__'], 'own.yml')") == ["missing-class"]


def test_a_report(project: Project) -> None:
    found = evaluate(
        project,
        """
report = check(".")
violation = report.violations[0]
show([report.ok, check("plugins/fits.py").ok, violation.code, violation.contract.line, type(violation).__module__,
      repr(report), report.unusable])
""",
    )
    shown = "<Report of .: 2 violations, 0 unusable contracts>"
    assert found == [False, True, "missing-variable", 2, "importspy_hook.errors", shown, []]


def test_every_format(project: Project) -> None:
    text, document, sarif, github, junit, data, default = evaluate(
        project,
        "report = check('.')\n"
        "show([report.render(it) for it in ('text', 'json', 'sarif', 'github', 'junit')] + [report.to_dict(), report.render()])",
    )
    assert "error[missing-function]" in text and text == default
    assert json.loads(document) == data and data["ok"] is False and data["summary"]["violations"] == 2
    assert len(json.loads(sarif)["runs"][0]["results"]) == 2
    assert github.startswith("::error file=plugins/lacks.py")
    assert ElementTree.fromstring(junit).tag == "testsuites"


def test_a_report_is_neither_true_nor_false(project: Project) -> None:
    kind, text = raised(project, "bool(check('plain.py', 'own.yml'))")
    assert kind == "TypeError" and "`ok`" in text


def test_a_contract_met_on_the_way_that_can_not_be_used(project: Project) -> None:
    project.write({"other.py": "", "other.spymodel.yml": "functions: {", "uses.py": "import other\n"})
    for target in (".", "uses.py"):
        found = evaluate(
            project, f"report = check({target!r})\nshow([report.ok, [(type(e).__name__, e.line) for e in report.unusable]])"
        )
        assert found == [False, [["ContractError", 1]]], target


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        ("check('absent.py')", "FileNotFoundError", "[Errno 2] No such file or directory: 'absent.py'"),
        ("check('plugins/absent')", "FileNotFoundError", "'plugins/absent'"),
        ("check('')", "FileNotFoundError", "''"),
        ("check('plain.py', 'absent.yml')", "FileNotFoundError", "'absent.yml'"),
        ("check('absent')", "ModuleNotFoundError", "No module named 'absent'"),
        ("check('plugins.absent')", "ModuleNotFoundError", "No module named 'plugins.absent'"),
        ("check('plain.absent')", "ModuleNotFoundError", "No module named 'plain.absent'"),
        ("check(sys)", "ValueError", "can't check module 'sys': it has no Python source file"),
        ("check('sys')", "ValueError", "can't check module 'sys'"),
        ("check('importspy_hook._native')", "ValueError", "it has no Python source file"),
        ("check('plain.py')", "ValueError", "can't check plain.py: nothing that it imports has a contract"),
        ("check('wrong.py')", "ValueError", "can't check wrong.py: "),
        ("check('plugins', 'own.yml')", "ValueError", "plugins is a folder"),
        ("check('plain.py', 'broken.yml')", "ContractError", "broken.yml"),
        ("check('plain.py', 'plugins')", "ContractError", "plugins"),
        ("check(5)", "TypeError", "module_or_path must be a path, a module or its name, not an object of type 'int'"),
        ("check('plain.py', 5)", "TypeError", "os.PathLike"),
        ("check('.').render('html')", "ValueError", "format must be 'text', 'json', 'sarif', 'github' or 'junit'"),
        ("check()", "TypeError", "module_or_path"),
        ("check('a\\0b')", "FileNotFoundError", "a\\x00b"),
        ("check('a\\ud800.py')", "FileNotFoundError", "No such file or directory: 'a\\ud800.py'"),
        ("check('a\\udcff.py')", "FileNotFoundError", "No such file or directory: 'a\\udcff.py'"),
        ("check('a\\ud800')", "FileNotFoundError", "'a\\ud800'"),
        ("check('plain.py', 'a\\ud800.yml')", "FileNotFoundError", "No such file or directory: 'a\\ud800.yml'"),
        ("check('own.yml')", "ValueError", "own.yml is no Python source"),
        ("check('own.yml', 'own.yml')", "ValueError", "own.yml is no Python source"),
    ],
)
def test_bad_input(project: Project, call: str, kind: str, text: str) -> None:
    found = raised(project, call)
    assert found[0] == kind and text in found[1], found


def test_the_name_of_what_was_not_found(project: Project) -> None:
    source = "try: check('plugins.absent')\nexcept ModuleNotFoundError as error: show(error.name)"
    assert evaluate(project, source) == "plugins.absent"


def test_a_contract_error_pickles(project: Project) -> None:
    source = """
import pickle
try:
    check("plain.py", "broken.yml")
except ValueError as error:
    copy = pickle.loads(pickle.dumps(error))
    show([type(copy).__name__, str(copy) == str(error), copy.line])
"""
    assert evaluate(project, source) == ["ContractError", True, 1]


def test_the_environment_of_the_program_counts(project: Project) -> None:
    project.write({"secret.yml": "deployments: [{arch: x86_64, systems: [{os: linux, environment: {secrets: [A_TOKEN]}}]}]"})
    assert codes(project, "check('plain.py', 'secret.yml')") == ["missing-secret"]
    source = "import os\nos.environ['A_TOKEN'] = 'x'\nshow(check('plain.py', 'secret.yml').ok)"
    assert evaluate(project, source) is True


def test_nothing_is_installed_or_imported(project: Project) -> None:
    source = """
import builtins, importspy_hook
before = set(sys.modules), list(sys.meta_path), builtins.__import__
check("."), check("plugins.lacks")
after = set(sys.modules), list(sys.meta_path), builtins.__import__
show([before == after, importspy_hook.is_installed(), importspy_hook.decisions()])
"""
    assert evaluate(project, source) == [True, False, []]


def test_other_threads_go_on(project: Project) -> None:
    """While a tree is checked, the interpreter is free."""
    project.write({f"plugins/many{number}.py": "import core\n" + "x = [1]\n" * 5000 for number in range(60)})
    source = """
import threading, time
ticks, done = 0, False
def count():
    global ticks
    while not done:
        ticks += 1
        time.sleep(0.001)
thread = threading.Thread(target=count)
thread.start()
while not ticks: time.sleep(0.001)
before, started = ticks, time.perf_counter()
check(".")
counted, took = ticks - before, time.perf_counter() - started
done = True
thread.join()
show([counted, took])
"""
    counted, took = evaluate(project, source)
    assert counted >= 2, (counted, took)


def test_sixteen_threads_check_at_once(project: Project) -> None:
    source = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(16) as pool:
    show(list(pool.map(lambda _: len(check(".").violations), range(32))))
"""
    assert evaluate(project, source) == [2] * 32
