"""The command reference is what `--help` says, the contract reference what the schema says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import command_help
import references
import schema_tables

pytestmark = pytest.mark.once

PAGES = sorted(references.DOCS.glob("*.md"))
TOLD = [part for path in PAGES for part in references.parts(path.read_text("utf-8"))]


def headings(name: str, level: int) -> list[str]:
    text = (references.DOCS / name).read_text("utf-8")
    return re.findall(rf"^{'#' * level} (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_told_is_true(extension: None, path: Path) -> None:
    text = path.read_text("utf-8")
    assert text == references.filled(text), "run tools/references"


def test_every_command_is_told_once_under_its_name(extension: None) -> None:
    commands = references.commands()
    assert commands
    told = [argument for kind, argument in TOLD if kind == "command"]
    assert Counter(told) == Counter(commands)
    assert [name for name in headings("commands.md", 2) if name in commands] == told


def test_every_key_of_the_schema_is_told_once(extension: None) -> None:
    schema = json.loads(references.program("schema"))
    assert Counter(argument for kind, argument in TOLD if kind == "keys") == Counter([*schema_tables.mappings(schema)])


def test_help_is_read() -> None:
    long = """Check files

More.

Usage: importspy-hook check [OPTIONS] [PATH]...

Arguments:
  [PATH]...
          Files and *folders*

Options:
      --mode <MODE>
          What happens, see --output

          Possible values:
          - enforce: It is blocked
          - report:  It goes on

          [default: enforce]

  -h, --help
          Print help

Result:
  -o, --output <FILE>
          Write `a|b`
"""
    assert command_help.table(command_help.read(long)) == (
        "Check files.\n\nMore.\n\n```text\nimportspy-hook check [OPTIONS] [PATH]...\n```\n\n| | |\n|---|---|\n"
        "| `PATH…` | Files and \\*folders\\* |\n"
        "| `--mode MODE` | What happens, see `--output`. `enforce`: it is blocked. `report`: it goes on."
        " Default: `enforce` |\n"
        "| `-o`, `--output FILE` | Write `a\\|b` |"
    )
    short = """Check

Usage: x [OPTIONS]

Options:
  -o, --output <FILE>    Where it goes
      --format <FORMAT>  How [default: text] [possible values: text, json]
"""
    assert command_help.table(command_help.read(short)).splitlines()[-2:] == [
        "| `-o`, `--output FILE` | Where it goes |",
        "| `--format FORMAT` | How. One of `text`, `json`. Default: `text` |",
    ]
    assert command_help.read("P\n\nUsage: x <COMMAND>\n\nCommands:\n  check  Check\n  init   Begin\n").commands == ["check", "init"]


def test_every_public_name_is_told(extension: None) -> None:
    import importspy_hook

    page = (references.DOCS / "embedded.md").read_text("utf-8")
    table = page[page.index("## Everything else") :]
    told = set(re.findall(r"`(\w+)", "".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE))))
    assert told == {*importspy_hook.__all__} - {"__version__"}
