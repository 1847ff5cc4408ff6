"""The programs that are measured: the plugin example of the original, and generated ones of any size."""

from __future__ import annotations

import os
import platform
from pathlib import Path

# The start of 2020, in seconds.
OLD = 1_577_836_800

# The original's own example: its plugin, and the contract of its framework in its own format.
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
            modules:
              - filename: plugin.py
                variables: [{name: engine, value: docker}, {name: plugin_name, value: plugin name}]
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

"""

AGAIN = """
def again():
    import framework

def again_from():
    from framework import NAME
"""

# The statement as the plugin sees it: finding the module, the contract and the importer included.
TIMED = """
import time
start = time.perf_counter()
import framework
TOOK = (time.perf_counter() - start) * 1e6
"""


def lay_out(root: Path) -> Path:
    """The plugin example: `plugin` imports `framework`, which has a contract; `one.plugin` and `two.plugin` take the time."""
    facts = {"arch": platform.machine(), "os": platform.system().lower(), "python": platform.python_version()}
    (root / "framework").mkdir(parents=True)
    (root / "framework" / "__init__.py").write_text("NAME = 'framework'\n")
    (root / "framework" / "spymodel.yml").write_text(CONTRACT % facts)
    (root / "plugin.py").write_text(PLUGIN + "import framework\n" + AGAIN)
    for name in ("one", "two"):
        (root / name).mkdir()
        (root / name / "__init__.py").write_text("")
        (root / name / "plugin.py").write_text(PLUGIN + TIMED)
    # For the original, which validates a module that is loaded and may not import what it does not know.
    (root / "alone").mkdir()
    (root / "alone" / "plugin.py").write_text(PLUGIN)
    return root


def many_modules(root: Path, packages: int = 200, each: int = 10) -> Path:
    """`each` modules in each of `packages`, one of them `__init__`, without contracts; `everything.py` imports all."""
    names = []
    for number in range(packages):
        folder = root / f"pkg{number:03}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(f"NUMBER = {number}\n")
        names.append(folder.name)
        for part in range(each - 1):
            (folder / f"part{part}.py").write_text(f"VALUE = {part}\n\ndef function(x):\n    return x + {part}\n")
            names.append(f"{folder.name}.part{part}")
    (root / "everything.py").write_text("".join(f"import {name}\n" for name in names))
    return root


def importer_of_lines(lines: int) -> str:
    """A plugin of about `lines` lines that fits the contract."""
    filler = "def function{0}(argument: int, other: str = 'text') -> list[int]:\n    if argument > {0}:\n        return [argument]\n    return []\n\n"
    return PLUGIN + "".join(filler.format(number) for number in range(max(0, lines - 15) // 5)) + "\nimport framework\n"


def contract_of_entries(entries: int) -> str:
    """A contract of so many variables."""
    return "variables:\n" + "".join(f"  - {{name: v{number}, value: {number}}}\n" for number in range(entries))


def importer_for_entries(entries: int) -> str:
    """What fits `contract_of_entries`."""
    return "".join(f"v{number} = {number}\n" for number in range(entries)) + "import framework\n"


def age(folder: Path) -> None:
    """Make it as old as installed packages are: listings of folders that changed just now are not believed."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            os.utime(path, (OLD, OLD))
