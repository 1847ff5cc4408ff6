"""A reader that has seen enough, and a user who has: neither leaves noise, a wrong exit status or half a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness import Project, Result

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals of POSIX")

MODULE = [sys.executable, "-m", "importspy_hook"]
BAD = "".join(f"import framework as f{i}\n" for i in range(3))


@pytest.fixture
def tree(project: Project) -> Project:
    """Far more output than a pipe holds."""
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: engine}]"})
    return project.write({f"plugin{i}.py": BAD for i in range(400)} | {"fits.py": "engine = 1\nimport framework\n"})


def unread(project: Project, *args: str, errors: bool = False) -> Result:
    """The command, whose output nobody reads; with `errors`, nor what it says of errors."""
    out, into = os.pipe()
    os.close(out)
    other = into if errors else subprocess.PIPE
    command = [*MODULE, *args]
    process = subprocess.Popen(
        command, cwd=project.root, env=project.environment(False, {}), stdout=into, stderr=other, text=True
    )
    os.close(into)
    _, stderr = process.communicate(timeout=60)
    return Result(command, process.returncode, "", stderr or "")


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["check", "."], 1),
        (["check", ".", "--format", "json"], 1),
        (["check", "fits.py", "-s", "framework/spymodel.yml"], 0),
        (["schema"], 0),
        (["explain", "--json"], 0),
        (["init", "framework/__init__.py", "-o", "-"], 0),
        (["--help"], 0),
        (["status"], 1),
    ],
)
def test_the_exit_status_is_that_of_the_whole_output(tree: Project, args: list[str], status: int) -> None:
    result = unread(tree, *args)
    assert result.returncode == status and "Traceback" not in result.stderr and "pipe" not in result.stderr, result


@pytest.mark.parametrize(("args", "status"), [(["check", "."], 1), (["check", "absent.py"], 2), (["check", "--absent"], 2)])
def test_nor_does_it_matter_that_nobody_hears_of_errors(tree: Project, args: list[str], status: int) -> None:
    result = unread(tree, *args, errors=True)
    assert result.returncode == status, result


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A tree that takes seconds."""
    project = Project(tmp_path_factory.mktemp("large"))
    body = "".join(f"def f{i}(a, b: int = {i}):\n    return [a, b, {i}]\n" for i in range(4000))
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: engine}]"})
    return project.write({f"m{i}.py": f"import framework\n{body}" for i in range(1500)})


WAYS = {
    "folder": ["check", ".", "--jobs", "1"],
    "files": ["check", *(f"m{i}.py" for i in range(1500)), "-s", "framework/spymodel.yml"],
    "imports": ["check", *(f"m{i}.py" for i in range(1500)), "--jobs", "1"],
}


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupt_ends_the_command_at_once(large: Project, way: str) -> None:
    outputs = ["--output", "out.json", "--format", "json", "--write-baseline", "base.json"]
    environment = large.environment(False, {})
    before = sorted(large.root.iterdir())
    process = subprocess.Popen(
        [*MODULE, *WAYS[way], *outputs], cwd=large.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(0.5)
    assert process.poll() is None, "it is done before anybody can interrupt it"
    process.send_signal(signal.SIGINT)
    started = time.perf_counter()
    out, err = process.communicate(timeout=30)
    assert time.perf_counter() - started < 1
    # By the signal: a shell shows 130, and ends a loop around the command.
    assert process.returncode == -signal.SIGINT and out == err == "", (process.returncode, out, err)
    assert sorted(large.root.iterdir()) == before


def test_an_interrupt_ends_the_function_at_once(large: Project) -> None:
    source = """
    import os, signal, threading, time
    from importspy_hook import check
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = time.perf_counter()
    try:
        check(".")
    except KeyboardInterrupt:
        assert time.perf_counter() - started < 1.5
        print("interrupted")
    print(check("framework").ok)
    """
    assert large.script(source, hook=False).succeeded().stdout.split() == ["interrupted", "True"]


def test_an_interrupt_while_files_are_looked_for(tmp_path: Path) -> None:
    """Folders without a single source."""
    project = Project(tmp_path)
    for i in range(200):
        for j in range(100):
            (project.root / f"f{i}" / f"g{j}").mkdir(parents=True)
    source = """
    import os, signal, threading, time
    from importspy_hook import check
    whole = 9
    for _ in range(2):
        started = time.perf_counter()
        check(".")
        whole = min(whole, time.perf_counter() - started)
    threading.Timer(whole / 5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = time.perf_counter()
    try:
        check(".")
    except KeyboardInterrupt:
        took = time.perf_counter() - started
        print("interrupted", took < 0.8 * whole or [took, whole])
    """
    assert project.script(source, hook=False).succeeded().stdout.split() == ["interrupted", "True"]
