"""`check FOLDER` over the running Python's standard library, against `ast.parse` alone for the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from shared import PYTHON, in_turns, run, table

PARSE = """
import ast, pathlib, sys, time, warnings
warnings.simplefilter("ignore")
texts = []
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    data = path.read_bytes()
    try:
        ast.parse(data)
    except (SyntaxError, ValueError):
        continue
    texts.append(data)
start = time.perf_counter()
for data in texts:
    ast.parse(data)
print(sum(map(len, texts)) / (time.perf_counter() - start) / 1e6)
"""
# Something to look for in every importer.
CONTRACT = "variables: [{name: nowhere}]\n"


def measure(root: Path) -> str:
    library = root / "library"
    ignore = shutil.ignore_patterns("__pycache__", "site-packages", "*.so", "*.exe", "*.whl", "bad*", "lib2to3")
    shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=ignore)
    # Two that many import; Python has `os` and others built in.
    for name in ("functools", "types"):
        (library / f"{name}.spymodel.yml").write_text(CONTRACT)
    files = [path for path in library.rglob("*.py")]
    megabytes = sum(path.stat().st_size for path in files) / 1e6

    def check(cores: int) -> Callable[[], float]:
        def once() -> float:
            # The command looks at how many cores it may use.
            command = [PYTHON, "-m", "importspy_hook", "check", str(library)]
            start = time.perf_counter()
            done = subprocess.run(
                command,
                cwd=root,
                capture_output=True,
                check=False,
                preexec_fn=lambda: os.sched_setaffinity(0, set(range(cores))),
            )
            # Some files of the library's own tests can't be decoded, by intention: its status tells so.
            if b" pairs checked" not in done.stdout:
                raise SystemExit(done.stderr.decode())
            return megabytes / (time.perf_counter() - start)

        return once

    cores = min(2, os.cpu_count() or 1)
    variants = {
        "`ast.parse` alone, one core": lambda: float(run([PYTHON, "-c", PARSE, str(library)], root)),
        "`check FOLDER`, one core": check(1),
        f"`check FOLDER`, {cores} cores": check(cores),
    }
    note = (
        f"{len(files):,} files, {megabytes:.1f} MB of source. The check is a whole process, start and report included; "
        "`ast.parse` is timed from inside. Budget: 100 MB/s on two cores, 15 times `ast.parse`."
    )
    samples = in_turns(variants, 5)
    rate = samples[-1].median / megabytes * len(files)
    return table("`check FOLDER`", samples, "MB/s", note) + f"\n{rate:,.0f} files/s on {cores} cores.\n"
