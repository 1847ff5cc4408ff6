"""`install(mode="report")`: everything is let through, and told."""

from __future__ import annotations

from typing import Any

import pytest

from harness import Project, Result

SITE = "import importspy_hook\nimportspy_hook.install(mode='report')\n"

WAYS = {
    "import": "import framework",
    "from": "from framework import VALUE",
    "star": "from framework import *",
    "submodule": "import framework.part",
    "dunder": "__import__('framework')",
    "import_module": "import importlib; importlib.import_module('framework')",
    "function": "def go():\n    import framework\ngo()",
    "exec": "exec('import framework')",
}


@pytest.fixture
def reporting(project: Project) -> Project:
    """A project whose children are told, not stopped."""
    (project.site / "sitecustomize.py").write_text(SITE)
    return project.write(
        {
            "framework/__init__.py": "VALUE = 1\nprint('framework runs')\n",
            "framework/part.py": "",
            "framework/spymodel.yml": "variables: [{name: fits}, {name: level, value: 1}]",
            "lacks.py": "\nimport framework\n",
            "fits.py": "fits = True\nlevel = 1\nimport framework\n",
        }
    )


CATCH = """
import sys, warnings
def caught(body):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        body()
    return seen
"""


def test_nothing_is_said_about_what_fits(reporting: Project) -> None:
    result = reporting.script("import fits\n").succeeded()
    assert (result.stdout, result.stderr) == ("framework runs\n", "")


def test_what_does_not_fit_is_let_through_and_told(reporting: Project) -> None:
    result = reporting.script("import lacks\nprint(lacks.framework.VALUE)\n").succeeded()
    assert result.stdout == "framework runs\n1\n"
    lines = result.stderr.splitlines()
    assert lines[0].startswith(f"{reporting.root / 'lacks.py'}:2: ContractWarning: `lacks` does not fit"), result
    assert "error[missing-variable]" in result.stderr and str(reporting.root / "framework/spymodel.yml") in result.stderr
    # Both violations, in one warning.
    assert result.stderr.count("ContractWarning") == 1 and "2 violations" in result.stderr, result


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loaded", [False, True], ids=["first", "loaded"])
def test_the_warning_is_at_the_line_of_the_importer(reporting: Project, way: str, loaded: bool) -> None:
    source = f"# One line more.\n{WAYS[way]}\n"
    reporting.write({"way.py": source})
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "framework" in text)
    seen = reporting.script(
        f"{'import fits' if loaded else ''}\n{CATCH}\nseen = caught(lambda: __import__('way'))\n"
        "import json; print(json.dumps([[w.filename, w.lineno, w.category.__name__] for w in seen]))\n"
    ).succeeded().json()  # fmt: skip
    place = ["<string>", 1] if way == "exec" else [str(reporting.root / "way.py"), line]
    # A dotted path passes every contract on it, each of which is told.
    assert seen and all(entry == [*place, "ContractWarning"] for entry in seen), seen
    assert way == "submodule" or len(seen) == 1, seen


def test_the_warning_of_a_library_shows_by_default(reporting: Project) -> None:
    """Python hides `DeprecationWarning` outside `__main__`; this must not be hidden."""
    reporting.write({"deep/__init__.py": "", "deep/lacks.py": "import framework\n"})
    assert "ContractWarning" in reporting.script("import deep.lacks\n").succeeded().stderr


def test_the_default_filter_tells_once_for_each_place(reporting: Project) -> None:
    result = reporting.script(
        """
        def first():
            import framework
        def second():
            import framework
        for _ in range(100):
            first(), second()
        """
    ).succeeded()
    assert result.stderr.count("ContractWarning:") == 2, result
    always = reporting.run("-W", "always", "main.py").succeeded()
    assert always.stderr.count("ContractWarning:") == 200


def test_every_importer_is_told_of(reporting: Project) -> None:
    reporting.write({"other.py": "import framework\n"})
    result = reporting.script("import lacks, fits, other\n").succeeded()
    assert "lacks.py:2: ContractWarning" in result.stderr and "other.py:1: ContractWarning" in result.stderr
    assert "fits.py" not in result.stderr, result


def test_the_same_in_the_log(reporting: Project) -> None:
    result = reporting.script(
        """
        import logging, warnings
        warnings.simplefilter("ignore")
        logging.basicConfig(format="%(name)s %(levelname)s %(message)s", level="INFO")
        import importspy_hook
        importspy_hook.install(mode="report", log_level="INFO")
        import lacks
        """
    ).succeeded()
    lines = [line for line in result.stderr.splitlines() if line.startswith("importspy_hook")]
    assert len(lines) == 1, result
    assert 'module="framework" importer="lacks"' in lines[0] and 'allowed=false reason="violations" violations=2' in lines[0]


LOG = 'import logging, warnings\nwarnings.simplefilter("ignore")\nLOGGING\n'
CONFIGURE = 'logging.basicConfig(format="%(name)s %(levelname)s %(message)s")'


def logged(result: Result) -> list[str]:
    return [line for line in result.succeeded().stderr.splitlines() if line.startswith("importspy_hook")]


@pytest.mark.parametrize("level", ["WARNING", "INFO", "DEBUG"])
@pytest.mark.parametrize("asked", ["", "importspy_hook.install(mode='report', log_level='WARNING')"])
def test_a_log_of_warnings_has_it(reporting: Project, level: str, asked: str) -> None:
    """A program that sets up `logging`, and knows nothing of the hook, has the warnings in its log, and nothing else."""
    configured = LOG.replace("LOGGING", f"{CONFIGURE}; logging.root.setLevel({level!r})")
    lines = logged(reporting.script(f"{configured}import importspy_hook\n{asked}\nimport fits, lacks\n"))
    assert len(lines) == 1 and lines[0].startswith("importspy_hook WARNING") and "lacks" in lines[0], lines


def test_a_logger_that_is_switched_off_stays_so(reporting: Project) -> None:
    for switch in (
        'logging.basicConfig(level="ERROR")',
        f'{CONFIGURE}; logging.getLogger("importspy_hook").setLevel("ERROR")',
        f"{CONFIGURE}; logging.disable()",
    ):
        assert logged(reporting.script(LOG.replace("LOGGING", switch) + "import lacks\n")) == [], switch


@pytest.mark.parametrize("source", ["import sys", "import sys, logging", "import sys; sys.modules['logging'] = sys"])
def test_without_a_log_nobody_gets_one(reporting: Project, source: str) -> None:
    """Python would print what no handler takes beside the warning; `logging` is not imported for the purpose."""
    result = reporting.script(
        f"import warnings; warnings.simplefilter('ignore')\n{source}\nbefore = 'logging' in sys.modules\n"
        "import lacks\nassert ('logging' in sys.modules) is before\n"
    ).succeeded()
    assert (result.stdout, result.stderr) == ("framework runs\n", "")


def test_decisions_say_what_would_have_been(reporting: Project) -> None:
    decisions = reporting.script(
        "import json, warnings, importspy_hook\nwarnings.simplefilter('ignore')\nimport lacks\n"
        "print(json.dumps(importspy_hook.decisions()))\n"
    ).succeeded().json()  # fmt: skip
    seen = [(d["importer"], d["allowed"], d["reason"], d["codes"]) for d in decisions if d["importer"] == "lacks"]
    assert seen == [("lacks", False, "violations", ["missing-variable", "missing-variable"])], decisions


def test_a_contract_that_can_not_be_used(reporting: Project) -> None:
    reporting.write({"framework/spymodel.yml": "variables: ["})
    result = reporting.script("import lacks\n").succeeded()
    assert result.stdout == "framework runs\n"
    assert "lacks.py:2: ContractWarning" in result.stderr and "spymodel.yml" in result.stderr, result


def test_the_environment_part_for_those_who_are_exempt(reporting: Project) -> None:
    reporting.write(
        {"framework/spymodel.yml": "trusted_importers: [lacks]\ndeployments: [{systems: [{environment: {secrets: [TOKEN]}}]}]"}
    )
    result = reporting.script("import lacks\n").succeeded()
    assert "lacks.py:2: ContractWarning" in result.stderr and "missing-secret" in result.stderr
    assert reporting.script("import lacks\n", env={"TOKEN": "x"}).succeeded().stderr == ""


def test_without_importer(reporting: Project) -> None:
    reporting.write({"framework/spymodel.yml": "deployments: [{systems: [{environment: {secrets: [TOKEN]}}]}]"})
    reporting.write({"framework/tool.py": "print('tool runs')\n"})
    result = reporting.run("-m", "framework.tool").succeeded()
    assert "tool runs" in result.stdout and "ContractWarning" in result.stderr and "missing-secret" in result.stderr, result


# Warnings as errors


# Python reads -W before it knows where packages are: a category of a package is for `filterwarnings`.
@pytest.mark.parametrize("option", ["error", "error::UserWarning", "filter"])
def test_as_an_error_it_stops_the_import(reporting: Project, option: str) -> None:
    reporting.script(
        """
        import sys, traceback, warnings
        from importspy_hook import ContractWarning
        if sys.argv[1:]:
            warnings.filterwarnings("error", category=ContractWarning)
        for _ in range(2):
            try:
                import lacks
            except ContractWarning as error:
                print("raised", type(error).__name__, str(error).splitlines()[0][:24])
                frames = traceback.extract_tb(error.__traceback__)
                print([frame.line for frame in frames if "frozen" not in frame.filename])
            print("framework" in sys.modules, "lacks" in sys.modules)
        """
    )
    args = ("main.py", "filter") if option == "filter" else ("-W", option, "main.py")
    result = reporting.run(*args).succeeded()
    once = "raised ContractWarning `lacks` does not fit the\n['import lacks', 'import framework']\nFalse False\n"
    assert result.stdout == once * 2, result


def test_as_an_error_its_traceback_ends_at_the_line_of_the_importer(reporting: Project) -> None:
    reporting.write({"main.py": "import lacks\n"})
    result = reporting.run("-W", "error", "main.py")
    assert result.returncode == 1 and "ContractWarning" in result.stderr and "importlib" not in result.stderr, result
    assert "`framework` was not imported by `lacks`" in result.stderr, result


def test_an_importer_is_no_reason_to_swallow_it(reporting: Project) -> None:
    reporting.write({"main.py": "try:\n    import framework\nexcept ImportError:\n    print('swallowed')\n"})
    result = reporting.run("-W", "error", "main.py")
    assert result.returncode == 1 and "swallowed" not in result.stdout, result


def test_it_can_be_silenced(reporting: Project) -> None:
    reporting.write({"main.py": "import lacks\n"})
    for option in ["ignore", "ignore::UserWarning"]:
        result = reporting.run("-W", option, "main.py").succeeded()
        assert (result.stdout, result.stderr) == ("framework runs\n", ""), result
    assert reporting.run("main.py", env={"PYTHONWARNINGS": "ignore"}).succeeded().stderr == ""


def test_a_warning_hook_that_imports(reporting: Project) -> None:
    result = reporting.script(
        """
        import warnings
        def show(message, category, filename, lineno, file=None, line=None):
            import framework, colorsys
            print("shown", category.__name__, lineno)
        warnings.showwarning = show
        import lacks
        """
    ).succeeded()
    assert result.stdout.startswith("shown ContractWarning 2\n") or "\nshown ContractWarning 2\n" in result.stdout, result


# Enforcement stays


def enforced(project: Project, source: str, **options: Any) -> Result:
    """`lacks` must be refused after `source`."""
    return project.script(f"{source}\nimport lacks\n", **options).blocked("missing-variable")


ENFORCED = {
    "framework/__init__.py": "",
    "framework/spymodel.yml": "variables: [{name: fits}]",
    "lacks.py": "import framework\n",
}


def test_enforcement_is_the_default(project: Project) -> None:
    enforced(project.write(ENFORCED), "")


def test_a_second_install_can_not_weaken_it(project: Project) -> None:
    enforced(
        project.write(ENFORCED),
        "import importspy_hook\ntry:\n    importspy_hook.install(mode='report')\nexcept ValueError as error:\n"
        "    assert 'uninstall' in str(error)\nelse:\n    raise SystemExit('weakened')",
    )


def test_a_second_install_can_tighten_it(project: Project) -> None:
    project.write(ENFORCED)
    (project.site / "sitecustomize.py").write_text(
        (project.site / "sitecustomize.py").read_text().replace("install()", "install(mode='report')")
    )
    assert "ContractWarning" in project.script("import lacks\n").succeeded().stderr
    enforced(project, "import importspy_hook; importspy_hook.install()")
    enforced(
        project,
        "import importspy_hook, warnings\nwarnings.simplefilter('ignore')\nimport framework\nimportspy_hook.install()",
    )
    # What was let through is refused as soon as it is asked for again.
    project.script(
        """
        import warnings; warnings.simplefilter("ignore")
        import lacks, importspy_hook
        importspy_hook.install()
        exec("import framework", vars(lacks))
        """
    ).blocked("missing-variable")


@pytest.mark.parametrize("mode", ["report", "off", "enforce"])
def test_an_install_that_fails_changes_nothing(project: Project, mode: str) -> None:
    enforced(
        project.write(ENFORCED),
        f"import importspy_hook\ntry:\n    importspy_hook.install(mode={mode!r}, log_level='loud')\n"
        "except ValueError:\n    pass\nelse:\n    raise SystemExit('taken')",
    )


@pytest.mark.parametrize("env", [{"PYTHONWARNINGS": "ignore"}, {"PYTHONOPTIMIZE": "2"}, {"PYTHONDEVMODE": "1"}, {"CI": "1"}])
def test_the_environment_can_not_weaken_it(project: Project, env: dict[str, str]) -> None:
    enforced(project.write(ENFORCED), "", env=env)
    enforced(project, f"import os; os.environ.update({env!r})")
    enforced(project, "import warnings; warnings.simplefilter('ignore')")


def test_the_program_reads_no_variable_of_its_own(project: Project) -> None:
    """Whatever the hook asks `os.environ` for is what contracts name, and how to colour."""
    project.write(ENFORCED)
    project.script(
        """
        import os, importspy_hook
        asked = set()
        class Asked(type(os.environ)):
            pass
        get = type(os.environ).__getitem__
        def noted(self, name):
            asked.add(name)
            return get(self, name)
        type(os.environ).__getitem__ = noted
        importspy_hook.uninstall(); importspy_hook.install()
        try:
            import lacks
        except ValueError:
            pass
        assert asked <= {"NO_COLOR", "FORCE_COLOR", "TERM"}, asked
        """
    ).succeeded()
