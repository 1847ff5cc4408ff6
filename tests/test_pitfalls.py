"""How import hooks break real programs: each known way, and the tests that hold it off.

`PITFALLS` names, for each of the 37, tests of this suite (`file.py::test`), cases (`case: name`) and places in documents
where a line says why there is no test (`docs/page.md: text`).
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

import case_files
from harness import Project

TESTS = Path(__file__).parent
GUARDED = {
    "framework/__init__.py": "VALUE = 1\n",
    "framework/inner.py": "",
    "framework/spymodel.yml": "variables: [{name: fits}]",
}

PITFALLS: dict[int, tuple[str, list[str]]] = {
    # Finding is not importing
    1: (
        "a question gets an answer, not an exception",
        [
            "case: query-find-spec-tells-what-python-would",
            "case: query-finders-directly",
            "case: query-then-import",
            "test_pitfalls.py::test_questions_about_a_guarded_module",
        ],
    ),
    2: (
        "python -m guarded keeps the report",
        [
            "test_transparency.py::test_dash_m_of_a_guarded_module_has_no_importer",
            "test_transparency.py::test_dash_m_of_a_guarded_module_meets_the_environment_part",
        ],
    ),
    3: (
        "a denial is no ModuleNotFoundError",
        [
            "test_errors.py::test_it_is_a_value_error_and_no_import_error",
            "test_pitfalls.py::test_from_package_import_of_a_refused_submodule",
            "case: again-the-import-error-is-not-swallowed",
        ],
    ),
    4: (
        "a package does not stay imported when its submodule is refused",
        ["case: path-refused-before-the-parent-runs", "test_pitfalls.py::test_a_refusal_leaves_nothing_behind"],
    ),
    5: (
        "loaders are not wrapped",
        [
            "test_transparency.py::test_specs_of_guarded_modules_are_the_same",
            "test_transparency.py::test_ways_to_look_at_modules",
            "test_transparency.py::test_dash_m_of_an_unguarded_module",
        ],
    ),
    # Who imports
    6: (
        "importers of a loaded module",
        ["case: second-importer", "case: second-importer-dunder-import", "case: way-import-module-of-a-loaded-module"],
    ),
    7: (
        "__import__ takes what it took, chains, and is restored only if it is ours",
        [
            "test_install.py::test_the_wrapper_takes_what_import_takes",
            "test_install.py::test_an_earlier_override_of_import_is_asked",
            "test_install.py::test_a_later_override_of_import_survives",
            "test_install.py::test_uninstall_restores_exactly",
            "test_pitfalls.py::test_a_refusal_leaves_nothing_behind",
        ],
    ),
    8: (
        "helpers between the importer and the import",
        [
            "case: way-import-module",
            "case: way-helper-is-the-importer",
            "case: way-pickle",
            "case: way-executor",
            "test_ecosystem.py::test_a_guarded_application_of_django",
        ],
    ),
    9: ("an extension module that imports", ["test_pitfalls.py::test_an_extension_module_is_an_importer"]),
    10: (
        "the importer is half initialised and must not run twice",
        [
            "case: computed-before-import-is-live",
            "test_observed.py::test_an_importer_is_executed_once",
            "test_observed.py::test_a_program_is_executed_once",
        ],
    ),
    11: (
        "importers without a source file",
        [
            "case: zip-importer",
            "case: way-exec-in-an-empty-namespace",
            "test_pitfalls.py::test_importers_without_a_file",
            "test_pitfalls.py::test_a_sourceless_importer",
            "test_pitfalls.py::test_a_notebook_cell",
        ],
    ),
    12: (
        "the many names of __main__",
        [
            "case: who-the-program",
            "case: who-a-script-by-run-path",
            "case: who-a-module-by-run-module",
            "case: trusted-program",
            "test_pitfalls.py::test_a_program_run_as_a_module",
        ],
    ),
    13: ("LazyLoader", ["test_pitfalls.py::test_a_finder_that_makes_imports_lazy"]),
    14: (
        "a denial that is met again and again",
        [
            "test_errors.py::test_each_exception_is_fresh",
            "test_decisions.py::test_refusals_are_remembered_too",
            "case: again-refused-each-time",
        ],
    ),
    # Living with others
    15: (
        "pytest's assertion rewriting",
        [
            "test_ecosystem.py::test_pytest_explains_assertions",
            "test_transparency.py::test_finders_are_asked_in_order_and_legacy_ones_as_python_does",
        ],
    ),
    16: ("editable installs", ["test_ecosystem.py::test_editable_installs"]),
    17: (
        "others change sys.meta_path",
        [
            "test_install.py::test_the_list_itself_is_kept",
            "test_install.py::test_being_moved_is_tolerated",
            "test_install.py::test_installing_twice_is_one_installation",
            "test_transparency.py::test_a_swapped_meta_path_is_followed",
            "test_pitfalls.py::test_a_meta_path_that_is_no_list",
            "test_pitfalls.py::test_a_hook_that_was_taken_out",
            "test_ecosystem.py::test_deal",
            "test_activation.py::test_status_names_what_displaced_the_hook",
        ],
    ),
    18: ("legacy finders", ["test_transparency.py::test_finders_are_asked_in_order_and_legacy_ones_as_python_does"]),
    19: ("reload asks with a target", ["test_transparency.py::test_reload"]),
    20: (
        "imports inside a finder",
        [
            "test_transparency.py::test_an_import_inside_a_finder",
            "test_install.py::test_nothing_else_is_imported",
            "docs/decisions.md: **Nothing is imported at call time, with three exceptions.**",
        ],
    ),
    21: (
        "tracebacks end at the importer's line",
        [
            "test_errors.py::test_the_traceback_ends_at_the_import_line",
            "test_transparency.py::test_tracebacks_of_other_errors_are_the_same",
        ],
    ),
    22: (
        "coverage, debuggers and importtime see the same",
        [
            "test_transparency.py::test_the_same_modules_in_the_same_order",
            "test_ecosystem.py::test_coverage_measures_the_same",
            "test_ecosystem.py::test_django",
            "test_pitfalls.py::test_a_debugger_sees_the_same",
        ],
    ),
    23: (
        "other hooks in the same process",
        [
            "test_ecosystem.py::test_deal",
            "test_ecosystem.py::test_typeguard",
            "test_ecosystem.py::test_beartype_claw",
            "test_ecosystem.py::test_pytest_explains_assertions",
            "test_ecosystem.py::test_six",
            "test_ecosystem.py::test_editable_installs",
            "test_ecosystem.py::test_coverage_as_a_program",
            "test_ecosystem.py::test_all_at_once",
        ],
    ),
    # Start-up
    24: (
        "which options leave which start-up file out",
        [
            "test_activation.py::test_every_process_is_governed",
            "test_activation.py::test_without_site_nothing_is",
            "test_activation.py::test_an_interactive_session",
        ],
    ),
    25: (".start files", ["test_activation.py::test_start_files_name_a_callable"]),
    26: (
        "what is left after uninstalling, and the user's own sitecustomize",
        [
            "test_stub.py::test_what_ships",
            "test_activation.py::test_disable_leaves_nothing",
            "test_activation.py::test_nothing_is_left_to_see_after_uninstalling",
            "test_activation.py::test_a_sitecustomize_runs_once",
        ],
    ),
    27: (
        "children",
        ["test_transparency.py::test_fork_keeps_the_hook", "test_activation.py::test_children_are_governed"],
    ),
    28: (
        "what start-up imports",
        ["test_install.py::test_nothing_else_is_imported", "test_activation.py::test_start_up_imports_nothing_else"],
    ),
    # Threads, processes, interpreters
    29: (
        "no lock of ours while Python code runs",
        [
            "test_threads.py::test_sixty_four_threads",
            "test_threads.py::test_two_first_refusals",
            "test_threads.py::test_a_judgement_that_needs_what_another_thread_is_importing",
            "test_threads.py::test_cycles_across_threads",
            "test_transparency.py::test_many_threads_import_at_once",
        ],
    ),
    30: (
        "locks at fork, and no thread of ours",
        [
            "test_threads.py::test_forks_inside_threads",
            "test_threads.py::test_a_fork_during_the_first_refusal",
            "test_pitfalls.py::test_no_thread_of_its_own",
        ],
    ),
    31: (
        "subinterpreters",
        [
            "test_pitfalls.py::test_a_subinterpreter",
            "test_activation.py::test_subinterpreters_start_silently",
            "docs/security.md: | a subinterpreter |",
        ],
    ),
    # Nothing outside makes the core panic; what could is looked for in the tests of bad input.
    32: (
        "a panic blocks the import",
        [
            "docs/decisions.md: **An internal failure blocks.**",
            "test_bad_input.py::test_damaged_contracts",
            "test_bad_input.py::test_damaged_sources",
        ],
    ),
    33: (
        "frozen classes and atomics",
        [
            "test_install.py::test_the_finder_comes_first_and_is_frozen",
            "test_threads.py::test_sixty_four_threads",
            "test_threads.py::test_installing_and_taking_out_meanwhile",
        ],
    ),
    # Freshness
    34: (
        "contracts appear, disappear and change",
        [
            "test_decisions.py::test_a_changed_contract",
            "test_decisions.py::test_a_contract_that_comes_and_goes",
            "test_decisions.py::test_a_contract_that_appears",
            "test_decisions.py::test_a_contract_that_changes_within_the_clocks_grain",
            "test_decisions.py::test_an_importer_that_changes_within_the_clocks_grain",
            "case: contract-changed-within-the-clock-grain",
            "case: contract-added-before-the-first-import",
        ],
    ),
    # How often the disk is asked does not show in Python. That a listing is never believed too long does.
    35: (
        "listings before the disk",
        [
            "docs/decisions.md: **A folder's listing is used where the import system has just read it.**",
            "case: contract-added-before-the-first-import",
            "test_pitfalls.py::test_a_settled_listing_is_not_believed_for_ever",
            "test_pitfalls.py::test_a_listing_that_may_be_too_old_is_not_believed",
        ],
    ),
    36: ("contracts in a zip", ["case: zip-package", "case: zip-package-fits", "case: zip-sidecar"]),
    37: (
        "namespace packages",
        [
            "case: namespace-portion-with-a-contract",
            "case: namespace-guarded-through-another-portion",
            "case: namespace-portion-without-contract",
        ],
    ),
}


def test_each_pitfall_is_there() -> None:
    assert sorted(PITFALLS) == list(range(1, 38))
    assert all(what and where for what, where in PITFALLS.values())


def functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("number", PITFALLS)
def test_its_tests_exist(number: int) -> None:
    cases = {case.name for case in case_files.load()}
    for place in PITFALLS[number][1]:
        if place.startswith("case: "):
            assert place.removeprefix("case: ") in cases, place
        elif place.startswith("docs/"):
            page, _, text = place.partition(": ")
            assert text in (TESTS.parent / page).read_text(encoding="utf-8"), place
        else:
            file, _, name = place.partition("::")
            assert name in functions(file), place


# Finding is not importing


def test_questions_about_a_guarded_module(project: Project) -> None:
    project.write(GUARDED | {"framework/data.txt": "data\n", "tests/test_one.py": "import importlib.util, unittest\nclass One(unittest.TestCase):\n    def test(self): pass\n    assert importlib.util.find_spec('framework')\n"})  # fmt: skip
    project.script(
        """
        import importlib.util, importlib.machinery, pkgutil, sys, unittest
        assert importlib.util.find_spec("framework").origin.endswith("__init__.py")
        assert importlib.machinery.PathFinder.find_spec("framework") is not None
        assert [m.name for m in pkgutil.iter_modules(["."]) if m.ispkg] == ["framework"]
        # This one imports packages; what it says about one that it can't import is Python's own way.
        failed = []
        assert "framework" in [m.name for m in pkgutil.walk_packages(["."], onerror=failed.append)]
        assert failed == ["framework"], failed
        # So does this one: to the modules that it looks for tests in.
        assert unittest.TestLoader().discover("tests", pattern="test_*.py").countTestCases() == 1
        assert "framework" not in sys.modules
        """
    ).succeeded()


def test_from_package_import_of_a_refused_submodule(project: Project) -> None:
    project.write({"pack/__init__.py": "", "pack/part.py": "", "pack/part.spymodel.yml": "variables: [{name: fits}]"})
    for statement in ["from pack import part", "from pack.part import anything", "import pack.part", "from pack import *"]:
        if statement.endswith("*"):
            project.write({"pack/__init__.py": "__all__ = ['part']\n"})
        result = project.script(f"{statement}\n").blocked("missing-variable")
        assert "cannot import name" not in str(result)


def test_a_refusal_leaves_nothing_behind(project: Project) -> None:
    project.write(GUARDED)
    project.write({"pack/__init__.py": "", "pack/part.py": "", "pack/part.spymodel.yml": "variables: [{name: fits}]"})
    project.script(
        """
        import sys, importspy_hook
        before = set(sys.modules), set(globals())
        for statement in ["import framework", "import framework.inner", "from framework import inner", "import pack.part"]:
            try:
                exec(statement, globals())
            except importspy_hook.ContractViolation as error:
                assert sys.exc_info()[1] is error and error.__cause__ is None and error.__context__ is None
            else:
                raise SystemExit(f"let in by {statement}")
            assert sys.exc_info() == (None, None, None)
        left = {name for name in sys.modules if name not in before[0] and not name.startswith("importspy_hook")}
        assert left <= {"pack"}, left
        assert "pack" not in sys.modules or not hasattr(sys.modules["pack"], "part")
        assert set(globals()) - before[1] <= {"before", "statement", "left", "error"}
        """
    ).succeeded()


# Who imports


def test_an_extension_module_is_an_importer(project: Project) -> None:
    """`_decimal` imports `numbers` while it is being loaded, without a Python frame of its own."""
    spec = importlib.util.find_spec("_decimal")
    assert spec is not None
    if spec.origin in (None, "built-in"):
        pytest.skip("this Python has _decimal linked in: it has no file that could be an importer's")
    numbers = importlib.util.find_spec("numbers")
    assert numbers is not None and numbers.origin is not None
    project.write({"numbers.py": Path(numbers.origin).read_bytes(), "numbers.spymodel.yml": "variables: [{name: fits}]"})
    # The program fits, and would be taken for the importer.
    source = """
        fits = True
        import sys, importspy_hook
        assert "numbers" not in sys.modules
        try:
            import _decimal
        except importspy_hook.ContractViolation as error:
            print(error.importer, error.violations[0].code)
        """
    assert project.script(source).succeeded().stdout.split()[0] == "_decimal"
    project.write({"numbers.spymodel.yml": "variables: [{name: fits}]\ntrusted_importers: [_decimal]"})
    assert project.script(source).succeeded().stdout == ""


@pytest.mark.parametrize("fits", [True, False])
def test_importers_without_a_file(project: Project, fits: bool) -> None:
    project.write(GUARDED)
    source = f"{'fits = True' if fits else ''}\nimport framework\nprint(framework.VALUE)\n"
    results = [
        project.run("-c", source),
        project.script(f"exec({source!r}, {{'__name__': 'anything'}})\n"),
        project.script(f"import types, sys\nm = sys.modules['made'] = types.ModuleType('made')\nexec({source!r}, vars(m))\n"),
        project.script(f"import code\ncode.InteractiveInterpreter({{}}).runsource({source!r}, '<console>', 'exec')\n"),
    ]
    for result in results[:-1]:
        if fits:
            assert result.succeeded().stdout == "1\n"
        else:
            result.blocked("missing-variable")
    # The prompt shows the exception and goes on.
    assert (results[-1].stdout == "1\n") == fits and ("missing-variable" in str(results[-1])) != fits


@pytest.mark.parametrize("fits", [True, False])
def test_a_sourceless_importer(project: Project, fits: bool) -> None:
    project.write(GUARDED | {"user.py": f"{'fits = True' if fits else ''}\nimport framework\n"})
    project.run("-c", "import py_compile; py_compile.compile('user.py', 'user.pyc')", hook=False).succeeded()
    (project.root / "user.py").unlink()
    result = project.script("import user\nprint(user.framework.VALUE)\n")
    if fits:
        assert result.succeeded().stdout == "1\n"
    else:
        result.blocked()


def test_a_notebook_cell(project: Project) -> None:
    """A cell's text is in `linecache`: it tells what the cell will declare after the import."""
    project.write(GUARDED)
    project.script(
        """
        import linecache, types, sys
        shell = sys.modules["cells"] = types.ModuleType("cells")
        def cell(number, text):
            name = f"<cell {number}>"
            linecache.cache[name] = len(text), None, text.splitlines(True), name
            exec(compile(text, name, "exec"), vars(shell))
        try:
            cell(1, "import framework\\n")
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        cell(2, "import framework\\nfits = True\\n")
        cell(3, "import framework\\n")
        """
    ).succeeded()


def test_a_program_run_as_a_module(project: Project) -> None:
    project.write(GUARDED | {"app/__init__.py": "", "app/tool.py": "import framework\nprint(__name__)\n"})
    project.run("-m", "app.tool").blocked("missing-variable")
    project.write({"framework/spymodel.yml": "variables: [{name: fits}]\ntrusted_importers: [app.tool]"})
    assert project.run("-m", "app.tool").succeeded().stdout == "__main__\n"
    project.write({"framework/spymodel.yml": "filename: app/tool.py"})
    assert project.run("-m", "app.tool").succeeded().stdout == "__main__\n"
    project.run("-c", "import framework").blocked("missing-filename")


def test_a_finder_that_makes_imports_lazy(project: Project) -> None:
    """The import statement is judged where it stands, though the module runs at its first use, in another function."""
    project.write(GUARDED | {"framework/__init__.py": "print('runs')\nVALUE = 1\n"})
    project.write({"lacks.py": "import framework\n", "user.py": "fits = True\nimport framework\n"})
    result = project.script(
        """
        import importlib.util, sys
        class Lazy:
            def find_spec(self, name, path=None, target=None):
                if name != "framework":
                    return None
                for finder in sys.meta_path[sys.meta_path.index(self) + 1:]:
                    spec = finder.find_spec(name, path, target)
                    if spec is not None:
                        spec.loader = importlib.util.LazyLoader(spec.loader)
                        return spec
        sys.meta_path.insert(1, Lazy())
        try:
            import lacks
        except ValueError:
            print("refused")
        import user
        print("imported")
        def use():
            return user.framework.VALUE
        print(use())
        """
    ).succeeded()
    assert result.stdout == "refused\nimported\nruns\n1\n"


# Living with others


def test_a_meta_path_that_is_no_list(project: Project) -> None:
    project.write(GUARDED)
    project.script(
        """
        import sys, importspy_hook
        sys.meta_path = tuple(sys.meta_path)
        import colorsys
        assert importspy_hook.is_installed()
        try:
            import framework
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        """
    ).succeeded()


def test_a_hook_that_was_taken_out(project: Project) -> None:
    """By somebody who clears `sys.meta_path`: `is_installed()` says so, `install()` repairs it."""
    project.write(GUARDED)
    project.script(
        """
        import sys, importspy_hook
        sys.meta_path[:] = [finder for finder in sys.meta_path if isinstance(finder, type)]
        assert not importspy_hook.is_installed()
        try:
            import framework
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        importspy_hook.install()
        assert importspy_hook.is_installed() and "importspy" in repr(sys.meta_path[0])
        """
    ).succeeded()


def test_a_debugger_sees_the_same(project: Project) -> None:
    """The frames that `sys.settrace` and `sys.setprofile` show, apart from how the import system calls itself."""
    project.write(GUARDED | {"other.py": "def f():\n    import json\n    return json\n", "main.py": ""})
    source = """
        fits = True
        import importspy_hook, json, sys, threading
        seen = []
        def trace(frame, event, arg):
            file = frame.f_code.co_filename
            if "importlib" not in file and "zipimport" not in file:
                seen.append((event, file, frame.f_lineno))
            return trace
        sys.settrace(trace)
        import framework, other
        other.f(), other.f()
        import framework.inner
        sys.settrace(None)
        for entry in seen:
            print(*entry)
        """
    with_hook = project.script(source).succeeded().stdout
    assert "other.py" in with_hook and with_hook == project.script(source, hook=False).succeeded().stdout


# Threads, processes, interpreters


def test_no_thread_of_its_own(project: Project) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("threads that Python does not know are counted in /proc")
    project.write(GUARDED)
    project.script(
        """
        import os, threading, importspy_hook
        try:
            import framework
        except ValueError:
            pass
        importspy_hook.install(log_level="DEBUG")
        assert len(os.listdir("/proc/self/task")) == 1 == threading.active_count()
        """
    ).succeeded()


def test_a_subinterpreter(project: Project) -> None:
    """It is not governed, which the documentation says; but nothing breaks there, or afterwards in the main one."""
    project.write(GUARDED)
    project.script(
        """
        import sys
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
        else:
            import _xxsubinterpreters as interpreters
        inner = interpreters.create()
        program = '''if True:
            import sys
            sys.path.insert(0, "")
            try:
                import importspy_hook
                importspy_hook.install()
            except (ImportError, RuntimeError) as error:
                pass
            else:
                raise SystemExit("installed")
            import json, framework
        '''
        failed = interpreters.run_string(inner, program)
        assert failed is None, failed
        interpreters.destroy(inner)
        try:
            import framework
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        """
    ).succeeded()


# Freshness


def test_a_settled_listing_is_not_believed_for_ever(project: Project) -> None:
    """The import system's own listing of a folder, old enough to be believed; then a contract comes."""
    project.write({"lib/one.py": "", "lib/two.py": "", "lib/three.py": ""})
    project.script(
        """
        import os, sys, time
        lib = os.path.abspath("lib")
        sys.path.insert(0, lib)
        old = time.time() - 3600
        os.utime(lib, (old, old))
        import one
        with open("lib/two.spymodel.yml", "w") as file:
            file.write("variables: [{name: fits}]")
        # The folder has changed, as its time stamp says: the listing is read again.
        try:
            import two
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        # What has not been told to anybody: a time stamp that stands still.
        with open("lib/three.spymodel.yml", "w") as file:
            file.write("variables: [{name: fits}]")
        import importlib
        importlib.invalidate_caches()
        try:
            import three
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        """
    ).succeeded()


def test_a_listing_that_may_be_too_old_is_not_believed(project: Project) -> None:
    """The import system's listing and a contract that came within the same tick of the file system's clock."""
    project.write({"lib/one.py": "", "lib/two.py": ""})
    project.script(
        """
        import os, sys, time
        lib = os.path.abspath("lib")
        sys.path.insert(0, lib)
        now = time.time()
        os.utime(lib, (now, now))
        import one
        with open("lib/two.spymodel.yml", "w") as file:
            file.write("variables: [{name: fits}]")
        os.utime(lib, (now, now))
        assert "two.spymodel.yml" not in sys.path_importer_cache[lib]._path_cache
        try:
            import two
        except ValueError:
            assert "two.spymodel.yml" not in sys.path_importer_cache[lib]._path_cache
        else:
            raise SystemExit("let in")
        """
    ).succeeded()
