"""What README and docs show is true: their blocks are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import documents
from harness import Project

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
PAGES = [*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("examples/**/*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document(path: Path, project: Project) -> None:
    for block in documents.blocks(path.name, path.read_text("utf-8")):
        documents.execute(block, project)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    assert list(documents.broken_links(path)) == []


def test_source_files_that_are_named_are_there() -> None:
    there = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*.rs")}
    gone = [
        f"{path.name}: {name}"
        for path in DOCUMENTS
        for name in re.findall(r"`(?:src/)?([\w/]+\.rs)`", path.read_text("utf-8"))
        if not any(f"/{file}".endswith(f"/{name}") for file in there)
    ]
    assert gone == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# A `b`, c\n\n```sh\n# no heading\n[n](no.md)\n```\n# A b c\n")
    page = tmp_path / "a.md"
    page.write_text(
        "# T\n[x](b.md) [x](b.md#a-b-c) [x](b.md#a-b-c-1) [x](#t) [x](https://e.org/#n) `[x](n.md)`\n"
        "[x](n.md) [x\ny](b.md#n) [x](b.md#no-heading) [x](#n)\n"
    )
    assert list(documents.broken_links(page)) == [f"a.md: {it}" for it in ["n.md", "b.md#n", "b.md#no-heading", "#n"]]


def test_blocks_are_found_with_their_directives() -> None:
    text = "# T\n<!-- file: a/b.py -->\n```python\nx = 1\n```\n\n- item\n  ```console\n  $ ls\n  a\n  ```\n~~~text\n```\n~~~\n"
    found = [(b.place, b.language, b.text, b.directive, b.argument) for b in documents.blocks("d.md", text)]
    assert found == [
        ("d.md:3", "python", "x = 1\n", "file", "a/b.py"),
        ("d.md:8", "console", "$ ls\na\n", "", ""),
        ("d.md:12", "text", "```\n", "", ""),
    ]


@pytest.mark.parametrize(
    "text",
    ["```python\n", "<!-- skip: -->\n```python\n```\n", "<!-- skip: slow -->\ntext\n```python\n```\n", "<!-- file: a -->\n"],
    ids=["never-closed", "no-reason", "not-right-above", "no-block"],
)
def test_mistakes_are_told(text: str) -> None:
    with pytest.raises(AssertionError, match="d.md"):
        list(documents.blocks("d.md", text))


def test_console_steps() -> None:
    assert list(documents.steps("$ one\na\n\nb\n$ two\n> more\n$ three\nc\n")) == [
        ("one", "a\n\nb\n"),
        ("two\nmore", ""),
        ("three", "c\n"),
    ]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\n", "a\n", True),
        ("", "", True),
        ("", "a\n", False),
        ("a\n", "a\nb\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a ... c\n", "a b d\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\n", True),
        ("a\n...\n", "b\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_output_matches(expected: str, printed: str, same: bool) -> None:
    assert documents.matches(expected, printed) is same


def test_blocks_are_executed(project: Project) -> None:
    def block(language: str, text: str, directive: str = "", argument: str = "") -> documents.Block:
        return documents.Block("d.md:1", language, text, directive, argument)

    for good in [
        block("python", "x = 1\n", "file", "pack/part.py"),
        block("python", "import pack.part\nassert pack.part.x == 1\n"),
        block("python", "1 / 0\n", "raises", "ZeroDivisionError"),
        block("python", "1 / 0\n", "skip", "fails"),
        block("console", "$ python -c 'import pack.part; print(pack.part.x)'\n1\n"),
        block("yaml", "variables: [{name: a}]\n"),
        block("yaml", "on: push\njobs: {t: {steps: [{uses: a}, {run: pip install importspy-hook}, {run: ls pack}]}}\n", "workflow", "w.yml"),
        block("console", "$ wc -l < w.yml\n2\n"),
        block("yaml", "t: {before_script: [cd pack], script: [ls part.py]}\n", "workflow", "w.yml"),
        block("json", "[1]\n"),
        block("text", "x = ...\n", "shows", "pack/part.py"),
        block("rust", "nonsense\n"),
    ]:
        documents.execute(good, project)
    for bad in [
        block("python", "1 / 0\n"),
        block("python", "1 / 0\n", "raises", "KeyError"),
        block("python", "x = 1\n", "raises", "KeyError"),
        block("console", "$ echo a\nb\n"),
        block("yaml", "varibles: []\n"),
        block("yaml", "jobs: {t: {steps: [{run: 'false; true'}]}}\n", "workflow", "w.yml"),
        block("yaml", "t: {script: ['false', 'true']}\n", "workflow", "w.yml"),
        block("yaml", "t: {script: [pip install something-else]}\n", "workflow", "w.yml"),
        block("yaml", "t: {scripts: [ls]}\n", "workflow", "w.yml"),
        block("json", "[1,]\n"),
        block("text", "x = 2\n", "shows", "pack/part.py"),
    ]:
        with pytest.raises(AssertionError, match="d.md:1"):
            documents.execute(bad, project)
