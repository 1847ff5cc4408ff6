"""`importspy-hook check`: files and trees against contracts, without running anything."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import case_files
from harness import Project, Result

A = "variables: [{name: a}]\n"


def check(project: Project, *args: str, **options: Any) -> Result:
    """Run the command with these arguments in the project's folder."""
    return project.run("-m", "importspy_hook", "check", *args, hook=False, **options)


def survey(project: Project, *args: str, status: int, **options: Any) -> dict[str, Any]:
    """The result as data; the command must end with `status`."""
    result = check(project, "--format", "json", *args, **options)
    assert result.returncode == status, result
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def verdicts(data: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """By importing file and guarded module."""
    pairs = data["pairs"]
    found = {(pair["importer"]["file"], pair["module"]): pair["exemption"] or pair["verdict"] for pair in pairs}
    assert len(found) == len(pairs), "a pair stands twice"
    return found


def codes(pair: Mapping[str, Any]) -> list[str]:
    return sorted({violation["code"] for violation in pair["violations"]})


# Agreement with the hook.

LIVE = "the live namespace decides what source leaves open; without it the check says `unproven`"
LATER = "files, variables or namespaces change while the program runs"
UNSEEN = "the import is spelled in a text, or its target computed; the check sees no import"
CAUGHT = "the program expects the refusal and goes on"
PROGRAM = "the check takes a file for a module, and only what `__main__` stands for is the program"
ARCHIVE = "modules in archives can't be seen without running an importer for them"
UNREAD = "the source is too large, or in an encoding that only Python knows: what it imports is not known"

# Cases that the check decides otherwise, each with the reason.
OTHERWISE = {
    LIVE: """
        argument-default-computed-before-the-import attribute-computed-before-the-import augmented-before-the-import-is-live
        computed-before-import-is-live function-level-import-later loop-target-before-the-import
        one-branch-only-before-the-import-is-live superclass-computed-before-the-import
        value-list-computed-before-the-import version-computed-before-the-import way-lazy-attribute-of-a-module
    """,
    LATER: """
        bad-base-of-deep-brackets bad-base-of-long-sums-and-chains bad-contract-is-a-link-to-itself bad-contract-is-a-pipe
        bad-contract-is-an-endless-device bad-contract-mended-takes-effect-at-the-next-import
        contract-added-before-the-first-import contract-changed-takes-effect-at-the-next-import
        contract-changed-within-the-clock-grain contract-removed-takes-effect-at-the-next-import
        env-change-takes-effect-at-the-next-import live-addition-once-initialised live-deletion-once-initialised
        live-namespace-is-the-truth-once-initialised who-a-module-outside-sys-modules-does-not-fit
    """,
    UNSEEN: """
        trusted-is-not-claimed-by-an-anonymous-namespace way-comprehension way-exec-in-an-empty-namespace
        way-exec-in-the-module way-helper-is-the-importer way-pickle who-claims-another-source
        who-pretends-by-the-file-name-of-its-code
    """,
    CAUGHT: """
        again-refused-each-time again-refused-then-another-fits bad-contract-blocks-before-the-module-runs
        path-refused-before-the-parent-runs query-of-a-broken-contract thread-importers
    """,
    PROGRAM: "condition-main-guard-of-the-program-is-live trusted-program",
    ARCHIVE: "zip-importer zip-package zip-sidecar",
    UNREAD: "bad-importer-oversized-is-seen-live bad-importer-oversized-is-unproven-beyond-that source-declared-on-the-second-line",
}
REASONS = {name: reason for reason, names in OTHERWISE.items() for name in names.split()}


def said(data: Mapping[str, Any]) -> tuple[str, set[tuple[str, ...]]]:
    """What the check decided of a tree, in the words of the cases, and the codes of each pair that is blocked."""
    blocked = {tuple(codes(pair)) for pair in data["pairs"] if pair["violations"]}
    if data["unusable"]:
        return "contract-error", blocked
    if any(it["reason"] in ("unreadable", "cycle") for it in data["skipped"]):
        return "unread", blocked
    return ("blocked" if blocked else "allowed"), blocked


@pytest.mark.once
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in case_files.load()])
def test_says_what_the_hook_does(case: case_files.Case, project: Project) -> None:
    case.lay_out(project)
    env = {name: str(value) for name, value in case.data.get("env", {}).items()}
    result = check(project, "--format", "json", env=env)
    decision, blocked = said(json.loads(result.stdout))
    assert result.returncode == {"allowed": 0, "blocked": 1, "contract-error": 2, "unread": 2}[decision], result
    for text in case.data.get("lacks", []):
        assert text not in result.stdout + result.stderr, f"{text!r} is shown\n{result}"
    wanted = case.data["expect"]
    agrees = decision == wanted
    if agrees and "codes" in case.data:
        agrees = blocked == {tuple(sorted(case.data["codes"]))}
    reason = REASONS.get(case.name)
    if reason is None:
        assert agrees, f"expected {wanted} {case.data.get('codes', '')}\n{result}"
        return
    assert not agrees, f"agrees by now; it need not be listed under: {reason}"
    if reason == LIVE:
        # Never less strict than the hook.
        assert all(code.startswith("unproven-") for pair in blocked for code in pair) and blocked, result


def test_reasons_are_for_cases_that_exist() -> None:
    assert set(REASONS) - {case.name for case in case_files.load()} == set()


# One file.


def test_a_file_with_a_contract_that_is_named(project: Project) -> None:
    project.write({"mod.py": "a = 1\n", "bad.py": "b = 1\n", "rules/any.yml": A})
    result = check(project, "mod.py", "-s", "rules/any.yml")
    assert result.returncode == 0 and result.stderr == "compared with rules/any.yml\n", result
    data = survey(project, "mod.py", "bad.py", "--spymodel", "rules/any.yml", status=1)
    assert verdicts(data) == {("mod.py", "rules/any.yml"): "fits", ("bad.py", "rules/any.yml"): "blocked"}
    assert [pair["contract"]["path"] for pair in data["pairs"]] == ["rules/any.yml"] * 2


def test_the_summary_speaks_of_what_was_named(project: Project) -> None:
    project.write({"lib/__init__.py": "", "mod.py": "import lib\n", "lib/spymodel.yml": A})
    lines = check(project, "mod.py", "-s", "lib/spymodel.yml").stdout.splitlines()
    assert lines[0] == "`mod` does not fit lib/spymodel.yml"
    assert lines[-3] == "1 violation: mod.py does not fit lib/spymodel.yml"
    assert "would not be imported" not in check(project, "mod.py", "-s", "lib/spymodel.yml", "--format", "junit").stdout
    lines = check(project, "mod.py").stdout.splitlines()
    assert lines[-3] == "1 violation: `lib` would not be imported by `mod` (mod.py)"


def test_scripts_are_python_by_their_first_line(project: Project) -> None:
    project.write({"tool": "a = 1\n", "tool.in": "#!/usr/bin/env python3\na = 1\n", "shell.in": "#!/bin/sh\na = 1\n", "rules.yml": A})
    assert check(project, "tool", "tool.in", "-s", "rules.yml").returncode == 0
    assert check(project, "shell.in", "-s", "rules.yml").returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="names of POSIX")
def test_a_backslash_is_part_of_a_name(project: Project) -> None:
    project.write({"lib/__init__.py": "", "lib/spymodel.yml": "filename: mod.py\n" + A})
    project.write({"lib\\in.py": "import lib\n", "x\\mod.py": "import lib\na = 1\n", "y/mod.py": "import lib\na = 1\n"})
    project.write({".gitignore": "/out\n", "out\\kept.py": "import lib\na = 1\n"})
    data = survey(project, status=1)
    files = {pair["importer"]["file"]: codes(pair) for pair in data["pairs"]}
    both = ["mismatch-filename", "missing-variable"]
    assert files == {"lib\\in.py": both, "x\\mod.py": both[:1], "y/mod.py": [], "out\\kept.py": both[:1]}
    assert "rename `x\\mod.py`" in check(project).stdout
    assert "at module level of lib\\in.py" in check(project).stdout


def test_naming_a_contract_overrides_boundary_and_trust(project: Project) -> None:
    project.write({"pkg/__init__.py": "", "pkg/mod.py": "", "pkg/spymodel.yml": "trusted_importers: ['*']\n" + A})
    data = survey(project, "pkg/mod.py", "-s", "pkg/spymodel.yml", status=1)
    assert verdicts(data) == {("pkg/mod.py", "pkg"): "blocked"}


def test_the_contract_of_the_working_folder_is_the_default(project: Project) -> None:
    project.write({"mod.py": "import framework\n", "spymodel.yaml": A, "framework/__init__.py": ""})
    data = survey(project, "mod.py", status=1)
    assert [pair["contract"]["path"] for pair in data["pairs"]] == ["spymodel.yaml"]
    project.write({"spymodel.yml": A})
    result = check(project, "mod.py")
    assert result.returncode == 2 and "both claim to be the contract" in result.stderr, result


def test_without_any_contract_the_imports_decide(project: Project) -> None:
    project.write({"mod.py": "def f():\n    import framework\n", "framework/__init__.py": "", "framework/spymodel.yml": A})
    data = survey(project, "mod.py", status=1)
    assert [(pair["importer"]["line"], pair["contract"]["path"]) for pair in data["pairs"]] == [
        (2, "framework/spymodel.yml")
    ]


def test_nothing_is_run(project: Project) -> None:
    project.write({"mod.py": "import framework\nopen('ran', 'w')\n", "framework/__init__.py": "open('ran', 'w')\n"})
    project.write({"framework/spymodel.yml": A})
    survey(project, status=1)
    survey(project, "mod.py", status=1)
    assert not (project.root / "ran").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["mod.py"], "no contract to check mod.py against"),
        (["absent.py"], "can't read absent.py: No such file"),
        (["mod.py", "-s", "absent.yml"], "can't read the contract absent.yml: No such file"),
        (["folder", "-s", "rules.yml"], "folder is a folder: a contract can be named for files only"),
        (["broken.py"], "can't check broken.py:2: its source does not parse"),
        (["absent"], "can't read absent: No such file"),
        (["-s", "rules.yml"], "required"),
        (["rules.yml", "-s", "rules.yml"], "rules.yml is no Python source: its name does not end in .py"),
        (["rules.yml"], "rules.yml is no Python source"),
        (["mod.py", "notes.txt", "-s", "rules.yml"], "notes.txt is no Python source"),
        (["folder", "notes.txt"], "notes.txt is no Python source"),
        (["mod.py", "-s", "rules.yml", "-o", "./folder/../mod.py"], "mod.py is read: it is not written over"),
        (["mod.py", "-s", "rules.yml", "--write-baseline", "rules.yml"], "rules.yml is read"),
        (["--jobs", "0"], "0"),
    ],
)
def test_what_can_not_be_done_is_one_message(project: Project, args: list[str], message: str) -> None:
    files = {"mod.py": "x = 1\n", "broken.py": "x = 1\ndef\n", "folder/x.py": "", "rules.yml": "{}", "notes.txt": "x = 1\n"}
    project.write(files)
    result = check(project, *args)
    assert {name: (project.root / name).read_text() for name in files} == files
    assert result.returncode == 2 and message in result.stderr and result.stdout == "", result
    assert "panicked" not in result.stderr


def test_a_broken_contract_that_is_named(project: Project) -> None:
    project.write({"mod.py": "x = 1\n", "rules.yml": "varibles: []\n"})
    data = survey(project, "mod.py", "-s", "rules.yml", status=2)
    assert [problem["message"] for problem in data["unusable"]] == ["unknown key `varibles`"]


def test_a_file_that_does_not_parse_can_not_fit(project: Project) -> None:
    project.write({"mod.py": "a = 1\ndef\n", "rules.yml": A})
    data = survey(project, "mod.py", "-s", "rules.yml", status=2)
    assert [codes(pair) for pair in data["pairs"]] == [["unproven-variable"]]
    assert [(it["file"], it["line"], it["reason"]) for it in data["skipped"]] == [("mod.py", 2, "unparsable")]


# Trees.


@pytest.mark.parametrize(
    "source",
    [
        "import framework.core",
        "import sys, framework.core as c",
        "from framework import core",
        "from framework import nothing, core",
        "from framework.core import x",
        "from framework import *",
        "def f():\n    import framework.core",
        "class C:\n    from framework import core",
        "async def f():\n    async with x:\n        import framework.core",
        "try:\n    pass\nexcept E:\n    import framework.core",
        "match x:\n    case 1:\n        import framework.core",
        "if x:\n    pass\nelif y:\n    pass\nelse:\n    import framework.core",
        "for x in y:\n    pass\nelse:\n    while x:\n        import framework.core",
        "import importlib\nimportlib.import_module('framework.core')",
        "from importlib import import_module\nimport_module('.core', 'framework')",
        "from importlib import import_module\nf = lambda: [import_module(name='.core', package='framework')]",
        "__import__('framework.core')",
        "__import__('framework', fromlist=['core'])",
        "if x := __import__('framework.core'):\n    pass",
        "import sys\nif sys.version_info >= (3, 8):\n    import framework.core",
        "if __name__ == '__main__':\n    import framework.core",
    ],
)
def test_every_way_to_import(project: Project, source: str) -> None:
    files = {"framework/__init__.py": "__all__ = ['core']\n", "framework/core.py": "x = 1\n", "plugin.py": source + "\n"}
    project.write(files | {"framework/core.spymodel.yml": A})
    assert verdicts(survey(project, status=1)) == {("plugin.py", "framework.core"): "blocked"}


@pytest.mark.parametrize(
    "source",
    [
        "import framework",
        "from framework import other",
        "import framework_core",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import framework.core",
        "import typing as t\ndef f():\n    if t.TYPE_CHECKING:\n        from framework import core",
        "import sys\nif sys.version_info < (3, 8):\n    import framework.core",
        "import sys\nif sys.platform == 'plan9':\n    import framework.core\nelse:\n    pass",
        "text = 'import framework.core'",
        "# import framework.core",
        "self.import_module(name)",
    ],
)
def test_what_is_no_import_of_it(project: Project, source: str) -> None:
    project.write({"framework/__init__.py": "", "framework/core.py": "", "framework/other.py": "", "plugin.py": source + "\n"})
    project.write({"framework/core.spymodel.yml": A})
    data = survey(project, status=0)
    assert data["pairs"] == [] and data["skipped"] == []


def test_relative_imports(project: Project) -> None:
    files = {f"app/{name}/__init__.py": "" for name in ["lib", "deep"]} | {"app/__init__.py": ""}
    files |= {"app/lib/spymodel.yml": A, "app/one.py": "from . import lib\n", "app/deep/two.py": "from ..lib import x\n"}
    files |= {"app/deep/three.py": "from importlib import import_module\nimport_module('..lib', __package__)\n"}
    files |= {"app/deep/past.py": "from .... import lib\n", "plain/four.py": "from .lib import x\n", "plain/lib.py": ""}
    project.write(files)
    blocked = {("app/one.py", "app.lib"), ("app/deep/two.py", "app.lib"), ("app/deep/three.py", "app.lib")}
    assert verdicts(survey(project, status=1)) == dict.fromkeys(blocked, "blocked")


def test_every_package_on_the_dotted_path(project: Project) -> None:
    project.write({"a/__init__.py": "", "a/b/__init__.py": "", "a/b/c.py": "", "plugin.py": "import a.b.c\n"})
    project.write({"a/spymodel.yml": "variables: [{name: x}]", "a/b/spymodel.yml": "variables: [{name: y}]"})
    project.write({"a/b/c.spymodel.yml": "{}"})
    found = verdicts(survey(project, status=1))
    assert {key: value for key, value in found.items() if key[0] == "plugin.py"} == {
        ("plugin.py", "a"): "blocked",
        ("plugin.py", "a.b"): "blocked",
        ("plugin.py", "a.b.c"): "fits",
    }


def test_folders_that_are_not_at_the_top(project: Project) -> None:
    project.write({
        "src/lib/__init__.py": "", "src/lib/spymodel.yml": A, "tests/test_lib.py": "import lib\n",
        "tools/helper.py": "", "tools/helper.spymodel.yml": A, "tools/script.py": "import helper\n",
        "far/away/odd.py": "", "far/away/spymodel.yml": A, "other.py": "import odd\n",
    })  # fmt: skip
    assert verdicts(survey(project, status=1)) == {
        ("tests/test_lib.py", "lib"): "blocked",
        ("tools/script.py", "helper"): "blocked",
        ("other.py", "odd"): "blocked",
    }


def test_namespace_portions(project: Project) -> None:
    project.write({"ns/one.py": "", "src/ns/two.py": "", "src/ns/spymodel.yml": A, "plugin.py": "import ns.one\n"})
    assert verdicts(survey(project, status=1)) == {("plugin.py", "ns"): "blocked"}


def test_protects(project: Project) -> None:
    project.write({"lib/__init__.py": "", "lib/open.py": "", "lib/core.py": "", "lib/spymodel.yml": "protects: [core]\n" + A})
    project.write({"one.py": "import lib.open\n", "two.py": "import lib.core\n"})
    data = survey(project, status=1)
    assert verdicts(data) == {("two.py", "lib.core"): "blocked"}
    assert data["summary"]["guarded"] == 1 and data["summary"]["contracts"] == 1


def test_exemptions_leave_the_environment(project: Project) -> None:
    contract = "trusted_importers: ['tests.*', __main__]\n" + A
    project.write({
        "lib/__init__.py": "from . import core\n", "lib/core.py": "import lib\n",
        "tests/test_lib.py": "import lib\n", "plugin.py": "import lib\n",
        "run.py": "import lib\nif __name__ == '__main__':\n    print(lib)\n",
    })  # fmt: skip
    project.write({"lib/spymodel.yml": contract})
    expected = {
        ("lib/__init__.py", "lib"): "boundary",
        ("lib/__init__.py", "lib.core"): "boundary",
        ("lib/core.py", "lib"): "boundary",
        ("tests/test_lib.py", "lib"): "trusted",
        ("run.py", "lib"): "trusted",
        ("plugin.py", "lib"): "blocked",
    }
    found = verdicts(survey(project, status=1))
    # A package that imports from itself names itself.
    assert found == expected
    project.write({"lib/spymodel.yml": contract + "deployments: [{systems: [{environment: {secrets: [NO_SUCH]}}]}]\n"})
    data = survey(project, status=1)
    assert set(verdicts(data).values()) == {"blocked"}
    assert {code for pair in data["pairs"] if pair["importer"]["file"] != "plugin.py" for code in codes(pair)} == {
        "missing-secret"
    }
    assert verdicts(survey(project, "--structure-only", status=1)) == expected


def test_an_installed_framework(project: Project) -> None:
    site = project.site / "installed"
    site.mkdir()
    (site / "framework").mkdir()
    (site / "framework" / "__init__.py").write_text("class Base:\n    def run(self): ...\n")
    (site / "framework" / "spymodel.yml").write_text("classes: [{name: P, superclasses: [Base], methods: [{name: run}]}]")
    good = "from framework import Base\nclass P(Base): ...\n"
    project.write({"plugins/good.py": good, "plugins/bad.py": "import framework\n"})
    data = survey(project, "plugins", status=1, env={"PYTHONPATH": str(site)})
    assert verdicts(data) == {("plugins/good.py", "framework"): "fits", ("plugins/bad.py", "framework"): "blocked"}
    assert data["pairs"][0]["contract"]["path"] == str(site / "framework" / "spymodel.yml")


def test_archives_are_not_looked_into(project: Project) -> None:
    with zipfile.ZipFile(project.root / "lib.zip", "w") as file:
        file.writestr("packed.py", "")
        file.writestr("packed.spymodel.yml", A)
    project.write({"plugin.py": "import packed\n"})
    data = survey(project, status=0, env={"PYTHONPATH": "lib.zip"})
    assert data["pairs"] == [] and [Path(it["file"]).name for it in data["skipped"]] == ["lib.zip"]
    result = check(project, "plugin.py", env={"PYTHONPATH": "lib.zip"})
    assert result.returncode == 2 and "nothing that it imports has one (archives on `sys.path` are not" in result.stderr


def test_editable_installs(project: Project) -> None:
    """As setuptools makes them where a folder on the path would not do."""
    site = project.site / "installed"
    home = project.site / "elsewhere"
    for path in ["lib/kit", "lib/ns/deep"]:
        (home / path).mkdir(parents=True)
        (home / path / "__init__.py").touch()
        (home / path / "spymodel.yml").write_text(A)
    (home / "lib/one.py").touch()
    (home / "lib/one.spymodel.yml").write_text(A)
    site.mkdir()
    mapping = {"renamed": str(home / "lib/kit"), "one": str(home / "lib/one"), "ns.deep": str(home / "lib/ns/deep")}
    finder = "from __future__ import annotations\nimport sys\n"
    finder += f"MAPPING: dict[str, str] = {mapping!r}\nNAMESPACES: dict[str, list[str]] = {{'ns': []}}\n"
    (site / "__editable___lib_1_0_finder.py").write_text(finder)
    project.write({"plugin.py": "import renamed, one\nfrom ns import deep\nimport kit\n"})
    data = survey(project, status=1, env={"PYTHONPATH": str(site)})
    assert verdicts(data) == dict.fromkeys([("plugin.py", name) for name in ["renamed", "one", "ns.deep"]], "blocked")
    assert data["skipped"] == []
    (site / "__editable___other_finder.py").write_text("MAPPING = dict(read())\n")
    skipped = survey(project, status=1, env={"PYTHONPATH": str(site)})["skipped"]
    assert [(Path(it["file"]).name, it["reason"]) for it in skipped] == [("__editable___other_finder.py", "dynamic")]


def test_versions_of_installed_distributions(project: Project) -> None:
    site = project.site / "installed"
    (site / "plug-1.4.dist-info").mkdir(parents=True)
    (site / "plug-1.4.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1.4\n\nVersion: 9\n")
    (site / "plug-1.4.dist-info" / "RECORD").write_text("plug.py,,\n")
    project.write({"lib.py": "", "lib.spymodel.yml": "version: ^1.2\n", "plug.py": "import lib\n", "late.py": "import lib\n"})
    data = survey(project, status=1, env={"PYTHONPATH": str(site)})
    assert verdicts(data) == {("plug.py", "lib"): "fits", ("late.py", "lib"): "blocked"}


def test_contracts_that_can_not_be_used_do_not_hide_the_rest(project: Project) -> None:
    project.write({
        "one/__init__.py": "", "one/spymodel.yml": "varibles: []\n",
        "two/__init__.py": "", "two/spymodel.yml": "{}", "two/spymodel.yaml": "{}",
        "three/__init__.py": "", "three/spymodel.yml": A,
        "unused/spymodel.yml": "",
        "plugin.py": "import one, two, three\n",
    })  # fmt: skip
    data = survey(project, status=2)
    assert verdicts(data) == {("plugin.py", "three"): "blocked"}
    messages = [problem["message"] for problem in data["unusable"]]
    assert len(messages) == 3 and any("both claim" in message for message in messages), messages


# What is looked at.


def test_what_is_left_out(project: Project) -> None:
    bad = "import framework\n"
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": A, ".git/HEAD": "", ".gitignore": "/made\n*.gen.py\n"})
    out = ["made/x.py", "a/b.gen.py", "a/local/x.py", "node_modules/x.py", ".hidden/x.py", "env/lib/x.py", "a/__pycache__/x.py"]
    project.write({path: bad for path in [*out, "a/made/x.py", "a/kept.gen.py"]})
    project.write({"env/pyvenv.cfg": "", "a/.gitignore": "!kept.gen.py\n", "a/.ignore": "local/\n", "a/notes.txt": bad})
    found = {file for file, _ in verdicts(survey(project, status=1))}
    assert found == {"a/made/x.py", "a/kept.gen.py"}
    found = {file for file, _ in verdicts(survey(project, "--no-ignore", status=1))}
    assert found == {"a/made/x.py", "a/kept.gen.py", "made/x.py", "a/b.gen.py", "a/local/x.py"}
    # What is named is looked at, and the rules above it still hold inside.
    assert {file for file, _ in verdicts(survey(project, "env", status=1))} == {"env/lib/x.py"}
    assert survey(project, "a", status=1)["summary"]["files"] == 2


def test_ignored_modules_can_still_be_imported(project: Project) -> None:
    project.write({".git/HEAD": "", ".gitignore": "made\n", "made/__init__.py": "", "made/spymodel.yml": A, "x.py": "import made\n"})
    assert verdicts(survey(project, status=1)) == {("x.py", "made"): "blocked"}


@pytest.mark.skipif(sys.platform == "win32", reason="names and links of POSIX")
def test_hostile_trees(project: Project) -> None:
    root = project.root
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": A, "deep/er/x.py": "import framework\n"})
    (root / "deep/er/up").symlink_to(root / "deep")
    (root / "deep/self").symlink_to("self")
    (root / "deep/gone.py").symlink_to("nowhere.py")
    (root / "deep/alias").symlink_to(root / "framework")
    (root / "linked.py").symlink_to(root / "deep/er/x.py")
    (root / "folder.py").mkdir()
    os.mkfifo(root / "pipe.py")
    name = os.fsencode(root) + b"/\xff\xfe.py"
    Path(os.fsdecode(name)).write_text("import framework\n")
    outside = project.site / "outside"
    outside.mkdir()
    (outside / "y.py").write_text("import framework\n")
    (root / "outside").symlink_to(outside)
    data = survey(project, status=2, seconds=30)
    reasons = {(Path(it["file"]).name.encode("ascii", "replace").decode(), it["reason"]) for it in data["skipped"]}
    assert reasons == {("up", "cycle"), ("self", "unreadable"), ("gone.py", "unreadable"), ("pipe.py", "unreadable"), ("??.py", "unreadable")}
    assert {Path(file).name for file, _ in verdicts(data)} == {"x.py", "linked.py", "y.py"}


SOURCES: dict[str, tuple[bytes, str | None]] = {
    "bom.py": (b"\xef\xbb\xbfimport framework\n", "blocked"),
    "latin.py": (b"# coding: latin-1\nimport framework\nx = '\xe9'\n", "blocked"),
    "crlf.py": (b"x = 1\r\nimport framework\r\n", "blocked"),
    "form_feed.py": (b"\x0cimport framework\n", "blocked"),
    "new.py": (b"import framework\nx = t'{1}'\ntry:\n    pass\nexcept A, B:\n    pass\n", "blocked"),
    "empty.py": (b"", None),
    "windows.pyw": (b"import framework\n", "blocked"),
    "broken.py": (b"import framework\ndef (\n", "unparsable"),
    "two.py": (b"print 'x'\n", "unparsable"),
    "nul.py": (b"import framework\n\0", "unparsable"),
    "not_utf8.py": (b"import framework\nx = '\xff'\n", "unparsable"),
    "codec.py": (b"# coding: cp1252\nimport framework\n", "unreadable"),
    "deep.py": (b"import framework\nx = " + b"(" * 30000 + b")" * 30000, "unparsable"),
}


def test_sources_of_all_kinds(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": A})
    project.write({name: source for name, (source, _) in SOURCES.items()})
    # Python could run the one that nobody here can read.
    data = survey(project, status=2)
    found = {file: verdict for (file, _), verdict in verdicts(data).items()}
    found |= {it["file"]: it["reason"] for it in data["skipped"]}
    assert found == {name: what for name, (_, what) in SOURCES.items() if what}
    assert [it["line"] for it in data["skipped"] if it["file"] == "broken.py"] == [2]


def test_computed_targets_are_told(project: Project) -> None:
    project.write({"x.py": "import importlib\n\nimportlib.import_module(name)\n__import__(name)\n"})
    data = survey(project, status=0)
    assert [(it["file"], it["line"], it["reason"]) for it in data["skipped"]] == [("x.py", 3, "dynamic"), ("x.py", 4, "dynamic")]


def test_a_package_from_inside(project: Project) -> None:
    project.write({"app/__init__.py": "", "app/sub/__init__.py": "", "app/sub/x.py": "from app import lib\n"})
    project.write({"app/lib/__init__.py": "", "app/lib/spymodel.yml": A})
    data = survey(project, "app/sub", status=1)
    assert verdicts(data) == {("app/sub/x.py", "app.lib"): "blocked"}


def test_several_roots_count_each_file_once(project: Project) -> None:
    project.write({"a/x.py": "import b.lib\n", "b/lib.py": "", "b/lib.spymodel.yml": A})
    data = survey(project, "a", "b", ".", "a/x.py", status=1)
    assert data["summary"]["files"] == 2 and verdicts(data) == {("a/x.py", "b.lib"): "blocked"}


def test_the_order_does_not_depend_on_threads(project: Project) -> None:
    project.write({f"p{i}/m{j}.py": "import lib\nimport lib.core\n" for i in range(8) for j in range(8)})
    project.write({"lib/__init__.py": "", "lib/core.py": "", "lib/spymodel.yml": A})

    def pairs(jobs: str) -> Any:
        return survey(project, "--jobs", jobs, status=1)["pairs"]

    assert pairs("1") == pairs("4") and len(pairs("3")) == 128


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_progress_is_for_terminals_only(project: Project) -> None:
    import pty
    import subprocess

    body = "".join(f"def f{i}(a, b):\n    return [a, b, {i}]\n" for i in range(20000))
    project.write({f"m{i}.py": body for i in range(12)})
    result = check(project)
    assert result.returncode == 0 and result.stderr == "", result
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "importspy_hook", "check", "--jobs", "1"]
    process = subprocess.Popen(command, cwd=project.root, stdout=subprocess.PIPE, stderr=theirs)
    out, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "/12 files" in shown and shown.endswith("\r\x1b[K"), repr(shown)
    assert b"\r" not in out


def test_a_large_tree(project: Project) -> None:
    for i in range(250):
        folder = project.root / f"p{i}"
        folder.mkdir()
        (folder / "__init__.py").touch()
        for j in range(200):
            (folder / f"m{j}.py").write_text("import os, json\nfrom . import m0\n" + "import lib\n" * (j == 7))
    project.write({"lib/__init__.py": "", "lib/spymodel.yml": A})
    data = survey(project, status=1, seconds=60)
    assert data["summary"]["files"] == 50251 and data["summary"]["blocked"] == 250


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_output_that_does_not_fit_on_the_disk(project: Project) -> None:
    project.write({"mod.py": "x = 1\n", "rules.yml": "{}"})
    result = project.script(
        """
        import subprocess, sys
        command = [sys.executable, "-m", "importspy_hook", "check", "mod.py", "-s", "rules.yml"]
        with open("/dev/full", "w") as full:
            ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
        print([ended.returncode, ended.stderr.splitlines()[-1], "Traceback" in ended.stderr])
        """
    ).succeeded()
    message = "importspy-hook: can't write the output: No space left on device"
    assert eval(result.stdout) == [2, message, False], result
