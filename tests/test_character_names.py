"""`\\N{NAME}` in an importer's source is the character that Python makes of it, for every name there is."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from harness import Project

# Code points to a variable: a contract of one megabyte holds a good part of them all.
BLOCK = 256
CONTRACTS = 6


def quoted(text: str) -> str:
    """As a scalar of YAML."""
    return '"' + "".join(f"\\U{ord(it):08X}" for it in text) + '"'


def by_name(characters: list[str]) -> str:
    """As in a text of Python's."""
    return "".join(f"\\N{{{unicodedata.name(it)}}}" for it in characters)


def blocks() -> dict[str, list[str]]:
    """All characters that have a name, by the variable that holds them."""
    named = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.name(chr(code), "")]
    return {f"v{at}": named[at : at + BLOCK] for at in range(0, len(named), BLOCK)}


def test_every_name(project: Project) -> None:
    all_blocks = blocks()
    names = list(all_blocks)
    for part in range(CONTRACTS):
        source, rules = [], []
        for name in names[part::CONTRACTS]:
            characters = all_blocks[name]
            source.append(f'{name} = "{by_name(characters)}"\n')
            rules.append(f"- {{name: {name}, value: {quoted(''.join(characters))}}}\n")
        project.write({f"m{part}.py": "".join(source), f"m{part}.yml": "variables:\n" + "".join(rules)})
    result = project.script(
        f"""
        import json
        from importspy_hook import check
        reports = [check(f"m{{part}}.py", f"m{{part}}.yml") for part in range({CONTRACTS})]
        print(json.dumps([violation.path for report in reports for violation in report.violations]))
        """,
        hook=False,
    ).succeeded()
    assert result.json() == [] and sum(map(len, all_blocks.values())) > 130_000


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("latin small letter a", "a"),
        ("HANGUL SYLLABLE GAG", "\uac01"),
        # An alias: no character has it as its name.
        ("LATIN CAPITAL LETTER GHA", "\u01a2"),
        ("LINE FEED", "\n"),
        ("VARIATION SELECTOR-1", "\ufe00"),
        ("NO SUCH CHARACTER", None),
        ("", None),
        ("LATIN  SMALL LETTER A", None),
        ("HANGUL SYLLABLE", None),
        ("HANGUL SYLLABLE XYZ", None),
        ("CJK UNIFIED IDEOGRAPH-0041", None),
        ("CJK UNIFIED IDEOGRAPH-4E0", None),
        ("LATIN SMALL LETTER \u00c0", None),
        # A sequence of two, which only `unicodedata.lookup` knows.
        ("LATIN SMALL LETTER R WITH TILDE", None),
    ],
)
def test_as_python_has_it(project: Project, name: str, character: str | None) -> None:
    try:
        python = eval(f'"\\N{{{name}}}"')
    except SyntaxError:
        python = None
    assert python == character
    wanted = quoted(character if character is not None else name)
    project.write({"m.py": f'x = "\\N{{{name}}}"\n', "m.yml": f"variables: [{{name: x, value: {wanted}}}]"})
    status = project.run("-m", "importspy_hook", "check", "m.py", "-s", "m.yml", hook=False).returncode
    assert status == (2 if character is None else 0)
