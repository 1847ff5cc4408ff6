"""What decisions cost: the first, a repeated one, large contracts and importers, many of both; beside the original."""

from __future__ import annotations

from pathlib import Path

from samples import contract_of_entries, importer_for_entries, importer_of_lines, lay_out
from shared import INSTALL, ORIGINALS, PYTHON, curve, environment, in_turns, run, table, told

DECISION = f"{INSTALL}; import plugin; print(importspy_hook.decisions()[{{}}]['microseconds'])"
# As the originals' documentation calls it, for a module that is loaded.
ORIGINAL = """
import sys, time, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, "alone")
import plugin
from importspy import Spy
times = []
for _ in range(10):
    start = time.perf_counter()
    Spy().importspy(filepath="framework/spymodel.yml", info_module=plugin)
    times.append((time.perf_counter() - start) * 1e6)
print({})
"""
WHOLE = """
import sys
sys.path.insert(0, ".")
{before}
import {modules}
print({last}.TOOK)
"""
MANY = """
import sys, time
sys.path.insert(0, ".")
import importspy_hook
def resident():
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))
if {hook}:
    importspy_hook.install()
before = resident()
start = time.perf_counter()
import {module}
seconds = time.perf_counter() - start
print(seconds * 1e3, resident() - before)
"""


def decided(folder: Path, index: int = 0) -> float:
    return told(folder, DECISION.format(index))


def whole(folder: Path, *modules: str) -> float:
    """What the hook adds to the import statement of the last of these, in microseconds."""
    code = {before: WHOLE.format(before=before, modules=", ".join(modules), last=modules[-1]) for before in ("", INSTALL)}
    return told(folder, code[INSTALL]) - told(folder, code[""])


def measure(root: Path) -> str:
    example = lay_out(root / "first")
    variants = {
        "importspy_hook: first in a process": lambda: whole(example, "one.plugin"),
        "importspy_hook: next importer": lambda: whole(example, "one.plugin", "two.plugin"),
    }
    original = lay_out(root / "original")
    for version in ORIGINALS:
        python = environment(version, f"importspy=={version}")
        facts = run([python, "-c", "import platform; print(platform.python_version())"], root).strip()
        assert facts in (original / "framework" / "spymodel.yml").read_text(), "one Python for all"
        variants[f"ImportSpy {version}: first"] = lambda python=python: told(original, ORIGINAL.format("times[0]"), python)
        variants[f"ImportSpy {version}: repeated"] = lambda python=python: told(
            original, ORIGINAL.format("min(times[1:])"), python
        )
    note = (
        "For the hook: what it adds to the `import` statement, everything included. For the originals: the call of `Spy().importspy()`. "
        "Budget: 100 µs, and at least 80 times faster than either original."
    )
    parts = [table("Validation of the plugin example", in_turns(variants), "µs", note)]
    parts.append(growth(root / "growth"))
    parts.append(many(root / "many-guarded"))
    return "\n".join(parts)


def growth(root: Path) -> str:
    entries, lines = [], []
    for size in (10, 100, 1_000, 10_000):
        folder = root / f"entries{size}"
        (folder / "framework").mkdir(parents=True)
        (folder / "framework" / "__init__.py").write_text("")
        (folder / "framework" / "spymodel.yml").write_text(contract_of_entries(size))
        (folder / "plugin.py").write_text(importer_for_entries(size))
        entries.append((size, in_turns({"": lambda folder=folder: decided(folder)}, 5)[0].median))
    for size in (100, 1_000, 10_000, 100_000):
        folder = lay_out(root / f"lines{size}")
        (folder / "plugin.py").write_text(importer_of_lines(size))
        lines.append((size, in_turns({"": lambda folder=folder: decided(folder)}, 5)[0].median))
    return "\n".join(
        [
            curve("Size of the contract, an importer of as many lines", "entries", entries, "µs", "Budget: exponent 1.05."),
            curve("Size of the importer", "lines", lines, "µs", "Budget: exponent 1.05."),
        ]
    )


def many(root: Path) -> str:
    """Guarded modules and importers by the thousand, each in one process."""
    parts = []
    for what in ("guarded modules", "importers"):
        points, memory = [], []
        for number in (100, 1_000, 10_000):
            folder = root / f"{what.split()[0]}{number}"
            lay_out_many(folder, number, guarded=what == "guarded modules")
            for hook in (False, True):
                output = run_many(folder, hook)
                if hook:
                    points.append((number, max(output[0] - off[0], 0.001)))
                    memory.append((number, max(output[1] - off[1], 1)))
                else:
                    off = output
        parts.append(curve(f"Number of {what}: time that the hook adds", what, points, "ms", "Budget: exponent 1.05."))
        parts.append(curve(f"Number of {what}: resident memory that the hook adds", what, memory, "KiB"))
    return "\n".join(parts)


def lay_out_many(folder: Path, number: int, guarded: bool) -> None:
    folder.mkdir(parents=True)
    (folder / "one").mkdir()
    (folder / "one" / "__init__.py").write_text("")
    contract = "variables: [{name: engine, value: docker}]\n"
    for index in range(number):
        if guarded:
            (folder / "one" / f"m{index}.py").write_text("")
            (folder / "one" / f"m{index}.spymodel.yml").write_text(contract)
        else:
            (folder / "one" / f"m{index}.py").write_text("engine = 'docker'\nimport target\n")
    if guarded:
        lines = "engine = 'docker'\n" + "".join(f"import one.m{index}\n" for index in range(number))
    else:
        (folder / "target.py").write_text("")
        (folder / "target.spymodel.yml").write_text(contract)
        lines = "".join(f"import one.m{index}\n" for index in range(number))
    (folder / "everything.py").write_text(lines)


def run_many(folder: Path, hook: bool) -> tuple[float, float]:
    values = []
    for _ in range(3):
        output = run([PYTHON, "-c", MANY.format(hook=hook, module="everything")], folder)
        values.append(tuple(float(word) for word in output.split()))
    return min(value[0] for value in values), min(value[1] for value in values)

