"""Shows the JSON Schema of contracts as Markdown: a table of keys for each kind of mapping in it."""

from __future__ import annotations

import re
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
        text = re.sub(r"([*<|])(?=(?:[^`]*`[^`]*`)*[^`]*$)", r"\\\1", about["description"])
        if names := [f"`{value}`" for value in values(about) if f"`{value}`" not in text]:
            text += f" {', '.join(names[:-1])} or {names[-1]}."
        rows.append(f"| `{key}` | {'Required. ' if key in required else ''}{text} |")
    return "\n".join(["| key | |", "|---|---|", *rows])
