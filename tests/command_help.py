"""Reads what `--help` prints, and shows it as Markdown."""

from __future__ import annotations

import dataclasses
import re

ENTRY = re.compile(r" {2,6}(\S.*?)(?: {2,}(\S.*))?")
HEADING = re.compile(r"(\S.*):")


@dataclasses.dataclass
class Help:
    """A command, as its help tells it."""

    description: str
    usage: str
    # Arguments and options with their texts, in order.
    entries: list[tuple[str, str]]
    commands: list[str]


def read(text: str) -> Help:
    """Take a help text apart."""
    description, _, rest = text.partition("\nUsage: ")
    usage, _, rest = rest.partition("\n")
    found = Help(description.strip(), usage.strip(), [], [])
    section = ""
    for line in rest.splitlines():
        if heading := HEADING.fullmatch(line):
            section = heading[1]
        elif section == "Commands" and (entry := ENTRY.fullmatch(line)):
            found.commands.append(entry[1].split()[0])
        elif entry := ENTRY.fullmatch(line):
            found.entries.append((entry[1], entry[2] or ""))
        elif line.strip():
            assert found.entries, f"not understood in the help: {line!r}"
            name, before = found.entries[-1]
            found.entries[-1] = (name, f"{before}\n{line.strip()}".strip())
    return found


def inline(text: str) -> str:
    """Plain text as Markdown for a table cell; options, and what is in backquotes already, as code."""
    pieces = re.split(r"(`[^`]*`)", re.sub(r"(?<![\w`-])(--?[a-zA-Z][\w-]*)(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)", r"`\1`", text))
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([*<_\[\]])", r"\\\1", piece) for piece in pieces
    ).replace("|", r"\|")


def name(entry: str) -> str:
    """An argument or an option as code: `-o, --output <FILE>` is `-o`, `--output FILE`."""
    entry = re.sub(r"\[?<([^>]*)>\]?", r"\1", entry.replace("[<", "<").replace(">]", ">"))
    entry = re.sub(r"\[([A-Z_|]+)\]", r"\1", entry).replace("...", "…").replace("|", r"\|")
    return ", ".join(f"`{part}`" for part in entry.split(", "))


def meaning(text: str) -> str:
    """The text of an entry in one cell."""
    sentences: list[str] = []
    values: list[str] = []
    for line in text.splitlines():
        if found := re.fullmatch(r"\[default: (.*)\]", line):
            values.append(f"Default: `{found[1]}`")
        elif found := re.fullmatch(r"\[possible values: (.*)\]", line):
            values.insert(0, "One of " + ", ".join(f"`{value}`" for value in found[1].split(", ")))
        elif found := re.fullmatch(r"- ([\w-]+): +(.*)", line):
            values.append(f"`{found[1]}`: {inline(found[2][0].lower() + found[2][1:])}")
        elif line != "Possible values:":
            # clap puts short help on one line, values included.
            rest, default = line, ""
            if found := re.fullmatch(r"(.*) \[default: (.*?)\](.*)", rest):
                rest, default = found[1] + found[3], found[2]
            if found := re.fullmatch(r"(.*) \[possible values: (.*?)\]", rest):
                rest = found[1]
                values.append("One of " + ", ".join(f"`{value}`" for value in found[2].split(", ")))
            if default:
                values.append(f"Default: `{default}`")
            sentences.append(inline(rest))
    return ". ".join(part.rstrip(".") for part in [*sentences, *values])


def table(command: Help) -> str:
    """A command in Markdown: what it does, its usage, its arguments and options."""
    paragraphs = [" ".join(inline(part).split()) for part in command.description.replace("\\|", "|").split("\n\n")]
    rows = [
        f"| {name(entry)} | {meaning(text)} |" for entry, text in command.entries if not entry.startswith(("-h,", "-V,"))
    ]
    text = "\n\n".join([f"{paragraphs[0].rstrip('.')}.", *paragraphs[1:], f"```text\n{command.usage}\n```"])
    return text + ("\n\n" + "\n".join(["| | |", "|---|---|", *rows]) if rows else "")
