"""The cases themselves: well formed, and together they cover the format and the codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import case_files
from case_files import Case

CASES = case_files.load()

# Every key of the contract format (DESIGN 6).
FORMAT = set(
    """schema_version filename version variables functions classes deployments protects trusted_importers name annotation
    value pattern one_of arguments return_annotation async attributes methods superclasses type kind arch systems os
    environment pythons secrets interpreter modules""".split()
)

# Codes that the specification itself leads to.
REACHED = {
    *(f"missing-{entity}" for entity in "version variable function argument class attribute method superclass".split()),
    *(f"missing-{entity}" for entity in "environment-variable secret module".split()),
    *(f"mismatch-{entity}" for entity in "filename version variable function argument return attribute method".split()),
    *(f"mismatch-{entity}" for entity in "architecture operating-system python-version interpreter".split()),
    "mismatch-environment-variable",
    *(f"invalid-{entity}" for entity in "variable attribute environment-variable".split()),
    *(f"unproven-{entity}" for entity in "version variable function argument class attribute method superclass".split()),
}


def contract_of(case: Case) -> Any:
    content = case.content("contract")
    return None if content is None else yaml.safe_load(content)


def keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            if key not in ("value", "one_of"):
                yield from keys(value)
    elif isinstance(node, list):
        for item in node:
            yield from keys(item)


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_well_formed(case: Case) -> None:
    data = case.data
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case.name)
    assert set(data) <= set(case_files.KEYS)
    assert data["expect"] in case_files.EXPECTED
    assert ("importer" in data) != ("importer_python" in data)
    assert not ("contract" in data and "contract_python" in data)
    assert set(data.get("codes", [])) <= case_files.CODES
    if data["expect"] != "blocked":
        assert "codes" not in data
    if data["expect"] == "allowed":
        assert not {"contains", "lacks", "stdout_lacks"} & set(data), "these are about the exception"
    for name, text in data.get("files", {}).items():
        assert isinstance(text, str) and not name.startswith("/") and ".." not in name
    if data["expect"] != "contract-error" and "main" not in data:
        contract = contract_of(case)
        assert contract is None or isinstance(contract, dict)
        assert set(keys(contract)) <= FORMAT


def test_every_key_of_the_format_has_a_case() -> None:
    used = {key for case in CASES if case.data["expect"] != "contract-error" for key in keys(contract_of(case))}
    assert FORMAT - used == set()


def test_every_code_has_a_case() -> None:
    used = {code for case in CASES for code in case.data.get("codes", [])}
    assert REACHED - used == set()
