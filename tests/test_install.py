"""`install()` and `uninstall()`: what they put where, and that nothing else changes."""

from __future__ import annotations

import pytest

from harness import Project

# Children of these tests install the hook themselves.
BARE = {"hook": False}


def test_the_finder_comes_first_and_is_frozen(project: Project) -> None:
    project.script(
        """
        import sys, importspy_hook
        before = list(sys.meta_path)
        importspy_hook.install()
        assert importspy_hook.is_installed()
        finder = sys.meta_path[0]
        assert sys.meta_path[1:] == before
        try:
            finder.mine = 1
        except (AttributeError, TypeError):
            pass
        else:
            raise SystemExit("the finder can be changed")
        """,
        **BARE,
    ).succeeded()


def test_the_list_itself_is_kept(project: Project) -> None:
    project.script(
        """
        import sys, importspy_hook
        path = sys.meta_path
        importspy_hook.install()
        assert sys.meta_path is path
        importspy_hook.uninstall()
        assert sys.meta_path is path
        """,
        **BARE,
    ).succeeded()


@pytest.mark.parametrize(
    ("present", "finders"),
    [("tuple(sys.meta_path)", "list"), ("type('Own', (list,), {})(sys.meta_path)", "Own"), ("None", None), ("5", None)],
)
def test_any_meta_path(project: Project, present: str, finders: str | None) -> None:
    project.script(
        f"""
        import sys, importspy_hook
        kept, sys.meta_path = sys.meta_path, {present}
        try:
            importspy_hook.install()
        except TypeError as error:
            assert {finders!r} is None
            assert str(error) == f"sys.meta_path must be a list of finders, not {{type(sys.meta_path).__name__}}"
            assert not importspy_hook.is_installed()
            sys.meta_path = kept
            importspy_hook.install()
        else:
            assert type(sys.meta_path).__name__ == {finders!r}
        assert importspy_hook.is_installed() and importspy_hook.status()["finder"]["position"] == 0
        sys.meta_path = None
        assert not importspy_hook.is_installed()
        importspy_hook.uninstall()
        """,
        **BARE,
    ).succeeded()


def test_making_builtins_anew_changes_nothing(project: Project) -> None:
    project.script(
        """
        import _imp, builtins, sys, importspy_hook
        class Spec:
            name = "builtins"
        own = builtins.__import__
        importspy_hook.install()
        ours = builtins.__import__
        assert _imp.create_builtin(Spec()) is builtins
        assert builtins.__import__ is ours is not own and importspy_hook.is_installed()
        importspy_hook.uninstall()
        _imp.create_builtin(Spec())
        assert builtins.__import__ is own
        """,
        **BARE,
    ).succeeded()


def test_uninstall_restores_exactly(project: Project) -> None:
    project.script(
        """
        import _imp, builtins, importlib, importlib._bootstrap as b, importlib._bootstrap_external as e, runpy, sys
        import importspy_hook
        def state():
            spaces = [vars(it).copy() for it in (_imp, builtins, b, e, importlib, runpy)]
            return list(sys.meta_path), builtins.__import__, importlib.import_module, spaces
        before = state()
        importspy_hook.install()
        assert builtins.__import__ is not before[1]
        assert importlib.import_module is not before[2]
        assert all(now != then for now, then in zip(state()[3], before[3]))
        importspy_hook.uninstall()
        assert state()[3] == before[3]
        after = state()
        assert [a is b for a, b in zip(before[0], after[0])] == [True] * len(before[0]) and len(before[0]) == len(after[0])
        assert after[1] is before[1] and after[2] is before[2]
        assert not importspy_hook.is_installed()
        importspy_hook.uninstall()
        assert state() == before
        """,
        **BARE,
    ).succeeded()


def test_installing_twice_is_one_installation(project: Project) -> None:
    project.script(
        """
        import builtins, importlib, sys, importspy_hook
        before = list(sys.meta_path)
        importspy_hook.install()
        state = list(sys.meta_path), builtins.__import__, importlib.import_module
        importspy_hook.install()
        assert (list(sys.meta_path), builtins.__import__, importlib.import_module) == state
        importspy_hook.uninstall()
        assert list(sys.meta_path) == before and not importspy_hook.is_installed()
        """,
        **BARE,
    ).succeeded()


def test_again_after_uninstalling(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a}]"})
    project.script(
        """
        import importspy_hook
        importspy_hook.install(); importspy_hook.uninstall(); importspy_hook.install()
        try:
            import framework
        except importspy_hook.ContractViolation:
            pass
        else:
            raise SystemExit("let in")
        importspy_hook.uninstall()
        import framework
        """,
        **BARE,
    ).succeeded()


def test_a_later_override_of_import_survives(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a}]"})
    project.script(
        """
        import builtins, importspy_hook
        importspy_hook.install()
        ours = builtins.__import__
        seen = []
        def theirs(*args, **kwargs):
            seen.append(args[0])
            return ours(*args, **kwargs)
        builtins.__import__ = theirs
        try:
            import framework
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        assert "framework" in seen
        importspy_hook.uninstall()
        assert builtins.__import__ is theirs
        import framework
        """,
        **BARE,
    ).succeeded()


def test_an_earlier_override_of_import_is_asked(project: Project) -> None:
    project.script(
        """
        import builtins, importspy_hook
        original = builtins.__import__
        seen = []
        def theirs(*args, **kwargs):
            seen.append(args[0])
            return original(*args, **kwargs)
        builtins.__import__ = theirs
        importspy_hook.install()
        import json
        assert "json" in seen
        importspy_hook.uninstall()
        assert builtins.__import__ is theirs
        """,
        **BARE,
    ).succeeded()


def test_import_has_no_side_effect(project: Project) -> None:
    project.script(
        """
        import builtins, importlib, logging, sys, signal
        before = (list(sys.meta_path), list(sys.path_hooks), builtins.__import__, importlib.import_module,
                  list(logging.root.handlers), sorted(logging.root.manager.loggerDict), signal.getsignal(signal.SIGINT),
                  sys.excepthook)
        import importspy_hook
        after = (list(sys.meta_path), list(sys.path_hooks), builtins.__import__, importlib.import_module,
                 list(logging.root.handlers), sorted(logging.root.manager.loggerDict), signal.getsignal(signal.SIGINT),
                 sys.excepthook)
        assert before == after
        assert not importspy_hook.is_installed()
        """,
        **BARE,
    ).succeeded()


def test_nothing_else_is_imported(project: Project) -> None:
    result = project.script(
        """
        import sys
        before = set(sys.modules)
        import importspy_hook
        importspy_hook.install()
        print(sorted(set(sys.modules) - before))
        """,
        **BARE,
    ).succeeded()
    # The front's own modules are its own business; anybody else's cost every process milliseconds (`importlib` is the
    # module that holds `import_module`).
    loaded = {name for name in eval(result.stdout) if not name.startswith("importspy_hook")}
    assert loaded - {"importlib", "importlib._bootstrap", "importlib._bootstrap_external", "warnings"} == set()


def test_the_wrapper_takes_what_import_takes(project: Project) -> None:
    project.write({"pack/__init__.py": "", "pack/part.py": "X = 1\n", "pack/user.py": "from . import part\nfrom .part import X\n"})
    project.script(
        """
        import builtins
        import pack.user
        f = builtins.__import__
        assert f("pack.part").__name__ == "pack"
        assert f("pack.part", None, None, ("X",)).X == 1
        assert f("part", vars(pack.user), None, ("X",), 1).X == 1
        assert f(name="pack.part", fromlist=["X"]).X == 1
        for wrong in [(), ("pack", {}, {}, (), 0, 1)]:
            try:
                f(*wrong)
            except TypeError:
                pass
            else:
                raise SystemExit(f"took {wrong}")
        for name, error in [(3, TypeError), ("", ValueError)]:
            try:
                f(name)
            except error:
                pass
            else:
                raise SystemExit(f"took {name!r}")
        try:
            f("pack", level=-1)
        except ValueError:
            pass
        else:
            raise SystemExit("took level -1")
        """
    ).succeeded()


@pytest.mark.parametrize("mode", ["off", "", "REPORT ", None, 1])
def test_an_unknown_mode_is_refused(project: Project, mode: object) -> None:
    project.script(
        f"""
        import importspy_hook
        try:
            importspy_hook.install(mode={mode!r})
        except (ValueError, TypeError):
            assert not importspy_hook.is_installed()
        else:
            raise SystemExit("taken")
        """,
        **BARE,
    ).succeeded()


def test_report_mode_warns_and_lets_through(project: Project) -> None:
    project.write({"framework/__init__.py": "LOADED = True\n", "framework/spymodel.yml": "variables: [{name: a}]"})
    project.script(
        """
        import warnings, importspy_hook
        importspy_hook.install(mode="report")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import framework
        assert framework.LOADED
        assert [w.category for w in caught] == [importspy_hook.ContractWarning], caught
        assert "missing-variable" in str(caught[0].message)
        """,
        **BARE,
    ).succeeded()


def test_the_environment_cannot_weaken_enforcement(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a}]", "main.py": "import framework\n"})
    names = ["IMPORTSPY_HOOK_MODE", "IMPORTSPY_MODE", "IMPORTSPY_HOOK", "IMPORTSPY_HOOK_DISABLE", "SPY_MODE"]
    for value in ["report", "0", "off"]:
        project.run("main.py", env=dict.fromkeys(names, value)).blocked("missing-variable")


def test_being_moved_is_tolerated(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a}]"})
    project.script(
        """
        import sys, importspy_hook
        sys.meta_path.append(sys.meta_path.pop(0))
        try:
            import framework
        except ValueError:
            pass
        else:
            raise SystemExit("let in")
        importspy_hook.uninstall()
        assert not any("importspy" in repr(type(finder)) for finder in sys.meta_path)
        """
    ).succeeded()


def test_decisions_and_cache(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "variables: [{name: a}]",
            "good.py": "a = 1\ndef go():\n    import framework\n",
            "bad.py": "def go():\n    import framework\n",
        }
    )
    project.script(
        """
        import importspy_hook, good, bad
        for _ in range(3):
            good.go()
            try:
                bad.go()
            except ValueError:
                pass
            else:
                raise SystemExit("let in")
        assert len(importspy_hook.decisions()) >= 2
        info = importspy_hook.cache_info()
        print(info)
        importspy_hook.cache_clear()
        good.go()
        try:
            bad.go()
        except ValueError:
            pass
        else:
            raise SystemExit("let in after clearing")
        """
    ).succeeded()
