"""The fast path gives the answers of the long way: what passed before passes only as long as nothing has changed."""

from __future__ import annotations

import textwrap

import pytest
from harness import Project

TOOLS = """
import importspy_hook, os, sys
def allowed(function):
    try:
        function()
    except importspy_hook.ContractViolation:
        return False
    return True
def hits():
    return importspy_hook.cache_info()["hits"]
"""
CONTRACT = "variables: [{name: level, value: 1}]\n"
FILES = {
    "tools.py": TOOLS,
    "app/__init__.py": "",
    "app/lib/__init__.py": "NAME = 1\n",
    "app/lib/spymodel.yml": CONTRACT,
    "app/free/__init__.py": "NAME = 1\n",
    "app/free/late.py": "",
    "app/user.py": """
        level = 1
        def plain():
            import app.lib
        def named():
            from app.lib import NAME
        def relative():
            from .lib import NAME
        def package():
            from . import lib
        def unguarded():
            from .free import NAME
            from app.free import late
    """,
}
FORMS = ["plain", "named", "relative", "package"]


def run(project: Project, source: str, **options: object) -> None:
    """Run a program in which every statement is an assertion; stamps have settled when it starts."""
    project.write(FILES)
    start = "from tools import *\nimport time; time.sleep(2.1)\nfrom app import user\n"
    project.script(start + textwrap.dedent(source), **options).succeeded()  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_what_rests_on_a_binding(project: Project, form: str) -> None:
    run(
        project,
        f"""
        for _ in range(5):
            assert allowed(user.{form})
        assert hits() >= 3
        user.level = 2
        assert not allowed(user.{form})
        user.level = 1
        assert allowed(user.{form})
        del user.level
        assert not allowed(user.{form})
        """,
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_changed_contract_counts_at_the_next_import(project: Project, form: str) -> None:
    run(
        project,
        f"""
        for _ in range(5):
            assert allowed(user.{form})
        contract = open("app/lib/spymodel.yml").read()
        open("app/lib/spymodel.yml", "w").write(contract.replace("1", "7"))
        assert not allowed(user.{form})
        os.remove("app/lib/spymodel.yml")
        open("app/lib/spymodel.yaml", "w").write(contract)
        assert allowed(user.{form})
        """,
    )


def test_the_same_code_in_another_namespace(project: Project) -> None:
    run(
        project,
        """
        import types
        for _ in range(5):
            assert allowed(user.plain)
        other = types.ModuleType("other")
        sys.modules["other"] = other
        other.level, other.__builtins__ = 2, __builtins__
        assert not allowed(types.FunctionType(user.plain.__code__, vars(other)))
        # Nor does the namespace of a module that is no longer itself.
        sys.modules["app.user"] = other
        before = hits()
        allowed(user.plain)
        assert hits() == before
        """,
    )


def test_another_import_function_is_seen_through(project: Project) -> None:
    run(
        project,
        """
        import builtins
        for _ in range(5):
            assert allowed(user.named)
        ours, seen = builtins.__import__, []
        def override(name, *rest):
            seen.append(name)
            return ours(name, *rest)
        builtins.__import__ = override
        assert allowed(user.named)
        user.level = 2
        assert not allowed(user.named)
        assert seen.count("app.lib") == 2
        """,
    )


def test_unguarded_names_stay_unguarded_only_until_a_contract_is_met(project: Project) -> None:
    run(
        project,
        """
        for _ in range(5):
            assert allowed(user.unguarded)
        # The module is found anew, with a contract beside it by now.
        open("app/free/late.spymodel.yml", "w").write("variables: [{name: level, value: 3}]")
        del sys.modules["app.free.late"], sys.modules["app.free"].late
        sys.path_importer_cache.clear()
        assert not allowed(user.unguarded)
        user.level = 3
        assert allowed(user.unguarded)
        user.level = 1
        assert not allowed(user.unguarded)
        """,
    )


def test_an_environment_variable_that_changes(project: Project) -> None:
    systems = "deployments: [{systems: [{environment: {variables: [{name: STAGE, value: blue}]}}]}]\n"
    project.write(FILES | {"app/lib/spymodel.yml": CONTRACT + systems})
    source = """
        from tools import *
        import time; time.sleep(2.1)
        from app import user
        for _ in range(5):
            assert allowed(user.relative)
        os.environ["STAGE"] = "green"
        assert not allowed(user.relative)
        os.environ["STAGE"] = "blue"
        assert allowed(user.relative)
        os.environ = {"STAGE": "green"}
        assert not allowed(user.relative)
    """
    project.script(textwrap.dedent(source), env={"STAGE": "blue"}).succeeded()


REPLACED = {
    "function": "def open_it(): ...\nsys.modules[__name__] = open_it",
    "class": "class Door: ...\nsys.modules[__name__] = Door",
    "class of another kind": "class Kind(type): ...\nclass Door(metaclass=Kind): ...\nsys.modules[__name__] = Door",
    "object": "sys.modules[__name__] = object()",
}


@pytest.mark.parametrize("replaced", REPLACED)
def test_a_guarded_module_that_has_put_something_else_in_its_place(project: Project, replaced: str) -> None:
    """It looks like one of the package's own functions or classes; it is what the contract is about all the same."""
    contract = "variables: [{name: level, value: 1}]"
    project.write(
        {
            "home/__init__.py": "",
            "home/door.py": f"import sys\n{REPLACED[replaced]}\n",
            "home/door.spymodel.yml": contract,
            "fits.py": "level = 1\nfrom home import door\n",
            "unfit.py": "level = 2\nfrom home import door\n",
        }
    )
    project.script(
        """
        import importlib, importspy_hook, sys
        import fits
        def is_blocked():
            try:
                import unfit
            except importspy_hook.ContractViolation:
                return True
        assert is_blocked() and is_blocked()
        # What was learnt of the package is forgotten, and learnt again without the module.
        importlib.invalidate_caches()
        import home
        assert is_blocked()
        importspy_hook.uninstall()
        importspy_hook.install()
        import home
        assert is_blocked()
        """
    ).succeeded()


@pytest.mark.parametrize("names", ["[]", "()", "None", "['level']"])
def test_names_as_the_c_api_passes_them(project: Project, names: str) -> None:
    project.write({"guarded.py": "level = 0", "guarded.spymodel.yml": "variables: [{name: wanted}]", "free.py": "level = 0"})
    project.write({"user.py": f"def call(name):\n    return __import__(name, globals(), globals(), {names}, 0)\n"})
    project.script(
        """
        import importspy_hook, sys, user
        def is_blocked():
            try:
                user.call("guarded")
            except importspy_hook.ContractViolation:
                return True
        for _ in range(3):
            assert user.call("free").level == 0
            assert is_blocked()
        user.wanted = 1
        assert user.call("guarded").level == 0
        assert user.call("guarded").level == 0
        del user.wanted
        assert is_blocked()
        """
    ).succeeded()


def test_modules_that_c_code_imports(project: Project) -> None:
    project.write({"guarded.py": "", "guarded.spymodel.yml": "variables: [{name: wanted}]", "free.py": ""})
    project.write(
        {
            "user.py": """
            import ctypes
            api = ctypes.pythonapi
            api.PyImport_ImportModule.restype = ctypes.py_object
            def call(name):
                return api.PyImport_ImportModule(name.encode())
            """
        }
    )
    project.script(
        """
        import importspy_hook, sys, user
        for _ in range(3):
            assert user.call("free").__name__ == "free"
            try:
                user.call("guarded")
            except importspy_hook.ContractViolation:
                continue
            raise SystemExit("let in")
        """
    ).succeeded()


def test_a_contract_that_comes_to_a_class_in_a_module_s_place(project: Project) -> None:
    project.write(
        {
            "home/__init__.py": "from . import door",
            "home/door.py": "import sys\nclass door: ...\nsys.modules[__name__] = door",
            "user.py": "def use():\n    from home import door\n",
        }
    )
    project.script(
        """
        import importlib, importspy_hook, pathlib
        import home, user
        user.use()
        pathlib.Path("home/door.spymodel.yml").write_text("variables: [{name: wanted}]")
        importlib.invalidate_caches()
        import home
        try:
            user.use()
        except importspy_hook.ContractViolation:
            raise SystemExit(0)
        raise SystemExit("let in")
        """
    ).succeeded()


CHURN = """
def churn():
    # Modules that come and go without end: those that are gone are forgotten.
    names = [f"gone{number}" for number in range(9000)]
    for name in names:
        __import__(name)
        del sys.modules[name]
"""
FINDER = """
import importlib.machinery, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("gone"):
            return importlib.machinery.ModuleSpec(name, self)
    def create_module(self, spec): ...
    def exec_module(self, module): ...
sys.meta_path.append(Finder())
"""


def test_what_is_forgotten_of_a_package_is_forgotten_below_it(project: Project) -> None:
    project.write(
        {
            "home/__init__.py": "",
            "home/door.py": "NAME = 1",
            "many.py": FINDER + CHURN,
            "fits.py": "level = 1\nimport home\n",
            "unfit.py": "level = 2\ndef plain():\n    import home.door\ndef named():\n    from home.door import NAME\n",
        }
    )
    project.script(
        """
        import importspy_hook, many, os, pathlib, sys
        import home.door, unfit
        del sys.modules["home"]
        many.churn()
        pathlib.Path("home/spymodel.yml").write_text("variables: [{name: level, value: 1}]")
        sys.path_importer_cache.clear()
        import fits
        for form in (unfit.plain, unfit.named):
            try:
                form()
            except importspy_hook.ContractViolation:
                continue
            raise SystemExit("let in")
        """
    ).succeeded()
