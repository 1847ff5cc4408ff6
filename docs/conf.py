"""Sphinx builds the site from the same plain Markdown that a code host shows: `make docs`."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).parent.parent

project = "importspy_hook"
author = "importspy_hook contributors"
release = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text("utf-8"), re.MULTILINE)[1]
version = release

extensions = ["myst_parser"]
exclude_patterns = ["schemas"]
# GitHub's anchors, so that links to headings work here and there. Sphinx reports those that lead nowhere.
myst_heading_anchors = 6
# `--option` is to stay what it is.
smartquotes = False

html_theme = "furo"
html_title = f"importspy_hook {release}"
html_copy_source = False
html_show_copyright = False

OUTSIDE = re.compile(r"\]\((\.\./[^)]+\.md)\)")
ENTRY = re.compile(r"^- \[[^\]]+\]\((?P<page>[\w-]+)\.md\)", re.MULTILINE)


def read(app: Sphinx, page: str, content: list[str]) -> None:
    """Fill in what plain Markdown can't say: the table of contents, and what stands outside `docs`."""
    if page == "index":
        content[0] += contents(content[0])
    elif page == "changelog":
        content[0] = (ROOT / "CHANGELOG.md").read_text("utf-8")
    # Documents outside are no pages of the site, but files to fetch.
    content[0] = OUTSIDE.sub(r"](path:\1)", content[0])


def contents(index: str) -> str:
    """The table of contents: the pages that `index` lists, under the headings that they stand under."""
    trees = ""
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        caption = section.splitlines()[0]
        pages = ENTRY.findall(section)
        trees += "\n".join(["\n", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])
    return trees


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
