"""`docs/security.md`: each way around the hook does what the table says. The table is the expectation; here are the ways."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from pathlib import Path

import pytest

from harness import Project, Result, run

DOCUMENT = Path(__file__).parent.parent / "docs" / "security.md"

CONTRACT = "trusted_importers: [friend, host]\nvariables: [{name: fits}]\n"
GUARDED = "import builtins\nbuiltins.ran = getattr(builtins, 'ran', 0) + 1\nSECRET = 42\n"

# Tells what `attempt.py` came by (its `got`, or what it left in `builtins`), and whether guarded code ran for it.
MAIN = """\
import builtins, json, os, sys, importspy_hook
sys.path.insert(0, os.getcwd())
BEFORE
builtins.ran, builtins.passed_on, builtins.denied = 0, None, False
got = None
try:
    import attempt
    got = attempt.got
except importspy_hook.ContractViolation as error:
    denied = True
decisions = importspy_hook.decisions()
denied = builtins.denied or not all(decision["allowed"] for decision in decisions)
told = not importspy_hook.is_installed() or importspy_hook.status()["undecided"]
told = bool(told) or any(decision["reason"] == "no-importer" for decision in decisions)
print(json.dumps({"got": (got or builtins.passed_on) == 42, "ran": builtins.ran > 0, "denied": denied, "told": told}))
"""
INSTALL = "import importspy_hook\nimportspy_hook.install()\n"
# As another start-up file may have kept them.
KEEP = "import builtins, _frozen_importlib as b\nkept = builtins.__import__, b._gcd_import\n" + INSTALL

IMPORT = "import framework\ngot = framework.SECRET\n"
LOADED = "import friend"
SINGLE = {"single.py": GUARDED, "single.spymodel.yml": CONTRACT}


@dataclasses.dataclass(frozen=True)
class Way:
    """A way to come by `framework.SECRET`."""

    attempt: str
    before: str = ""
    files: dict[str, str] = dataclasses.field(default_factory=dict)
    shell: str = ":"
    site: str = INSTALL


def child(options: str) -> Way:
    """A child made with `python OPTIONS`."""
    program = "import sys; sys.path.insert(0, '.'); import framework; print(framework.SECRET)"
    return Way(
        f"""
import builtins, subprocess, sys
command = [sys.executable, *{options.split()!r}, "-c", {program!r}]
result = subprocess.run(command, capture_output=True, text=True)
got = int(result.stdout or 0)
builtins.denied = "ContractViolation" in result.stderr
"""
    )


CALL_C = """
import ctypes
call = ctypes.pythonapi.PyImport_ImportModuleLevelObject
call.restype, to = ctypes.py_object, ctypes.py_object
got = call(to("framework"), to({}), to({}), to(()), 0).SECRET
"""
INTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
run = getattr(interpreters, "exec", None) or interpreters.run_string
run(interpreters.create(), "import sys; sys.path.insert(0, '.'); import framework; open('got', 'w').write(str(framework.SECRET))")
got = int(open("got").read())
"""
FORK = """
import builtins, os
child = os.fork()
if child == 0:
    try:
        import framework
    except ValueError:
        os._exit(7)
    os._exit(0)
builtins.denied = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
got = 0 if builtins.denied else 42
"""
IMPOSTOR = "import sys\nsys.modules['NAME'] = sys.modules[__name__]\n__name__ = 'NAME'\n" + IMPORT
MADE = """
import sys, types
made = sys.modules["host"] = types.ModuleType("host")
exec(compile(open("text.txt").read(), "text.txt", "exec"), vars(made))
got = made.framework.SECRET
"""
GET_SOURCE = """
class Loader:
    def get_source(self, name):
        import builtins, framework
        builtins.passed_on = framework.SECRET
        return ""
__spec__.loader = Loader()
import framework
"""
ON_THE_STACK = """
import builtins, host
def trick():
    ours, builtins.__import__ = builtins.__import__, host.inner
    try:
        return ours("framework").SECRET
    finally:
        builtins.__import__ = ours
got = host.outer(trick)
"""
HOST = """
import builtins
kept = builtins.__import__
def inner(what, *rest):
    return what() if callable(what) else kept(what, *rest)
def outer(what):
    return inner(what)
"""
SAME = {
    "pack/__init__.py": "",
    "pack/first.py": "__import__('framework', globals(), None, (), 1)\n",
    "pack/framework.py": ("import sys\ngot = __import__('framework', vars(sys.modules['pack.first']), None, (), 0).SECRET\n"),
}
BY_HAND = (
    "def load():\n    import importlib.util as u, sys\n    spec = u.spec_from_file_location('framework', 'framework/__init__.py')\n"
    "    sys.modules['framework'] = module = u.module_from_spec(spec)\n    spec.loader.exec_module(module)\n"
)
HAND = """
def load():
    import importlib.util
    spec = importlib.util.spec_from_file_location("by_hand", "framework/part.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""
LISTING = """
import os, sys
folder = os.getcwd()
os.utime(folder, (1, 1))
finder = sys.path_importer_cache[folder]
finder.find_spec("nothing")
finder._path_cache.discard("single.spymodel.yml")
import single
got = single.SECRET
"""
OWN_LOADER = """
import sys
from importlib.machinery import PathFinder
class Loader:
    def create_module(self, spec): return None
    def exec_module(self, module): exec(open(module.__spec__.origin).read(), vars(module))
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "framework":
            spec = PathFinder.find_spec(name, path)
            spec.loader = Loader()
            return spec
sys.meta_path.insert(0, Finder())
"""
LEVEL = """
class Level:
    asked = 0
    def __index__(self):
        self.asked += 1
        return int(self.asked > self.times)
for Level.times in reversed(range(5)):
    try:
        got = __import__("part", {"__package__": "framework"}, None, ("SECRET",), Level()).SECRET
        break
    except ImportError:
        pass
"""
PARENT = """
class Spec:
    asked = 0
    @property
    def parent(self):
        self.asked += 1
        return "framework" if self.asked > self.times else "json"
for Spec.times in reversed(range(5)):
    try:
        got = __import__("part", {"__spec__": Spec()}, None, ("SECRET",), 1).SECRET
        break
    except ImportError:
        pass
"""
TEXT = """
class Text(str):
    def __hash__(self): return hash("framework")
    def __eq__(self, other): return other == "framework"
got = getattr(__import__(Text("json")), "SECRET", 0)
__import__("framework")
"""
PART = {"framework/part.py": GUARDED, "friend.py": "import framework.part\n"}
ZIP = "PYTHON -m zipfile -c lib.zip framework; rm -r framework"
MEMBER = "import zipimport, warnings\nwarnings.simplefilter('ignore')\nloader = zipimport.zipimporter('lib.zip')\n"
SPEC = "import importlib.util as u\nspec = u.find_spec('framework')\n"

# Says where a free file is, a number of times, and then where the guarded one is.
CHANGING = """
import _imp, importlib.util as u, os, sys
class Spec:
    def __init__(self, times):
        self.name, self.times = NAME, times
    @property
    def origin(self):
        self.times -= 1
        return free if self.times >= 0 else real
sys.modules.pop(NAME, None)
free = u.find_spec(NAME).origin
real = os.path.abspath(os.path.join("lib", os.path.basename(free)))
for times in range(6):
    try:
        _imp.create_dynamic(Spec(times))
    except ValueError:
        pass
got = 42 if real in open("/proc/self/maps").read() else None
"""

WAYS: dict[str, Way] = {
    # Imports.
    "the first importer": Way(IMPORT),
    "a second importer of a loaded module": Way(IMPORT, LOADED),
    "`importlib.import_module` of a loaded module": Way(
        "import importlib\ngot = importlib.import_module('framework').SECRET\n", LOADED
    ),
    "`importlib.__import__` of a loaded module": Way(
        "import importlib\ngot = importlib.__import__('framework').SECRET\n", LOADED
    ),
    "`importlib.reload`": Way("import importlib, sys\ngot = importlib.reload(sys.modules['framework']).SECRET\n", LOADED),
    "`pickle.loads`": Way("import pickle\ngot = pickle.loads(b'cframework\\nSECRET\\n.')\n", LOADED),
    "the module under another name in `sys.modules`": Way(
        "import sys\nsys.modules['alias'] = sys.modules['framework']\nimport alias\ngot = alias.SECRET\n", LOADED
    ),
    "`except ImportError`": Way(
        "try:\n    import framework\nexcept ImportError:\n    got = 0\nelse:\n    got = framework.SECRET\n"
    ),
    "`except Exception`": Way(
        "try:\n    import framework\nexcept Exception:\n    got = 0\nelse:\n    got = framework.SECRET\n"
    ),
    "a module loaded before `install()`": Way(IMPORT, site="import sys\nsys.path.insert(0, '.')\nimport framework\n" + INSTALL),
    "`runpy.run_module` of a package": Way(
        "import runpy\ngot = runpy.run_module('framework')['SECRET']\n", files={"framework/__main__.py": ""}
    ),
    "`PyImport_ImportModuleLevelObject`, as Cython calls it": Way(CALL_C),
    # Loading past the finder, and by hand.
    "an earlier finder in `sys.meta_path`": Way(
        "import sys\nfrom importlib.machinery import PathFinder\nsys.meta_path.insert(0, PathFinder)\n" + IMPORT
    ),
    "the finder removed, module not loaded": Way("import sys\ndel sys.meta_path[0]\n" + IMPORT),
    "`sys.meta_path` replaced": Way("import sys\nsys.meta_path = sys.meta_path[1:]\n" + IMPORT),
    "`importlib._bootstrap._find_spec` replaced": Way(
        "import importlib._bootstrap as b\nkept = b._find_spec\nb._find_spec = lambda *all: kept(*all)\n" + IMPORT
    ),
    "a denial that came late, swallowed": Way(
        "import sys\nfrom importlib.machinery import PathFinder\nsys.meta_path.insert(0, PathFinder)\n"
        "try:\n    import framework\nexcept ValueError:\n    module = sys.modules.get('framework')\n    got = module and module.SECRET\n"
    ),
    "the finder removed and `__import__` put back": Way(
        "import builtins, sys, sitecustomize\nbuiltins.__import__ = sitecustomize.kept[0]\ndel sys.meta_path[0]\n" + IMPORT,
        site=KEEP,
    ),
    "`spec_from_file_location` and `exec_module`": Way(
        "import importlib.util as u\nspec = u.spec_from_file_location('x', 'framework/__init__.py')\n"
        "module = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "`find_spec` and `exec_module`": Way(
        SPEC + "module = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "`find_spec` and `exec_module` of a member of a zip": Way(
        "import sys\nsys.path.insert(0, 'lib.zip')\n"
        + SPEC
        + "module = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n",
        shell="PYTHON -m zipfile -c lib.zip framework; rm -r framework",
    ),
    "`find_spec` and `load_module`": Way(
        SPEC + "import warnings\nwarnings.simplefilter('ignore')\ngot = spec.loader.load_module('framework').SECRET\n"
    ),
    "`exec_module` of a module that was made without a spec": Way(
        SPEC + "import types\nmodule = types.ModuleType('framework')\nspec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "`exec_module` under the spec of another module": Way(
        SPEC + "import json, types\nmodule = types.ModuleType('framework')\nmodule.__spec__ = json.__spec__\n"
        "spec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "a spec that is changed before `exec_module`": Way(
        SPEC + "spec.origin, spec.name, spec.loader.name = 'nowhere.py', 'x', 'x'\nmodule = u.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "`exec_module` of a member of a zip, without a spec": Way(
        MEMBER + "import types\nmodule = types.ModuleType('framework')\nloader.exec_module(module)\ngot = module.SECRET\n", shell=ZIP
    ),
    "`load_module` of a member of a zip": Way(MEMBER + "got = loader.load_module('framework').SECRET\n", shell=ZIP),
    "`exec_module` under the name of a module that is being imported": Way(
        "from importlib.machinery import SourceFileLoader\nimport types\nmodule = types.ModuleType('attempt')\n"
        "SourceFileLoader('attempt', 'framework/__init__.py').exec_module(module)\ngot = module.SECRET\n",
        "fits = 1",
    ),
    "the spec of a loaded module, executed again": Way(
        "import importlib.util as u, sys\nspec = sys.modules['framework'].__spec__\n"
        "module = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n",
        LOADED,
    ),
    "`LazyLoader` by hand": Way(
        SPEC
        + "spec.loader = u.LazyLoader(spec.loader)\nmodule = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "an extension module loaded by hand": Way(
        "import sys, importlib.util as u\nsys.path.insert(0, 'lib')\nimport guarded_extension\ngot = 42\n", shell="extension by hand"
    ),
    "the spec of an extension module that changes": Way(CHANGING, shell="extension"),
    "a name that was unguarded, loaded by hand": Way(
        "import sys, friend\nsys.path.insert(0, 'decoy')\nimport framework\nsys.path.pop(0)\nfriend.load()\nimport builtins\nbuiltins.ran = 0\n" + IMPORT,
        files={"friend.py": BY_HAND, "decoy/framework.py": ""},
    ),
    # Names and files.
    "a spoofed `__name__`": Way("__name__ = 'host'\n" + IMPORT),
    "a spoofed `__file__`": Way("import os\n__file__ = os.path.abspath('framework/inner.py')\n" + IMPORT),
    "a spoofed `__spec__.origin`": Way("import os\n__spec__.origin = os.path.abspath('framework/inner.py')\n" + IMPORT),
    "code compiled under the name of a file inside": Way(
        "space = {'__name__': 'framework.inner'}\nexec(compile('import framework', 'framework/inner.py', 'exec'), space)\ngot = space['framework'].SECRET\n"
    ),
    "a place in `sys.modules` under a name inside the boundary": Way(IMPOSTOR.replace("NAME", "framework.inner")),
    "a link to the module's folder": Way(IMPORT.replace("framework", "link"), shell="ln -s framework link"),
    "the package's folder in `sys.path`": Way(
        "import sys\nsys.path.insert(0, 'framework')\nimport core\ngot = core.SECRET\n", files={"framework/core.py": GUARDED}
    ),
    "`.pyc` only": Way(IMPORT, shell="PYTHON -m compileall -qb framework; rm framework/__init__.py"),
    "a zip": Way(
        "import sys\nsys.path.insert(0, 'lib.zip')\n" + IMPORT, shell="PYTHON -m zipfile -c lib.zip framework; rm -r framework"
    ),
    "another portion of a namespace package": Way(
        "import sys\nsys.path[:0] = ['one', 'two']\nimport space.part\ngot = space.part.SECRET\n",
        files={"one/space/part.py": GUARDED, "two/space/spymodel.yml": CONTRACT},
    ),
    "an extension module": Way(
        "import sys\nsys.path.insert(0, 'lib')\nimport guarded_extension\ngot = 42\n", shell="extension"
    ),
    "a loader that lies about the source": Way(
        "class Loader:\n    def get_source(self, name):\n        return 'fits = 1'\n__spec__.loader = Loader()\n" + IMPORT
    ),
    "a loader that names another file": Way(
        "__spec__.loader.path = 'fitting.py'\n" + IMPORT, files={"fitting.py": "fits = 1\n"}
    ),
    # Arguments.
    "a name that compares as it likes": Way(TEXT, LOADED),
    "a level that changes": Way(LEVEL, LOADED, PART),
    "a spec whose parent changes": Way(PARENT, LOADED, PART),
    # Circumstances.
    "another dictionary at `sys.modules`": Way("import sys\nsys.modules = dict(sys.modules)\n" + IMPORT, LOADED),
    "what is no dictionary at `sys.modules`": Way(
        "import collections, sys\nsys.modules = collections.UserDict(sys.modules)\n" + IMPORT, LOADED
    ),
    "a changed environment": Way(
        "import os\nos.environ.pop('WANTED')\nimport single\ngot = single.SECRET\n",
        "import os; os.environ['WANTED'] = '1'; import single",
        {"single.py": GUARDED, "single.spymodel.yml": "deployments: [{systems: [{environment: {secrets: [WANTED]}}]}]"},
    ),
    "a changed contract": Way(
        "fits = 1\n" + IMPORT, "import friend; open('framework/spymodel.yml', 'w').write('variables: [{name: another}]')"
    ),
    "a contract added before the module is loaded": Way(
        "open('plain.spymodel.yml', 'w').write('variables: [{name: fits}]')\nimport plain\ngot = plain.SECRET\n",
        files={"plain.py": GUARDED},
    ),
    "a contract added later, and `importlib.invalidate_caches()`": Way(
        "import plain\ngot = plain.SECRET\n",
        "import importlib, plain; open('plain.spymodel.yml', 'w').write('variables: [{name: fits}]'); importlib.invalidate_caches()",
        {"plain.py": GUARDED},
    ),
    "`install(mode='report')`": Way(
        "import importspy_hook\ntry:\n    importspy_hook.install(mode='report')\nexcept ValueError:\n    pass\n" + IMPORT
    ),
    "`__import__` put back, module not loaded": Way(
        "import builtins, sitecustomize\nbuiltins.__import__ = sitecustomize.kept[0]\n" + IMPORT, site=KEEP
    ),
    "a function put over `__import__`": Way(
        "import builtins\nkept = builtins.__import__\nbuiltins.__import__ = lambda *all, **named: kept(*all, **named)\n" + IMPORT
    ),
    "the same name and namespace inside another import": Way(
        "import pack.first, pack.framework\ngot = pack.framework.got\n", LOADED, SAME
    ),
    "an import inside a decision": Way(GET_SOURCE),
    "the finder removed, module loaded": Way("import sys\ndel sys.meta_path[0]\n" + IMPORT, LOADED),
    "a literal that is taken away by `globals()`": Way("fits = 1\ndel globals()['fits']\n" + IMPORT),
    "a file that changes after it was compiled": Way("open(__file__, 'a').write('\\nfits = 1\\n')\n" + IMPORT),
    "a child made with `fork`": Way(FORK),
    "a child that `sitecustomize` reaches": child(""),
    # Late.
    "an earlier finder with a loader of its own": Way(OWN_LOADER + IMPORT),
    # Detected.
    "an earlier finder with a loader of its own, the denial swallowed": Way(
        OWN_LOADER + "try:\n    import framework\nexcept ValueError:\n    got = sys.modules['framework'].SECRET\n"
    ),
    "`uninstall()`": Way("import importspy_hook\nimportspy_hook.uninstall()\n" + IMPORT),
    "`__import__` put back, module loaded": Way(
        "import builtins, sitecustomize\nbuiltins.__import__ = sitecustomize.kept[0]\n" + IMPORT, LOADED, site=KEEP
    ),
    "`_gcd_import` put back, module loaded": Way(
        "import importlib._bootstrap as b, sitecustomize\nb._gcd_import = sitecustomize.kept[1]\nimport importlib\ngot = importlib.import_module('framework').SECRET\n",
        LOADED,
        site=KEEP,
    ),
    "the loaders' `exec` put back": Way(
        "import importlib._bootstrap_external as e\ndel e.exec\n"
        + SPEC
        + "module = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "a loader that compiles and executes by itself": Way(
        "import importlib.util as u, sys\n"
        "class Loader:\n    def create_module(self, spec): return None\n"
        "    def exec_module(self, module): exec(open(module.__spec__.origin).read(), vars(module))\n"
        "spec = u.spec_from_file_location('x', 'framework/__init__.py', loader=Loader())\n"
        "sys.modules['x'] = module = u.module_from_spec(spec)\nspec.loader.exec_module(module)\ngot = module.SECRET\n"
    ),
    "`runpy.run_path`": Way("import runpy\ngot = runpy.run_path('framework/__init__.py')['SECRET']\n"),
    "`runpy.run_module` of a module": Way("import runpy\ngot = runpy.run_module('single')['SECRET']\n", files=SINGLE),
    "a link to the module's file": Way(IMPORT.replace("framework", "link"), shell="ln -s framework/__init__.py link.py"),
    "a contract added after the module was loaded": Way(
        "import plain\ngot = plain.SECRET\n",
        "import plain; open('plain.spymodel.yml', 'w').write('variables: [{name: fits}]')",
        {"plain.py": GUARDED},
    ),
    "a forged listing in `sys.path_importer_cache`": Way(LISTING, files=SINGLE),
    "a thread that starts with `import_module`": Way(
        "import _thread, importlib, sys, time\n_thread.start_new_thread(importlib.import_module, ('framework',))\n"
        "end = time.monotonic() + 5\n"
        "while not (got := getattr(sys.modules.get('framework'), 'SECRET', 0)) and time.monotonic() < end:\n    time.sleep(.01)\n"
    ),
    "a thread that starts in the namespace of `importlib._bootstrap`": Way(
        "import _thread, importlib._bootstrap as b, time\n_thread.start_new_thread(exec, ('import framework', vars(b)))\n"
        "end = time.monotonic() + 5\n"
        "while not (got := getattr(getattr(b, 'framework', 0), 'SECRET', 0)) and time.monotonic() < end:\n    time.sleep(.01)\n"
    ),
    # Out of reach.
    "`PyImport_ImportModuleLevelObject` of a loaded module": Way(CALL_C, LOADED),
    "`importlib._bootstrap._find_and_load` of a loaded module": Way(
        "import importlib._bootstrap as b\ngot = b._find_and_load('framework', None).SECRET\n", LOADED
    ),
    "a function that is running put over `__import__`": Way(ON_THE_STACK, files={"host.py": HOST}),
    "a place in `sys.modules` under a trusted name": Way(IMPOSTOR.replace("NAME", "host")),
    "a module made for a trusted name": Way(MADE, files={"text.txt": "import framework\n"}),
    "`exec` in a trusted namespace": Way(
        "import host\nexec('import framework', vars(host))\ngot = host.framework.SECRET\n", files={"host.py": ""}
    ),
    "the module at the name of an unguarded one in `sys.modules`": Way(
        "import colorsys, sys\nsys.modules['colorsys'] = sys.modules['framework']\nimport colorsys\ngot = colorsys.SECRET\n", LOADED
    ),
    "`sys.modules`": Way("import sys\ngot = sys.modules['framework'].SECRET\n", LOADED),
    "another module's namespace": Way("from friend import framework\ngot = framework.SECRET\n", LOADED),
    "the garbage collector": Way(
        "import gc\ngot = next(all for all in gc.get_objects() if type(all) is dict and all.get('__name__') == 'framework')['SECRET']\n",
        LOADED,
    ),
    "`exec` of the source": Way("space = {}\nexec(open('framework/__init__.py').read(), space)\ngot = space['SECRET']\n"),
    "`exec` of the code that a loader gives": Way(
        SPEC + "space = {}\nexec(spec.loader.get_code('framework'), space)\ngot = space['SECRET']\n"
    ),
    "a copy of the module's file": Way(IMPORT.replace("framework", "copied"), shell="cp framework/__init__.py copied.py"),
    "a contract removed": Way("import os\nos.remove('framework/spymodel.yml')\n" + IMPORT),
    "a subinterpreter": Way(INTERPRETER),
    "a child with `-S`": child("-S"),
    "a child with `-I`": child("-I"),
}

RESULTS = ("closed", "late", "detected", "out of reach")


def rows() -> dict[str, str]:
    """The table of the document: way, result."""
    found: dict[str, str] = {}
    for line in DOCUMENT.read_text("utf-8").split("\n## Ways around it\n")[1].split("\n## ")[0].splitlines():
        if line.startswith("| ") and not line.startswith("| way |"):
            way, result, reason = (cell.strip() for cell in line.strip("|").split(" | "))
            assert way not in found and result in RESULTS and reason, line
            found[way] = result
    return found


def came_of(result: Result) -> str:
    """What came of an attempt, by what it got, whether guarded code ran, and what `status` and `decisions()` say."""
    told = result.succeeded().json()
    if told["got"]:
        return "detected" if told["told"] else "out of reach"
    assert told["denied"], f"it got nothing, but nobody denied it\n{result}"
    return "late" if told["ran"] else "closed"


def lay_out_extension(project: Project, by_hand: bool) -> None:
    import importlib.machinery
    import importlib.util

    names = ("_heapq", "_bisect", "_json", "_csv", "_queue", "_zoneinfo")
    specs = [spec for name in names if (spec := importlib.util.find_spec(name))]
    spec = next(spec for spec in specs if isinstance(spec.loader, importlib.machinery.ExtensionFileLoader))
    source = Path(str(spec.origin))
    project.write({f"lib/{source.name}": source.read_bytes(), f"lib/{spec.name}.spymodel.yml": CONTRACT})
    importing = f"import {spec.name}" if not by_hand else f"u.module_from_spec(u.find_spec('{spec.name}'))"
    attempt = project.root / "attempt.py"
    attempt.write_text(
        attempt.read_text()
        .replace("import guarded_extension", f"sys.modules.pop('{spec.name}', None)\n{importing}")
        .replace("NAME", repr(spec.name))
    )


def test_every_row_has_a_way() -> None:
    assert list(rows()) == list(WAYS)


@pytest.mark.parametrize("name", WAYS)
def test_way(project: Project, name: str) -> None:
    way = WAYS[name]
    (project.site / "sitecustomize.py").write_text(way.site)
    project.write(
        {"framework/__init__.py": GUARDED, "framework/spymodel.yml": CONTRACT, "friend.py": "import framework\n", **way.files}
    )
    project.write({"attempt.py": way.attempt, "main.py": MAIN.replace("BEFORE", way.before)})
    if way.shell.startswith("extension"):
        lay_out_extension(project, by_hand=way.shell.endswith("by hand"))
    else:
        command = ["bash", "-ec", way.shell.replace("PYTHON", shlex.quote(sys.executable))]
        prepared = run(command, project.root, project.environment(False, {}), 60)
        assert prepared.returncode == 0, prepared
    assert came_of(project.run("main.py")) == rows()[name]


def test_what_came_past_is_told(project: Project) -> None:
    (project.site / "sitecustomize.py").write_text("import sys\nsys.path.insert(0, '.')\nimport early\n" + INSTALL)
    project.write({f"{name}.py": "fits = 1\n" for name in ("early", "late", "run", "outside")})
    project.write({f"{name}.spymodel.yml": CONTRACT for name in ("early", "run")})
    project.write({"lib/space/part.py": "", "lib/other/__init__.py": "", "lib/other/spymodel.yml": "protects: [nothing]\n"})
    result = project.script(
        """
        import builtins, contextlib, io, json, logging, runpy, sys, importspy_hook
        logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
        importspy_hook.install(log_level="WARNING")
        sys.path.insert(0, "lib")
        import late, outside, space.part, other
        assert [it["module"] for it in importspy_hook.status()["undecided"]] == ["early"]
        for contract in ("late.spymodel.yml", "lib/space/spymodel.yml"):
            with open(contract, "w") as file:
                file.write("variables: [{name: fits}]")
        runpy.run_path("run.py")
        status = importspy_hook.status()
        found = [(it["module"], it["contract"].replace("\\\\", "/").rsplit("/", 1)[-1]) for it in status["undecided"]]
        sidecar = "{}.spymodel.yml".format
        assert found == [
            ("<run_path>", sidecar("run")), ("early", sidecar("early")), ("late", sidecar("late")),
            ("space", "spymodel.yml"), ("space.part", "spymodel.yml"),
        ], found
        importspy_hook.status()
        fits = 1
        import early
        assert "early" not in [it["module"] for it in importspy_hook.status()["undecided"]]
        from importspy_hook.__main__ import main
        sys.argv[1:] = ["status"]
        assert main() == 0
        """
    ).succeeded()
    lines = result.stdout.splitlines()
    for name, contract in [("early", "early"), ("late", "late"), ("<run_path>", "run")]:
        told = [line for line in lines if line.startswith("WARNING") and f'module="{name}"' in line]
        assert len(told) == 1 and f"{contract}.spymodel.yml" in told[0], result
    assert [line.split()[1] for line in lines if line.startswith("undecided")] == ["<run_path>", "late", "space", "space.part"], result


def test_loading_by_hand_is_like_importing(project: Project) -> None:
    """Those who fit, are trusted, or stand inside load by hand; report mode warns; who is let in is in `decisions()`."""
    project.write(
        {
            "framework/__init__.py": "",
            "framework/part.py": "VALUE = 1\n",
            "framework/spymodel.yml": CONTRACT,
            "fitting.py": "fits = 1\n" + HAND,
            "friend.py": HAND,
            "framework/inner.py": HAND,
            "stranger.py": HAND,
        }
    )
    project.script(
        """
        fits = 1
        import importspy_hook, warnings
        import fitting, friend, framework.inner, stranger
        for module in (fitting, friend, framework.inner):
            assert module.load().VALUE == 1
        decisions = [(it["importer"], it["reason"]) for it in importspy_hook.decisions() if it["module"] == "by_hand"]
        assert decisions == [("fitting", "fits"), ("friend", "trusted"), ("framework.inner", "boundary")], decisions
        try:
            stranger.load()
        except importspy_hook.ContractViolation as refused:
            assert refused.importer == "stranger" and refused.module == "by_hand"
        else:
            raise SystemExit("let in")
        importspy_hook.uninstall()
        importspy_hook.install(mode="report")
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert stranger.load().VALUE == 1
        assert [it.category for it in told] == [importspy_hook.ContractWarning]
        importspy_hook.uninstall()
        assert stranger.load().VALUE == 1
        """
    ).succeeded()


FOREIGN_PATHS = """
import os, sys, zipfile, importspy_hook
sys.dont_write_bytecode = True
FILES = {
    "single.py": "", "single.spymodel.yml": "variables: [{name: needed}]", "free.py": "",
    "package/__init__.py": "", "package/spymodel.yml": "variables: [{name: needed}]", "package/part.py": "",
    "portion/spymodel.yml": "variables: [{name: needed}]", "portion/part.py": "",
}
folder = os.fsdecode(b"b\\xe4r")
for name, content in FILES.items():
    os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
    with open(os.path.join(folder, name), "w") as file:
        file.write(content)
with zipfile.ZipFile(os.path.join(folder, "lib.zip"), "w") as file:
    file.writestr("zipped.py", "")
    file.writestr("spymodel.yml", "variables: [{name: needed}]")
odd = os.fsdecode(b"odd\\xe4")
for name, content in {odd + ".py": "", odd + ".spymodel.yml": "variables: [{name: needed}]"}.items():
    with open(os.path.join(folder, name), "w") as file:
        file.write(content)
sys.path[:0] = [os.path.abspath(folder), os.path.join(os.path.abspath(folder), "lib.zip")]
import free
for name in ["single", "package", "package.part", "portion.part", "zipped", odd, "single"]:
    try:
        __import__(name)
    except importspy_hook.ContractError as error:
        assert "not UTF-8" in str(error), error
    else:
        raise SystemExit("let in to " + ascii(name))
os.unlink(os.path.join(folder, "single.spymodel.yml"))
import single
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a file's name is any bytes there")
def test_a_contract_whose_path_is_not_utf_8_counts(project: Project) -> None:
    project.write({"main.py": FOREIGN_PATHS})
    project.run("main.py", env={"PYTHONUTF8": "1"}).succeeded()
