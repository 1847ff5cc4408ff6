"""Measure everything and write benches/RESULTS.md. `run.py NAME…` measures only these parts, and prints them."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import checking
import counts
import imports
import process
import validation

PARTS = {
    "process": process.measure,
    "imports": imports.measure,
    "validation": validation.measure,
    "checking": checking.measure,
    "counts": counts.measure,
}
HEAD = """\
# Results

Written by `make bench` in one run; variants are measured in turns. Times depend on the machine and its load: read the
ratios and counts. The first line of each table is what the others are compared with.

{} · {} {} · {} cores · load average at the start {:.1f}, at the end {:.1f}

"""


def main() -> None:
    begun = os.getloadavg()[0]
    written = []
    for name in sys.argv[1:] or PARTS:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            written.append(PARTS[name](Path(folder)))
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    facts = (platform.python_version(), platform.system(), platform.machine(), os.cpu_count(), begun, os.getloadavg()[0])
    text = HEAD.format(f"CPython {facts[0]}", *facts[1:]) + "\n".join(written)
    if sys.argv[1:]:
        print(text)
    else:
        Path(__file__).with_name("RESULTS.md").write_text(text)


if __name__ == "__main__":
    main()
