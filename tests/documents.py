"""Fenced blocks of Markdown documents, and what running them means.

| block | meaning |
|---|---|
| any, after `<!-- file: PATH -->` | is written to PATH |
| any, after `<!-- shows: PATH -->` | is what stands in PATH; `...` stands for anything |
| `yaml`, after `<!-- workflow: PATH -->` | is written to PATH, and the commands that it tells a CI server to run succeed |
| any, after `<!-- skip: REASON -->` | is left alone |
| `python` | runs and ends well; after `<!-- raises: NAME -->`: ends with that exception |
| `console` | its `$` lines run in a shell; what they print is the rest; `...` stands for anything |
| `console`, after `<!-- environment: DIR -->` | … where DIR is a virtual environment that has the package |
| `yaml` | is a contract that can be used |
| `json` | is well-formed |

The blocks of one document share a folder, in their order. Other languages are only shown.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from harness import Project, Result, make_environment, run

EXECUTED = ("python", "console", "yaml", "json")
DIRECTIVE = re.compile(r"<!--\s*(file|shows|workflow|environment|skip|raises):\s*(.*?)\s*-->")
FENCE = re.compile(r"( *)(`{3,}|~{3,})\s*([\w-]*)")
# The package is installed already. Anything else that `pip` is asked for is a mistake of the document.
PIP = 'pip() { [ "$1" = install ] || return; shift; [[ "$*" == *importspy-hook* || "$*" == "-e "* ]]; }\n'


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block."""

    place: str
    language: str
    text: str
    directive: str = ""
    argument: str = ""


def fences(text: str) -> Iterator[tuple[int, int]]:
    """The first and the last line of each fenced block; a block that is never closed ends behind the last line."""
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        if opening := FENCE.match(lines[index]):
            start = index
            index += 1
            while index < len(lines) and not lines[index].strip().startswith(opening[2]):
                index += 1
            yield start, index
        index += 1


def blocks(name: str, text: str) -> Iterator[Block]:
    """The fenced blocks of a document, each with the directive just above it."""
    lines = text.splitlines()
    ends = dict(fences(text))
    directive, index = ("", ""), 0
    while index < len(lines):
        line = lines[index]
        if index in ends:
            start, index = index, ends[index]
            assert index < len(lines), f"{name}:{start + 1}: the block is never closed"
            opening = FENCE.match(line)
            assert opening
            indent = len(opening[1])
            body = "".join(line[min(indent, len(line) - len(line.lstrip())) :] + "\n" for line in lines[start + 1 : index])
            yield Block(f"{name}:{start + 1}", opening[3], body, *directive)
            directive = ("", "")
        elif found := DIRECTIVE.fullmatch(line.strip()):
            assert found[2], f"{name}:{index + 1}: `{found[1]}` needs an argument"
            directive = (found[1], found[2])
        elif line.strip():
            assert not directive[0], f"{name}:{index + 1}: `{directive[0]}` must stand right above its block"
        index += 1
    assert not directive[0], f"{name}: `{directive[0]}` at the end belongs to no block"


def anchors(text: str) -> set[str]:
    """What links to headings of a document are called on a code host."""
    fenced = {number for start, end in fences(text) for number in range(start, end + 1)}
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines()):
        if number not in fenced and (heading := re.fullmatch(r"#+ +(.*)", line)):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            seen[name] = seen.get(name, -1) + 1
            if seen[name]:
                seen[f"{name}-{seen[name]}"] = 0
    return set(seen)


def broken_links(path: Path) -> Iterator[str]:
    """Links of a document to files or headings that are not there. Addresses elsewhere are not asked for."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    for start, end in fences(text):
        lines[start : end + 1] = [""] * (end + 1 - start)
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "code", "\n".join(lines))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            yield f"{path.name}: {target}"


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


def commands(workflow: Any) -> Iterator[str]:
    """The shell commands of a workflow: steps of GitHub's jobs, scripts of GitLab's, hooks of pre-commit."""
    for repository in workflow.get("repos", []):
        yield from (hook["entry"] for hook in repository["hooks"])
    for name, job in {**workflow, **workflow.get("jobs", {})}.items():
        if isinstance(job, dict):
            for step in job.get("steps", []):
                if "run" in step:
                    yield step["run"]
            if scripts := [*job.get("before_script", []), *job.get("script", [])]:
                yield "\n".join(scripts)


def execute(block: Block, project: Project) -> None:
    """Do what the block says, and fail if it does not happen."""
    if block.directive in ("file", "workflow"):
        project.write({block.argument: block.text})
    if block.directive == "shows":
        found = (project.root / block.argument).read_text("utf-8")
        assert matches(block.text, found), f"{block.place}: {block.argument} has\n{found}"
        return
    if block.directive in ("file", "skip") or block.language not in EXECUTED:
        return
    environment = project.environment(False, {"PYTHONPATH": ".", "COLUMNS": "100"})
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])

    def shell(command: str) -> Result:
        # What a user sees: both streams, in the order in which they were written.
        return run(["bash", "-c", f"exec 2>&1\n{command}"], project.root, environment, 100)

    if block.directive == "workflow":
        scripts = list(commands(yaml.safe_load(block.text)))
        assert scripts, f"{block.place}: nothing to run in it"
        for script in scripts:
            result = shell(f"set -e\n{PIP}{script}")
            assert result.returncode == 0, f"{block.place}: {result}"
    elif block.language == "python":
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
    elif block.language == "console":
        if block.directive == "environment":
            make_environment(project.root / block.argument)
        for command, expected in steps(block.text):
            result = shell(command)
            assert matches(expected, result.stdout), (
                f"{block.place}: `{command}` should print\n{expected}\nbut printed\n{result.stdout}"
            )
    else:
        try:
            json.loads(block.text)
        except ValueError as error:
            raise AssertionError(f"{block.place}: {error}") from None
