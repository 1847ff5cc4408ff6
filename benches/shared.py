"""What all measurements share: turns, statistics, tables, throw-away environments.

Variants are measured in turns, each in a process of its own, so that a machine that is busy for a while slows all
of them. Times depend on the machine: the ratios and counts are what a budget is about.
"""

from __future__ import annotations

import dataclasses
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
INSTALL = "import importspy_hook; importspy_hook.install()"

# The original ImportSpy, as published, and real packages to import.
ORIGINALS = ("0.4.12", "0.5.0")
PACKAGES = ("django", "sqlalchemy", "sympy", "pandas")


@dataclasses.dataclass
class Sample:
    """Measurements of one variant, in `unit`."""

    name: str
    values: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> str:
        low, _, high = statistics.quantiles(self.values, n=4) if len(self.values) > 1 else [self.values[0]] * 3
        return f"{low:,.1f} to {high:,.1f}"


def in_turns(variants: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> list[Sample]:
    """Measure every variant once in each round."""
    values: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, measure in variants.items():
            values[name].append(measure())
    return [Sample(name, measured) for name, measured in values.items()]


def table(title: str, samples: Sequence[Sample], unit: str, note: str = "") -> str:
    """A Markdown table; ratios are to the first line."""
    lines = [f"### {title}", ""]
    if note:
        lines += [note, ""]
    lines += [f"| | median, {unit} | quartiles | ratio | difference, {unit} |", "|---|---:|---:|---:|---:|"]
    first = samples[0].median
    for sample in samples:
        ratio = sample.median / first if first else math.nan
        difference = f"{sample.median - first:+,.1f}" if sample is not samples[0] else ""
        lines.append(f"| {sample.name} | {sample.median:,.1f} | {sample.spread} | {ratio:.2f} | {difference} |")
    return "\n".join(lines) + "\n"


def run(command: Sequence[str], folder: Path, extra: Mapping[str, str] | None = None) -> str:
    """Run a child to its end and give its standard output; its failure ends the measurement."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=folder, env=environment | dict(extra or {}), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def told(folder: Path, code: str, python: str = PYTHON, extra: Mapping[str, str] | None = None) -> float:
    """The last number that a child prints."""
    return float(run([python, "-c", code], folder, extra).split()[-1])


def environment(name: str, *packages: str) -> str:
    """The Python of an environment with `packages` from the index; made if it is not there."""
    folder = ROOT / f".venv-bench-{name}"
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not ready.exists():
        print(f"making {folder.name}: {' '.join(packages)}", flush=True)
        run([PYTHON, "-m", "venv", "--clear", "--without-pip", str(folder)], ROOT)
        pip = ROOT / ".venv-tools" / "bin" / "python"
        run([str(pip), "-m", "pip", "--python", str(python), "install", "-q", *packages], ROOT)
        ready.write_text(" ".join(packages))
    return str(python)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line through the points on logarithmic axes (least squares)."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    middle_x, middle_y = statistics.fmean(xs), statistics.fmean(ys)
    top = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys))
    return top / sum((x - middle_x) ** 2 for x in xs)


def curve(title: str, what: str, points: Sequence[tuple[float, float]], unit: str, note: str = "") -> str:
    """A Markdown table of a cost that grows, with the fitted exponent."""
    lines = [f"### {title}", ""]
    if note:
        lines += [note, ""]
    lines += [f"| {what} | {unit} |", "|---:|---:|", *(f"| {x:,.0f} | {y:,.1f} |" for x, y in points)]
    lines += ["", f"Fitted exponent: {exponent(points):.2f}; of the last two points: {exponent(points[-2:]):.2f}", ""]
    return "\n".join(lines)
