"""`importspy-hook init`: what it writes always fits, says what it does, and never harms a file."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
import yaml

from harness import Project, Result

PLUGIN = '''
    """A plugin."""
    from __future__ import annotations
    import os
    from dataclasses import dataclass
    from framework import Plugin

    __version__ = "1.4.0"
    __author__ = "ada"
    engine = "docker"
    RETRIES: int = 3
    WEIGHTS = (1, 2.5, "x")
    plans = ["a"]
    password = "hunter2"
    words = "w" * 3
    text = "long " * 1 if False else "x"
    motto = "%s"
    yes = "no"
    five = "5"
    _private = 1
    counter = 0
    if os.environ.get("A"):
        sometimes = 1
    try:
        either = 1
    except Exception:
        either = "two"
    unset: int

    def count():
        global counter
        counter += 1

    def ship(service: str, /, retries: int = 3, *rest, token="t0ps3cret", mode="fast", where=None, **options) -> list[str]:
        return []

    async def poll(): ...

    def _helper(): ...

    @dataclass
    class Point:
        x: int
        y: int = 0

    class Extension(Plugin, dict):
        stage = "deploy"
        """doc"""
        def __init__(self, log: list[str] | None = None):
            self.log: list[str] = log or []
            self._hidden = 1
            self.size = 0
        @property
        def label(self) -> str: return ""
        @classmethod
        async def make(cls, n: "int" = 5) -> Extension: ...
        def __repr__(self): return ""
        def __call__(self, *, fast=True): ...
''' % ("long " * 40)  # fmt: skip


def init(project: Project, *arguments: str, hook: bool = True) -> Result:
    return project.run("-m", "importspy_hook", "init", *arguments, hook=hook)


def test_it_asks_for_what_is_certain(project: Project) -> None:
    project.write({"plugin.py": PLUGIN})
    result = init(project, "plugin.py").succeeded()
    assert result.stdout == "wrote spymodel.yml, which plugin.py fits\n" and not result.stderr
    text = (project.root / "spymodel.yml").read_text("utf-8")
    contract = yaml.safe_load(text)
    python = {"version": f">={sys.version_info[0]}.{sys.version_info[1]}", "interpreter": "CPython"}
    [deployment] = contract.pop("deployments")
    assert deployment["arch"] in ("x86_64", "aarch64") and deployment["systems"] == [{"os": "linux", "pythons": [python]}]
    assert contract == {
        "version": ">=1.4.0",
        "variables": [
            {"name": "engine", "value": "docker"},
            {"name": "RETRIES", "annotation": "int", "value": 3},
            {"name": "WEIGHTS", "value": [1, 2.5, "x"]},
            {"name": "plans", "annotation": "list"},
            {"name": "password", "annotation": "str"},
            {"name": "words"},
            {"name": "text"},
            {"name": "motto", "annotation": "str"},
            {"name": "yes", "value": "no"},
            {"name": "five", "value": "5"},
            {"name": "counter"},
            {"name": "either"},
        ],
        "functions": [
            {"name": "count"},
            {
                "name": "ship",
                "arguments": [
                    {"name": "service", "annotation": "str", "kind": "positional-only"},
                    {"name": "retries", "annotation": "int", "value": 3},
                    {"name": "rest", "kind": "var-positional"},
                    {"name": "token", "kind": "keyword-only"},
                    {"name": "mode", "value": "fast", "kind": "keyword-only"},
                    {"name": "where", "kind": "keyword-only"},
                    {"name": "options", "kind": "var-keyword"},
                ],
                "return_annotation": "list[str]",
            },
            {"name": "poll", "async": True},
        ],
        "classes": [
            {
                "name": "Point",
                "attributes": [
                    {"name": "y", "annotation": "int", "value": 0},
                    {"name": "x", "annotation": "int", "type": "instance"},
                ],
            },
            {
                "name": "Extension",
                "superclasses": ["Plugin", "dict"],
                "attributes": [
                    {"name": "stage", "value": "deploy", "type": "class"},
                    {"name": "label", "annotation": "str", "type": "instance"},
                    {"name": "log", "annotation": "list[str]", "type": "instance"},
                    {"name": "size", "type": "instance"},
                ],
                "methods": [
                    {"name": "__init__", "arguments": [{"name": "self"}, {"name": "log", "annotation": "list[str] | None"}]},
                    {
                        "name": "make",
                        "arguments": [{"name": "cls"}, {"name": "n", "annotation": '"int"', "value": 5}],
                        "return_annotation": "Extension",
                        "async": True,
                    },
                    {
                        "name": "__call__",
                        "arguments": [{"name": "self"}, {"name": "fast", "value": True, "kind": "keyword-only"}],
                    },
                ],
            },
        ],
    }
    left_out = text.split("# Left out:\n")[1].splitlines()
    assert left_out == [
        "# - private names and what every object has; --private asks for them as well (4): _private, _helper, Extension.__repr__, "
        "Extension._hidden",
        "# - imported names (4): annotations, os, dataclass, Plugin",
        "# - bound under a condition only (1): sometimes",
        "# - annotated, but never given a value (1): unset",
        "# - values that may be secrets (2): password, ship(token)",
        "# - values that are long, can change or have no form in YAML (2): plans, motto",
    ]
    assert "hunter2" not in text and "t0ps3cret" not in text


def test_options_ask_for_more_and_for_less(project: Project) -> None:
    project.write({"plugin.py": PLUGIN})
    result = init(project, "plugin.py", "-o", "-", "--private", "--no-values", "--no-environment").succeeded()
    contract = yaml.safe_load(result.stdout)
    assert "deployments" not in contract and '"value"' not in repr(contract) and "value:" not in result.stdout.split("variables:")[1]
    assert {"name": "engine", "annotation": "str"} in contract["variables"]
    assert {"name": "_private", "annotation": "int"} in contract["variables"]
    assert {"name": "_helper"} in contract["functions"]
    assert not (project.root / "spymodel.yml").exists()


def test_it_never_writes_over_a_file_unless_told(project: Project) -> None:
    project.write({"plugin.py": "a = 1\n", "spymodel.yml": "mine\n"})
    result = init(project, "plugin.py")
    assert result.returncode == 2 and not result.stdout
    assert result.stderr == "importspy-hook: spymodel.yml is there already: --force writes over it, -o names another file\n"
    assert (project.root / "spymodel.yml").read_text() == "mine\n"
    (project.root / "link.yml").symlink_to("nowhere.yml")
    assert init(project, "plugin.py", "-o", "link.yml").returncode == 2
    assert not (project.root / "nowhere.yml").exists()
    (project.root / "spymodel.yml").chmod(0o640)
    init(project, "plugin.py", "--force").succeeded()
    assert "name: a" in (project.root / "spymodel.yml").read_text()
    assert stat.S_IMODE((project.root / "spymodel.yml").stat().st_mode) == 0o640
    assert sorted(path.name for path in project.root.iterdir()) == ["link.yml", "plugin.py", "spymodel.yml"]


BAD = {
    "nothing-there": (["nowhere.py"], "can't read nowhere.py: No such file or directory"),
    "folder": (["folder"], "can't use folder: it is a folder"),
    "package": (["package"], "can't use package: it is a folder; did you mean package/__init__.py?"),
    "other-file": (["notes.txt"], "can't use notes.txt: a Python file ends in .py"),
    "pipe": (["pipe.py"], "can't use pipe.py: it is no regular file"),
    "no-python": (["broken.py"], "can't use broken.py: it does not parse: line 2, column 5: "),
    "other-encoding": (["koi8.py"], "can't use koi8.py: it is written in koi8-r; save it as UTF-8"),
    "no-text": (["binary.py"], "can't use binary.py: it can't be decoded: 'utf-8' codec can't decode byte 0xff"),
    "nul": (["nul.py"], "can't use nul.py: it can't be decoded: source code cannot contain null bytes"),
    "no-folder": (["good.py", "-o", "no/such/spymodel.yml"], "can't write no/such/spymodel.yml: No such file or directory"),
    "output-is-a-folder": (["good.py", "-o", "folder", "--force"], "can't write folder: "),
    "name-is-no-text": ([b"n\xff.py"], "can't use n\ufffd.py: its name is not text"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gets_one_message_and_leaves_nothing(project: Project, kind: str) -> None:
    project.write(
        {
            "folder/x": "",
            "package/__init__.py": "",
            "notes.txt": "a = 1\n",
            "broken.py": "a = 1\nb = = 2\n",
            "koi8.py": b"# coding: koi8-r\na = '\xc1'\n",
            "binary.py": b"\xff\xfe",
            "nul.py": b"a = 1\0",
            "good.py": "a = 1\n",
        }
    )
    os.mkfifo(project.root / "pipe.py")
    Path(os.fsdecode(os.fsencode(project.root) + b"/n\xff.py")).write_text("a = 1\n")
    before = sorted(project.root.rglob("*"))
    arguments, message = BAD[kind]
    result = init(project, *(os.fsdecode(argument) for argument in arguments))
    assert result.returncode == 2 and not result.stdout, result
    assert result.stderr.startswith(f"importspy-hook: {message}") and result.stderr.count("\n") == 1, result
    assert sorted(project.root.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written(project: Project) -> None:
    project.write({"good.py": "a = 1\n", "closed/x": ""})
    (project.root / "closed").chmod(0o500)
    result = init(project, "good.py", "-o", "closed/spymodel.yml")
    assert result.returncode == 2 and "Permission denied" in result.stderr and result.stderr.count("\n") == 1


def test_odd_file_names_and_values_harm_no_contract(project: Project) -> None:
    project.write({"a\nvariables: [x]\n# .py": "x = 'a\\n\\x00\\u2028: # \\t'\nnull = 'null'\ntrue = 1e400\nbig = 10**0\nn = 99999999999999999999\n"})
    result = init(project, "a\nvariables: [x]\n# .py", "-o", "-").succeeded()
    contract = yaml.safe_load(result.stdout)
    assert contract["variables"] == [
        {"name": "x", "value": "a\n\0\u2028: # \t"},
        {"name": "null", "value": "null"},
        {"name": "true", "value": float("inf")},
        {"name": "big"},
        {"name": "n", "value": 99999999999999999999},
    ]


def test_names_that_no_contract_can_spell_are_left_out(project: Project) -> None:
    project.write({"plugin.py": "class A:\n    __slots__ = ('a b', 'c\\n- d', '', 'e')\n    @property\n    def p(self): ...\n"})
    result = init(project, "plugin.py", "-o", "-", "--no-environment").succeeded()
    [cls] = yaml.safe_load(result.stdout)["classes"]
    assert sorted(attribute["name"] for attribute in cls["attributes"]) == ["e", "p"]
    assert '# - names that a contract can\'t spell (3): A., A.a b, "A.c\\n- d"\n' in result.stdout


def test_what_a_module_is_depends_on_its_package(project: Project) -> None:
    # By its name alone, `attrs` would be the decorator that makes fields of annotations.
    files = {"__init__.py": "", "_make.py": "def attrs(cls): return cls\n"}
    files["m.py"] = "from ._make import attrs\n@attrs\nclass A:\n    x: int\n    y: int = 1\n"
    project.write({f"attr/{name}": text for name, text in files.items()})
    init(project, "attr/m.py").succeeded()
    text = (project.root / "spymodel.yml").read_text()
    [cls] = yaml.safe_load(text)["classes"]
    assert cls["attributes"] == [{"name": "y", "annotation": "int", "value": 1}]
    assert "# - not to be proven by the source alone (1): A.x\n" in text
    project.run("-m", "importspy_hook", "check", "attr/m.py", "-s", "spymodel.yml", hook=False).succeeded()


def test_a_program_fits_as_a_program_and_as_a_module(project: Project) -> None:
    source = "mode = 'module'\nonly = 1\nif __name__ == '__main__':\n    mode = 'program'\n    del only\nimport guarded\n"
    project.write({"tool.py": source, "guarded/__init__.py": ""})
    init(project, "tool.py", "-o", "guarded/spymodel.yml").succeeded()
    assert yaml.safe_load((project.root / "guarded/spymodel.yml").read_text())["variables"] == [{"name": "mode"}]
    project.run("tool.py").succeeded()
    project.run("-c", "import tool").succeeded()


# Every module of the standard library that can be imported again under another name without doing anything.
LOUD = {"antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter", "lib2to3", "ensurepip", "__main__", "site", "sitecustomize"}

IMPORTERS = """
    import importlib, io, json, os, sys, warnings
    import importspy_hook
    from importspy_hook import _native
    warnings.simplefilter("ignore")
    library, loud = os.path.dirname(os.__file__), set(json.loads(sys.argv[1]))
    sys.path.insert(0, "copies")
    os.makedirs("copies")
    done, failed = {}, []
    names = sorted(name[:-3] for name in os.listdir(library) if name.endswith(".py") and not name.startswith("_"))
    for name in names:
        if name in loud:
            continue
        with open(f"{library}/{name}.py", encoding="utf-8") as file:
            source = file.read()
        for phase in ("first", "last", "later"):
            guarded, copy = f"guarded_{phase}_{name}", f"copy_{phase}_{name}"
            if phase == "first":
                if "from __future__" in source:
                    continue
                text = f"import {guarded}\\n{source}"
            elif phase == "last":
                text = f"{source}\\nimport {guarded}\\n"
            else:
                text = f"{source}\\ndef go_on():\\n    import {guarded}\\n"
            os.makedirs(guarded)
            open(f"{guarded}/__init__.py", "w").close()
            with open(f"copies/{copy}.py", "w", encoding="utf-8") as file:
                file.write(text)
            assert _native.main(["init", f"copies/{copy}.py", "-o", f"{guarded}/spymodel.yml", "--private"]) == 0
            try:
                module = importlib.import_module(copy)
                if phase == "later":
                    module.go_on()
            except importspy_hook.ContractViolation as error:
                if "may no longer fit" not in open(error.contract, encoding="utf-8").read():
                    failed.append([copy, [v.message for v in error.violations]])
            except Exception as error:
                # A copy that can't run outside its place proves nothing.
                continue
            done[phase] = done.get(phase, 0) + 1
    print(json.dumps([done, failed]))
"""


@pytest.mark.timeout(400)
def test_a_module_fits_its_contract_while_it_runs_and_afterwards(project: Project) -> None:
    done, failed = project.script(IMPORTERS, json.dumps(sorted(LOUD)), seconds=380).succeeded().json()
    assert not failed, "\n".join(map(str, failed))
    assert done["first"] > 80 and done["last"] > 100 and done["later"] > 100, done


LIBRARY = """
    import io, json, os, sys, yaml
    from importspy_hook import _native
    def program(*arguments):
        before, (sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), (io.StringIO(), io.StringIO())
        try:
            return _native.main([*arguments]), sys.stdout.getvalue(), sys.stderr.getvalue()
        finally:
            sys.stdout, sys.stderr = before
    library, options = os.path.dirname(os.__file__), sys.argv[1:]
    written, refused, misfits = [], [], []
    for folder, folders, files in os.walk(library):
        folders[:] = sorted(name for name in folders if name not in ("site-packages", "__pycache__"))
        for name in sorted(files):
            if not name.endswith(".py"):
                continue
            path = os.path.join(folder, name)
            status, out, err = program("init", path, "-o", "-", *options)
            if status == 0 and not err:
                with open("contract.yml", "w", encoding="utf-8") as file:
                    file.write(out)
                contract = yaml.load(out, yaml.CSafeLoader)
                written.append([path, sum(len(contract.get(key, [])) for key in ("variables", "functions", "classes"))])
                status, out, err = program("check", path, "--spymodel", "contract.yml")
                if status != 0:
                    misfits.append(out + err)
            else:
                assert status == 2 and not out and err.count("\\n") == 1, (path, err)
                refused.append([path, err])
    print(json.dumps([written, refused, misfits]))
"""


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "options", [pytest.param([], id="default"), pytest.param(["--private", "--no-values"], marks=pytest.mark.once, id="private")]
)
def test_the_whole_standard_library_fits(project: Project, options: list[str]) -> None:
    written, refused, misfits = project.script(LIBRARY, *options, hook=False, seconds=380).succeeded().json()
    assert not misfits, "\n".join(misfits)
    for path, message in refused:
        try:
            compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue
        assert "save it as UTF-8" in message, f"{path} is Python, but {message}"
    assert len(written) > 1000 and len(refused) < 60
    print(f"{len(written)} modules, {sum(rules for _, rules in written)} rules, {len(refused)} files refused")


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_the_module_is_never_written_over(project: Project) -> None:
    root = project.root
    project.write({"mod.py": "a = 1\n", "sub/x.py": ""})
    (root / "link.yml").symlink_to("mod.py")
    os.link(root / "mod.py", root / "hard.yml")
    (root / "alias").symlink_to("sub")
    for output in ["mod.py", "./sub/../mod.py", str(root / "mod.py"), "link.yml", "hard.yml", "alias/../mod.py"]:
        result = project.run("-m", "importspy_hook", "init", "mod.py", "-o", output, "--force", hook=False)
        assert result.returncode == 2 and "is the module itself" in result.stderr and result.stdout == "", result
        assert (root / "mod.py").read_text() == "a = 1\n"
    result = project.run("-m", "importspy_hook", "init", "link.yml", "-o", "mod.py", "--force", hook=False)
    assert result.returncode == 2 and (root / "mod.py").read_text() == "a = 1\n", result
    project.run("-m", "importspy_hook", "init", "mod.py", "-o", "sub/x.py", "--force", hook=False).succeeded()
