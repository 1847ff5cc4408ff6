"""What does not depend on the load of the machine: instructions (valgrind) and system calls (strace).

The cost of one import is the difference of two runs that import it different numbers of times.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from samples import age, lay_out, many_modules
from shared import INSTALL, PYTHON, run

REPEAT = 2_000
PROGRAM = """
import sys
sys.path.insert(0, ".")
{before}
{setup}
for _ in range(int(sys.argv[1])):
    {statement}
"""
SETTLED = "import plugin, time; time.sleep(2.2); [plugin.again() for _ in range(5)]"


def measure(root: Path) -> str:
    return "\n".join([instructions(root / "instructions"), calls(root / "calls")])


def instructions(root: Path) -> str:
    title = "### Instructions\n\n"
    if not shutil.which("valgrind"):
        print("valgrind is not here: no instruction counts")
        return title + "Not counted: valgrind is not here.\n"
    example = lay_out(root / "example")
    few, all_of_them = many_modules(root / "few", 1), many_modules(root / "many", 40)
    for folder in (few, all_of_them):
        run([PYTHON, "-m", "compileall", "-q", "."], folder)
    lines = ["| one import | off | on | on − off | on ÷ off |", "|---|---:|---:|---:|---:|"]
    warm = {
        "`import json`, loaded, unguarded": ("import json", "import json"),
        "`from json import dumps`, loaded, unguarded": ("import json", "from json import dumps"),
        "`import framework`, guarded, decided before (in a function)": (SETTLED, "plugin.again()"),
    }
    for name, (setup, statement) in warm.items():
        costs = []
        for before in ("", INSTALL):
            program = PROGRAM.format(before=before, setup=setup, statement=statement)
            costs.append((counted(example, program, REPEAT) - counted(example, program, 0)) / REPEAT)
        lines.append(line(name, *costs))
    costs = []
    for before in ("", INSTALL):
        program = f"import sys; sys.path.insert(0, '.'); {before}\nimport everything"
        costs.append((counted(all_of_them, program) - counted(few, program)) / (400 - 10))
    lines.append(line("a module without contract, cold (of 390)", *costs))
    note = "Counted by `valgrind --tool=callgrind`, user space only. Budget: cold, on ÷ off at most 1.00.\n\n"
    return title + note + "\n".join(lines) + "\n"


def line(name: str, off: float, on: float) -> str:
    return f"| {name} | {off:,.0f} | {on:,.0f} | {on - off:+,.0f} | {on / off:.3f} |"


def counted(folder: Path, program: str, *arguments: object) -> float:
    with tempfile.NamedTemporaryFile() as out:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", PYTHON, "-c", program]
        environment = {"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [*command, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False, env=environment
        )
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(done.stderr[-2000:])
    return float(found[1])


def calls(root: Path) -> str:
    title = "### System calls\n\n"
    if not shutil.which("strace"):
        print("strace is not here: no system calls counted")
        return title + "Not counted: strace is not here.\n"
    old = many_modules(root / "old")
    run([PYTHON, "-m", "compileall", "-q", "."], old)
    age(old)
    lines = ["| 2,000 modules without contract, cold | off | on | on − off, each |", "|---|---:|---:|---:|"]
    counts = []
    for before in ("", INSTALL):
        start = f"import sys; sys.path.insert(0, '.'); {before}\n"
        counts.append(traced(old, start + "import everything") - traced(old, start))
    lines.append(f"| in 200 packages | {counts[0]:,} | {counts[1]:,} | {(counts[1] - counts[0]) / 2000:+.2f} |")
    return title + "Budget: on − off 0 on average.\n\n" + "\n".join(lines) + "\n"


def traced(folder: Path, program: str) -> int:
    with tempfile.NamedTemporaryFile("r") as out:
        command = ["strace", "-f", "-o", out.name, PYTHON, "-c", program]
        environment = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(command, cwd=folder, capture_output=True, check=True, env=environment)
        memory = ("mmap", "munmap", "brk", "madvise", "mprotect", "mremap")
        return sum(1 for call in out if not any(f" {name}(" in call for name in memory))
