"""Decisions: remembered with what they rest on, made anew when that changes, and told as data."""

from __future__ import annotations

import sys
import textwrap

import pytest

from harness import Project, Result

# `fits(go)` says whether the import inside `go` was let through; `codes(go)` says why not. `misses(…)` tells how many
# decisions `go` makes anew.
TOOLS = """
import sys
import importspy_hook

# A failed assertion is to show its line.
sys.excepthook = sys.__excepthook__

def codes(go):
    try:
        go()
    except importspy_hook.ContractViolation as refused:
        return sorted({violation.code for violation in refused.violations})
    return []

def fits(go):
    return codes(go) == []

def misses(go, times=1):
    before = importspy_hook.cache_info()["misses"]
    for _ in range(times):
        codes(go)
    return importspy_hook.cache_info()["misses"] - before

class Log:
    # What the hook logs.
    def __init__(self):
        import logging
        self.lines = []
        handler = logging.Handler()
        handler.emit = lambda record: self.lines.append(record.getMessage())
        logging.getLogger("importspy_hook").addHandler(handler)
        logging.getLogger("importspy_hook").setLevel(1)
        importspy_hook.install(log_level="DEBUG")

    def reasons(self):
        # Why decisions had to be made anew since the last call.
        lines, self.lines[:] = list(self.lines), []
        return [line.rpartition("reason=")[2] for line in lines if line.startswith("cache:")]
"""

USER = """
level = 1
class Extension:
    pass
def run(number: int) -> int:
    return number
def go():
    import framework
"""

# A contract's file counts as settled only after a while; then its stamp is enough.
SETTLED = "import os\nos.utime('framework/spymodel.yml', (1_000_000_000, 1_000_000_000))\n"

NEEDS_LEVEL = "variables: [{name: level, value: 1}]\n"
NEEDS_ENVIRONMENT = "deployments: [{systems: [{environment: {variables: [{name: LEVEL, value: high}], secrets: [TOKEN]}}]}]\n"


def lay_out(project: Project, contract: str = NEEDS_LEVEL) -> Project:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": contract, "user.py": USER, "tools.py": TOOLS})
    return project


def run(project: Project, source: str, **options: object) -> Result:
    """Run a program in which every statement is an assertion."""
    return project.script("from tools import *\n" + textwrap.dedent(source), **options).succeeded()  # type: ignore[arg-type]


def test_counts(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        assert importspy_hook.cache_info() == {"hits": 0, "misses": 0, "size": 0}
        import user
        user.go()
        assert importspy_hook.cache_info() == {"hits": 0, "misses": 1, "size": 1}
        for _ in range(10):
            user.go()
        assert importspy_hook.cache_info() == {"hits": 10, "misses": 1, "size": 1}
        user.level = 2
        for _ in range(10):
            assert codes(user.go) == ["mismatch-variable"]
        assert importspy_hook.cache_info() == {"hits": 19, "misses": 2, "size": 1}
        """,
    )


def test_without_the_hook_there_is_nothing(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        assert importspy_hook.cache_info() == {"hits": 0, "misses": 0, "size": 0}
        assert importspy_hook.decisions() == []
        importspy_hook.cache_clear()
        """,
        hook=False,
    )


# What takes effect at the next import


def test_the_environment(project: Project) -> None:
    lay_out(project, NEEDS_ENVIRONMENT)
    run(
        project,
        """
        import os, user
        log = Log()
        assert codes(user.go) == ["missing-environment-variable", "missing-secret"]
        os.environ["LEVEL"] = "high"
        assert codes(user.go) == ["missing-secret"]
        os.environ["TOKEN"] = ""
        assert fits(user.go)
        os.environ["TOKEN"] = "another"
        assert fits(user.go)
        assert log.reasons() == ["New", "Environment", "Environment", "Environment"]
        os.environ["LEVEL"] = "low"
        assert codes(user.go) == ["mismatch-environment-variable"]
        del os.environ["LEVEL"]
        assert codes(user.go) == ["missing-environment-variable"]
        os.environ["LEVEL"] = "high"
        assert fits(user.go) and fits(user.go)
        assert log.reasons() == ["Environment"] * 3
        """,
    )


def test_the_environment_as_a_whole(project: Project) -> None:
    lay_out(project, NEEDS_ENVIRONMENT)
    run(
        project,
        """
        import os, user
        os.environ.update(LEVEL="high", TOKEN="x")
        assert fits(user.go)
        os.environ = {}
        assert codes(user.go) == ["missing-environment-variable", "missing-secret"]
        """,
    )


@pytest.mark.parametrize("settled", [False, True], ids=["fresh", "settled"])
@pytest.mark.parametrize(
    "change",
    [
        # In place, of the same size.
        "file.write_text(text.replace('1', '2'))",
        # In place, of the same size, with the time stamp of before.
        "file.write_text(text.replace('1', '2')); os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + fresh))",
        # Another file in its place.
        "new = file.with_name('new'); new.write_text(text.replace('1', '2')); os.replace(new, file)",
        # The same, with the same size and time stamp.
        "new = file.with_name('new'); new.write_text(text.replace('1', '2'));"
        "os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns)); os.replace(new, file)",
        # A link to another file.
        "new = file.with_name('new'); new.write_text(text.replace('1', '2')); file.unlink(); file.symlink_to('new')",
    ],
    ids=["in-place", "same-time", "replaced", "replaced-same-time", "linked"],
)
def test_a_changed_contract(project: Project, change: str, settled: bool) -> None:
    lay_out(project)
    run(
        project,
        f"""
        import os, pathlib
        {SETTLED if settled else ""}
        import user
        log = Log()
        file = pathlib.Path("framework/spymodel.yml")
        # A settled file with the very same stamp can't be told from an unchanged one: one nanosecond more.
        text, before, fresh = file.read_text(), file.stat(), int({settled})
        assert fits(user.go) and fits(user.go)
        {change}
        assert codes(user.go) == ["mismatch-variable"] and codes(user.go) == ["mismatch-variable"]
        assert log.reasons() == ["New", "Contract"], log.lines
        """.replace("        " + SETTLED, textwrap.indent(SETTLED, " " * 8)),
    )


# The name of a thread is a file that changes without a new size or time stamp, as any file can on a file system whose clock
# ticks slowly.
TICKLESS = """
import time
def write(text):
    with open("/proc/self/comm", "w") as file:
        file.write(text)
    return tuple(os.stat("/proc/self/comm"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that changes without a new time stamp")
def test_a_contract_that_changes_within_the_clocks_grain(project: Project) -> None:
    lay_out(project)
    project.write({"user.py": "__version__ = '1'\ndef go():\n    import framework\n"})
    (project.root / "framework/spymodel.yml").unlink()
    (project.root / "framework/spymodel.yml").symlink_to("/proc/self/comm")
    run(
        project,
        f"""
        import os
        {textwrap.indent(TICKLESS, " " * 8).strip()}
        first = write("version: 1")
        import user
        for _ in range(5):
            user.go()
        assert write("version: 2") == first
        assert codes(user.go) == ["mismatch-version"]
        # What was read so early is not believed later, either.
        assert write("version: 1") == first
        time.sleep(2.1)
        assert fits(user.go) and fits(user.go)
        """,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that changes without a new time stamp")
def test_an_importer_that_changes_within_the_clocks_grain(project: Project) -> None:
    project.write({"g.py": "", "g.spymodel.yml": "variables: [{name: x, value: 1}]", "tools.py": TOOLS})
    (project.root / "user.py").symlink_to("/proc/self/comm")
    run(
        project,
        f"""
        import importlib, os
        {textwrap.indent(TICKLESS, " " * 8).strip()}
        first = write("import g;x=1")
        import user
        assert user.x == 1
        # As its file is now, it does not fit. That shows only later, when the file's time stamp is old.
        assert write("import g;x=2") == first
        time.sleep(2.1)
        assert codes(lambda: importlib.reload(user)) == ["mismatch-variable"]
        """,
    )


def test_a_contract_that_comes_and_goes(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import importlib, os, pathlib, user
        file = pathlib.Path("framework/spymodel.yml")
        text = file.read_text()
        assert fits(user.go)
        user.level = 2
        assert not fits(user.go)
        file.unlink()
        assert fits(user.go)
        file.write_text(text)
        assert not fits(user.go)
        file.write_text("{}")
        assert fits(user.go)
        file.write_text("variables: [")
        try:
            user.go()
        except importspy_hook.ContractError:
            pass
        else:
            raise SystemExit("let in")
        file.write_text(text)
        assert not fits(user.go)
        """,
    )


@pytest.mark.parametrize("settled", [False, True], ids=["fresh", "settled"])
def test_a_package_s_contract_under_its_other_name(project: Project, settled: bool) -> None:
    lay_out(project)
    run(
        project,
        f"""
        import pathlib
        {SETTLED if settled else ""}
        import user
        file = pathlib.Path("framework/spymodel.yml")
        text = file.read_text()
        assert fits(user.go) and fits(user.go)
        # What comes to the folder without being nearer changes nothing.
        pathlib.Path("framework/notes.txt").write_text("")
        assert fits(user.go)
        file.unlink()
        file.with_suffix(".yaml").write_text(text.replace("1", "2"))
        assert codes(user.go) == ["mismatch-variable"]
        # Beside the one that holds, another: who was refused still is, and whoever comes is told.
        file.write_text(text)
        try:
            fits(user.go)
        except importspy_hook.ContractError as error:
            assert "both claim" in str(error)
        else:
            raise SystemExit("let in")
        """.replace("        " + SETTLED, textwrap.indent(SETTLED, " " * 8)),
    )


def test_a_contract_that_appears(project: Project) -> None:
    lay_out(project)
    (project.root / "framework/spymodel.yml").unlink()
    run(
        project,
        f"""
        import importlib, pathlib, sys, user
        user.level = 2
        user.go()
        pathlib.Path("framework/spymodel.yml").write_text({NEEDS_LEVEL!r})
        importlib.invalidate_caches()
        assert codes(user.go) == ["mismatch-variable"]
        pathlib.Path("framework/spymodel.yml").unlink()
        importlib.invalidate_caches()
        assert fits(user.go)
        # A module that is not loaded yet is looked at as it is found, without being told to.
        pathlib.Path("framework/spymodel.yml").write_text({NEEDS_LEVEL!r})
        del sys.modules["framework"]
        assert codes(user.go) == ["mismatch-variable"]
        """,
    )


def test_a_reloaded_importer(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import importlib, pathlib, user
        log = Log()
        assert fits(user.go)
        pathlib.Path("user.py").write_text(pathlib.Path("user.py").read_text().replace("level = 1", "level = 'other'"))
        assert fits(user.go)
        importlib.reload(user)
        assert codes(user.go) == ["mismatch-variable"]
        assert log.reasons()[-1] == "Importer", log.lines
        """,
    )


def test_another_importer_of_the_same_name(project: Project) -> None:
    lay_out(project)
    project.write({"other/user.py": "level = 2\ndef go():\n    import framework\n"})
    run(
        project,
        """
        import sys, user
        log = Log()
        first = user.go
        assert fits(first)
        del sys.modules["user"], user
        sys.path.insert(0, "other")
        import user as second
        assert second.go is not first
        assert codes(second.go) == ["mismatch-variable"] and fits(first)
        assert log.reasons() == ["New", "Importer", "Anonymous"], log.lines
        """,
    )


def test_rebinding_in_the_importer(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import user
        log = Log()
        for value, wanted in [(1, []), (2, ["mismatch-variable"]), (1.0, []), ("1", ["mismatch-variable"]), (True, ["mismatch-variable"])]:
            user.level = value
            assert codes(user.go) == wanted == codes(user.go), value
        del user.level
        assert codes(user.go) == ["missing-variable"] == codes(user.go)
        user.level = 1
        assert fits(user.go)
        assert log.reasons() == ["New"] + ["Binding"] * 6, log.lines
        """,
    )


def test_values_that_can_change_in_place_are_looked_at_each_time(project: Project) -> None:
    lay_out(project, "variables: [{name: level, value: [1]}]")
    run(
        project,
        """
        import user
        user.level = [1]
        assert fits(user.go)
        user.level.append(2)
        assert codes(user.go) == ["mismatch-variable"]
        user.level.pop()
        assert fits(user.go)
        """,
    )


IN_PLACE = {
    "attribute of a class": (
        "classes: [{name: Made, attributes: [{type: class, name: n, value: 1}]}]",
        "user.Made = type('Made', (), {'n': 1})",
        "user.Made.n = 2",
    ),
    "method of a class": (
        "classes: [{name: Made, methods: [{name: m, arguments: [{name: x}]}]}]",
        "user.Made = type('Made', (), {'m': lambda self, x: x})",
        "user.Made.m = lambda self, y: y",
    ),
    "attribute of a base": (
        "classes: [{name: Made, attributes: [{type: class, name: n, value: 1}]}]",
        "base = type('Base', (), {'n': 1}); user.Made = type('Made', (base,), {})",
        "base.n = 2",
    ),
    "bases of a class": (
        "classes: [{name: Made, superclasses: [First]}]",
        "kinds = [type(name, (), {}) for name in ('First', 'Second')]; user.Made = type('Made', (kinds[0],), {})",
        "user.Made.__bases__ = (kinds[1],)",
    ),
    "default of a function": (
        "functions: [{name: made, arguments: [{name: x, value: 1}]}]",
        "user.made = lambda x=1: x",
        "user.made.__defaults__ = (2,)",
    ),
    "code of a function": (
        "functions: [{name: made, arguments: [{name: x}]}]",
        "user.made = lambda x: x",
        "user.made.__code__ = (lambda y: y).__code__",
    ),
    "annotations of a function": (
        "functions: [{name: made, arguments: [{name: x, annotation: int}]}]",
        "user.made = lambda x: x; user.made.__annotations__ = {'x': int}",
        "user.made.__annotations__ = {'x': str}",
    ),
}


@pytest.mark.parametrize("what", IN_PLACE)
def test_what_is_changed_in_place(project: Project, what: str) -> None:
    contract, make, change = IN_PLACE[what]
    lay_out(project, contract)
    run(
        project,
        f"""
        import user
        {make}
        user.go(), user.go()
        {change}
        remembered = codes(user.go)
        importspy_hook.cache_clear()
        assert remembered == codes(user.go) != [], remembered
        """,
    )


def test_what_another_module_binds(project: Project) -> None:
    lay_out(project, "classes: [{name: Made, attributes: [{type: class, name: n, value: 1}]}]")
    project.write({"base.py": "class Base:\n    n = 1\n"})
    project.write({"user.py": "from base import Base\nclass Made(Base):\n    pass\ndef go():\n    import framework\n"})
    run(
        project,
        """
        import base, user
        user.go(), user.go()
        del base.Base.n
        base.Base = None
        remembered = codes(user.go)
        importspy_hook.cache_clear()
        assert remembered == codes(user.go), remembered
        """,
    )


def test_an_importer_that_has_come_further(project: Project) -> None:
    lay_out(project, "variables: [{name: level}, {name: later}]")
    project.write(
        {
            "user.py": """
                level = 1
                def go():
                    import framework
                from tools import *
                seen = codes(go)
                name = "later"
                vars()[name] = 1
                """
        }
    )
    run(
        project,
        """
        import user
        assert user.seen == ["unproven-variable"], user.seen
        assert fits(user.go) and misses(user.go) == 0
        """,
    )


# What does not


def test_nothing_else_causes_work(project: Project) -> None:
    lay_out(project, NEEDS_LEVEL + NEEDS_ENVIRONMENT)
    run(
        project,
        """
        import importlib, os, pathlib, sys, types, user
        os.environ.update(LEVEL="high", TOKEN="x")
        user.go()
        made = len(importspy_hook.decisions())
        assert misses(user.go, 10_000) == 0
        # Changes that no decision rests on.
        os.environ["OTHER"] = "x"
        assert misses(user.go) == 0
        user.other = 1
        assert misses(user.go) == 0
        file = pathlib.Path("framework/spymodel.yml")
        file.write_text(file.read_text())
        assert misses(user.go) == 0
        os.utime(file, (1_000_000_000, 1_000_000_000))
        assert misses(user.go) == 0
        file.with_name("new").write_text(file.read_text())
        os.replace(file.with_name("new"), file)
        assert misses(user.go) == 0
        sys.modules["another"] = types.ModuleType("another")
        assert misses(user.go) == 0
        sys.path.append("nowhere")
        assert misses(user.go) == 0
        import json, email
        assert misses(user.go) == 0
        os.environ["LEVEL"] = "".join(["hi", "gh"])
        assert misses(user.go) == 0
        assert len(importspy_hook.decisions()) == made
        """,
    )


def test_a_settled_contract_is_not_even_read(project: Project) -> None:
    lay_out(project)
    run(
        project,
        f"""
        {SETTLED.splitlines()[0]}
        {SETTLED.splitlines()[1]}
        import sys, user
        user.go()
        opened = []
        sys.addaudithook(lambda event, args: opened.append(args) if event in ("open", "compile") else None)
        for _ in range(100):
            user.go()
        assert opened == [], opened
        """,
    )


def test_refusals_are_remembered_too(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import user
        user.level = 2
        raised = []
        for _ in range(100):
            try:
                user.go()
            except ValueError as error:
                raised.append(error)
        assert len(raised) == 100 == len(set(map(id, raised)))
        assert importspy_hook.cache_info()["misses"] == 1
        assert len({str(error) for error in raised}) == 1
        """,
    )


# Bounds and clearing


def test_bounded(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import sys, types
        code = compile("def go():\\n    import framework\\n", "<made>", "exec")
        def importer(number):
            module = sys.modules[f"made{number}"] = types.ModuleType(f"made{number}")
            module.level = number % 2
            exec(code, vars(module))
            return module
        largest = 0
        importers = [importer(number) for number in range(10_000)]
        for module in importers:
            assert fits(module.go) == (module.level == 1)
            largest = max(largest, importspy_hook.cache_info()["size"])
        assert 1000 < largest <= 5000, largest
        assert importspy_hook.cache_info()["misses"] == 10_000
        assert len(importspy_hook.decisions()) == 1000
        assert importspy_hook.decisions()[-1]["importer"] == "made9999"
        # Rebinding makes no second entry of the same importer.
        size = importspy_hook.cache_info()["size"]
        for number in range(100):
            module.level = number
            fits(module.go)
        assert importspy_hook.cache_info()["size"] == size
        """,
    )


def test_importers_are_not_kept_alive(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import gc, sys, types, weakref
        dead = []
        for number in range(50):
            module = sys.modules["made"] = types.ModuleType("made")
            module.level = 1
            exec("def go():\\n    import framework\\n", vars(module))
            assert fits(module.go)
            dead.append(weakref.ref(module))
            del sys.modules["made"], module
        gc.collect()
        assert sum(ref() is not None for ref in dead) == 0
        """,
    )


@pytest.mark.parametrize("clear", ["importspy_hook.cache_clear()", "importlib.invalidate_caches()"])
def test_clearing(project: Project, clear: str) -> None:
    lay_out(project)
    run(
        project,
        f"""
        import importlib, user
        user.go(), user.go()
        {clear}
        assert importspy_hook.cache_info() == {{"hits": 0, "misses": 0, "size": 0}}
        assert misses(user.go) == 1 and misses(user.go) == 0
        user.level = 2
        assert codes(user.go) == ["mismatch-variable"]
        """,
    )


# The log


def test_each_miss_has_its_reason(project: Project) -> None:
    lay_out(project, NEEDS_LEVEL + NEEDS_ENVIRONMENT)
    run(
        project,
        """
        import importlib, os, pathlib, user
        log = Log()
        os.environ.update(LEVEL="high", TOKEN="x-secret-x")
        def reason(change):
            change()
            codes(user.go)
            found = log.reasons()
            codes(user.go)
            assert log.reasons() == []
            return found
        assert reason(lambda: None) == ["New"]
        assert reason(lambda: os.environ.update(TOKEN="y-secret-y")) == ["Environment"]
        file = pathlib.Path("framework/spymodel.yml")
        assert reason(lambda: file.write_text(file.read_text() + "# more\\n")) == ["Contract"]
        assert reason(lambda: setattr(user, "level", 2)) == ["Binding"]
        assert reason(lambda: importlib.reload(user)) == ["Importer"]
        assert reason(importlib.invalidate_caches) == ["New"]
        exec("import framework", {"level": 1})
        assert log.reasons() == ["Anonymous"]
        # What can change in place is looked at each time.
        file.write_text("variables: [{name: level, value: [1]}]")
        user.level = [1]
        for expected in ["Contract", "NotKept", "NotKept"]:
            assert fits(user.go) and log.reasons() == [expected], log.lines
        assert importspy_hook.cache_info()["size"] == 0
        user.level.append(2)
        assert codes(user.go) == ["mismatch-variable"] and log.reasons() == ["NotKept"]
        # What can't, is remembered again.
        user.level = 1
        file.write_text("variables: [{name: level, value: 1}]")
        assert fits(user.go) and fits(user.go) and log.reasons() == ["NotKept"]
        assert importspy_hook.cache_info()["size"] == 1
        """,
    )


def test_what_the_log_says(project: Project) -> None:
    lay_out(project, NEEDS_LEVEL + NEEDS_ENVIRONMENT)
    result = run(
        project,
        """
        import logging, os, user
        os.environ.update(LEVEL="high-but-secret", TOKEN="x-secret-x")
        logging.basicConfig(level="DEBUG", format="%(name)s %(levelname)s %(message)s")
        importspy_hook.install(log_level="DEBUG")
        codes(user.go)
        """,
    )
    lines = result.stderr.splitlines()
    assert lines and all(line.startswith("importspy_hook ") for line in lines), result
    cache = next(line for line in lines if " cache: " in line)
    assert cache == 'importspy_hook DEBUG cache: no remembered decision module="framework" importer="user" reason=New'
    decision = next(line for line in lines if " decision: " in line)
    assert decision.startswith('importspy_hook WARNING decision: import decided module="framework" importer="user"'), decision
    assert 'allowed=false reason="violations" violations=1' in decision
    assert "secret" not in result.stderr.replace("missing-secret", "")


def test_a_refusal_alone_is_in_a_log_that_nobody_asked_for(project: Project) -> None:
    """Whoever swallows it, the program's log has it."""
    lay_out(project)
    source = """
        import logging, user
        logging.basicConfig(level="DEBUG")
        def log():
            try:
                user.go()
            except Exception:
                pass
        log()
        user.level = 2
        log()
        user.level = 3
        log()
        user.level = 1
        log()
        """
    lines = [line for line in run(project, source).stderr.splitlines() if "importspy_hook" in line]
    assert len(lines) == 2 and all(line.startswith("WARNING:importspy_hook:decision:") for line in lines), lines
    quiet = run(project, source.replace("logging.basicConfig", "(lambda **_: 0)"))
    assert quiet.stderr == "", quiet


# decisions()


def test_decisions_as_data(project: Project) -> None:
    lay_out(project, NEEDS_LEVEL + "trusted_importers: [trusted]\n")
    project.write(
        {
            "framework/inner.py": "import framework\n",
            "trusted.py": "import framework\n",
            "fits.py": "level = 1\nimport framework\n",
            "lacks.py": "import framework\n",
            "broken/__init__.py": "",
            "broken/spymodel.yml": "variables: [",
        }
    )
    result = run(
        project,
        """
        import json
        import trusted, fits
        for name in ["lacks", "user"]:
            try:
                exec(f"import {name}")
            except ValueError:
                pass
        trusted.framework.level = 0
        import importlib
        vars(trusted)["inner"] = exec("import framework.inner", vars(trusted))
        try:
            import broken
        except importspy_hook.ContractError:
            pass
        print(json.dumps(importspy_hook.decisions()))
        """,
    )
    decisions = result.json()
    keys = {"module", "importer", "contract", "allowed", "reason", "codes", "microseconds"}
    assert all(set(decision) == keys and decision["microseconds"] > 0 for decision in decisions)
    contract = str(project.root / "framework/spymodel.yml")
    assert {decision["contract"] for decision in decisions if decision["module"] != "broken"} == {contract}
    seen = [(d["module"], d["importer"], d["allowed"], d["reason"], d["codes"]) for d in decisions]
    for wanted in [
        ("framework", "trusted", True, "trusted", []),
        ("framework", "fits", True, "fits", []),
        ("framework", "lacks", False, "violations", ["missing-variable"]),
        ("framework.inner", "trusted", True, "trusted", []),
        ("framework", "framework.inner", True, "boundary", []),
        ("broken", "__main__", False, "error", []),
    ]:
        assert wanted in seen, (wanted, seen)


def test_a_decision_without_importer(project: Project) -> None:
    lay_out(project, NEEDS_LEVEL)
    project.write({"framework/tool.py": "import importspy_hook, json\nprint(json.dumps(importspy_hook.decisions()))\n"})
    decisions = project.run("-m", "framework.tool").succeeded().json()
    assert ("framework", "<no importer>", True, "no-importer") in [
        (d["module"], d["importer"], d["allowed"], d["reason"]) for d in decisions
    ], decisions


def test_decisions_are_copies(project: Project) -> None:
    lay_out(project)
    run(
        project,
        """
        import user
        user.go()
        importspy_hook.decisions()[0].clear()
        importspy_hook.decisions().clear()
        assert importspy_hook.decisions()[0]["importer"] == "user"
        importspy_hook.cache_clear()
        assert importspy_hook.decisions() == []
        """,
    )


def test_decisions_hold_no_values_of_the_environment(project: Project) -> None:
    lay_out(project, NEEDS_ENVIRONMENT)
    result = run(
        project,
        """
        import os, user
        os.environ.update(LEVEL="hidden-value", TOKEN="hidden-value")
        assert codes(user.go) == ["mismatch-environment-variable"]
        print(importspy_hook.decisions(), importspy_hook.cache_info())
        """,
    )
    assert "mismatch-environment-variable" in result.stdout and "hidden-value" not in result.stdout
