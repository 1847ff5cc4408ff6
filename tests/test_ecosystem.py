"""Real packages with import hooks of their own, installed before this hook and after it."""

from __future__ import annotations

import difflib
import re
import sys
from typing import Any

import pytest

from harness import Project, Result
from test_transparency import SHOW

# `fits` declares what the contract asks for after the import: only its source can tell.
GUARDED = {
    "framework/__init__.py": "print('framework runs')\nNUMBERS = [1, 2]\n",
    "framework/spymodel.yml": "functions: [{name: run, arguments: [{name: number, annotation: int}]}]",
    "fits.py": "import framework\n\n\ndef run(number: int) -> int:\n    return number + len(framework.NUMBERS)\n",
    "lacks.py": "import framework\n",
}

# The same length in lines, so that tracebacks are comparable.
INSTALL = "import importspy_hook; importspy_hook.install()\n"
NOTHING = "import importspy_hook\n"

REFUSED = """
try:
    import lacks
except ValueError as error:
    print("refused", sorted({violation.code for violation in error.violations}))
"""


def in_either_order(project: Project, theirs: str, program: str, **options: Any) -> Result:
    """Run `theirs` and `program` without the hook, with the hook before both, and with it between: all print the same."""
    without = project.script(theirs + NOTHING + program, hook=False, **options).succeeded()
    first = project.script(theirs + NOTHING + program, **options).succeeded()
    last = project.script(theirs + INSTALL + program, hook=False, **options).succeeded()
    for hooked in (first, last):
        assert str(hooked) == str(without), difference(str(without), str(hooked))
    return without


def difference(without: str, hooked: str) -> str:
    return "\n".join(difflib.unified_diff(without.splitlines(), hooked.splitlines(), "without the hook", "with it", n=1))


def refused_in_either_order(project: Project, theirs: str, late: bool = False) -> None:
    """`lacks` is refused; nothing of `framework` runs, unless their finder stands in front of ours (`late`)."""
    runs = "framework runs\n" if late else ""
    first = project.script(theirs + NOTHING + REFUSED)
    assert first.succeeded().stdout == f"{runs}refused ['missing-function']\n", first
    last = project.script(theirs + INSTALL + REFUSED, hook=False)
    assert last.succeeded().stdout == "refused ['missing-function']\n", last


# pytest

TESTED = GUARDED | {
    "conftest.py": "pytest_plugins = ['helper']\n",
    "helper.py": """
        import framework
        import pytest

        @pytest.fixture
        def numbers():
            return list(framework.NUMBERS)

        def check(found, wanted):
            assert found == wanted, "from the plugin"

        def run(number: int): ...
        """,
    "test_it.py": """
        import fits
        import framework
        from helper import check

        def test_comparison():
            assert framework.NUMBERS == [1, 3]

        def test_call():
            assert fits.run(1) == fits.run(2)

        def test_plugin(numbers):
            check({"numbers": numbers}, {"numbers": [1, 2, 3]})

        def test_inner_import():
            from framework import NUMBERS
            assert len(NUMBERS) == 2

        def run(number: int): ...
        """,
    "hook_last.py": INSTALL,
}

def run_pytest(project: Project, *args: str, **options: Any) -> str:
    """What pytest prints, without addresses and the time that it took."""
    quiet = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=")
    result = project.run("-m", "pytest", *quiet, *args, env={"PYTEST_ADDOPTS": ""}, **options)
    assert result.returncode in (0, 1, 2), result
    return re.sub(r" at 0x[0-9a-f]+| in \d+\.\d+s", "", result.stdout)


@pytest.mark.parametrize("cached", [False, True], ids=["fresh", "from-pyc"])
@pytest.mark.parametrize("late", [False, True], ids=["declared-before", "declared-after"])
def test_pytest_explains_assertions(project: Project, late: bool, cached: bool) -> None:
    project.write(TESTED)
    for name in [] if late else ["helper.py", "test_it.py"]:
        path = project.root / name
        path.write_text(f"def run(number: int): ...\n{path.read_text()}")
    options: dict[str, Any] = {"unset": ["PYTHONDONTWRITEBYTECODE"]} if cached else {}
    without = run_pytest(project, hook=False, **options)
    for line in ["At index 1 diff: 2 != 3", "where 3 = <function run>(1)", "from the plugin", "3 failed, 1 passed"]:
        assert line in without, without
    for args in [(), ("-p", "hook_last")]:
        hooked = run_pytest(project, *args, hook=not args, **options)
        assert hooked == without, difference(without, hooked)


@pytest.mark.parametrize("args", [(), ("-p", "hook_last")], ids=["before", "after"])
def test_pytest_shows_the_report_of_a_test_module_that_does_not_fit(project: Project, args: tuple[str, ...]) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a}]", "hook_last.py": INSTALL})
    project.write({"test_fits.py": "a = 1\nimport framework\ndef test(): assert framework\n", "test_lacks.py": "import framework\n"})
    printed = run_pytest(project, *args, hook=not args)
    assert "1 error" in printed and "test_lacks.py" in printed, printed
    assert "error[unproven-variable]" in printed or "error[missing-variable]" in printed, printed
    assert "1 passed" in run_pytest(project, *args, "test_fits.py", hook=not args)


def test_a_rewritten_test_module_that_lacks_something_lacks_it(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a}]", "test_lacks.py": "import framework\n"})
    assert "error[missing-variable]" in run_pytest(project)


# beartype.claw, typeguard, deal

BEARTYPE = """
from beartype.claw import beartype_packages
beartype_packages(["fits", "framework", "lacks"])
"""

TYPEGUARD = """
from typeguard import install_import_hook
install_import_hook(["fits", "framework", "lacks"])
"""

DEAL = """
import deal
assert deal.activate()
"""

CHECKED = """
import fits
print(fits.run(1), type(fits.__loader__).__qualname__, fits.__spec__.loader is fits.__loader__, fits.__file__)
try:
    print(fits.run("no number"))
except Exception as error:
    print(type(error).__module__, type(error).__qualname__)
"""


def test_beartype_claw(project: Project) -> None:
    project.write(GUARDED)
    assert "BeartypeCallHintParamViolation" in in_either_order(project, BEARTYPE, CHECKED).stdout
    refused_in_either_order(project, BEARTYPE)


def test_typeguard(project: Project) -> None:
    project.write(GUARDED)
    assert "typeguard TypeCheckError" in in_either_order(project, TYPEGUARD, CHECKED).stdout
    refused_in_either_order(project, TYPEGUARD)


def test_deal(project: Project) -> None:
    project.write(GUARDED)
    project.write({"loud.py": "import deal\ndeal.module_load(deal.has())\nprint('loud')\n"})
    loud = """
try:
    import loud
except Exception as error:
    print(type(error).__qualname__)
"""
    assert "SilentContractError" in in_either_order(project, DEAL, CHECKED + loud).stdout
    refused_in_either_order(project, DEAL)


def test_all_at_once(project: Project) -> None:
    project.write(GUARDED)
    # With deal in front of them, neither of the others works: it replaces PathFinder and wraps every loader.
    in_either_order(project, BEARTYPE + TYPEGUARD + DEAL + "import six\n", CHECKED + "from six.moves import queue\n")
    in_either_order(project, "import six\n" + TYPEGUARD + BEARTYPE + DEAL, CHECKED)


# coverage

CORES = ["ctrace", "pytrace"] + (["sysmon"] if sys.version_info >= (3, 12) else [])

MEASURED = {
    "work.py": """
        import fits, json
        from pack import part
        def often(n):
            if n > 100:
                return "never"
            return part.twice(n)
        print(often(1), fits.run(2))
        try:
            import no_such_module_anywhere
        except ImportError:
            print("missing")
        """,
    "pack/__init__.py": "def unused():\n    import json\n",
    "pack/part.py": "import importlib\ndef twice(n):\n    return n * 2 if importlib.import_module('json') else None\n",
}


@pytest.mark.parametrize("core", CORES)
def test_coverage_measures_the_same(project: Project, core: str) -> None:
    project.write(GUARDED | MEASURED)
    measure = f"""
import coverage, json
measured = coverage.Coverage(branch={core != "sysmon"}, data_file=None, include=["*/project/*"], omit=["main.py"])
measured.start()
"""
    stop = """
import work
measured.stop()
data = measured.get_data()
assert measured.sys_info() and len(data.measured_files()) == 5, data.measured_files()
for file in sorted(data.measured_files()):
    print(file, sorted(data.lines(file)), sorted(data.arcs(file) or ()))
"""
    in_either_order(project, measure, stop, env={"COVERAGE_CORE": core})


@pytest.mark.parametrize("core", CORES)
def test_coverage_counts_an_importer_that_is_refused(project: Project, core: str) -> None:
    project.write(GUARDED)
    begin = "import coverage\nmeasured = coverage.Coverage(data_file=None, include=['*/lacks.py'])\nmeasured.start()\n"
    end = "measured.stop()\nimport os\nprint(sorted(measured.get_data().lines(os.path.abspath('lacks.py'))))\n"
    for theirs, hook in [(begin + NOTHING, True), (begin + INSTALL, False)]:
        result = project.script(theirs + REFUSED + end, hook=hook, env={"COVERAGE_CORE": core}).succeeded()
        assert result.stdout == "refused ['missing-function']\n[1]\n", result


def test_coverage_as_a_program_keeps_nobody_from_being_refused(project: Project) -> None:
    project.write(GUARDED)
    for first, hook in [(NOTHING, True), (INSTALL, False)]:
        project.write({"main.py": first + REFUSED})
        ran = project.run("-m", "coverage", "run", "--source=.", "main.py", hook=hook).succeeded()
        assert ran.stdout == "refused ['missing-function']\n", ran
        told = project.run("-m", "coverage", "report", "-m", hook=False).succeeded().stdout
        assert re.search(r"lacks.py +1 +0 +100%", told) and re.search(r"framework/__init__.py +2 +2 +0%", told), told


def test_coverage_as_a_program(project: Project) -> None:
    project.write(GUARDED | MEASURED)

    def report(hook: bool) -> str:
        ran = project.run("-m", "coverage", "run", "--branch", "--source=.", "work.py", hook=hook).succeeded()
        return ran.stdout + project.run("-m", "coverage", "report", "-m", hook=False).succeeded().stdout

    assert report(hook=True) == report(hook=False)


# six

MOVES = """
import six
from six.moves import range as six_range, queue, urllib
from six.moves.urllib.parse import quote, urlsplit
import six.moves.urllib.error
import six.moves.configparser as configparser
from six.moves import reload_module
import importlib, importlib.util, sys
print(list(six_range(2)), queue.Queue.__module__, quote("a b"), urlsplit("http://x/y").netloc, configparser.__name__)
print(importlib.import_module("six.moves.html_parser").__name__, importlib.util.find_spec("six.moves.urllib").name)
print(sorted(name for name in sys.modules if name.startswith("six")))
@six.add_metaclass(type)
class Fits: pass
import fits
print(fits.run(1))
for name in ["six.moves.nothing", "six.nothing"]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(type(error).__name__, error, error.name)
"""


def test_six(project: Project) -> None:
    project.write(GUARDED)
    in_either_order(project, "import six\n", MOVES)
    in_either_order(project, "import sys\n", MOVES)
    refused_in_either_order(project, "from six.moves import urllib\n")


# setuptools

EDITABLES = {
    # style: (mode, layout): a flat layout gets a finder, `src` a line in a .pth, `strict` a tree of links.
    "finder": ("", ""),
    "path": ("", "src/"),
    "links": ("strict", "src/"),
}

BUILD = """
import os, sys, zipfile
from pathlib import Path
from setuptools.build_meta import build_editable
mode, site = sys.argv[1], Path(sys.argv[2])
os.chdir("source")
name = build_editable("../wheel", {"editable-mode": mode} if mode else None)
zipfile.ZipFile(Path("../wheel", name)).extractall(site)
print(sorted(path.name for path in site.iterdir()))
"""


@pytest.mark.parametrize("style", EDITABLES)
def test_editable_installs(project: Project, style: str) -> None:
    mode, layout = EDITABLES[style]
    package = {
        f"source/{layout}{name}": content for name, content in GUARDED.items() if name.startswith("framework")
    }
    project.write(package | {name: content for name, content in GUARDED.items() if not name.startswith("framework")})
    project.write(
        {
            "source/pyproject.toml": f"""
                [build-system]
                requires = ["setuptools"]
                build-backend = "setuptools.build_meta"
                [project]
                name = "framework"
                version = "1.0"
                [tool.setuptools.packages.find]
                where = ["{layout or "."}"]
                include = ["framework*"]
                """,
            "build.py": BUILD,
            f"source/{layout}framework/inner.py": "VALUE = 1\n",
            "fits.py": GUARDED["fits.py"] + "\nimport framework.inner\n",
            "show.py": SHOW,
            "wheel/keep": "",
        }
    )
    built = project.run("build.py", mode, str(project.root / "editable"), hook=False).succeeded()
    assert ("finder.py" in built.stdout.splitlines()[-1]) == (style == "finder"), built
    theirs = f"import site; site.addsitedir({str(project.root / 'editable')!r})\n"
    looked_at = """
import fits, importlib.metadata, importlib.util, inspect
from show import show
framework = fits.framework
print(fits.run(1), show(framework.__spec__), framework.inner.__file__, show(importlib.util.find_spec("framework")))
print(inspect.getsource(framework), importlib.metadata.version("framework"))
"""
    result = in_either_order(project, theirs, looked_at)
    assert str(project.root / "source") in result.stdout
    if style != "links":
        refused_in_either_order(project, theirs)


@pytest.mark.parametrize("data", [False, True], ids=["modules", "package-data"])
def test_an_editable_tree_of_links_guards_what_it_links(project: Project, data: bool) -> None:
    """A strict editable install links the files of the future wheel: the contract is one of them only if it ships."""
    setting = '[tool.setuptools.package-data]\nframework = ["spymodel.yml"]\n' if data else ""
    project.write({f"source/src/{name}": content for name, content in GUARDED.items() if name.startswith("framework")})
    project.write({"lacks.py": GUARDED["lacks.py"], "build.py": BUILD, "wheel/keep": ""})
    (project.root / "source/pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[project]\nname = "framework"\nversion = "1.0"\n{setting}'
    )
    project.run("build.py", "strict", str(project.root / "editable"), hook=False).succeeded()
    theirs = f"import site; site.addsitedir({str(project.root / 'editable')!r})\n"
    if data:
        refused_in_either_order(project, theirs)
    else:
        assert project.script(theirs + REFUSED).succeeded().stdout == "framework runs\n"


# Something large

LARGE = """
import sys
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib." + app for app in
                    "admin auth contenttypes sessions messages sitemaps humanize staticfiles".split()],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True, SECRET_KEY="x")
import django
django.setup()
import django.core.management, django.test, django.contrib.admin.sites, django.views.generic
from django.utils.module_loading import import_string
import_string("django.contrib.auth.backends.ModelBackend")
django.core.management.call_command("migrate", verbosity=0)
from show import show
new = [name for name in sys.modules if name not in before]
assert len(new) > 500, len(new)
for name in new:
    module = sys.modules[name]
    print(name, show(getattr(module, "__spec__", None)), type(getattr(module, "__loader__", None)))
"""


def test_django(project: Project) -> None:
    project.write({"show.py": SHOW})
    # What the sitecustomize of these tests loads, and what installing loads.
    first = "import importlib, json, sys, warnings, importspy_hook; before = set(sys.modules)\n"
    # Django walks sets of names.
    in_either_order(project, first, LARGE, env={"PYTHONHASHSEED": "0"})


def test_a_guarded_application_of_django(project: Project) -> None:
    """Django imports applications by name, through `import_module`: it is the importer, and can be trusted."""
    project.write(
        {
            "shop/__init__.py": "",
            "shop/models.py": "from django.db import models\nclass Item(models.Model):\n    name = models.TextField()\n",
            "main.py": """
                from django.conf import settings
                settings.configure(INSTALLED_APPS=["shop"], USE_TZ=True)
                import django
                django.setup()
                from django.apps import apps
                print(apps.get_model("shop", "Item").__name__)
                """,
        }
    )
    project.write({"shop/spymodel.yml": "variables: [{name: fits}]"})
    project.run("main.py").blocked("missing-variable")
    project.write({"shop/spymodel.yml": "variables: [{name: fits}]\ntrusted_importers: ['django.*']"})
    assert project.run("main.py").succeeded().stdout == "Item\n"
