"""What the hook costs a process, beside the same work without it and beside the original ImportSpy.

Everything is measured in one run, the variants in turns, each in a process of its own. Printed are medians, the
quartiles, and the ratio to the first line. Times depend on the machine and its load: read the ratios.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 15

CONTRACT = """\
filename: plugin.py
variables:
  - {name: engine, value: docker}
  - {name: plugin_name, value: plugin name}
classes:
  - name: Extension
    attributes:
      - {type: class, name: extension_name, value: extension_value}
      - {type: instance, name: extension_instance_name, value: extension_instance_value}
    methods:
      - {name: __init__, arguments: [{name: self}]}
      - {name: add_extension, arguments: [{name: self}, {name: msg, annotation: str}], return_annotation: str}
      - {name: remove_extension, arguments: [{name: self}]}
deployments:
  - arch: %(arch)s
    systems:
      - os: %(os)s
        pythons:
          - version: %(python)s
            interpreter: CPython
            modules: [{filename: plugin.py, variables: [{name: engine, value: docker}, {name: plugin_name, value: plugin name}]}]
"""

PLUGIN = """\
engine = "docker"
plugin_name = "plugin name"


class Extension:
    extension_name = "extension_value"

    def __init__(self):
        self.extension_instance_name = "extension_instance_value"

    def add_extension(self, msg: str) -> str:
        return msg

    def remove_extension(self):
        pass


import framework
"""

START = {
    "bare Python": "pass",
    "importspy_hook installed": "import importspy_hook; importspy_hook.install()",
    "ImportSpy 0.4.12 imported": "import importspy",
}

LOADED = """\
import json, timeit
{before}
number = 200_000
print(min(timeit.repeat("import json", number=number, repeat=5)) / number * 1e9)
"""

FIRST = {
    "importspy_hook": """\
import importspy_hook
importspy_hook.install()
import plugin
print(importspy_hook.decisions()[0]["microseconds"])
""",
    "ImportSpy 0.4.12": """\
import time
import plugin
from importspy import Spy
start = time.perf_counter()
Spy().importspy(filepath="framework/spymodel.yml", info_module=plugin)
print((time.perf_counter() - start) * 1e6)
""",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay_out(root)
        table("process start", {name: lambda code=code: wall(root, code) for name, code in START.items()}, "ms")
        loaded = {
            "without the hook": lambda: told(root, LOADED.format(before="")),
            "with it": lambda: told(root, LOADED.format(before="import importspy_hook; importspy_hook.install()")),
        }
        table("import of a loaded module without contract", loaded, "ns")
        first = {name: lambda code=code: told(root, code) for name, code in FIRST.items()}
        table("first validation of a plugin", first, "µs")


def lay_out(root: Path) -> None:
    facts = {"arch": platform.machine(), "os": platform.system().lower(), "python": platform.python_version()}
    (root / "framework").mkdir()
    (root / "framework" / "__init__.py").write_text("")
    (root / "framework" / "spymodel.yml").write_text(CONTRACT % facts)
    (root / "plugin.py").write_text(PLUGIN)


def run(root: Path, code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def wall(root: Path, code: str) -> float:
    start = time.perf_counter()
    run(root, code)
    return (time.perf_counter() - start) * 1e3


def told(root: Path, code: str) -> float:
    return float(run(root, code).split()[-1])


def table(title: str, variants: dict[str, Callable[[], float]], unit: str) -> None:
    values: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, measure in variants.items():
            values[name].append(measure())
    print(f"\n{title}")
    reference = statistics.median(next(iter(values.values())))
    for name, measured in values.items():
        low, median, high = statistics.quantiles(measured, n=4)
        print(f"  {name:28} {median:10.1f} {unit}  ({low:.1f} to {high:.1f})  x {median / reference:.2f}")


if __name__ == "__main__":
    main()
