"""`importspy-hook schema`: what the loader takes is valid, what it refuses is not.

The loader is the truth. What JSON Schema can't say is named in `BEYOND`, one reason each; everything else must agree.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import case_files
import documents
from harness import Project

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.once


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as the contract loader and current language servers read it."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("int", r"[-+]?(0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), [*first.replace("\0", ""), ""])
Core.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^<<$"), ["<"])
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10))


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = json.loads((ROOT / "docs/schemas/spymodel.schema.json").read_text("utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_command_prints_the_committed_schema(project: Project) -> None:
    committed = (ROOT / "docs/schemas/spymodel.schema.json").read_text("utf-8")
    result = project.run("-m", "importspy_hook", "schema").succeeded()
    assert result.stdout == committed, "run `importspy-hook schema > docs/schemas/spymodel.schema.json`"
    assert not result.stderr


def contracts() -> list[Any]:
    """Every contract of the repository that can be used."""
    found = [pytest.param(path.read_text("utf-8"), id=str(path.relative_to(ROOT))) for path in ROOT.glob("examples/**/*spymodel.yml")]
    for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]:
        for block in documents.blocks(path.name, path.read_text("utf-8")):
            contract = block.language == "yaml" and block.directive not in ("skip", "shows")
            if contract and (not block.argument or block.argument.endswith("spymodel.yml")):
                found.append(pytest.param(block.text, id=block.place))
    for case in case_files.load():
        contract = case.content("contract")
        broken = case.name.startswith("bad-contract-") or case.name == "query-of-a-broken-contract"
        if contract is not None and case.data["expect"] != "contract-error" and not broken:
            found.append(pytest.param(contract, id=case.name))
    return found


@pytest.mark.parametrize("contract", contracts())
def test_every_usable_contract_is_valid(validator: Draft7Validator, contract: str | bytes) -> None:
    validator.validate(yaml.load(contract, Core))


# Cases whose contract JSON Schema can't refuse, by the reason.
BEYOND = {
    "a schema sees data, not how often a key stood in the text": {"bad-duplicate-nested-key", "contract-duplicate-key"},
    "what a regular expression is, Rust, JavaScript and Python each say for themselves": {
        "bad-pattern",
        "bad-pattern-with-a-back-reference",
        "bad-pattern-with-a-look-ahead",
        "bad-pattern-that-is-huge-when-compiled",
    },
    "limits on the text as a whole": {
        "bad-oversized",
        "bad-deep-superclasses",
        "bad-alias-bomb",
        "bad-alias-of-a-long-text",
        "bad-anchor-inside-itself",
    },
    "files, not contracts": {"bad-two-contracts-in-one-folder", "bad-two-sidecars", "bad-utf-16"},
}
NOT_YAML = {
    "contract-syntax-error",
    "contract-not-utf8",
    "bad-two-documents",
    "bad-unclosed-bracket",
    "bad-indentation",
    "bad-undefined-alias",
    "bad-control-characters",
    "bad-deep-brackets",
    "bad-deep-braces-never-closed",
    "bad-deep-block-sequences",
}


def refused() -> list[case_files.Case]:
    return [
        case
        for case in case_files.load()
        if case.data["expect"] == "contract-error" and case.content("contract") is not None
    ]


@pytest.mark.parametrize("case", refused(), ids=lambda case: case.name)
def test_every_bad_contract_is_refused(validator: Draft7Validator, case: case_files.Case) -> None:
    beyond = any(case.name in names for names in BEYOND.values())
    try:
        data = yaml.load(case.content("contract"), Core)
    except (yaml.YAMLError, RecursionError, UnicodeError):
        assert case.name in NOT_YAML | set().union(*BEYOND.values())
        return
    assert case.name not in NOT_YAML
    if "alias" in case.name or case.name == "bad-anchor-inside-itself":
        return  # as data it never ends
    assert validator.is_valid(data) == beyond


# No schema compares one value of a document with another.
CONTRADICTIONS = [
    "variables: [{name: a, value: 1, one_of: [2, 3]}]",
    "variables: [{name: a, value: b, pattern: c}]",
    "variables: [{name: a, value: 1}, {name: a, value: 2}]",
    "functions: [{name: f, async: true}, {name: f, async: false}]",
    "functions: [{name: f, arguments: [{name: a}, {name: a}]}]",
]


def test_contradictions_are_the_loaders_to_find(project: Project, validator: Draft7Validator) -> None:
    project.write({"plugin.py": "a = 1\n"})
    for contract in CONTRADICTIONS:
        validator.validate(yaml.load(contract, Core))
        project.write({"spymodel.yml": contract})
        result = project.run("-m", "importspy_hook", "check", "plugin.py", "-s", "spymodel.yml", hook=False)
        assert result.returncode == 2, result


TEXTS = """
a|a b|' '|''|a=b|*a|'*a'|**a|é|a.b|"a\\tb"|"a\\u0085b"|3|3.10|-1|1e5|true|null|~|yes|[]|[a]|[[a]]|{}|{a: 1}|{name: a}
|0x1f|0o17|.inf|.nan|017|1_0|2024-01-01|'null'|<<|"\\n"|"a\\n"|' a '|{name: a, b: 1}|[null]|['']|[{}]|[{name: a}]|[{name: null}]
""".replace("\n", "").split("|")
VERSIONS = """
'>=3.10,<3.13'|' >= 3.10 , < 3.13 '|~=1.4|~=1|==1.2.*|'!=1.2.*'|>=1.*|1.2.*|'*'|1.x|^1.2|^0.0.3|^1.x|^1.2.3.4|^1.2.3-rc.1|~1|~1.2|'~ 1.2'|===a
|'=== a'|'==='|===a b|1.0rc1|1.0.post1|1.0-1|1.0.dev0|1!2.0|v1.2|V1|1.0+x.y|1.0+|>1|=>1|=1|>>1|'1,'|',1'|'1,2'|1 2|three|1.2.3-x|1..2|1.2.3a|^|^x|~
|1.0RC1|1.0alpha1|1.0preview2|1.0c1|1.0.rev3|1.0r4|1.2.3b1.post2.dev3|'==1.0+local'|'>=1.0+local'|'>=1.0,'|!1|<=1|'~=1.0rc1'|'~=1.0.*'|1.*.2|'1.0 rc1'|'^ 1'|3.11,!=3.11.2
""".replace("\n", "").split("|")
FILES = """
plugin.py|plugins/*.py|plugins/**/main.py|./a.py|././a.py|./|.|..|../a|a/../b|a/./b|a/..|a/|a\\|a\\b|/a|//a|a//b|'[ab].py'|'[!ab]'|'[a'|'[]'|'[]a]'
|'[!]a]'|'a]'|'.hidden'|'..a'|'a..'|'a/.b'|'a/..b'|'[a-]x'|' a '|' ./a '|'a /b'|'./../a'|'*'|'?'|'...'|'a/...'
""".replace("\n", "").split("|")
GLOBS = ["a.*", "'[a-z]'", "'[a'", "'*'", "'**'", "a b", "'[^a]'", "'[]'", "'[!]'", "'[!]]'", "'a?b'", "' a'", "\"a\\tb\""]
NAMES = """
x86_64|X86-64|amd64|'x 8 6'|arm64|ARM_64|z80|linux|Linux|GNU/Linux|macOS|darwin|win32|freebsd13|FreeBSD-13.2|linux5|CYGWIN_NT-10.0-19045|cygwin|sunos5|solaris2
|CPython|cpython|c python|PyPy|graal-py|GraalVM|SnakeOne|jython2|aix7|'-linux'|'linux_'|' linux '|win 64|mac os x|[linux, macos]|[]|[amiga]|[null]|['']
""".replace("\n", "").split("|")
WORDS = """
class|Class|INSTANCE|clas|' class '|keyword-only|Keyword_Only|positional only|var-keyword|VAR KEYWORD|keyword|positional-or_keyword|keywordonly|keyword--only
""".replace("\n", "").split("|")
NUMBERS = ["1", "1.0", "1.2.3", "'1'", "'1.x'", "1.x", "1.X.*", "^1", "^1.2", "'^ 1'", "2", "1.2.3.4", "0", "~1", "=1", "x", "' 1 '", "1.1.1-a", "01", "1.01"]

# Where a text may stand, and a contract around it.
PLACES = {
    "schema_version": "schema_version: {}",
    "filename": "filename: {}",
    "version": "version: {}",
    "variables": "variables: {}",
    "variable": "variables: [{}]",
    "variable.name": "variables: [{{name: {}}}]",
    "variable.annotation": "variables: [{{name: a, annotation: {}}}]",
    "variable.value": "variables: [{{name: a, value: {}}}]",
    "variable.one_of": "variables: [{{name: a, one_of: {}}}]",
    "function.arguments": "functions: [{{name: a, arguments: {}}}]",
    "function.return": "functions: [{{name: a, return_annotation: {}}}]",
    "function.async": "functions: [{{name: a, async: {}}}]",
    "argument.name": "functions: [{{name: a, arguments: [{{name: {}}}]}}]",
    "argument.value": "functions: [{{name: a, arguments: [{{name: a, value: {}}}]}}]",
    "argument.kind": "functions: [{{name: a, arguments: [{{name: a, kind: {}}}]}}]",
    "class.attributes": "classes: [{{name: a, attributes: {}}}]",
    "attribute.type": "classes: [{{name: a, attributes: [{{name: a, type: {}}}]}}]",
    "class.methods": "classes: [{{name: a, methods: {}}}]",
    "class.superclasses": "classes: [{{name: a, superclasses: {}}}]",
    "class.superclass": "classes: [{{name: a, superclasses: [{}]}}]",
    "deployments": "deployments: {}",
    "deployment": "deployments: [{}]",
    "deployment.arch": "deployments: [{{arch: {}}}]",
    "system.os": "deployments: [{{systems: [{{os: {}}}]}}]",
    "system.environment": "deployments: [{{systems: [{{environment: {}}}]}}]",
    "environment.variable.value": "deployments: [{{systems: [{{environment: {{variables: [{{name: A, value: {}}}]}}}}]}}]",
    "environment.variable.one_of": "deployments: [{{systems: [{{environment: {{variables: [{{name: A, one_of: {}}}]}}}}]}}]",
    "environment.secrets": "deployments: [{{systems: [{{environment: {{secrets: {}}}}}]}}]",
    "environment.secret": "deployments: [{{systems: [{{environment: {{secrets: [{}]}}}}]}}]",
    "system.pythons": "deployments: [{{systems: [{{pythons: {}}}]}}]",
    "python.version": "deployments: [{{systems: [{{pythons: [{{version: {}}}]}}]}}]",
    "python.interpreter": "deployments: [{{systems: [{{pythons: [{{interpreter: {}}}]}}]}}]",
    "python.modules": "deployments: [{{systems: [{{pythons: [{{modules: {}}}]}}]}}]",
    "module.filename": "deployments: [{{systems: [{{pythons: [{{modules: [{{filename: {}}}]}}]}}]}}]",
    "protects": "protects: {}",
    "protects.item": "protects: [{}]",
    "trusted_importers": "trusted_importers: {}",
    "trusted_importers.item": "trusted_importers: [{}]",
}
# What a schema sees is the number, not how it is spelled: it can't refuse these as versions.
SPELLED = {
    **dict.fromkeys(["version", "python.version"], {"1e5", "0x1f", "0o17", ".inf", ".nan"}),
    "schema_version": {".nan", "1.01"},
}
SPECIAL = {"version": VERSIONS, "filename": FILES, "protects": GLOBS, "trusted": GLOBS, "kind": WORDS, "type": WORDS, "schema": NUMBERS}
SPECIAL |= dict.fromkeys(["arch", "os", "interpreter"], NAMES)


def test_the_loader_and_the_schema_agree_wherever_a_text_may_stand(project: Project, validator: Draft7Validator) -> None:
    probes = []
    for place, template in PLACES.items():
        special = [text for part, texts in SPECIAL.items() if part in place for text in texts]
        probes += [(place, text, template.format(text)) for text in [*TEXTS, *special]]
    project.write({"guarded/__init__.py": "", "probes.json": json.dumps([probe[2] for probe in probes])})
    # An importer inside the boundary is exempt: only whether the contract can be used decides.
    verdicts = project.script(
        """
        import json, sys
        import importspy_hook
        from pathlib import Path
        contract, taken = Path("guarded/spymodel.yml"), []
        for text in json.loads(Path("probes.json").read_text()):
            contract.write_text(text, "utf-8")
            sys.modules.pop("guarded", None)
            try:
                import guarded
            except importspy_hook.ContractError:
                taken.append(False)
            except importspy_hook.ContractViolation:
                taken.append(True)  # the machine does not fit
            else:
                taken.append(True)
        print(json.dumps(taken))
        """,
        seconds=110,
    ).succeeded().json()
    wrong = []
    for (place, text, contract), taken in zip(probes, verdicts, strict=True):
        try:
            valid = validator.is_valid(yaml.load(contract, Core))
        except (yaml.YAMLError, ValueError):
            continue
        if text in SPELLED.get(place, ()):
            assert valid and not taken, f"{place}: {text} need not be listed"
        elif valid != taken:
            wrong.append(f"{place}: {text!r} is {'taken' if taken else 'refused'} by the loader alone")
    assert not wrong, f"{len(wrong)} of {len(probes)}\n" + "\n".join(wrong)
