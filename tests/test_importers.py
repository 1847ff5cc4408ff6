"""`docs/importers.md`: what the importer is seen as, for every way in. The table is the expectation; here are the programs."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import sys
import sysconfig
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import Project, Result, run

DOCUMENT = Path(__file__).parent.parent / "docs" / "importers.md"

# `here` can be read from the live namespace, `mark` from the source only. Nobody has `absent`.
TRUSTED = "trusted_importers: [friend]\n"
LIVE = TRUSTED + "variables: [{name: here, value: 1}]\n"
SOURCE = LIVE + "classes: [{name: Here, attributes: [{name: mark, value: 1, type: instance}]}]\n"
BLOCKING = SOURCE.replace("value: 1}]\n", "value: 1}, {name: absent}]\n")

# Four lines: the import is on the fifth, if nothing else is said.
BODY = """\
here = 1
class Here:
    def __init__(self):
        self.mark = 1
"""

# Installs the hook, and leaves what was raised and decided in files, whatever becomes of the streams.
SITE = """\
import atexit, json, os, sys, threading, traceback
from importlib import import_module as early
import importspy_hook
importspy_hook.install()
RECORD = os.environ["RECORD"]
def place(frame):
    return f"{os.path.basename(frame.filename)}:{frame.lineno}"
def raised(error):
    return {
        "type": type(error).__name__,
        "codes": sorted({violation.code for violation in getattr(error, "violations", ())}),
        "importer": getattr(error, "importer", None),
        "frames": [place(frame) for frame in traceback.extract_tb(error.__traceback__)],
    }
def record(kind, error, tb):
    with open(RECORD, "a") as file:
        file.write(json.dumps(raised(error)) + "\\n")
sys.excepthook = record
threading.excepthook = sys.unraisablehook = lambda args: record(args.exc_type, args.exc_value, args.exc_traceback)
def recorded(function):
    try:
        function()
    except ValueError as error:
        record(None, error, None)
def decided():
    with open(RECORD + ".decisions", "a") as file:
        for decision in importspy_hook.decisions():
            file.write(json.dumps(decision) + "\\n")
atexit.register(decided)
"""


@dataclasses.dataclass(frozen=True)
class Way:
    """A program that imports `framework` in one way."""

    files: dict[str, str]
    command: str = "PYTHON main.py"
    prepare: Callable[[Project], object] | None = None


def plugin(statements: str, main: str = "import plugin\n", **files: str) -> Way:
    """A module `plugin` whose statements stand from its fifth line on."""
    others = {f"{name}.py": text for name, text in files.items()}
    return Way({"plugin.py": BODY + statements, "main.py": main, **others})


def archive(name: str, members: dict[str, str]) -> Callable[[Project], None]:
    def prepare(project: Project) -> None:
        with zipfile.ZipFile(project.root / name, "w") as file:
            for member, text in members.items():
                file.writestr(member, text)

    return prepare


def compiled(project: Project) -> None:
    """Leaves `plugin.pyc` and no source."""
    result = project.run("-c", "import py_compile; py_compile.compile('plugin.py', 'plugin.pyc', doraise=True)", hook=False)
    result.succeeded()
    (project.root / "plugin.py").unlink()


MULTI_PHASE = """\
#include <Python.h>
static int run(PyObject *module) {
    if (PyModule_AddIntConstant(module, "here", 1) < 0) return -1;
    PyObject *framework = PyImport_ImportModule("framework");
    if (framework == NULL) return -1;
    Py_DECREF(framework);
    return 0;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, run}, {0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "plugin", NULL, 0, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_plugin(void) { return PyModuleDef_Init(&definition); }
"""
SINGLE_PHASE = """\
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "plugin", NULL, -1, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_plugin(void) {
    PyObject *framework = PyImport_ImportModule("framework");
    if (framework == NULL) return NULL;
    Py_DECREF(framework);
    return PyModule_Create(&definition);
}
"""
# Imports when it is called, not as it is loaded.
WITH_FUNCTION = """\
#include <Python.h>
static PyObject *go(PyObject *self, PyObject *none) { return PyImport_ImportModule("framework"); }
static PyMethodDef methods[] = {{"go", go, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "plugin", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_plugin(void) { return PyModuleDef_Init(&definition); }
"""


def built(project: Project) -> None:
    """Compiles `plugin.c` where this Python can load it from."""
    settings = sysconfig.get_config_vars()
    target = project.root / f"plugin{settings['EXT_SUFFIX']}"
    compiler = shlex.split(settings.get("LDSHARED") or "cc -shared")
    command = [*compiler, "-fPIC", f"-I{sysconfig.get_path('include')}", "plugin.c", "-o", str(target)]
    result = run(command, project.root, project.environment(False, {}), 60)
    assert result.returncode == 0, result


TERMINAL = """\
import os, pty, select, sys, time
pid, master = pty.fork()
if pid == 0:
    os.environ["TERM"] = "dumb"
    os.environ["PYTHON_BASIC_REPL"] = "1"
    os.execv(sys.executable, [sys.executable, "-q"])
lines = open("lines.txt").read().splitlines()
seen = b""
def wait(prompt):
    global seen
    start = time.monotonic()
    while not seen.rstrip(b" ").endswith(prompt):
        assert time.monotonic() - start < 30, seen
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 4096)
for line in lines:
    wait((b">>>", b"..."))
    seen = b""
    os.write(master, line.encode() + b"\\n")
while True:
    try:
        if not os.read(master, 4096): break
    except OSError:
        break
os.waitpid(pid, 0)
"""

# As a notebook runs a cell: `__main__` is a module of its own, and `linecache` knows the text.
CELL = """\
import linecache, sys, types
text = open("cell.txt").read()
main = sys.modules["__main__"] = types.ModuleType("__main__")
name = "<ipython-input-1>"
linecache.cache[name] = (len(text), None, text.splitlines(True), name)
exec(compile(text, name, "exec"), vars(main))
"""

LAZY = """\
import importlib.util, sys
spec = importlib.util.find_spec("plugin")
spec.loader = importlib.util.LazyLoader(spec.loader)
plugin = sys.modules["plugin"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plugin)
plugin.here
"""
LAZY_FINDER = """\
import importlib.machinery, importlib.util, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and name == "framework":
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
sys.meta_path.insert(1, Finder())
import plugin
"""
DOCTEST = """\
import doctest, plugin
try:
    doctest.testmod(plugin, raise_on_error=True)
except doctest.UnexpectedException as error:
    raise error.exc_info[1]
"""
SPAWN = """\
import multiprocessing, plugin, sitecustomize
if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=sitecustomize.recorded, args=[plugin.go])
    process.start()
    process.join()
"""
HELPER = BODY + "import importlib\ndef load(name):\n    return importlib.import_module(name)\n"

IMPORT = "import framework\n"
PROGRAM = BODY + IMPORT
FUNCTION = "def go():\n    import framework\n"
CALL = "import plugin\nplugin.go()\n"
ONLY = {"main.py": "import plugin\n"}
POOL = "import concurrent.futures, importlib\nwith concurrent.futures.ThreadPoolExecutor() as pool:\n    "

WAYS: dict[str, Way] = {
    # Statements and functions.
    "`import` in the module": plugin(IMPORT),
    "`import` in a function": plugin(FUNCTION, CALL),
    "`import` in a class body": plugin("class Other:\n    import framework\n"),
    "`import` in a coroutine": plugin(
        "async def go():\n    import framework\n", "import asyncio, plugin\nasyncio.run(plugin.go())\n"
    ),
    "`import` in a thread": plugin(FUNCTION, "import plugin, threading\nthreading.Thread(target=plugin.go).start()\n"),
    "`import` of a loaded module": plugin(IMPORT, "import friend, plugin\n"),
    "`import` of a submodule": plugin("import framework.core\n"),
    "`from … import`": plugin("from framework import LOADED\n"),
    "`from … import` of a submodule": plugin("from framework import core\n"),
    "`from … import *`": plugin("from framework import *\n"),
    "relative `import`": Way(
        {"pack/__init__.py": "", "pack/plugin.py": BODY + "from .framework import LOADED\n", "main.py": "import pack.plugin\n"}
    ),
    "`__import__`": plugin("__import__('framework')\n"),
    "`importlib.import_module`": plugin("import importlib; importlib.import_module('framework')\n"),
    "`importlib.import_module`, taken before `install()`": plugin("from sitecustomize import early; early('framework')\n"),
    "`importlib.__import__`": plugin("import importlib; importlib.__import__('framework')\n"),
    "`importlib.reload`": plugin(
        "import importlib, sys; importlib.reload(sys.modules['framework'])\n", "import friend, plugin\n"
    ),
    "`map(importlib.import_module, …)`": plugin("import importlib; list(map(importlib.import_module, ['framework']))\n"),
    "`pkgutil.resolve_name`": plugin("import pkgutil; pkgutil.resolve_name('framework:LOADED')\n"),
    "`pickle.loads`": plugin("import pickle; pickle.loads(b'cframework\\nLOADED\\n.')\n"),
    "an entry point's `load`": plugin(
        "from importlib.metadata import EntryPoint; EntryPoint('name', 'framework:LOADED', 'group').load()\n"
    ),
    "`PyImport_ImportModule`": plugin("import ctypes; ctypes.pythonapi.PyImport_ImportModule(b'framework')\n"),
    # Programs.
    "a script": Way({"main.py": PROGRAM}),
    "a folder with `__main__.py`": Way({"program/__main__.py": PROGRAM}, "PYTHON program"),
    "a zip with `__main__.py`": Way({}, "PYTHON program.zip", archive("program.zip", {"__main__.py": PROGRAM})),
    "`python -m module`": Way({"plugin.py": PROGRAM}, "PYTHON -m plugin"),
    "`python -m package`": Way({"pack/__init__.py": "", "pack/__main__.py": PROGRAM}, "PYTHON -m pack"),
    "`python -m framework`": Way({}, "PYTHON -m framework"),
    "`python -c`": Way({"program.txt": PROGRAM}, 'PYTHON -c "$(cat program.txt)"'),
    "standard input": Way({"program.txt": PROGRAM}, "PYTHON < program.txt"),
    "the prompt": Way({"terminal.py": TERMINAL, "lines.txt": f"{BODY}\n{IMPORT}exit()\n"}, "PYTHON -S terminal.py"),
    "a notebook cell": Way({"main.py": CELL, "cell.txt": PROGRAM}),
    "`runpy.run_path`": Way({"plugin.py": PROGRAM, "main.py": "import runpy\nrunpy.run_path('plugin.py')\n"}),
    "`runpy.run_module`": Way({"plugin.py": PROGRAM, "main.py": "import runpy\nrunpy.run_module('plugin')\n"}),
    "`runpy.run_module` with `alter_sys`": Way(
        {"plugin.py": PROGRAM, "main.py": "import runpy\nrunpy.run_module('plugin', alter_sys=True)\n"}
    ),
    # Code without a module, modules without source.
    "`exec` in the module's own namespace": plugin("exec('import framework')\n"),
    "`exec` in another module's namespace": Way(
        {"plugin.py": BODY, "main.py": "import plugin\nexec('import framework', vars(plugin))\n"}
    ),
    "`exec` in a namespace of its own": plugin("exec('import framework', {'here': 1})\n"),
    "`exec` of a file in a namespace of its own": Way(
        {"plugin.py": PROGRAM, "main.py": "exec(compile(open('plugin.py').read(), 'plugin.py', 'exec'), {})\n"}
    ),
    "`doctest`": plugin("def go():\n    '>>> import framework'\n", DOCTEST),
    "a member of a zip": Way(
        {"main.py": "import sys\nsys.path.insert(0, 'lib.zip')\nimport plugin\n"},
        prepare=archive("lib.zip", {"plugin.py": PROGRAM}),
    ),
    "a `.pyc` without source": Way({"plugin.py": PROGRAM, **ONLY}, prepare=compiled),
    "an extension module that initialises": Way({"plugin.c": MULTI_PHASE, **ONLY}, prepare=built),
    "an extension module that is made": Way({"plugin.c": SINGLE_PHASE, **ONLY}, prepare=built),
    "a function of an extension module": Way(
        {"plugin.c": WITH_FUNCTION, "main.py": BODY + "import plugin; plugin.go()\n"}, prepare=built
    ),
    # On behalf of others.
    "a callback that another module runs": plugin(
        FUNCTION, "import plugin, runner\nrunner.run(plugin.go)\n", runner="def run(f):\n    f()\n"
    ),
    "a helper that imports for others": plugin("import helper; helper.load('framework')\n", helper=HELPER),
    "a module's `__getattr__`": plugin(
        "import helper; helper.framework\n", helper=BODY + "def __getattr__(name):\n    import framework\n"
    ),
    "a module that `LazyLoader` loads late": Way({"plugin.py": PROGRAM, "main.py": LAZY}),
    "a guarded module that a finder makes lazy": Way({"plugin.py": PROGRAM, "main.py": LAZY_FINDER}),
    "`ThreadPoolExecutor`: a function of the module": plugin(
        FUNCTION, POOL.replace("importlib", "plugin") + "pool.submit(plugin.go).result()\n"
    ),
    "`ThreadPoolExecutor`: `importlib.import_module`": plugin(
        POOL + "pool.submit(importlib.import_module, 'framework').result()\n"
    ),
    "`threading.Thread`: `importlib.import_module`": plugin(
        "import importlib, threading; threading.Thread(target=importlib.import_module, args=['framework']).start()\n"
    ),
    "`atexit`: a function of the module": plugin(FUNCTION, "import atexit, plugin\natexit.register(plugin.go)\n"),
    "`atexit`: `importlib.import_module`": plugin(
        "import atexit, importlib; atexit.register(importlib.import_module, 'framework')\n"
    ),
    "a process made by `fork`": plugin("import os\nif os.fork() == 0:\n    import framework\n"),
    "a process made by `spawn`": plugin(FUNCTION, SPAWN),
}

# These can't be made to fit: what they are is not for the tests to change.
LIBRARY = {"threading", "concurrent.futures.thread"}


def rows() -> dict[str, tuple[str, str, str]]:
    """The table of the document: way in, importer, what is read of it, where the traceback ends."""
    found: dict[str, tuple[str, str, str]] = {}
    for line in DOCUMENT.read_text("utf-8").split("\n## Forms\n")[1].splitlines():
        if line.startswith("| ") and not line.startswith("| way in |"):
            way, importer, read, end = (cell.strip() for cell in line.strip("|").split("|"))
            assert way not in found, f"{way} stands twice in the table"
            found[way] = (importer.strip("`"), for_this(read), for_this(end).strip("`"))
    return found


def for_this(cell: str) -> str:
    """`a; from 3.13 b` says what changed with a Python."""
    before, _, after = cell.partition("; from 3.13 ")
    return after if after and sys.version_info >= (3, 13) else before


@dataclasses.dataclass
class Seen:
    """What a program left behind."""

    result: Result
    raised: list[dict[str, Any]]
    importers: set[str]
    allowed: bool


def perform(project: Project, way: Way, contract: str) -> Seen:
    """Run the program under a contract."""
    (project.site / "sitecustomize.py").write_text(SITE)
    guarded = {
        "__init__.py": "LOADED = True\n__all__ = ['LOADED']\n",
        "__main__.py": "",
        "core.py": "",
        "spymodel.yml": contract,
    }
    project.write({f"framework/{name}": text for name, text in guarded.items()})
    project.write({f"pack/framework/{name}": text for name, text in guarded.items()})
    project.write({"friend.py": IMPORT, **way.files})
    if way.prepare:
        way.prepare(project)
    record = project.root / "record"
    decisions = project.root / "record.decisions"
    for path in (record, decisions):
        path.unlink(missing_ok=True)
    environment = project.environment(True, {"RECORD": str(record)})
    environment["PYTHONPATH"] += os.pathsep + str(project.root)
    command = way.command.replace("PYTHON", shlex.quote(sys.executable))
    result = run(["bash", "-c", command], project.root, environment, 60)
    decided = [decision for decision in lines(decisions) if decision["importer"] != "friend"]
    importers = {decision["importer"].replace(f"{project.root}/", "") for decision in decided}
    assert decided, result
    return Seen(result, lines(record), importers, all(decision["allowed"] for decision in decided))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_every_row_has_a_program() -> None:
    assert list(rows()) == list(WAYS)


@pytest.mark.parametrize("name", WAYS)
def test_way_in(project: Project, name: str) -> None:
    importer, read, end = rows()[name]
    way = WAYS[name]
    seen = perform(project, way, BLOCKING)
    assert seen.importers == {importer}, seen.result
    if importer == "<no importer>":
        assert (read, end) == ("nothing", "–") and seen.allowed and not seen.raised, seen.result
        return
    assert not seen.allowed and [raised["type"] for raised in seen.raised] == ["ContractViolation"], seen
    raised = seen.raised[0]
    assert raised["importer"].replace(f"{project.root}/", "") == importer
    assert raised["frames"][-1] == end or importer in LIBRARY and raised["frames"][-1].startswith(f"{end}:"), raised
    assert not [frame for frame in raised["frames"] if "_bootstrap>" in frame and "LazyLoader" not in name], raised
    if importer in LIBRARY:
        assert read == "source" and "missing-class" in raised["codes"], raised
        return
    # The more the contract asks for, the more must be read.
    for contract, enough in [(SOURCE, ["source"]), (LIVE, ["source", "namespace"])]:
        fits = perform(project, way, contract)
        assert fits.importers == {importer}
        assert fits.allowed is (read in enough), fits.result


def test_the_environment_part_is_for_everybody(project: Project) -> None:
    contract = "deployments: [{systems: [{environment: {secrets: [NO_SUCH_SECRET]}}]}]"
    for name in [name for name, row in rows().items() if row[0] == "<no importer>"]:
        assert not perform(project, WAYS[name], contract).allowed, name


PLAIN_SITE = "from importlib import import_module as early\nimport importspy_hook\nimportspy_hook.install()\n"
FORMS = [
    "import framework",
    "import framework as other",
    "import framework.core",
    "from framework import LOADED",
    "from framework import core",
    "from framework.core import X",
    "__import__('framework')",
    "__import__('framework.core', globals(), locals(), ['X'])",
    "importlib.import_module('framework')",
    "importlib.import_module('.core', 'framework')",
    "[importlib.import_module(name) for name in ['framework']]",
    "importlib.__import__('framework')",
    "importlib.reload(sys.modules['framework'])",
    "pickle.loads(b'cframework\\nLOADED\\n.')",
]

# Functions of the library that nothing stands over: their own frames come after the user's.
LEFT = {
    "early('framework')": ["import_module"],
    "pkgutil.resolve_name('framework:LOADED')": ["resolve_name"],
}


@pytest.mark.parametrize("loaded", [False, True], ids=["first", "loaded"])
@pytest.mark.parametrize("form", [*FORMS, *LEFT])
def test_each_raise_is_fresh_and_ends_at_the_line(project: Project, form: str, loaded: bool) -> None:
    if not loaded and "reload" in form:
        return
    (project.site / "sitecustomize.py").write_text(PLAIN_SITE)
    project.write(
        {
            "framework/__init__.py": "LOADED = True\n",
            "framework/core.py": "X = 1\n",
            "framework/spymodel.yml": "trusted_importers: [friend]\nvariables: [{name: absent}]\n",
            "friend.py": "import framework.core\n",
            "plugin.py": f"import importlib, pickle, pkgutil, sys\nfrom sitecustomize import early\ndef go():\n    {form}  # here\n",
        }
    )
    program = f"""
        {"import friend" if loaded else ""}
        import linecache, traceback, importspy_hook, plugin
        def caught():
            try:
                plugin.go()
            except importspy_hook.ContractViolation as error:
                return error
        errors = [caught() for _ in range(5)]
        assert len({{id(error) for error in errors}}) == 5
        lengths = set()
        for error in errors:
            assert error.__cause__ is None and error.__context__ is None
            frames = traceback.extract_tb(error.__traceback__)
            for name in reversed({LEFT.get(form, [])}):
                assert frames.pop().name == name, frames
            assert frames[-1].line.endswith("# here"), frames
            lengths.add(len(frames))
        assert len(lengths) == 1
        try:
            plugin.go()
        except importspy_hook.ContractViolation:
            inner = caught()
        assert inner not in errors and inner.__cause__ is None
        assert caught().__context__ is None
        """
    project.script("import sys\n" + textwrap.dedent(program)).succeeded()


def test_what_is_being_handled_is_the_context(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: absent}]"})
    project.script(
        """
        try:
            try:
                {}["key"]
            except KeyError as first:
                import framework
        except ValueError as second:
            assert isinstance(second.__context__, KeyError), second.__context__
        """
    ).succeeded()


KNOWN = {
    "exec-in-a-function-of-a-module-that-has-initialised": (
        "variables: [{name: here, value: 1}]",
        "here = int('1')\ndef go():\n    exec('import framework')\n",
    ),
    "exec-at-the-end-of-the-module": (
        "variables: [{name: here, value: 1}]",
        "here = int('1')\nexec('import framework')\ndef go(): ...\n",
    ),
    "instance-attributes-beside-a-star-import": (
        "classes: [{name: Here, attributes: [{name: mark, type: instance}]}]",
        "class Here:\n    def __init__(self):\n        self.mark = 1\nfrom json import *\nimport framework\ndef go(): ...\n",
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_an_importer_that_fits(project: Project, name: str) -> None:
    contract, importer = KNOWN[name]
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": contract, "plugin.py": importer})
    project.script("import plugin\nplugin.go()\n").succeeded()


def test_a_report_does_not_show_a_line_that_does_not_import(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "variables: [{name: absent}]",
            "plugin.py": "first = 1\ndef go():\n    exec('import framework')\n",
        }
    )
    result = project.script("import plugin\nplugin.go()\n").blocked("missing-variable")
    assert "first = 1" not in result.raised["text"], result


def test_links_are_followed_where_it_is_told_who_is_inside(project: Project) -> None:
    project.write(
        {
            "real/framework/__init__.py": "",
            "real/framework/spymodel.yml": "trusted_importers: [__main__]\nvariables: [{name: fits}]",
            "real/framework/inner.py": "import framework.part",
            "real/framework/part.py": "",
            "outside/plugin.py": "import framework.part",
        }
    )
    (project.root / "lib").symlink_to("real")
    (project.root / "real" / "framework" / "linked").symlink_to(project.root / "outside")
    result = project.script(
        """
        import os, sys, importspy_hook
        sys.path[:0] = [os.path.abspath(path) for path in ("lib", "real/framework", "lib/framework/linked")]
        import framework, inner
        try:
            import plugin
        except importspy_hook.ContractViolation:
            pass
        print({decision["importer"]: decision["reason"] for decision in importspy_hook.decisions()})
        """
    ).succeeded()
    assert eval(result.stdout) == {"__main__": "trusted", "inner": "boundary", "plugin": "violations"}
