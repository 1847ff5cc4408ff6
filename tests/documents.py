"""Fenced blocks of Markdown documents, and what running them means.

| block | meaning |
|---|---|
| any, after `<!-- file: PATH -->` | is written to PATH |
| any, after `<!-- skip: REASON -->` | is left alone |
| `python` | runs and ends well; after `<!-- raises: NAME -->`: ends with that exception |
| `console` | its `$` lines run in a shell; what they print is the rest; `...` stands for anything |
| `yaml` | is a contract that can be used |

The blocks of one document share a folder, in their order. Other languages are only shown.
"""

from __future__ import annotations

import dataclasses
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from harness import Project, run

EXECUTED = ("python", "console", "yaml")
DIRECTIVE = re.compile(r"<!--\s*(file|skip|raises):\s*(.*?)\s*-->")


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block."""

    place: str
    language: str
    text: str
    directive: str = ""
    argument: str = ""


def blocks(name: str, text: str) -> Iterator[Block]:
    """The fenced blocks of a document, each with the directive just above it."""
    lines = text.splitlines()
    directive, index = ("", ""), 0
    while index < len(lines):
        line = lines[index]
        opening = re.match(r"( *)(`{3,}|~{3,})\s*([\w-]*)", line)
        if opening:
            indent, fence, language = len(opening[1]), opening[2], opening[3]
            start = index
            index += 1
            while index < len(lines) and not lines[index].strip().startswith(fence):
                index += 1
            assert index < len(lines), f"{name}:{start + 1}: the block is never closed"
            body = "".join(line[min(indent, len(line) - len(line.lstrip())) :] + "\n" for line in lines[start + 1 : index])
            yield Block(f"{name}:{start + 1}", language, body, *directive)
            directive = ("", "")
        elif found := DIRECTIVE.fullmatch(line.strip()):
            assert found[2], f"{name}:{index + 1}: `{found[1]}` needs an argument"
            directive = (found[1], found[2])
        elif line.strip():
            assert not directive[0], f"{name}:{index + 1}: `{directive[0]}` must stand right above its block"
        index += 1
    assert not directive[0], f"{name}: `{directive[0]}` at the end belongs to no block"


def steps(console: str) -> Iterator[tuple[str, str]]:
    """Commands of a console block with what they should print. `> ` continues a command."""
    command, output = "", ""
    for line in console.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, output
            command, output = line[2:], ""
        elif line.startswith("> ") and not output:
            command += "\n" + line[2:]
        else:
            output += line + "\n"
    if command:
        yield command, output


def matches(expected: str, printed: str) -> bool:
    """Whether `printed` is `expected`, where `...` stands for anything: on a line of its own, for any number of lines."""
    pattern = ""
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed.rstrip() + "\n" if printed.strip() else "") is not None


def execute(block: Block, project: Project) -> None:
    """Do what the block says, and fail if it does not happen."""
    if block.directive == "file":
        project.write({block.argument: block.text})
        return
    if block.directive == "skip" or block.language not in EXECUTED:
        return
    environment = project.environment(False, {"PYTHONPATH": ".", "COLUMNS": "100"})
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    if block.language == "python":
        project.write({"block.py": block.text})
        result = run([sys.executable, "block.py"], project.root, environment, 60)
        if block.directive == "raises":
            assert result.returncode != 0 and block.argument in result.stderr, f"{block.place}: {result}"
        else:
            assert result.returncode == 0, f"{block.place}: {result}"
    elif block.language == "yaml":
        project.write({"checked_contract/__init__.py": "", "checked_contract/spymodel.yml": block.text})
        program = (
            "import importspy_hook\nimportspy_hook.install()\n"
            "try:\n    import checked_contract\nexcept importspy_hook.ContractViolation:\n    pass\n"
        )
        result = run([sys.executable, "-c", program], project.root, environment, 60)
        assert result.returncode == 0, f"{block.place}: {result}"
    else:
        for command, expected in steps(block.text):
            # What a user sees: both streams, in the order in which they were written.
            result = run(["bash", "-c", f"exec 2>&1\n{command}"], project.root, environment, 100)
            assert matches(expected, result.stdout), (
                f"{block.place}: `{command}` should print\n{expected}\nbut printed\n{result.stdout}"
            )
