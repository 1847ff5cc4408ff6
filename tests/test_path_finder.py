"""The hook answers for Python's own finders of files. What it says is what they say, and who has changed them is heard."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import Project, Result

COMPARE = '''
import sys
machinery = sys.modules["_frozen_importlib_external"]
hook = sys.meta_path[0]
assert "importspy" in repr(hook)

def plain(name, path):
    """Python's own answer."""
    for finder in sys.meta_path[1:]:
        spec = finder.find_spec(name, path, None)
        if spec is not None:
            return spec

def told(find, name, path):
    try:
        spec = find(name, path)
    except BaseException as error:
        return [type(error), str(error), getattr(error, "name", None), getattr(error, "path", None)]
    if spec is None:
        return None
    loader = spec.loader
    fields = dict(vars(spec))
    fields["loader"] = None
    places = fields["submodule_search_locations"]
    if places is not None:
        fields["submodule_search_locations"] = [type(places), vars(places) if hasattr(places, "_path") else places]
    is_class = isinstance(loader, type)
    loaded = [loader] if is_class else [repr(type(loader)), list(vars(loader).items()) if hasattr(loader, "__dict__") else None]
    return [type(spec), list(fields.items()), loaded, spec.cached, spec.has_location, spec.parent]

def kept():
    return {entry: finder and [type(finder), dict(vars(finder)) if hasattr(finder, "__dict__") else None]
            for entry, finder in sys.path_importer_cache.items()}

def same(name, path=None, fresh=True):
    """Ask both, from the same start."""
    answers = []
    before = dict(sys.path_importer_cache)
    for find in (hook.find_spec, plain):
        if fresh:
            sys.path_importer_cache.clear()
        answers.append((told(find, name, path), kept()))
    sys.path_importer_cache.clear()
    sys.path_importer_cache.update(before)
    (ours, our_finders), (theirs, their_finders) = answers
    assert repr(ours) == repr(theirs) and (ours == theirs or "_NamespacePath" in repr(ours)), (name, path, ours, theirs)
    assert our_finders == their_finders, (name, path, our_finders, their_finders)
    return ours

def frames(action):
    """Names of the functions of the frozen machinery that an action runs."""
    ran = []
    def profile(frame, event, _):
        if event == "call" and frame.f_code.co_filename == "<frozen importlib._bootstrap_external>":
            ran.append(frame.f_code.co_name)
    sys.setprofile(profile)
    try:
        action()
    finally:
        sys.setprofile(None)
    return ran
'''

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Python's own finders are asked")


def compared(project: Project, source: str, *args: str) -> Result:
    project.write({"compare.py": COMPARE})
    return project.script("from compare import *\n" + source, *args, seconds=120).succeeded()


SUFFIXES = """
import importlib.machinery as m
SUFFIXES = m.all_suffixes()
"""


@linux
@pytest.mark.parametrize("where", ["stdlib", "site"])
def test_every_module_of_a_folder_is_found_as_python_finds_it(project: Project, where: str) -> None:
    count = compared(
        project,
        SUFFIXES
        + f"""
import os, sysconfig
top = sysconfig.get_path({where!r} if {where!r} == "stdlib" else "purelib")
def walk(folder, prefix, path, depth):
    # One finder for each folder, as in a program; the odd cases below start anew each time.
    stems = set()
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        stem = entry.name.split(".")[0]
        if entry.is_dir() and "." not in entry.name or entry.name.endswith(tuple(SUFFIXES)):
            stems.add(stem)
        if depth < 3 and entry.is_dir() and entry.name.isidentifier() and entry.name not in ("test", "tests"):
            yield from walk(entry.path, prefix + entry.name + ".", [entry.path], depth + 1)
    for stem in sorted(stems):
        yield prefix + stem, path
sys.path.append(top)
count = 0
folder = None
for name, path in walk(top, "", None, 0):
    same(name, path, fresh=path != folder)
    folder = path
    count += 1
for entry in sys.path:
    if entry.endswith("lib-dynload"):
        for file in os.listdir(entry):
            spec = same(file.split(".")[0])
            count += 1
print(count)
""",
        )  # fmt: skip
    assert int(count.stdout) > 20, count


def odd(project: Project) -> None:
    project.write(
        {
            "a/both.py": "",
            "a/both/__init__.py": "",
            "a/folder_and_file/data.txt": "",
            "a/folder_and_file.py": "",
            "a/space/x.py": "",
            "b/space/y.py": "",
            "b/space.txt": "",
            "b/folder_and_file/__init__.py": "",
            "a/sourceless.pyc": b"",
            "a/package_of_bytecode/__init__.pyc": b"",
            "a/twice.pyc": b"",
            "a/twice.py": "",
            "a/extension.abi3.so": b"",
            "a/extension.py": "",
            "a/init_is_a_folder/__init__.py/x": "",
            "a/is_a_folder.py/x": "",
            "a/Case.py": "",
            "a/名前.py": "",
            "a/.py": "",
            "a/no_module.txt": "",
        }
    )
    (project.root / "a" / "broken.py").symlink_to("nowhere")
    (project.root / "a" / "linked.py").symlink_to("both.py")
    (project.root / "a" / "linked_folder").symlink_to("both")
    os.makedirs(os.fsencode(project.root / "a") + b"/odd\xff")


ODD = ["both", "folder_and_file", "space", "sourceless", "package_of_bytecode", "twice", "extension", "init_is_a_folder",
       "is_a_folder", "Case", "case", "名前", "", ".", "broken", "linked", "linked_folder", "no_module", "nobody", "a/both",
       "odd\udcff", "nul\0", "outer.both", "outer.space", "sys", "x." * 40 + "both", "x" * 5000]  # fmt: skip


@linux
def test_odd_names_and_folders(project: Project) -> None:
    odd(project)
    compared(
        project,
        f"""
import os
root = os.getcwd()
for name in {ODD!a}:
    for path in (None, [], [root + "/a"], [root + "/a", root + "/b"], [root + "/b/", root + "//a//"], ["a"], ["", "b"], ["."],
                 ("a", root + "/b"), ["/"], ["nowhere", root + "/nowhere", root + "/a"], [root + "/a/both.py", root + "/b"],
                 [root + "/odd\\udcff", root + "/a"], ["nul\\0", root + "/a"]):
        same(name, path)
        same(name, path, fresh=False)
assert "both/__init__.py" in str(same("both", [root + "/a"]))
assert "_NamespacePath" in str(same("space", [root + "/a", root + "/b"]))
""",
    )


@linux
def test_odd_entries_of_the_path(project: Project) -> None:
    odd(project)
    compared(
        project,
        f"""
import os, pathlib, zipfile
root = os.getcwd()
with zipfile.ZipFile("lib.zip", "w") as file:
    file.writestr("zipped/__init__.py", "")
    file.writestr("space/z.py", "")
class Text(str):
    pass
class Finder:
    def find_spec(self, name, target=None):
        spec = machinery._bootstrap.ModuleSpec(name, None)
        spec.submodule_search_locations = ["/made/up"]
        return spec if name == "space" else None
class Failing:
    def find_spec(self, name, target=None):
        raise KeyError(name)
sys.path_importer_cache["own"], sys.path_importer_cache["failing"] = Finder(), Failing()
for entry in (pathlib.Path(root, "a"), os.fsencode(root) + b"/a", Text(root + "/a"), None, 3, root + "/lib.zip", "lib.zip",
              root + "/lib.zip/space", "own", "failing"):
    for name in ("both", "space", "zipped", "nobody", "x.y"):
        for fresh in (True, False):
            same(name, [root + "/b", entry, root + "/a"], fresh)
            same(name, [entry], fresh)
class List(list):
    def __iter__(self):
        return iter([root + "/a"])
same("both", List())
same("both", 3)
sys.path[:] = [root + "/a"]
assert same("both") and same("both", ())is None
sys.path = (root + "/a",)
assert same("both")
del sys.path
same("both")
""",
    )


@linux
def test_the_current_folder_is_the_present_one(project: Project) -> None:
    """`pkgutil` keeps a finder under the entry "", which Python's own never looks for there."""
    odd(project)
    compared(
        project,
        """
import os, pkgutil
sys.path.insert(0, "")
os.chdir("a")
assert list(pkgutil.iter_modules([""])) and "" in sys.path_importer_cache
os.chdir("../b")
for fresh in (False, True):
    assert not same("both", [""], fresh) and same("folder_and_file", ["nowhere", ""], fresh)
""",
    )


@linux
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs permissions")
def test_folders_that_can_not_be_read(project: Project) -> None:
    odd(project)
    compared(
        project,
        """
import os
root = os.getcwd()
for mode in (0o000, 0o100, 0o400, 0o500):
    os.chmod("a", mode)
    for name in ("both", "space", "nobody"):
        for drop in (False, True):
            child = os.fork()
            if not child:
                status = 1
                try:
                    if drop and os.geteuid() == 0:
                        os.setuid(65534)
                    same(name, [root + "/a", root + "/b"])
                    status = 0
                finally:
                    os._exit(status)
            assert os.waitpid(child, 0)[1] == 0, (name, mode, drop)
os.chmod("a", 0o700)
""",
    )


@linux
def test_what_comes_and_goes_is_seen_when_python_sees_it(project: Project) -> None:
    compared(
        project,
        """
import os, shutil
root = os.getcwd() + "/later"
def both(name, expected):
    found = same(name, [root], fresh=False)
    # Python's finder looks a second time through the listing of the hook's, and the hook's through its.
    assert bool(found) is expected and bool(hook.find_spec(name, [root])) is expected, (name, found)
both("m", False)
os.mkdir(root)
os.utime(root, (1e9, 1e9))
both("m", False)
sys.path_importer_cache.pop(root)
hook.find_spec("m", [root])
open(root + "/m.py", "w").close()
both("m", True)
os.utime(root, (2e9, 2e9))
both("m", True)
# Not in the listing: Python does not see it before the folder's time changes, nor do we.
open(root + "/n.py", "w").close()
os.utime(root, (2e9, 2e9))
both("n", False)
sys.path_importer_cache[root].invalidate_caches()
both("n", True)
# In the listing, and gone.
os.remove(root + "/n.py")
os.utime(root, (2e9, 2e9))
both("n", False)
shutil.rmtree(root)
both("m", False)
os.mkdir(root)
open(root + "/m.py", "w").close()
both("m", True)
# A time that a float can't hold.
os.utime(root, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
both("m", True)
assert sys.path_importer_cache[root]._path_mtime == os.stat(root).st_mtime
""",
    )


@linux
def test_modules_in_plain_folders_are_found_without_running_the_finders(project: Project) -> None:
    """Otherwise everything above compares Python with itself."""
    odd(project)
    compared(
        project,
        """
import os
path = [os.getcwd() + "/a", os.getcwd() + "/b"]
OTHERS = {"_fill_cache", "__init__", "_path_isabs", "_path_abspath", "<genexpr>", "_recalculate", "_get_parent_path", "_find_parent_path_names", "cached"}
for name in ("both", "space", "twice", "nobody", "x.both"):
    sys.path_importer_cache.clear()
    ran = set(frames(lambda: hook.find_spec(name, path)))
    assert not ran - OTHERS, ran
""",
    )


PATCHES = {
    "PathFinder.find_spec": "machinery.PathFinder.find_spec = classmethod(lambda *_: said('PathFinder.find_spec'))",
    "PathFinder._get_spec": "machinery.PathFinder._get_spec = classmethod(lambda *_: said('PathFinder._get_spec'))",
    "PathFinder._path_importer_cache": (
        "machinery.PathFinder._path_importer_cache = classmethod(lambda *_: said('PathFinder._path_importer_cache'))"
    ),
    "PathFinder._path_hooks": (
        "sys.path_importer_cache.clear(); "
        "machinery.PathFinder._path_hooks = staticmethod(lambda *_: said('PathFinder._path_hooks'))"
    ),
    "BuiltinImporter.find_spec": (
        "machinery._bootstrap.BuiltinImporter.find_spec = staticmethod(lambda *_: said('BuiltinImporter.find_spec'))"
    ),
    "FrozenImporter.find_spec": (
        "machinery._bootstrap.FrozenImporter.find_spec = staticmethod(lambda *_: said('FrozenImporter.find_spec'))"
    ),
    "FileFinder.find_spec": "machinery.FileFinder.find_spec = lambda *_: said('FileFinder.find_spec')",
    "FileFinder._get_spec": "machinery.FileFinder._get_spec = lambda *_: said('FileFinder._get_spec')",
    "FileFinder._fill_cache": (
        "sys.path_importer_cache.clear(); machinery.FileFinder._fill_cache = lambda *_: said('FileFinder._fill_cache')"
    ),
    "FileFinder.__init__": (
        "sys.path_importer_cache.clear(); machinery.FileFinder.__init__ = lambda *_: said('FileFinder.__init__')"
    ),
    "FileFinder.__getattribute__": (
        "machinery.FileFinder.__getattribute__ = "
        "lambda self, name: said('FileFinder.__getattribute__') or object.__getattribute__(self, name)"
    ),
    "one finder": "sys.path_importer_cache[root].find_spec = lambda *_: said('one finder')",
    "one finder's loaders": (
        "sys.path_importer_cache[root]._loaders.insert(0, ('.py', lambda *_: said('one finder\\'s loaders')))"
    ),
    "a subclass": (
        "sys.path_importer_cache[root] = type('Sub', (machinery.FileFinder,), "
        "{'find_spec': lambda *_: said('a subclass')})(root)"
    ),
    "a path hook": (
        "sys.path_importer_cache.clear(); sys.path_hooks.insert(0, lambda path: said('a path hook') or machinery.zipimporter)"
    ),
    "a path hook in between": (
        "sys.path_importer_cache.clear(); "
        "sys.path_hooks.insert(1, lambda path: said('a path hook in between') or machinery.zipimporter)"
    ),
    "zipimporter.__init__": (
        "sys.path_importer_cache.clear(); import zipimport; plain = zipimport.zipimporter.__init__; "
        "zipimport.zipimporter.__init__ = lambda *all: said('zipimporter.__init__') or plain(*all)"
    ),
    "a finder in sys.meta_path": (
        "sys.meta_path[-1:] = [type('Finder', (), {'find_spec': lambda *_: said('a finder in sys.meta_path')})()]"
    ),
    "spec_from_file_location": "machinery.spec_from_file_location = lambda *_, **__: said('spec_from_file_location')",
    "_path_isfile": "machinery._path_isfile = lambda *_: said('_path_isfile')",
    "_path_join": "path_join = machinery._path_join; machinery._path_join = lambda *all: said('_path_join') or path_join(*all)",
    "_path_stat": "path_stat = machinery._path_stat; machinery._path_stat = lambda *all: said('_path_stat') or path_stat(*all)",
    "_relax_case": "machinery._relax_case = lambda: said('_relax_case')",
    "posix.stat": "import posix; stat = posix.stat; posix.stat = lambda *all: said('posix.stat') or stat(*all)",
    "ModuleSpec": (
        "spec = machinery._bootstrap.ModuleSpec; "
        "machinery._bootstrap.ModuleSpec = lambda *all, **more: said('ModuleSpec') or spec(*all, **more)"
    ),
    "ModuleSpec.__init__": (
        "spec = machinery._bootstrap.ModuleSpec; set_up = spec.__init__; "
        "spec.__init__ = lambda *all, **more: said('ModuleSpec.__init__') or set_up(*all, **more)"
    ),
    "ModuleSpec.__setattr__": (
        "machinery._bootstrap.ModuleSpec.__setattr__ = "
        "lambda *all: said('ModuleSpec.__setattr__') or object.__setattr__(*all)"
    ),
    "ModuleSpec.cached": (
        "machinery._bootstrap.ModuleSpec.cached = property(lambda spec: said('ModuleSpec.cached') or spec._cached)"
    ),
    "SourceFileLoader.__new__": (
        "machinery.SourceFileLoader.__new__ = "
        "lambda kind, *all: said('SourceFileLoader.__new__') or object.__new__(kind)"
    ),
    "SourceLoader.__init__": (
        "init = machinery.FileLoader.__init__; machinery.SourceFileLoader.__init__ = "
        "lambda *all: said('SourceLoader.__init__') or init(*all)"
    ),
    "SourceLoader.__setattr__": (
        "machinery.SourceLoader.__setattr__ = "
        "lambda *all: said('SourceLoader.__setattr__') or object.__setattr__(*all)"
    ),
    "cache_from_source": (
        "cache_from_source = machinery.cache_from_source; "
        "machinery.cache_from_source = lambda *all: said('cache_from_source') or cache_from_source(*all)"
    ),
    "_get_cached": (
        "get_cached = machinery._get_cached; "
        "machinery._get_cached = lambda *all: said('_get_cached') or get_cached(*all)"
    ),
    "SourceFileLoader.__init__": (
        "init = machinery.FileLoader.__init__; "
        "machinery.FileLoader.__init__ = lambda *all: said('SourceFileLoader.__init__') or init(*all)"
    ),
    "sys.path_importer_cache": (
        "sys.path_importer_cache = type('Dict', (dict,), "
        "{'__getitem__': lambda *_: said('sys.path_importer_cache')})(sys.path_importer_cache)"
    ),
}


@linux
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("patch", PATCHES)
def test_whoever_has_changed_the_machinery_is_heard(project: Project, patch: str, when: str) -> None:
    """Changed `before` the hook is installed, or `after`."""
    project.write({"x.py": "", "pack/__init__.py": "", "pack/y.py": ""})
    heard = []
    for installed in (None, when):
        result = project.script(
            f"""
            import json, sys, importspy_hook
            machinery = sys.modules["_frozen_importlib_external"]
            root = sys.path[0]
            heard = []
            def said(what):
                heard.append(what)
            sys.path_importer_cache[root].find_spec("x")
            {"importspy_hook.install()" if installed == "after" else ""}
            {PATCHES[patch]}
            {"importspy_hook.install()" if installed == "before" else ""}
            for name in ("x", "pack", "pack.y"):
                try:
                    __import__(name)
                except Exception as error:
                    heard.append(type(error).__name__)
            print(json.dumps(heard))
            """,
            hook=False,
        )
        heard.append(result.succeeded().json())
    assert patch in heard[0]
    # The hook looks into the finder's listing, too, for contracts.
    counted = patch != "FileFinder.__getattribute__"
    assert heard[0] == heard[1] if counted else set(heard[0]) == set(heard[1])


NAMES = ["app.模块", "app.é", "app.éé", "b.éé", "été.a", "été.é", "éé.b", "a.b.ü", "ü.ü.üü"]


@linux
@pytest.mark.parametrize("name", NAMES)
def test_names_of_other_characters(project: Project, name: str) -> None:
    parts = name.split(".")
    packages = ["/".join(parts[:count]) + "/__init__.py" for count in range(1, len(parts))]
    project.write({path: "" for path in [*packages, "/".join(parts) + ".py"]})
    project.script(f"import {name}; print({name}.__name__)").succeeded()


CACHES = {
    "as usual": "",
    "no tag": "sys.implementation.cache_tag = None",
    "another tag": "sys.implementation.cache_tag = 'other-1'",
    "an odd tag": "sys.implementation.cache_tag = 'odd/'",
    "an empty tag": "sys.implementation.cache_tag = ''",
    "a prefix": "sys.pycache_prefix = sys.path[0] + '/kept'",
    "a suffix of sources before": "machinery.SOURCE_SUFFIXES.insert(0, '.python')",
    "a suffix of sources behind": "machinery.SOURCE_SUFFIXES.append('.python')",
    "another suffix of bytecode": "machinery.BYTECODE_SUFFIXES[0] = '.compiled'",
    "another folder": "machinery._PYCACHE = 'elsewhere'",
}


@linux
@pytest.mark.parametrize("optimize", ["", "-O", "-OO"])
@pytest.mark.parametrize("cache", CACHES)
def test_compiled_files_are_where_python_keeps_them(project: Project, cache: str, optimize: str) -> None:
    told = []
    for installed in ("pass", "importspy_hook.install()"):
        folder = f"in{len(told)}"
        project.write({f"{folder}/x.py": "", f"{folder}/pack/__init__.py": "", f"{folder}/pack/y.py": ""})
        code = f"""
import sys, json, os, importspy_hook
machinery = sys.modules["_frozen_importlib_external"]
sys.path[0] = os.getcwd() + "/{folder}"
{installed}
{CACHES[cache]}
import x, pack.y
print(json.dumps([[it.__spec__.cached, vars(it).get("__cached__"), it.__spec__._cached] for it in (x, pack, pack.y)]))
"""
        result = project.run(*filter(None, [optimize]), "-c", code, hook=False).succeeded()
        places = result.stdout.replace(folder, "in")
        files = sorted(str(it.relative_to(project.root / folder)) for it in (project.root / folder).rglob("*") if it.is_file())
        told.append((places, files))
    assert told[0] == told[1]


@linux
@pytest.mark.parametrize("flag", ["-v", "-vv", "-Ximporttime"])
def test_what_python_tells_of_imports_is_the_same(project: Project, flag: str) -> None:
    odd(project)
    project.write({"pack/__init__.py": "__all__ = ['part']", "pack/part.py": ""})
    told = []
    for installed in ("pass", "importspy_hook.install()"):
        result = project.run(
            flag,
            "-c",
            f"import sys, importspy_hook; sys.path.insert(0, 'a'); {installed}; print('# from here', file=sys.stderr);"
            "import space.x; from pack import *; import pack.part, folder_and_file, sqlite3, wsgiref.handlers; print('# to here', file=sys.stderr)",
            hook=False,
        ).succeeded()
        lines = result.stderr.split("# from here\n")[1].split("# to here\n")[0].splitlines()
        # Addresses, and times in microseconds.
        told.append([re.sub(r"0x[0-9a-f]+|import time: [ 0-9|]*\|", "", line) for line in lines])
    assert told[0] == told[1] and len(told[0]) > 5
    assert any("pack.part" in line for line in told[0])


@linux
def test_a_contract_that_comes_between_two_imports_is_seen(project: Project) -> None:
    """The listing that a finder holds may be older than the contract."""
    project.write({"pack/__init__.py": "", "pack/one.py": "", "pack/two.py": "", "pack/sub/__init__.py": ""})
    for folder in ("pack", "pack/sub"):
        os.utime(project.root / folder, (1e9, 1e9))
    project.script(
        """
        import os
        import pack.one
        with open("pack/two.spymodel.yml", "w") as file:
            file.write("variables: [{name: missing}]")
        with open("pack/sub/spymodel.yaml", "w") as file:
            file.write("variables: [{name: missing}]")
        os.utime("pack/sub", (1e9, 1e9))
        for name in ("pack.two", "pack.sub"):
            try:
                __import__(name)
            except ValueError:
                print("refused")
        """
    ).succeeded()


@linux
@pytest.mark.skipif(not Path("/usr/bin/strace").exists(), reason="needs strace")
def test_a_package_with_submodules_takes_no_further_system_calls(project: Project, tmp_path: Path) -> None:
    for number in range(20):
        project.write({f"p{number}/__init__.py": "", f"p{number}/part.py": "", f"p{number}/other.py": ""})
        os.utime(project.root / f"p{number}", (1e9, 1e9))
    os.utime(project.root, (1e9, 1e9))
    counts = []
    for hook in ("", "import importspy_hook; importspy_hook.install()"):
        calls = []
        for numbers in (range(1), range(20)):
            names = "".join(f"import p{number}.part, p{number}.other\n" for number in numbers)
            out = tmp_path / "calls"
            command = ["strace", "-f", "-o", str(out), sys.executable, "-c", f"{hook}\n{names}"]
            environment = project.environment(False, {})
            subprocess.run(command, cwd=project.root, env=environment, check=True, timeout=60)
            memory = ("mmap", "munmap", "brk", "madvise", "mprotect", "mremap")
            lines = out.read_text().splitlines()
            calls.append(sum(1 for line in lines if not any(f" {name}(" in line for name in memory)))
        counts.append(calls[1] - calls[0])
    assert counts[1] <= counts[0], counts
