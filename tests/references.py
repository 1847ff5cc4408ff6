"""Parts of the documents that the program itself tells: tables of options, of contract keys, of codes.

A part stands between `<!-- generated: KIND ARGUMENT -->` and `<!-- end -->`. `tools/references` writes them anew;
tests/test_references.py compares.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import command_help
import schema_tables

DOCS = Path(__file__).parent.parent / "docs"
PART = re.compile(r"(<!-- generated: ([\w-]+) ?([\w-]*) -->\n).*?(<!-- end -->)", re.DOTALL)


@functools.cache
def program(*arguments: str) -> str:
    """What the installed program prints, not what the working tree holds."""
    command = [sys.executable, "-I", "-m", "importspy_hook", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def commands() -> list[str]:
    """The names of all commands."""
    return command_help.read(program("--help")).commands


def codes() -> str:
    """Every violation code with its meaning in a line."""
    pages = json.loads(program("explain", "--json"))
    rows = [f"| `{page['code']}` | {command_help.inline(page['title'])} |" for page in pages]
    return "\n".join(["| code | |", "|---|---|", *rows])


def report() -> str:
    """Every key of the JSON report, with what its schema says."""
    schema = json.loads((DOCS / "schemas/check.schema.json").read_text("utf-8"))
    rows = [f"| `{path}` | {text} |" for path, text in schema_tables.paths(schema)]
    return "\n".join(["| key | |", "|---|---|", *rows])


KINDS: dict[str, Callable[[str], str]] = {
    "command": lambda name: command_help.table(command_help.read(program(*name.split(), "--help"))),
    "keys": lambda name: schema_tables.table(json.loads(program("schema")), name),
    "codes": lambda _: codes(),
    "report": lambda _: report(),
}


def parts(text: str) -> Iterator[tuple[str, str]]:
    """Kind and argument of each generated part of a document."""
    for part in PART.finditer(text):
        yield part[2], part[3]


def filled(text: str) -> str:
    """The document as it should be."""

    def replace(part: re.Match[str]) -> str:
        return f"{part[1]}\n{KINDS[part[2]](part[3])}\n\n{part[4]}"

    return PART.sub(replace, text)


def main() -> None:
    """Write the generated parts of all documents anew."""
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text("utf-8")
        if (new := filled(text)) != text:
            path.write_text(new, "utf-8")
            print(f"wrote {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
