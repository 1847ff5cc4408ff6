"""With the hook, everything that Python tells about modules is what it tells without."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
from pathlib import Path

import pytest

from harness import Project, Result

SHOW = """
def show(spec):
    if spec is None:
        return None
    loader = spec.loader if isinstance(spec.loader, type) else type(spec.loader)
    places = spec.submodule_search_locations
    return [spec.name, loader.__module__, loader.__qualname__, spec.origin, spec.cached, spec.has_location, spec.parent,
            None if places is None else [type(places).__name__, list(places)]]
"""


def both(project: Project, source: str, *args: str) -> Result:
    """Run a program with and without the hook; they must print the same."""
    project.write({"show.py": SHOW})
    without = project.script(source, *args, hook=False).succeeded()
    hooked = project.script(source, *args).succeeded()
    assert hooked.stdout == without.stdout, f"without the hook:\n{without}\nwith it:\n{hooked}"
    assert hooked.stderr == without.stderr, f"without the hook:\n{without}\nwith it:\n{hooked}"
    return hooked


def lay_out(project: Project) -> None:
    project.write(
        {
            "pack/__init__.py": "",
            "pack/part.py": "def f():\n    return 1\n",
            "pack/data.txt": "data\n",
            "pack/inner/__init__.py": "",
            "space/one.py": "",
            "single.py": "",
            "guarded/__init__.py": "",
            "guarded/core.py": "",
            "guarded/data.txt": "data\n",
            "guarded/spymodel.yml": "variables: [{name: fits}]",
        }
    )
    (project.root / "plain.spymodel.yml").write_text("variables: [{name: fits}]")
    (project.root / "plain.py").write_text("")


NAMES = ["json", "json.decoder", "os", "sys", "time", "zipimport", "_frozen_importlib", "encodings.utf_8", "math", "pack",
         "pack.part", "pack.inner", "space", "space.one", "single", "zipped", "no_such_module_anywhere"]  # fmt: skip


def test_specs_are_the_same(project: Project) -> None:
    lay_out(project)
    both(
        project,
        f"""
        import importlib.util, sys, zipfile
        from show import show
        with zipfile.ZipFile("lib.zip", "w") as file:
            file.writestr("zipped/__init__.py", "")
        sys.path.append("lib.zip")
        for name in {NAMES}:
            print(show(importlib.util.find_spec(name)))
            try:
                module = importlib.import_module(name)
            except ImportError as error:
                print(type(error), error, error.name, error.path)
                continue
            print(show(module.__spec__), type(module.__loader__), module.__dict__.get("__path__"))
            print(sorted(key for key in vars(module) if key.startswith("__")))
            print(module.__spec__.loader_state if name != "no" else None) if name in ("pack", "single") else None
        """,
    )


def test_specs_of_guarded_modules_are_the_same(project: Project) -> None:
    lay_out(project)
    both(
        project,
        """
        fits = True
        import importlib.util
        from show import show
        for name in ["guarded", "plain"]:
            print(show(importlib.util.find_spec(name)))
            print(show(importlib.import_module(name).__spec__))
        import guarded.core
        print(show(guarded.core.__spec__))
        """,
    )


def is_extension(name: str) -> bool:
    """Whether this Python has the module as a file: builds differ in what they link in."""
    spec = importlib.util.find_spec(name)
    return spec is not None and isinstance(spec.loader, importlib.machinery.ExtensionFileLoader)


def test_an_extension_module_is_loaded_and_guarded(project: Project) -> None:
    name = next(name for name in ("_heapq", "_bisect", "_json", "_csv", "_queue") if is_extension(name))
    source = Path(str(importlib.util.find_spec(name).origin))  # type: ignore[union-attr]
    project.write({f"lib/{source.name}": source.read_bytes(), f"lib/{name}.spymodel.yml": "variables: [{name: fits}]"})
    program = f"""
        {{first}}
        import sys
        sys.modules.pop({name!r}, None)
        sys.path.insert(0, "lib")
        import {name}
        print({name}.__spec__.origin, type({name}.__loader__))
    """
    both(project, program.format(first="fits = 1"))
    project.script(program.format(first="")).blocked("missing-variable")


def test_ways_to_look_at_modules(project: Project) -> None:
    lay_out(project)
    both(
        project,
        """
        fits = True
        import importlib.resources, importlib.util, inspect, linecache, pkgutil, pydoc
        import guarded, pack.part
        print(inspect.getsource(pack.part), inspect.getsource(pack.part.f), inspect.getmodule(pack.part.f))
        print(importlib.resources.files("guarded").joinpath("data.txt").read_text())
        print(importlib.resources.files("pack").joinpath("data.txt").read_text())
        print(pkgutil.get_data("guarded", "data.txt"))
        print(sorted(m.name for m in pkgutil.walk_packages(["."])))
        print(sorted(m.name for m in pkgutil.iter_modules(guarded.__path__, "guarded.")))
        print(guarded.__loader__.get_source("guarded") == "", guarded.__loader__.is_package("guarded"))
        print(importlib.util.find_spec(".part", "pack").name)
        print(pydoc.locate("pack.part.f") is pack.part.f)
        """,
    )


def test_tracebacks_of_other_errors_are_the_same(project: Project) -> None:
    project.write({"broken.py": "1 / 0\n", "syntax.py": "a = = 1\n", "deeper.py": "import broken\n"})
    both(
        project,
        """
        import importlib, traceback
        for name in ["broken", "deeper", "syntax", "no_such_module_anywhere", "broken.part"]:
            for way in ["import", "import_module"]:
                try:
                    exec(f"import {name}") if way == "import" else importlib.import_module(name)
                except Exception as error:
                    # Whether _find_spec or its caller says that there is no such module is importlib's own affair.
                    lines = traceback.format_exc().splitlines()
                    print([line for line in lines if "<frozen importlib" not in line])
        """,
    )


def test_a_missing_module_tells_what_was_being_handled(project: Project) -> None:
    """As in "try one, or else the other"."""
    both(
        project,
        """
        import importlib
        for way in [importlib.import_module, __import__, importlib.__import__, lambda name: exec(f"import {name}")]:
            for name in ["no_such_module", "email.no_such_module"]:
                try:
                    try:
                        way("nor_this")
                    except ImportError:
                        way(name)
                except ImportError as error:
                    print(name, repr(error), repr(error.__context__), repr(error.__context__.__context__), error.__suppress_context__)
        """,
    )


def test_the_same_modules_in_the_same_order(project: Project) -> None:
    lay_out(project)

    def modules(result: Result) -> list[str]:
        lines = result.succeeded().stderr.splitlines()
        names = [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]
        start = names.index("marker")
        return names[start:]

    project.write({"marker.py": "", "main.py": "import marker\nimport json, pack.part, email.message, space.one\n"})
    hooked = modules(project.run("-X", "importtime", "main.py"))
    # The reporting sitecustomize has loaded json already.
    without = modules(project.run("-X", "importtime", "-c", "import json\nimport main\n", hook=False))
    assert hooked == [name for name in without if name != "main"]


def test_dash_m_of_an_unguarded_module(project: Project) -> None:
    lay_out(project)
    project.write({"pack/__main__.py": "import sys\nprint(__name__, __spec__.name, sys.argv[1:])\n", "tool.py": "print(__name__)\n"})
    for args in [["-m", "pack", "x"], ["-m", "tool"], ["-m", "no_such_module_anywhere"], ["."]]:
        without = project.run(*args, hook=False)
        hooked = project.run(*args)
        assert (hooked.returncode, hooked.stdout, hooked.stderr) == (without.returncode, without.stdout, without.stderr)


def test_dash_m_of_a_guarded_module_has_no_importer(project: Project) -> None:
    project.write(
        {
            "guarded/__init__.py": "",
            "guarded/__main__.py": "print('ran', __name__)\n",
            "guarded/tool.py": "print('ran', __name__)\n",
            "guarded/spymodel.yml": "variables: [{name: fits}]",
        }
    )
    assert project.run("-m", "guarded").succeeded().stdout == "ran __main__\n"
    assert project.run("-m", "guarded.tool").succeeded().stdout == "ran __main__\n"


@pytest.mark.parametrize("module", ["single", "pack.part", "pack.tool", "pack", "guarded.tool", "guarded", "guarded.sub"])
def test_dash_m_of_a_guarded_module_meets_the_environment_part(project: Project, module: str) -> None:
    """`runpy` only asks where the module is, and runs it itself: nobody imports it."""
    contract = "deployments: [{systems: [{environment: {secrets: [NO_SUCH_SECRET, NOR_THIS]}}]}]"
    run = "print('ran')\n"
    project.write(
        {
            "single.py": run,
            "single.spymodel.yml": contract,
            "pack/__init__.py": "",
            "pack/part.py": run,
            "pack/part.spymodel.yml": contract,
            "pack/tool/__init__.py": "",
            "pack/tool/__main__.py": run,
            "pack/tool/spymodel.yml": contract,
            "pack/__main__.py": run,
            "pack/__main__.spymodel.yml": contract,
            "guarded/__init__.py": "",
            "guarded/__main__.py": run,
            "guarded/tool.py": run,
            "guarded/sub/__init__.py": "",
            "guarded/sub/__main__.py": run,
            "guarded/spymodel.yml": contract,
        }
    )
    result = project.run("-m", module)
    printed = result.stdout + result.stderr
    assert result.returncode == 1 and "ran" not in printed.split(), result
    # The report is whole: each violation with its place, and the summary.
    for secret, column in [("NO_SUCH_SECRET", 51), ("NOR_THIS", 67)]:
        assert "error[missing-secret]" in printed and secret in printed, result
        assert f"spymodel.yml:1:{column}" in printed, result
    assert "2 violations" in printed, result
    environment = {"NO_SUCH_SECRET": "x", "NOR_THIS": "x"}
    assert project.run("-m", module, env=environment).succeeded().stdout == "ran\n"


def test_finders_are_asked_in_order_and_legacy_ones_as_python_does(project: Project) -> None:
    both(
        project,
        """
        import importlib.machinery, importlib.util, sys
        asked = []
        class Asked:
            def __init__(self, label): self.label = label
            def find_spec(self, name, path=None, target=None):
                if name.startswith("virtual"):
                    asked.append((self.label, name, path, target and target.__name__))
        class Legacy:
            # Python 3.10 and 3.11 still ask it, and warn; later ones pass it over.
            def find_module(self, name, path=None):
                asked.append(("legacy", name, path, None))
        class Source:
            def create_module(self, spec): return None
            def exec_module(self, module): module.made = True
            def find_spec(self, name, path=None, target=None):
                if name.startswith("virtual"):
                    asked.append(("source", name, path, target and target.__name__))
                    return importlib.machinery.ModuleSpec(name, self, is_package=True)
        sys.meta_path[:0] = [Asked("zero")]
        sys.meta_path += [Asked("one"), Legacy(), Source(), Asked("never")]
        import virtual.part
        assert virtual.part.made
        try:
            import no_such_module_anywhere
        except ImportError as error:
            print(error)
        print([entry[:3] for entry in asked if entry[3] is None])
        importlib.reload(virtual)
        print(asked[-3:])
        """,
    )


def test_who_only_asks_where_a_module_is_asks_each_finder_once(project: Project) -> None:
    project.write({"pack/__init__.py": "", "pack/spymodel.yml": "variables: [{name: missing}]"})
    both(
        project,
        """
        import importlib.util, sys
        class Asked:
            def find_spec(self, name, path=None, target=None):
                print(name, path and len(path), target)
        sys.meta_path.append(Asked())
        for name in ["nobody", "colorsys", "email.nobody", "pack"]:
            print(name, bool(importlib.util.find_spec(name)))
        """,
    )


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs permissions")
def test_a_folder_that_nobody_may_look_into_has_no_contract(project: Project) -> None:
    """It is a namespace package to Python: nothing can be imported from it, and that it can be is no error."""
    both(
        project,
        """
        import importlib, os, shutil, sys, tempfile
        # Where another user gets to.
        folder = tempfile.mkdtemp()
        os.chmod(folder, 0o755)
        os.mkdir(f"{folder}/pack")
        with open(f"{folder}/pack/spymodel.yml", "w") as file:
            file.write("variables: [{name: missing}]")
        with open(f"{folder}/pack/part.py", "w") as file:
            pass
        os.chmod(f"{folder}/pack", 0o444)
        child = os.fork()
        if not child:
            if os.geteuid() == 0:
                os.setuid(65534)
            sys.path.insert(0, folder)
            for name in ["pack", "pack.part"]:
                try:
                    print(type(importlib.import_module(name).__loader__))
                except Exception as error:
                    print(type(error), error)
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        shutil.rmtree(folder)
        """,
    )


def test_errors_of_other_finders_pass_through(project: Project) -> None:
    both(
        project,
        """
        import sys
        class Failing:
            def find_spec(self, name, path=None, target=None):
                if name == "virtual":
                    raise KeyError("theirs")
        sys.meta_path.append(Failing())
        try:
            import virtual
        except KeyError as error:
            print(error)
        """,
    )


def test_reload(project: Project) -> None:
    lay_out(project)
    project.write({"counted.py": "import builtins\nbuiltins.count = getattr(builtins, 'count', 0) + 1\n"})
    both(
        project,
        """
        fits = True
        import builtins, importlib, sys
        import counted, guarded
        targets = []
        class Asked:
            # It gets the module that is to be loaded anew.
            def find_spec(self, name, path=None, target=None):
                targets.append(target)
        sys.meta_path.insert(1, Asked())
        assert importlib.reload(counted) is counted and builtins.count == 2
        assert importlib.reload(guarded) is guarded
        print(builtins.count)
        assert [target is module for target, module in zip(targets, [counted, guarded], strict=True)] == [True, True], targets
        """,
    )


def test_a_swapped_meta_path_is_followed(project: Project) -> None:
    lay_out(project)
    project.script(
        """
        import sys
        sys.meta_path = list(sys.meta_path)
        try:
            import guarded
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        import pack.part
        """
    ).succeeded()


def test_an_import_inside_a_finder(project: Project) -> None:
    both(
        project,
        """
        import sys
        class Importing:
            busy = False
            def find_spec(self, name, path=None, target=None):
                if not self.busy:
                    self.busy = True
                    import json.tool, importlib
                    importlib.import_module("wave")
        sys.meta_path.insert(1, Importing())
        import email.message
        print("wave" in sys.modules)
        """,
    )


@pytest.mark.parametrize("threads", [8])
def test_many_threads_import_at_once(project: Project, threads: int) -> None:
    # No circle: Python 3.10 alone sees a deadlock in one now and then.
    project.write({f"pack/m{i}.py": f"import pack.m{min(i + 1, 39)}\nVALUE = {i}\n" for i in range(40)} | {"pack/__init__.py": ""})
    project.script(
        f"""
        import importlib, sys, threading
        sys.setswitchinterval(1e-6)
        failed = []
        def go(k):
            try:
                for i in range(40):
                    importlib.import_module(f"pack.m{{(i + k * 5) % 40}}")
            except BaseException as error:
                failed.append(error)
        ts = [threading.Thread(target=go, args=(k,)) for k in range({threads})]
        [t.start() for t in ts]; [t.join() for t in ts]
        assert not failed, failed
        """,
        seconds=90,
    ).succeeded()


def test_fork_keeps_the_hook(project: Project) -> None:
    lay_out(project)
    project.script(
        """
        import os
        pid = os.fork()
        if pid == 0:
            try:
                import guarded
            except ValueError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        """
    ).succeeded()


@pytest.mark.parametrize("kind", ["dict", "collections.UserDict", "collections.ChainMap", "types.MappingProxyType"])
def test_another_mapping_at_sys_modules(project: Project, kind: str) -> None:
    project.write({"pack/__init__.py": "", "pack/part.py": "from . import other\n", "pack/other.py": "import colorsys\n"})
    source = f"""
        import collections, sys, types
        sys.modules = {kind}(sys.modules)
        for statement in ["import sys", "import os.path", "from os import path", "import pack.part", "from pack import part", "import nothing"]:
            try:
                exec(statement)
                print(statement)
            except Exception as error:
                print(statement, repr(error))
        """
    told = [project.script(source, hook=hook).succeeded().stdout for hook in (False, True)]
    assert told[0] == told[1] and told[0].count("\n") == 6, told
