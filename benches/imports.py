"""What imports cost that no contract is about, and guarded ones that were decided before."""

from __future__ import annotations

from pathlib import Path

from samples import age, lay_out, many_modules
from shared import INSTALL, PACKAGES, PYTHON, environment, in_turns, run, table, told

COLD = """
import sys, time
{before}
start = time.perf_counter()
import {module}
print((time.perf_counter() - start) * 1e3)
"""
# The least of many short runs: other processes share the machine.
LOADED = """
import sys, timeit
sys.path.insert(0, ".")
{before}
{setup}
for _ in range(5):
    {statement}
print(min(timeit.repeat({statement!r}, globals=globals(), number=500, repeat=400)) / 500 * 1e9)
"""
# Contracts count as settled after two seconds.
SETTLED = "import plugin, time; time.sleep(2.2)"
STATS = """
import ctypes, timeit
libc = ctypes.CDLL(None, use_errno=True)
import os
path = os.path.abspath("framework/spymodel.yml")
nothing = min(timeit.repeat("libc.getppid()", globals=globals(), number=500, repeat=200)) / 500 * 1e9
buffer = ctypes.create_string_buffer(512)
name = path.encode()
stat = min(timeit.repeat("libc.stat(name, buffer)", globals=globals(), number=500, repeat=200)) / 500 * 1e9
print(stat - nothing)
"""


def measure(root: Path) -> str:
    generated = many_modules(root / "many")
    # What is measured is importing, not compiling.
    run([environment("real", *PACKAGES), "-m", "compileall", "-q", "."], generated)
    age(generated)
    python = environment("real", *PACKAGES)
    where = "import importspy_hook; print(importspy_hook.__path__[0])"
    site = {"PYTHONPATH": str(Path(run([PYTHON, "-c", where], root).strip()).parent)}
    parts = []
    for module, title in [("everything", "2,000 modules in 200 packages"), *((name, name) for name in PACKAGES)]:
        variants = {
            "hook off": lambda module=module: told(generated, COLD.format(before="", module=module), python, site),
            "hook on": lambda module=module: told(generated, COLD.format(before=INSTALL, module=module), python, site),
        }
        in_turns(variants, 1)
        parts.append(table(f"Cold import: {title}", in_turns(variants), "ms"))
    example = lay_out(root / "loaded")
    plain = {
        "hook off": lambda: told(example, LOADED.format(before="", setup="import json", statement="import json")),
        "hook on": lambda: told(example, LOADED.format(before=INSTALL, setup="import json", statement="import json")),
        "hook on, another module guarded": lambda: told(
            example, LOADED.format(before=INSTALL, setup="import json, plugin", statement="import json")
        ),
    }
    parts.append(table("`import x`, loaded, unguarded", in_turns(plain), "ns", "Budget: +15 ns."))
    names = "from json import dumps, loads"
    from_import = {
        "hook off": lambda: told(example, LOADED.format(before="", setup="import json", statement=names)),
        "hook on, another module guarded": lambda: told(example, LOADED.format(before=INSTALL, setup="import plugin", statement=names)),
    }
    parts.append(table("`from x import y, z`, loaded, unguarded", in_turns(from_import), "ns"))
    guarded = {
        "hook off": lambda: told(example, LOADED.format(before="", setup=SETTLED, statement="plugin.again()")),
        "hook on": lambda: told(example, LOADED.format(before=INSTALL, setup=SETTLED, statement="plugin.again()")),
    }
    stat = in_turns({"one `stat` of the contract's path": lambda: told(example, STATS)}, 5)
    note = (
        "Budget: +1,000 ns. A change of the contract takes effect at the next import: one `stat` call of the contract, "
        f"which costs {stat[0].median:,.0f} ns on this machine."
    )
    parts.append(table("`import x`, loaded, guarded, decided before", in_turns(guarded, 5), "ns", note))
    return "\n".join(parts)
