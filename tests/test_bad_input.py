"""No contract and no source makes the hook crash, hang, swallow memory or let something in by accident.

Single shapes of bad input are cases (`cases/contracts_bad.yaml`). Here is what needs a measurement or many tries.
"""

from __future__ import annotations

import sys

import pytest

from harness import Project

BOMBS = {
    "nested-brackets": "text = b'variables: ' + b'[' * 900_000",
    "nested-braces": "text = b'variables: [{name: a, value: ' + b'{a: ' * 200_000",
    "nested-blocks": "text = b'variables:\\n' + b'- ' * 500_000",
    "nested-indentation": "text = b''.join(b' ' * i + b'a:\\n' for i in range(1400))",
    "explicit-keys": "text = b'? ' * 500_000",
    "aliases": "text = b'a0: &a0 [x]\\n' + b''.join(b'a%d: &a%d [%s]\\n' % (i, i, b', '.join([b'*a%d' % (i - 1)] * 9)) "
    "for i in range(1, 40))",
    "wide-aliases": "text = b'a: &a \"' + b'x' * 500_000 + b'\"\\nvariables: [' + b'*a, ' * 100_000 + b']'",
    "anchors": "text = b'variables: [' + b''.join(b'&a%d 1, ' % i for i in range(80_000)) + b']'",
    "tags": "text = b'variables: ' + b'!' * 1_000_000",
    "one-long-scalar": "text = b'filename: ' + b'x' * 1_048_000",
    "one-long-key": "text = b'x' * 1_048_000 + b': 1'",
    "many-keys": "text = b''.join(b'k%d: 1\\n' % i for i in range(80_000))",
    "escapes": "text = b'filename: \"' + b'\\\\U0001F600' * 100_000 + b'\"'",
    "directives": "text = b'%YAML 1.2\\n' * 90_000",
    "documents": "text = b'---\\n' * 250_000",
    "control": "text = bytes(range(256)) * 4000",
    "quotes": "text = b\"variables: [{name: '\" + b\"''\" * 500_000",
    "huge-number": "text = b'variables: [{name: a, value: ' + b'9' * 1_000_000 + b'}]'",
    "huge-exponent": "text = b'variables: [{name: a, value: 1e999999999}]'",
    "huge-version": "text = b'version: \"' + b'9.' * 400_000 + b'1\"'",
    "huge-glob": "text = b'variables: [{name: zz}]\\ntrusted_importers: [\"' + b'*a' * 400_000 + b'\"]'",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_bounded_time_and_memory(project: Project, bomb: str) -> None:
    project.write({"framework/__init__.py": ""})
    result = project.script(
        f"""
        import resource, sys, threading, time
        a = 1
        {BOMBS[bomb]}
        open("framework/spymodel.yml", "wb").write(text)
        def go():
            try:
                import framework
            except ValueError as error:
                seen.append((type(error).__name__, len(str(error))))
            else:
                seen.append(("allowed", 0))
        seen = []
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        go()
        # A thread's stack is smaller than the main one.
        threading.stack_size(256 * 1024)
        thread = threading.Thread(target=go)
        thread.start()
        thread.join()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print([seen, time.perf_counter() - start, grown // 1024])
        """,
        seconds=60,
    ).succeeded()
    seen, seconds, mebibytes = eval(result.stdout)
    assert len(seen) == 2 and seen[0] == seen[1], result
    kind, length = seen[0]
    assert kind in ("ContractError", "ContractViolation"), result
    assert length < 100_000, "the report repeats the bomb"
    assert seconds < 10 and mebibytes < 150, result


def test_damaged_contracts(project: Project) -> None:
    project.write({"framework/__init__.py": ""})
    project.script(
        r'''
        import random, sys
        import importspy_hook
        good = b"""\
        schema_version: 1
        filename: plugin.py
        version: ">=1.2,<2"
        trusted_importers: [tests.*]
        variables:
          - {name: engine, annotation: str, value: docker, pattern: "[a-z]+", one_of: [docker, podman]}
        functions:
          - name: run
            async: false
            arguments: [{name: a, annotation: "list[int]", value: 3, kind: keyword-only}]
            return_annotation: "str | None"
        classes:
          - name: P
            attributes: [{name: x, type: instance, value: {a: [1, 2.5, true, null]}}]
            methods: [{name: m, arguments: [{name: self}]}]
            superclasses: [Base, {name: Other, methods: [{name: n}]}]
        deployments:
          - arch: [x86_64, arm64]
            systems:
              - os: linux
                environment: {variables: [{name: APP, annotation: int, value: 3}], secrets: [TOKEN]}
                pythons: [{version: 3.10, interpreter: CPython, modules: [{filename: other.py, version: ^1}]}]
        """
        parts = [b"[", b"]", b"{", b"}", b":", b"- ", b"&a ", b"*a", b"!!x ", b"\n", b"\t", b"'", b'"', b"#", b"|\n", b">\n", b"? ",
                 b"---\n", b"...\n", b"%", b"\x00", b"\xff", b"\xc3", "é".encode(), b"\r", b"9" * 30, b"null", b"~", b"<<: *a\n", b"  "]
        random.seed(7)
        for round in range(1500):
            text = bytearray(good)
            for _ in range(random.randint(1, 4)):
                at = random.randrange(len(text))
                match random.randrange(3):
                    case 0: del text[at : at + random.randint(1, 20)]
                    case 1: text[at:at] = random.choice(parts)
                    case 2: text[at] = random.randrange(256)
            with open("framework/spymodel.yml", "wb") as file:
                file.write(text)
            try:
                import framework
            except (importspy_hook.ContractError, importspy_hook.ContractViolation) as error:
                str(error)
                if isinstance(error, importspy_hook.ContractViolation):
                    error.to_json()
            except BaseException as error:
                print(bytes(text))
                raise
            sys.modules.pop("framework", None)
        ''',
        seconds=100,
    ).succeeded()


SOURCE = r'''# -*- coding: utf-8 -*-
from __future__ import annotations
import os, typing as t
from dataclasses import dataclass, field
__version__: str = "1.2"
class Root(t.Generic[T], metaclass=Meta):
    __slots__ = ("x", *more)
    def __init__(self, a: int = 3, /, *rest, b=None, **kw) -> None:
        self.x: int = a; self.y, (self.z, *_) = rest
    async def run(self, *, n: list[dict[str, int]] | None = -1.5e3): ...
@dataclass(frozen=True)
class Base(Root):
    f: str = field(default="x")
    if t.TYPE_CHECKING:
        g = 1
    else:
        g = {1: (2, [3, {4}]), **{}}
try:
    a = b"bytes" rb"\\x00"
except (KeyError, *E) as e:
    pass
match a:
    case {"k": [x, *y], **z} if (w := x): pass
    case _: del a
def f[T: int](x=lambda *a: (yield)): global q; q = f"{x!r:>{x}}"
'''


def test_damaged_sources(project: Project) -> None:
    """Bases that are located and parsed, never imported."""
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "classes: [{name: P, methods: [{name: run}], attributes: [{name: x}], superclasses: [Root]}]",
            "good.txt": SOURCE,
        }
    )
    project.script(
        r'''
        import importlib, random, sys
        import importspy_hook
        good = open("good.txt", "rb").read()
        parts = [b"(", b")", b"[", b"]", b"{", b"}", b":", b"\n", b"    ", b"\t", b'"', b"\\", b"#", b"@", b"*", b"**", b"->", b":=",
                 b"'" * 3, b"\x00", b"\xff", b"\x0c", "é".encode(), b"# coding: latin-1\n", b"# coding: nonsense\n", b"9" * 50, b"f'{", b"class ", b"def "]
        program = "import framework\nfrom base{0} import Base\nclass P(Base): ...\n"
        random.seed(11)
        for round in range(600):
            text = bytearray(good)
            for _ in range(random.randint(1, 4)):
                at = random.randrange(len(text))
                match random.randrange(3):
                    case 0: del text[at : at + random.randint(1, 20)]
                    case 1: text[at:at] = random.choice(parts)
                    case 2: text[at] = random.randrange(256)
            with open(f"base{round}.py", "wb") as file:
                file.write(text)
            with open(f"plugin{round}.py", "w") as file:
                file.write(program.format(round))
            importlib.invalidate_caches()
            try:
                importlib.import_module(f"plugin{round}")
            except importspy_hook.ContractViolation as error:
                str(error), error.to_json()
            except Exception:
                pass  # let in, and then the damaged base itself would not run
        ''',
        seconds=100,
    ).succeeded()


def test_a_contract_that_changes_all_the_time(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "{}", "plugin.py": "def go():\n    import framework\n"})
    project.script(
        """
        import os, threading, plugin, importspy_hook
        stop = False
        def writer():
            texts = ["{}", "variables: [{name: a}]", "varibles: []", "", "[", "# " + "x" * 2_000_000]
            i = 0
            while not stop:
                with open("framework/spymodel.yml", "w") as file:
                    file.write(texts[i % len(texts)])
                i += 1
        thread = threading.Thread(target=writer)
        thread.start()
        kinds = set()
        try:
            for _ in range(400):
                try:
                    plugin.go()
                    kinds.add("allowed")
                except (importspy_hook.ContractViolation, importspy_hook.ContractError) as error:
                    str(error)
                    kinds.add(type(error).__name__)
        finally:
            stop = True
            thread.join()
        assert kinds
        """,
        seconds=60,
    ).succeeded()


DEEP = {
    "attributes": "'x = a' + '.b' * 9_000",
    "operators": "'x = 1' + ' + 1' * 15_000",
    "signs": "'x = ' + '-' * 15_000 + '1'",
    "brackets": "'x = ' + '[' * 900 + ']' * 900",
    "parentheses": "'x = ' + '(' * 100_000 + ')' * 100_000",
    "elif": "'if a: x = 1\\n' + 'elif a: x = 1\\n' * 6_000",
}


@pytest.mark.skipif(sys.platform == "win32", reason="the main thread's stack can't be limited")
@pytest.mark.parametrize("shape", DEEP)
def test_deep_source_overflows_no_stack(project: Project, shape: str) -> None:
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "deployments: [{systems: [{pythons: [{modules: [{filename: deep.py, variables: [{name: x}]}]}]}]}]",
        }
    )
    result = project.script(
        f"""
        import importlib, resource, sys, threading, importspy_hook
        open("deep.py", "w").write({DEEP[shape]})
        def go(name):
            try:
                importlib.import_module(name)
            except importspy_hook.ContractViolation as error:
                seen.append(sorted(violation.code for violation in error.violations))
            else:
                seen.append("allowed")
        seen = []
        for number in range(3):
            open(f"plugin{{number}}.py", "w").write("import framework")
        # What is left of the initial stack then is less than the source needs.
        resource.setrlimit(resource.RLIMIT_STACK, (700 * 1024, resource.RLIM_INFINITY))
        go("plugin0")
        for number, size in enumerate([128 * 1024, 1024 * 1024], 1):
            threading.stack_size(size)
            thread = threading.Thread(target=go, args=(f"plugin{{number}}",))
            thread.start()
            thread.join()
        print(seen)
        """,
        seconds=60,
    ).succeeded()
    seen = eval(result.stdout)
    assert len(seen) == 3 and seen[0] == seen[1] == seen[2], result
