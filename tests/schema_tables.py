"""Shows the JSON Schema of contracts as Markdown: a table of keys for each kind of mapping in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TOP = "contract"


def mappings(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every kind of mapping that the schema knows, by name; the document itself is `contract`."""
    named = {name: part for name, part in schema["definitions"].items() if "properties" in part}
    return {TOP: schema, **named}


def values(key: dict[str, Any]) -> list[str]:
    """The names that a key takes, if it takes a few."""
    found = key.get("enum") or next((part["enum"] for part in key.get("anyOf", []) if "enum" in part), [])
    return [str(value) for value in found]


def table(schema: dict[str, Any], name: str) -> str:
    """The keys of one kind of mapping, the required ones first."""
    part = mappings(schema)[name]
    required = part.get("required", [])
    rows = []
    for key in sorted(part["properties"], key=lambda key: (key not in required, key)):
        about = part["properties"][key]
        text = escaped(about["description"])
        if names := [f"`{value}`" for value in values(about) if f"`{value}`" not in text]:
            text += f" {', '.join(names[:-1])} or {names[-1]}."
        rows.append(f"| `{key}` | {'Required. ' if key in required else ''}{text} |")
    return "\n".join(["| key | |", "|---|---|", *rows])


def escaped(text: str) -> str:
    """Text of a schema, which is nearly Markdown, for a table cell."""
    return re.sub(r"([*<|])(?=(?:[^`]*`[^`]*`)*[^`]*$)", r"\\\1", text)


def paths(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every key that documents of a schema have, as a path (`pairs[].module`), with its description.

    What a description tells in passing (`place`, `counts`) has none of its own, and is left out.
    """
    yield from _below(schema, "", schema.get("$defs", {}))


def _below(part: dict[str, Any], path: str, named: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, about in part.get("properties", {}).items():
        whole = _whole(about, named)
        inner = f"{path}.{key}".lstrip(".")
        names = ", ".join(f"`{value}`" for value in whole.get("enum", []) if value is not None)
        text = " ".join(filter(None, [f"{names}." if names else "", escaped(whole.get("description", ""))]))
        if text:
            yield inner, text
        if "items" in whole:
            yield from _below(_whole(whole["items"], named), f"{inner}[]", named)
        yield from _below(whole, inner, named)


def _whole(part: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """A part of a schema with what it refers to, and without the choice of null."""
    if "$ref" in part:
        part = {**named[part["$ref"].rpartition("/")[2]], **part}
    for choice in part.get("oneOf", []):
        if choice.get("type") != "null":
            part = {**choice, **part}
    return part
