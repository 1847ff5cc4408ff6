"""Embedded mode: `Spy().importspy()` in a module validates whoever imports that module, and returns it."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest

from harness import Project

CORE = """
    from importspy_hook import Spy
    caller = Spy().importspy(filepath="spymodel.yml")
    """
CONTRACT = """
    protects: [core]
    functions: [{name: run, arguments: [{name: number, annotation: int}]}]
    classes: [{name: Plugin, attributes: [{type: instance, name: engine, value: docker}]}]
    """
FITS = """
    import core

    class Plugin:
        def __init__(self):
            self.engine = "docker"

    def run(number: int): ...
    """
PAIR = {"core.py": CORE, "spymodel.yml": CONTRACT, "plugin.py": FITS, "lacks.py": "import core\n"}
LACKS = ["missing-class", "missing-function"]

# An uncaught exception as a line of JSON, without the hook.
SHOW = """
import json, sys
def show(kind, error, traceback):
    frames = []
    while traceback is not None:
        frames.append(traceback.tb_frame.f_code.co_filename.rpartition("/")[2])
        traceback = traceback.tb_next
    print("@@" + json.dumps({"type": kind.__name__, "value_error": isinstance(error, ValueError), "text": str(error),
        "codes": [v.code for v in getattr(error, "violations", [])], "frames": frames,
        "module": getattr(error, "module", None), "importer": getattr(error, "importer", None)}))
sys.excepthook = show
"""

either = pytest.mark.parametrize("hook", [False, True], ids=["alone", "with-hook"])


def program(source: str) -> str:
    return SHOW + source


@either
def test_the_importer_is_validated_and_returned(project: Project, hook: bool) -> None:
    project.write(PAIR)
    result = project.script(
        """
        import sys, plugin
        assert plugin.core.caller is plugin is sys.modules["plugin"]
        import importspy_hook
        print(importspy_hook.is_installed(), plugin.core.caller.Plugin().engine)
        """,
        hook=hook,
    )
    assert result.succeeded().stdout == f"{hook} docker\n"


@either
def test_what_lacks_something_is_refused(project: Project, hook: bool) -> None:
    project.write({**PAIR, "contracts/core.yml": CONTRACT, "core.py": CORE.replace("spymodel", "contracts/core")})
    (project.root / "spymodel.yml").unlink()
    raised = project.script(program("import lacks\n"), hook=hook).raised
    assert raised is not None
    assert (raised["type"], raised["value_error"], sorted(raised["codes"])) == ("ContractViolation", True, LACKS)
    assert (raised["module"], raised["importer"]) == ("core", "lacks")
    # Down to the module's own line, and no further.
    assert raised["frames"] == ["main.py", "lacks.py", "core.py"]


def test_nothing_is_installed(project: Project) -> None:
    project.write(PAIR)
    result = project.script(
        """
        import builtins, importlib, sys
        before = (list(sys.meta_path), builtins.__import__, importlib._bootstrap._gcd_import, importlib.import_module)
        import plugin
        assert before == (sys.meta_path, builtins.__import__, importlib._bootstrap._gcd_import, importlib.import_module)
        import importspy_hook
        assert not importspy_hook.is_installed() and importspy_hook.status()["mode"] is None
        importspy_hook.uninstall()
        importspy_hook.install()
        import json
        try:
            import lacks
        except importspy_hook.ContractViolation as error:
            print(error.module)
        importspy_hook.uninstall()
        assert before == (sys.meta_path, builtins.__import__, importlib._bootstrap._gcd_import, importlib.import_module)
        """,
        hook=False,
    )
    assert result.succeeded().stdout == "core\n"


def test_nothing_is_executed_twice(project: Project) -> None:
    project.write({**PAIR, "plugin.py": 'print("plugin runs")\n' + PAIR["plugin.py"].replace("\n    ", "\n")})
    result = project.script('print("main runs")\nimport plugin\n', hook=False)
    assert result.succeeded().stdout == "main runs\nplugin runs\n"


def test_decisions_are_recorded_and_contracts_read_afresh(project: Project) -> None:
    project.write(PAIR)
    result = project.script(
        """
        import importlib, importspy_hook, json, os, plugin, sys
        assert [(d["module"], d["importer"], d["allowed"]) for d in importspy_hook.decisions()] == [("core", "plugin", True)]
        with open("spymodel.yml", "w") as contract:
            contract.write("variables: [{name: absent}]")
        del sys.modules["core"]
        try:
            importlib.reload(plugin)
        except ValueError as error:
            print(json.dumps([violation.code for violation in error.violations]))
        print(json.dumps([d["codes"] for d in importspy_hook.decisions()]))
        """,
        hook=False,
    )
    assert result.succeeded().stdout.splitlines() == ['["missing-variable"]', '[[], ["missing-variable"]]']


def test_the_module_is_asked_once_and_the_hook_each_time(project: Project) -> None:
    """Python runs a module once: its `Spy` sees the first importer only. The contract beside it is for the others."""
    project.write({**PAIR, "second.py": "import core\n", "elsewhere.yml": "{}"})
    project.write({"core.py": CORE.replace("spymodel.yml", "elsewhere.yml")})
    program = """
        import importspy_hook, json, plugin
        try:
            import second
        except importspy_hook.ContractViolation as error:
            print(error.importer)
        by = [(d["importer"], d["contract"].rpartition("/")[2], d["allowed"]) for d in importspy_hook.decisions()]
        print(json.dumps(by))
        """
    assert project.script(program, hook=False).succeeded().json() == [["plugin", "elsewhere.yml", True]]
    hooked = project.script(program).succeeded()
    assert hooked.stdout.startswith("second\n")
    assert hooked.json() == [
        ["plugin", "spymodel.yml", True],
        ["plugin", "elsewhere.yml", True],
        ["second", "spymodel.yml", False],
    ]


def test_report_mode_of_the_hook_is_not_the_modules(project: Project) -> None:
    project.write({**PAIR, "core.py": CORE.replace("spymodel.yml", "own.yml"), "own.yml": CONTRACT})
    (project.root / "spymodel.yml").unlink()
    start = program("import importspy_hook\nimportspy_hook.install(mode='report')\nimport lacks\n")
    raised = project.script(start, hook=False).raised
    assert raised is not None and raised["type"] == "ContractViolation" and sorted(raised["codes"]) == LACKS


# Where the contract is


@pytest.mark.parametrize("where", ["", "sub/", "../"])
def test_a_relative_path_starts_at_the_module(project: Project, where: str) -> None:
    project.write({"lib/place/core.py": CORE.replace("spymodel.yml", f"{where}c.yml"), f"lib/place/{where}c.yml": "{}"})
    project.write({"c.yml": "variables: [{name: absent}]", "sub/c.yml": "variables: [{name: absent}]"})
    source = "import sys\nsys.path.insert(0, 'lib/place')\nimport core\nassert core.caller is sys.modules['__main__']\n"
    project.script(source, hook=False).succeeded()


def test_else_at_the_working_folder(project: Project) -> None:
    project.write({"lib/core.py": CORE, "spymodel.yml": "variables: [{name: absent}]"})
    raised = project.script(program("sys.path.insert(0, 'lib')\nimport core\n"), hook=False).raised
    assert raised is not None and raised["codes"] == ["missing-variable"]
    assert f"{project.root}/spymodel.yml" in raised["text"]


@pytest.mark.parametrize("make", ["str", "__import__('pathlib').Path"])
def test_absolute_paths(project: Project, make: str) -> None:
    path = str(project.root / "elsewhere" / "c.yml")
    project.write({"core.py": f"import importspy_hook\nimportspy_hook.Spy().importspy({make}({path!r}))\n"})
    project.write({"elsewhere/c.yml": "variables: [{name: absent}]"})
    raised = project.script(program("import core\n"), hook=False).raised
    assert raised is not None and raised["codes"] == ["missing-variable"]


@pytest.mark.parametrize("name", ["core.spymodel.yml", "spymodel.yml", "spymodel.yaml"])
def test_without_a_path_the_contract_beside_the_module_applies(project: Project, name: str) -> None:
    project.write({"core.py": "from importspy_hook import Spy\nSpy().importspy()\n"})
    project.write({name: "protects: [nothing]\nvariables: [{name: absent}]"})
    raised = project.script(program("import core\n"), hook=False).raised
    assert raised is not None and raised["codes"] == ["missing-variable"]


@pytest.mark.parametrize(
    ("argument", "files", "kind", "text"),
    [
        ("'absent.yml'", {}, "ContractError", "there is no such contract"),
        ("", {}, "ContractError", "there is no such contract"),
        ("", {"spymodel.yml": "{}", "spymodel.yaml": "{}"}, "ContractError", "both claim"),
        ("'broken.yml'", {"broken.yml": "functions: {"}, "ContractError", "broken.yml"),
        ("'folder'", {"folder/x": ""}, "ContractError", "not a regular file"),
        ("5", {}, "TypeError", "os.PathLike"),
        ("'c.yml', 'LOUD'", {"c.yml": "{}"}, "ValueError", "log_level must be"),
        ("'c.yml', None, 'core'", {"c.yml": "{}"}, "TypeError", "info_module"),
    ],
)
def test_bad_input(project: Project, argument: str, files: dict[str, str], kind: str, text: str) -> None:
    project.write({"core.py": f"from importspy_hook import Spy\nSpy().importspy({argument})\n", **files})
    raised = project.script(program("import core\n"), hook=False).raised
    assert raised is not None and raised["type"] == kind and text in raised["text"], raised


def test_a_contract_in_a_zip(project: Project) -> None:
    with zipfile.ZipFile(project.root / "lib.zip", "w") as archive:
        archive.writestr("framework/__init__.py", "from importspy_hook import Spy\nSpy().importspy('spymodel.yml')\n")
        archive.writestr("framework/spymodel.yml", "variables: [{name: absent}]")
    raised = project.script(program("sys.path.insert(0, 'lib.zip')\nimport framework\n"), hook=False).raised
    assert raised is not None and raised["codes"] == ["missing-variable"], raised


# Who the importer is

WHOSE = """
from importspy_hook import Spy
caller = Spy().importspy("c.yml")
print(caller.__name__)
"""

WAYS: dict[str, tuple[dict[str, str], str]] = {
    "import": ({}, "__main__"),
    "import_module": ({"main.py": "import importlib\nimportlib.import_module('core')\n"}, "__main__"),
    "reload": ({"main.py": "import core, importlib\nimportlib.reload(core)\n"}, "__main__\n__main__"),
    "through another": ({"main.py": "import middle\n", "middle.py": "import core\n"}, "middle"),
    "in a function": ({"main.py": "import middle\nmiddle.go()\n", "middle.py": "def go():\n    import core\n"}, "middle"),
    "helper in the module": ({"core.py": f"def look():{WHOSE.replace(chr(10), chr(10) + '    ')}\nlook()\n"}, "__main__"),
    "called later": (
        {"core.py": f"def look():{WHOSE.replace(chr(10), chr(10) + '    ')}\n", "main.py": "import core\ncore.look()\n"},
        "__main__",
    ),
    "an override of __import__": (
        {
            "hooks.py": "import builtins\noriginal = builtins.__import__\n"
            "def override(*args, **named):\n    return original(*args, **named)\nbuiltins.__import__ = override\n",
            "main.py": "import hooks, middle\n",
            "middle.py": "import core\n",
        },
        "middle",
    ),
    "an unregistered plugin": (
        {
            "plugin.py": "import core\nassert core.caller.__dict__ is globals()\n",
            "main.py": "from importlib.util import module_from_spec, spec_from_file_location\n"
            "spec = spec_from_file_location('plugin', 'plugin.py')\n"
            "module = module_from_spec(spec)\nspec.loader.exec_module(module)\n"
            "import core\nassert core.caller is module\n",
        },
        "plugin",
    ),
    "lazily": (
        {
            "main.py": "import sys, importlib.util as util\nspec = util.find_spec('core')\n"
            "spec.loader = util.LazyLoader(spec.loader)\ncore = util.module_from_spec(spec)\nsys.modules['core'] = core\n"
            "spec.loader.exec_module(core)\nimport middle\n",
            "middle.py": "import core\ncore.caller\n",
        },
        "middle",
    ),
}


@either
@pytest.mark.parametrize("way", WAYS)
def test_the_importer(project: Project, way: str, hook: bool) -> None:
    files, expected = WAYS[way]
    project.write({"core.py": WHOSE, "c.yml": "{}", "main.py": "import core\n", **files})
    assert project.run("main.py", hook=hook).succeeded().stdout == expected + "\n"


@pytest.mark.parametrize("args", [("core.py",), ("-m", "core")])
def test_a_program_has_no_importer(project: Project, args: tuple[str, ...]) -> None:
    project.write({"core.py": WHOSE, "c.yml": "variables: [{name: absent}]"})
    assert project.run(*args, hook=False).succeeded().stdout == "__main__\n"
    project.write({"c.yml": "deployments: [{arch: x86_64, systems: [{os: linux, environment: {secrets: [TOKEN]}}]}]"})
    result = project.run(*args, hook=False)
    assert result.returncode == 1 and "missing-secret" in result.stderr, result
    assert project.run(*args, hook=False, env={"TOKEN": "1"}).succeeded()


def test_boundary_and_trust_are_the_contracts(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": "from . import core\n",
            "framework/core.py": WHOSE.replace("c.yml", "spymodel.yml"),
            "framework/spymodel.yml": "trusted_importers: [tests.*]\nvariables: [{name: absent}]",
            "tests/one.py": "import framework.core\n",
            "main.py": "import framework.core\n",
        }
    )
    assert project.run("main.py", hook=False).succeeded().stdout == "framework\n"
    # The package lets its core be imported by others first.
    project.write({"framework/__init__.py": ""})
    assert "missing-variable" in project.run("main.py", hook=False).stderr
    assert project.script("import tests.one\n", hook=False).succeeded().stdout == "tests.one\n"


def test_code_without_a_module_is_validated_but_can_not_be_returned(project: Project) -> None:
    project.write(PAIR | {"spymodel.yml": "variables: [{name: level, value: 3}]"})
    source = "exec('level = {}\\nimport core', {{'__name__': 'made_up'}})\n"
    raised = project.script(program(source.format(4)), hook=False).raised
    assert raised is not None and raised["codes"] == ["mismatch-variable"]
    raised = project.script(program(source.format(3)), hook=False).raised
    assert raised is not None and raised["type"] == "ValueError" and "no module to return" in raised["text"]


# info_module


def explicit(project: Project, target: str, **files: str) -> Any:
    project.write(PAIR | {"core.py": "", "lacks.py": "", "plugin.py": PAIR["plugin.py"].replace("import core", "")})
    project.write({name.replace("__", "/") + ".py": text for name, text in files.items()})
    project.write(
        {
            "manager.py": """
                from importspy_hook import Spy
                def admit(module):
                    return Spy().importspy(filepath="spymodel.yml", info_module=module)
                """
        }
    )
    source = f"import manager, {target}\nassert manager.admit({target}) is {target}\n"
    return project.script(program(source), hook=False)


def test_a_named_module_is_validated_and_returned(project: Project) -> None:
    explicit(project, "plugin").succeeded()


def test_a_named_module_that_lacks_something(project: Project) -> None:
    raised = explicit(project, "lacks").raised
    assert raised is not None and sorted(raised["codes"]) == LACKS
    assert (raised["module"], raised["importer"]) == ("manager", "lacks")
    assert raised["frames"] == ["main.py", "manager.py"]


def test_a_named_module_inside_the_boundary_is_validated(project: Project) -> None:
    raised = explicit(project, "lacks", __init__="").raised
    assert raised is not None and sorted(raised["codes"]) == LACKS


@either
def test_naming_modules_of_other_kinds(project: Project, hook: bool) -> None:
    project.write({"c.yml": "filename: main.py\nclasses: [{name: A, attributes: [{name: x, type: instance}]}]"})
    project.write({"empty.yml": "{}", "absent.yml": "variables: [{name: absent}]"})
    result = project.script(
        """
        import json, sys, types
        from importspy_hook import ContractViolation, Spy

        class A:
            def __init__(self):
                self.x = 1

        import __main__ as main
        assert Spy().importspy("c.yml", None, main) is main
        made = types.ModuleType("made")
        for module in (made, sys, main, json):
            assert Spy().importspy("empty.yml", info_module=module) is module
            try:
                Spy().importspy("absent.yml", info_module=module)
            except ContractViolation as error:
                print(error.violations[0].code)
        """,
        hook=hook,
    )
    assert result.succeeded().stdout == "missing-variable\n" * 4


# The rest of the interface


def test_signature_and_subclass(project: Project) -> None:
    project.write({"c.yml": "{}"})
    project.script(
        """
        import inspect, importspy_hook
        from importspy_hook import Spy
        text = str(inspect.signature(Spy.importspy))
        assert text == "(self, /, filepath=None, log_level=None, info_module=None)", text
        assert Spy.__module__ == "importspy_hook" and "imports" in Spy.__doc__ and "filepath" in Spy.importspy.__doc__
        class Mine(Spy): ...
        import sys
        assert Mine().importspy("c.yml", info_module=sys) is sys
        """,
        hook=False,
    ).succeeded()


def test_log_level(project: Project) -> None:
    for level in ("10", "'debug'"):
        project.write({**PAIR, "core.py": CORE.replace('"spymodel.yml"', f'"spymodel.yml", log_level={level}')})
        result = project.script("import logging\nlogging.basicConfig(level=1)\nimport plugin\n", hook=False)
        assert "DEBUG:importspy_hook:parsing: contract parsed" in result.succeeded().stderr
        assert "INFO:importspy_hook:decision: import decided" in result.stderr
    project.write(PAIR)
    assert project.script("import plugin\n", hook=False).succeeded().stderr == ""


def test_exceptions_pickle(project: Project) -> None:
    project.write(PAIR)
    project.script(
        """
        import pickle
        try:
            import lacks
        except ValueError as error:
            copy = pickle.loads(pickle.dumps(error))
            assert type(copy) is type(error) and str(copy) == str(error) and copy.to_dict() == error.to_dict()
        else:
            raise AssertionError
        """,
        hook=False,
    ).succeeded()


@either
def test_threads(project: Project, hook: bool) -> None:
    """16 threads import 16 modules with a Spy each, as the first thing that happens in the process."""
    for number in range(16):
        project.write({f"core{number}.py": CORE})
        source = PAIR["plugin.py"] if number % 2 else PAIR["lacks.py"]
        project.write({f"plugin{number}.py": source.replace("core", f"core{number}")})
    project.write({"spymodel.yml": CONTRACT})
    result = project.script(
        """
        import threading
        results = {}
        barrier = threading.Barrier(16)
        def load(number):
            barrier.wait()
            try:
                module = __import__(f"plugin{number}")
                results[number] = getattr(module, f"core{number}").caller is module
            except ValueError as error:
                results[number] = error.importer
        threads = [threading.Thread(target=load, args=(number,)) for number in range(16)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert results == {number: True if number % 2 else f"plugin{number}" for number in range(16)}, results
        """,
        hook=hook,
    )
    assert result.succeeded()
