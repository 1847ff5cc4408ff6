"""`pytest --importspy`: contracts enforced while the tests of a project run, its test files trusted."""

from __future__ import annotations

from typing import Any

import pytest

from harness import Project, Result

PROJECT = {
    "pytest.ini": "[pytest]\n",
    "app/__init__.py": "",
    "app/engine/__init__.py": "VALUE = 1\n",
    "app/engine/spymodel.yml": "functions: [{name: run}]",
    "app/fits.py": "from app import engine\n\ndef run(): ...\n",
    "app/lacks.py": "from app import engine\n",
    "tests/conftest.py": """
        import pytest
        import app.engine

        @pytest.fixture
        def value():
            return app.engine.VALUE
        """,
    "tests/test_it.py": """
        import pytest
        import app.engine
        from app import fits

        def test_trusted(value):
            import app.engine as again
            assert value == again.VALUE == 1

        def test_blocked():
            with pytest.raises(ValueError, match="missing-function"):
                import app.lacks
        """,
}


def run_pytest(project: Project, *args: str, **options: Any) -> Result:
    options = {"hook": False, **options}
    environment = {"PYTEST_ADDOPTS": "", **options.pop("env", {})}
    # As a developer's: the working folder on the path, warnings are errors.
    arguments = ("-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *args)
    return project.run(*arguments, env=environment, **options)


def section(result: Result) -> list[str]:
    """The lines of the summary."""
    lines = result.stdout.splitlines()
    titles = [number for number, line in enumerate(lines) if line.strip("= ") == "importspy_hook"]
    assert len(titles) <= 1, result
    if not titles:
        return []
    rest = lines[titles[0] + 1 :]
    end = next(number for number, line in enumerate(rest) if line.startswith("="))
    return [line for line in rest[:end] if line]


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_contracts_are_enforced_and_test_files_trusted(project: Project, mode: str) -> None:
    project.write(PROJECT)
    result = run_pytest(project, "--importspy", f"--import-mode={mode}").succeeded()
    assert "2 passed" in result.stdout and "importspy_hook: mode enforce\n" in result.stdout
    counts, blocked = section(result)
    assert counts.endswith("of them exempt), 1 blocked")
    assert blocked == "blocked: app.engine imported by app.lacks: missing-function"


def test_without_the_option_nothing_happens(project: Project) -> None:
    project.write(PROJECT)
    result = run_pytest(project)
    assert "1 failed, 1 passed" in result.stdout and "importspy_hook" not in result.stdout, result


def test_the_plugin_is_light(project: Project) -> None:
    project.write({"test_it.py": "def test(): ...\n"})
    project.write(
        {
            "conftest.py": """
            import sys
            before = sorted(name for name in sys.modules if name.startswith("importspy_hook"))
            assert before == ["importspy_hook", "importspy_hook._native", "importspy_hook.pytest_plugin"], before
            """
        }
    )
    run_pytest(project).succeeded()


@pytest.mark.parametrize("args", [["-p", "no:importspy_hook"], ["-p", "no:importspy_hook", "--importspy"]])
def test_it_can_be_turned_off(project: Project, args: list[str]) -> None:
    project.write({"test_it.py": "import sys\ndef test(): assert 'importspy_hook' not in sys.modules\n"})
    result = run_pytest(project, *args)
    # Then pytest does not know the option.
    assert result.returncode == (4 if "--importspy" in args else 0), result


def test_report_mode(project: Project) -> None:
    project.write(PROJECT | {"tests/test_it.py": "def test():\n    import app.lacks\n"})
    result = run_pytest(project, "--importspy", "--importspy-mode=report", "-W", "default")
    assert "1 passed, 1 warning" in result.succeeded().stdout
    assert section(result)[1] == "would be blocked: app.engine imported by app.lacks: missing-function"


def test_a_test_file_keeps_its_explained_assertions(project: Project) -> None:
    project.write(PROJECT | {"tests/test_it.py": "import app.engine\ndef test():\n    assert app.engine.VALUE == 2\n"})
    result = run_pytest(project, "--importspy")
    assert "assert 1 == 2" in result.stdout and "1 failed" in result.stdout, result


def test_helpers_are_importers_unless_named(project: Project) -> None:
    files = {"tests/helper.py": "import app.engine\n", "tests/test_it.py": "def test():\n    import helper\n"}
    project.write(PROJECT | files)
    assert "missing-function" in run_pytest(project, "--importspy").stdout
    for entry in ("helper", "tests/*.py"):
        project.write({"pytest.ini": f"[pytest]\nimportspy_trusted = {entry}\n"})
        assert "1 passed" in run_pytest(project, "--importspy").stdout


def test_files_outside_are_not_trusted_for_their_names(project: Project) -> None:
    project.write(PROJECT)
    outside = project.root.parent / "outside"
    outside.mkdir()
    (outside / "test_made_up.py").write_text("import app.engine\n")
    project.write(
        {"tests/test_it.py": f"import sys\ndef test():\n    sys.path.append({str(outside)!r})\n    import test_made_up\n"}
    )
    assert "missing-function" in run_pytest(project, "--importspy").stdout
    # Unless it is named.
    project.write({"tests/test_it.py": "def test(): ...\n"})
    result = run_pytest(project, "--importspy", "tests", str(outside)).succeeded()
    assert "1 passed" in result.stdout


def test_a_named_file_of_any_name_is_trusted(project: Project) -> None:
    project.write(PROJECT | {"odd*/check.py": "import app.engine\ndef test(): ...\n"})
    assert "1 passed" in run_pytest(project, "--importspy", "odd*/check.py").succeeded().stdout
    assert "1 passed" in run_pytest(project, "--importspy", "odd*/check.py::test").succeeded().stdout


def test_the_folder_of_the_tests_may_be_guarded(project: Project) -> None:
    """A contract at the top of a project guards the test files there, too, which pytest imports."""
    project.write({"spymodel.yml": "functions: [{name: run}]", "test_it.py": "def test(): ...\n", "conftest.py": ""})
    assert "1 passed" in run_pytest(project, "--importspy").succeeded().stdout


def test_xdist(project: Project) -> None:
    project.write(PROJECT)
    for number in range(3):
        project.write({f"tests/test_{number}.py": PROJECT["tests/test_it.py"]})
    result = run_pytest(project, "--importspy", "-n", "2")
    result.succeeded()
    assert "8 passed" in result.stdout
    assert section(result)[1].startswith("blocked: app.engine imported by app.lacks: missing-function"), result


def test_an_installation_that_is_there_is_left_alone(project: Project) -> None:
    """Whoever installed the hook before did not vouch for the tests."""
    project.write(PROJECT)
    project.write({"tests/conftest.py": "", "tests/test_it.py": "def test():\n    import app.engine\n"})
    result = run_pytest(project, "--importspy", hook=True)
    assert "test files are importers like any other" in result.stdout and "missing-function" in result.stdout, result
    result = run_pytest(project, "--importspy", "--importspy-mode=report", hook=True)
    assert result.returncode == 4 and "is installed with mode='enforce'" in result.stderr, result
    project.write({"tests/conftest.py": "", "tests/test_it.py": "def test(): ...\n"})
    project.write({"plugin.py": AFTER})
    for hook in (False, True):
        printed = run_pytest(project, "--importspy", "-p", "plugin", hook=hook).succeeded().stdout
        assert f"installed afterwards: {hook}" in printed


AFTER = """
    import atexit, importspy_hook
    atexit.register(lambda: print("installed afterwards:", importspy_hook.is_installed()))
    """


def test_taken_out_by_a_test(project: Project) -> None:
    project.write(PROJECT | {"tests/test_it.py": "import importspy_hook\ndef test(): importspy_hook.uninstall()\n"})
    assert "taken out during the session" in section(run_pytest(project, "--importspy").succeeded())[-1]


def test_an_application_that_installs_the_hook_itself(project: Project) -> None:
    project.write(PROJECT)
    project.write({"tests/conftest.py": "import importspy_hook\nimportspy_hook.install()\nimport app.engine\n"})
    project.write({"tests/test_it.py": "import app.engine\ndef test(): ...\n"})
    assert "1 passed" in run_pytest(project, "--importspy").succeeded().stdout


def test_help_and_bad_input(project: Project) -> None:
    printed = run_pytest(project, "--help").succeeded().stdout
    assert "--importspy-mode" in printed and "importspy_trusted" in printed
    assert run_pytest(project, "--importspy", "--importspy-mode=loose").returncode == 4
    project.write({"pytest.ini": "[pytest]\nimportspy_trusted = [\n"})
    result = run_pytest(project, "--importspy")
    assert result.returncode == 4 and "trusted_importers: '['" in result.stderr, result


# install(trusted_importers=…), which the plugin uses

GUARDED = {"core.py": "", "core.spymodel.yml": "variables: [{name: absent}]", "tests/host.py": "import core\n"}


def outcome(project: Project, *lines: str) -> Any:
    body = "\n".join(lines)
    return project.write(GUARDED).script(f"import importspy_hook, sys\n{body}\n", hook=False)


@pytest.mark.parametrize("entry", ["tests.host", "tests.*", "tests/host.py", "**/host.py"])
def test_trusted_by_name_or_file(project: Project, entry: str) -> None:
    result = outcome(
        project,
        f"importspy_hook.install(trusted_importers=[{entry!r}])",
        "import tests.host",
        "print(importspy_hook.decisions()[0]['reason'], importspy_hook.status()['trusted_importers'])",
    )
    assert result.succeeded().stdout == f"trusted {[entry]}\n"
    result = outcome(project, "importspy_hook.install(trusted_importers=['tests'])", "import tests.host")
    assert result.returncode == 1 and "missing-variable" in result.stderr


def test_the_environment_part_is_for_trusted_importers_too(project: Project) -> None:
    project.write(GUARDED)
    project.write({"core.spymodel.yml": "deployments: [{arch: x86_64, systems: [{os: linux, environment: {secrets: [T]}}]}]"})
    result = project.script(
        "import importspy_hook\nimportspy_hook.install(trusted_importers=['*'])\nimport core\n", hook=False
    )
    assert "missing-secret" in result.stderr


def test_enforcement_is_not_loosened_by_a_second_call(project: Project) -> None:
    install = "importspy_hook.install"
    refused = outcome(project, f"{install}()", f"{install}(trusted_importers=['*'])")
    assert "call uninstall() before install(trusted_importers=...)" in refused.stderr
    refused = outcome(project, f"{install}(trusted_importers=['a'])", f"{install}(trusted_importers=['a', 'b'])")
    assert "call uninstall() before" in refused.stderr
    shown = "print(importspy_hook.status()['trusted_importers'])"
    for calls, left in [
        (["trusted_importers=['a', 'b']", ""], "['a', 'b']"),
        (["trusted_importers=['a', 'b']", "trusted_importers=['b']"], "['b']"),
        (["trusted_importers=['a', 'b']", "trusted_importers=[]"], "[]"),
        (["mode='report', trusted_importers=['a']", "mode='report'"], "['a']"),
        # A looser installation, by whomever, vouches for nobody in a stricter one.
        (["mode='report', trusted_importers=['a']", ""], "[]"),
        (["mode='report'", "trusted_importers=['a']"], "['a']"),
    ]:
        result = outcome(project, *(f"{install}({call})" for call in calls), shown)
        assert result.succeeded().stdout == f"{left}\n", calls
    result = outcome(project, f"{install}(trusted_importers=['*'])", "importspy_hook.uninstall()", f"{install}()", shown)
    assert result.succeeded().stdout == "[]\n"


def test_who_can_not_be_trusted(project: Project) -> None:
    """Code that belongs to no module, and a module that only looks like a trusted file."""
    for source in (
        "exec(compile('import core', 'tests/host.py', 'exec'), {'__name__': 'tests.host'})",
        "import types; made = sys.modules['tests.host'] = types.ModuleType('tests.host')\n"
        "exec(compile('import core; other = 1', 'tests/host.py', 'exec'), made.__dict__)",
    ):
        result = outcome(project, "importspy_hook.install(trusted_importers=['tests/host.py', 'tests.host'])", source)
        assert "-variable]" in result.stderr, result


@pytest.mark.parametrize(
    ("value", "kind"), [("'tests.*'", "TypeError"), ("[1]", "TypeError"), ("['[']", "ValueError"), ("['']", "ValueError")]
)
def test_bad_globs(project: Project, value: str, kind: str) -> None:
    result = outcome(project, f"importspy_hook.install(trusted_importers={value})")
    assert f"{kind}: " in result.stderr, result
    # Nothing is half-done.
    result = outcome(
        project,
        f"try: importspy_hook.install(trusted_importers={value})",
        f"except {kind}: print(importspy_hook.is_installed())",
    )
    assert result.succeeded().stdout == "False\n"
