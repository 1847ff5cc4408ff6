"""What a process pays for the hook before it imports anything: time, memory, modules, bytes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from shared import INSTALL, ORIGINALS, PYTHON, environment, in_turns, run, table, told

RESIDENT = """
def resident():
    # Kilobytes that are this process's alone or shared, now.
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))
import sys
before = resident()
{}
print(resident() - before)
"""
INSIDE = """
import time
start = time.perf_counter()
{}
print((time.perf_counter() - start) * 1e6)
"""
MODULES = f"import sys; before = set(sys.modules); {INSTALL}; print(*sorted(set(sys.modules) - before))"


def measure(root: Path) -> str:
    originals = {version: environment(version, f"importspy=={version}") for version in ORIGINALS}

    def wall(code: str, python: str = PYTHON) -> float:
        start = time.perf_counter()
        run([python, "-c", code], root)
        return (time.perf_counter() - start) * 1e3

    starts = {"bare Python": lambda: wall("pass"), "importspy_hook, installed": lambda: wall(INSTALL)}
    for version, python in originals.items():
        starts[f"ImportSpy {version}, imported"] = lambda python=python: wall("import importspy", python)
    parts = [table("Process start", in_turns(starts, 15), "ms")]
    inside = {
        "nothing": lambda: told(root, INSIDE.format("pass")),
        "`import importspy_hook; install()`": lambda: told(root, INSIDE.format(INSTALL)),
    }
    parts.append(table("The same from inside", in_turns(inside, 15), "µs", "Budget: 1,000 µs."))
    native = run([PYTHON, "-c", "import importspy_hook._native as it; print(it.__file__)"], root).strip()
    note = (
        "As after a restart: a file that was written just now lies in the cache in larger pieces, of which the kernel maps more. "
        "Budget: 2,048 KiB."
    )
    leave_the_cache(Path(native))
    memory = {
        "nothing": lambda: told(root, RESIDENT.format("pass")),
        "`import importspy_hook; install()`": lambda: told(root, RESIDENT.format(INSTALL)),
    }
    parts.append(table("Resident memory", in_turns(memory), "KiB", note))
    modules = run([PYTHON, "-c", MODULES], root).split()
    size = Path(native).stat().st_size
    parts.append(
        f"### Counts\n\n| what | | budget |\n|---|---:|---:|\n| modules that `install()` imports: "
        f"{', '.join(f'`{name}`' for name in modules)} | {len(modules)} | 2 |\n"
        f"| size of the extension, bytes | {size:,} | 4,194,304 |\n"
    )
    return "\n".join(parts)


def leave_the_cache(path: Path) -> None:
    """Have the kernel read `path` from the disk again."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
