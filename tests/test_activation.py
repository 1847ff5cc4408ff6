"""`enable`, `disable`, `status`, `startup` and `run`, each seen from processes that they should or should not reach."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

import harness
from harness import Project, Result

STEM = "importspy_hook_activation"
ENDINGS = (".pth", ".start", ".py")

# Really imports a guarded module that the program does not fit.
PROBE = """
import sys
sys.path.insert(0, {root!r})
try:
    import framework
except ValueError as error:
    print(type(error).__name__)
else:
    print("let in")
"""


class Environment:
    """A virtual environment of its own, in which the package is installed."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.site = harness.make_environment(folder)
        self.python = str(folder / "bin" / "python")
        self.package = self.site / "importspy_hook"
        project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: needed}]"})
        self.probe = PROBE.format(root=str(project.root))
        project.write({"probe.py": self.probe, "quiet.py": ""})

    def run(self, *args: str, env: Mapping[str, str] | None = None, python: str | None = None) -> Result:
        environment = self.project.environment(False, env or {})
        return harness.run([python or self.python, *args], self.project.root, environment, 60)

    def cli(self, *args: str, env: Mapping[str, str] | None = None) -> Result:
        return self.run("-m", "importspy_hook", *args, env=env)

    def enable(self, *args: str) -> Result:
        return self.cli("enable", *args).succeeded()

    @property
    def files(self) -> list[Path]:
        return [self.site / (STEM + ending) for ending in ENDINGS]

    def uninstall(self) -> None:
        shutil.rmtree(self.package)


@pytest.fixture
def environment(project: Project, tmp_path: Path) -> Environment:
    return Environment(project, tmp_path / "environment")


def governed(result: Result) -> bool:
    """Whether the probe was kept out; with nothing else said."""
    result.succeeded()
    assert result.stderr == "", result
    assert result.stdout in ("ContractViolation\n", "let in\n"), result
    return result.stdout == "ContractViolation\n"


# --- enable


OPTIONS = [[], ["-I"], ["-E"], ["-s"], ["-B", "-X", "utf8"], ["-Es"]] + ([["-P"]] if sys.version_info >= (3, 11) else [])


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_every_process_is_governed(environment: Environment, options: list[str]) -> None:
    assert not governed(environment.run(*options, "probe.py"))
    environment.enable()
    assert governed(environment.run(*options, "probe.py"))
    assert governed(environment.run(*options, "-c", environment.probe))
    if not {"-I", "-P"} & set(options):
        assert governed(environment.run(*options, "-m", "probe"))
    environment.cli("disable").succeeded()
    assert not governed(environment.run(*options, "probe.py"))


def test_without_site_nothing_is(environment: Environment) -> None:
    environment.enable()
    assert not governed(environment.run("-S", "probe.py"))


CHILDREN = {
    "fork": "import multiprocessing as m\nm.get_context('fork')",
    "spawn": "import multiprocessing as m\nm.get_context('spawn')",
    "forkserver": "import multiprocessing as m\nm.get_context('forkserver')",
}
PROCESS = """
import probe_child
if __name__ == "__main__":
    {context}.Process(target=probe_child.probe).start()
"""


def children(environment: Environment) -> dict[str, str]:
    """Programs whose children import a guarded module."""
    body = "".join(f"    {line}\n" for line in environment.probe.splitlines())
    environment.project.write({"probe_child.py": f"def probe():\n{body}\n    sys.stdout.flush()\n"})
    programs = {}
    for method, context in CHILDREN.items():
        imports, call = context.split("\n")
        programs[method] = imports + PROCESS.format(context=call)
    programs["subprocess"] = "import subprocess, sys\nsubprocess.run([sys.executable, 'probe.py'], check=True)\n"
    programs["pool"] = (
        "import concurrent.futures, multiprocessing, probe_child\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:\n"
        "        pool.submit(probe_child.probe).result()\n"
    )
    return programs


@pytest.mark.parametrize("way", [*CHILDREN, "subprocess", "pool"])
def test_children_are_governed(environment: Environment, way: str) -> None:
    environment.project.write({"main.py": children(environment)[way]})
    assert not governed(environment.run("main.py"))
    environment.enable()
    assert governed(environment.run("main.py"))


def test_a_child_without_environment_is_governed(environment: Environment) -> None:
    environment.enable()
    program = "import subprocess, sys; subprocess.run([sys.executable, '-I', 'probe.py'], env={}, check=True)"
    assert governed(environment.run("-c", program))


def test_a_program_that_fits_runs_as_before(environment: Environment) -> None:
    environment.enable()
    environment.project.write({"main.py": "needed = 1\nimport framework\nprint(framework.__name__)\n"})
    assert environment.run("main.py").succeeded().stdout == "framework\n"


def test_enable_twice_is_once(environment: Environment) -> None:
    environment.enable()
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in environment.files]
    assert "nothing to do" in environment.enable().stdout
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in environment.files] == before
    assert "nothing to do" in environment.cli("disable").succeeded().stdout or not any(map(Path.exists, environment.files))


def test_disable_leaves_nothing(environment: Environment) -> None:
    before = sorted(environment.site.rglob("*"))
    environment.enable()
    environment.run("probe.py").succeeded()
    said = environment.cli("disable").succeeded().stdout
    assert [line for line in said.splitlines() if line.startswith("removed")] == [f"removed {path}" for path in environment.files]
    assert sorted(environment.site.rglob("*")) == before
    again = environment.cli("disable").succeeded()
    assert "nothing to do" in again.stdout


def test_files_can_be_read_by_everybody(environment: Environment) -> None:
    mask = os.umask(0o077)
    try:
        environment.enable()
    finally:
        os.umask(mask)
    assert [stat.S_IMODE(path.stat().st_mode) for path in environment.files] == [0o644] * 3


def test_start_files_name_a_callable(environment: Environment) -> None:
    """Python 3.15 reads them (PEP 829); here at least what they name is resolved as it does it."""
    environment.enable()
    lines = [line for line in environment.files[1].read_text("ascii").splitlines() if line and not line.startswith("#")]
    assert lines == [f"{STEM}:enforce"]
    program = f"import pkgutil; pkgutil.resolve_name({lines[0]!r})(); import importspy_hook; print(importspy_hook.is_installed())"
    environment.files[0].unlink()
    assert environment.run("-c", program).succeeded().stdout == "True\n"


def test_start_up_imports_nothing_else(environment: Environment) -> None:
    program = "import sys; print(*sorted(sys.modules))"
    before = set(environment.run("-c", program).succeeded().stdout.split())
    environment.enable()
    after = set(environment.run("-c", program).succeeded().stdout.split())
    added = {name for name in after - before if name.split(".")[0] not in ("importspy_hook", STEM)}
    # Newer Pythons decode every .pth file, whoever's it is, with this codec.
    added.discard("encodings.utf_8_sig")
    assert added <= {"importlib", "importlib._bootstrap", "importlib._bootstrap_external", "warnings"}, added
    assert "importspy_hook.__main__" not in after


# --- the mode


def mode(environment: Environment, *args: str, env: Mapping[str, str] | None = None) -> str | None:
    program = "import importspy_hook, json; print(json.dumps(importspy_hook.status()))"
    found = environment.run(*args, "-c", program, env=env).succeeded().json()["mode"]
    assert found in (None, "enforce", "report")
    return found


def test_report_mode(environment: Environment) -> None:
    environment.enable("--mode", "report")
    result = environment.run("probe.py").succeeded()
    assert result.stdout == "let in\n" and "ContractWarning" in result.stderr, result
    assert "enforce now; it was report" in environment.enable().stdout
    assert governed(environment.run("probe.py"))


@pytest.mark.parametrize("modes", [("enforce", "report"), ("report", "enforce")])
def test_of_two_modes_the_stricter_wins(environment: Environment, modes: tuple[str, str], tmp_path: Path) -> None:
    environment.enable("--mode", modes[0])
    environment.enable("--mode", modes[1], "--target", str(tmp_path / "path"))
    assert mode(environment, env={"PYTHONPATH": str(tmp_path / "path")}) == "enforce"
    assert mode(environment) == modes[0]


def test_the_environment_cannot_weaken_it(environment: Environment) -> None:
    environment.enable()
    weaker = {"PYTHONPATH": str(environment.package / "_site" / "report")}
    for name in ["IMPORTSPY_HOOK_MODE", "IMPORTSPY_HOOK", "IMPORTSPY_HOOK_DISABLE"]:
        weaker[name] = "report"
    assert governed(environment.run("probe.py", env=weaker))
    result = environment.cli("run", "--mode", "report", "probe.py")
    assert governed(result)


def test_nested_runs_are_as_strict_as_the_strictest(environment: Environment) -> None:
    for outer, inner in [("enforce", "report"), ("report", "enforce")]:
        args = ["run", "--mode", outer, environment.python, "-m", "importspy_hook", "run", "--mode", inner, "probe.py"]
        assert governed(environment.cli(*args))


# --- what others have there


@pytest.mark.parametrize("first", ["enable", "sitecustomize"])
def test_a_sitecustomize_runs_once(environment: Environment, first: str) -> None:
    steps = [
        lambda: environment.enable(),
        lambda: (environment.site / "sitecustomize.py").write_text("print('mine')\n"),
    ]
    for step in steps if first == "enable" else reversed(steps):
        step()
    assert environment.run("probe.py").succeeded().stdout == "mine\nContractViolation\n"
    environment.cli("disable").succeeded()
    assert (environment.site / "sitecustomize.py").read_text() == "print('mine')\n"
    assert environment.run("probe.py").succeeded().stdout == "mine\nlet in\n"


def test_a_sitecustomize_is_governed(environment: Environment) -> None:
    environment.enable()
    (environment.site / "sitecustomize.py").write_text(environment.probe)
    assert environment.run("quiet.py").succeeded().stdout == "ContractViolation\n"


def test_a_file_of_that_name_that_is_not_ours_stays(environment: Environment) -> None:
    environment.files[0].write_text("# mine\n")
    result = environment.cli("enable")
    assert result.returncode == 2 and "not ours" in result.stderr and len(result.stderr.splitlines()) == 1, result
    environment.cli("disable").succeeded()
    assert environment.files[0].read_text() == "# mine\n"


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_was_edited_is_not_lost(environment: Environment, ending: str) -> None:
    environment.enable()
    path = environment.site / (STEM + ending)
    path.write_bytes(path.read_bytes() + b"# a note\n")
    for command in ["enable", "disable"]:
        result = environment.cli(command)
        assert result.returncode == 2 and "by hand" in result.stderr and str(path) in result.stderr, result
        assert all(map(Path.exists, environment.files))
    assert governed(environment.run("probe.py"))
    assert "incomplete or changed by hand" in environment.cli("status").stdout
    environment.cli("disable", "--force").succeeded()
    assert not any(map(Path.exists, environment.files))


# --- failures


@pytest.mark.parametrize("way", ["enable", "--target"])
def test_nothing_is_left_to_see_after_uninstalling(environment: Environment, way: str, tmp_path: Path) -> None:
    env = {}
    if way == "enable":
        environment.enable()
    else:
        environment.enable("--target", str(tmp_path / "path"))
        env["PYTHONPATH"] = str(tmp_path / "path")
    environment.uninstall()
    assert not governed(environment.run("probe.py", env=env))
    # What pip leaves of a package in which somebody kept a file.
    environment.package.mkdir()
    (environment.package / "notes.txt").write_text("")
    assert not governed(environment.run("probe.py", env=env))
    assert environment.run("-c", "import sys; print('importspy_hook' in sys.modules)", env=env).stdout == "False\n"


@pytest.mark.parametrize("broken", ["missing", "garbage", "raises"])
def test_what_can_not_be_activated_is_loud_and_closed(environment: Environment, broken: str) -> None:
    environment.enable()
    (extension,) = environment.package.glob("*.so")
    extension.unlink()
    if broken == "garbage":
        extension.write_bytes(b"not an extension module")
    elif broken == "raises":
        (environment.package / "__init__.py").write_text("1 / 0\n")
    environment.project.write({"plain.py": "print('plain')\n"})
    result = environment.run("-c", "import plain").succeeded()
    assert result.stdout == "plain\n"
    assert re.fullmatch(r"importspy_hook: can't be activated; .*\n", result.stderr), result
    result = environment.run("probe.py").succeeded()
    assert result.stdout == "ValueError\n", result
    # Optional imports must not hide it either, and one-file modules count as well.
    environment.project.write({"single.py": "", "single.spymodel.yml": "{}"})
    result = environment.run("-c", "try:\n import single\nexcept ImportError: print('hidden')")
    assert result.returncode == 1 and "ValueError" in result.stderr and "hidden" not in result.stdout, result


def test_in_report_mode_what_can_not_be_activated_is_only_loud(environment: Environment) -> None:
    environment.enable("--mode", "report")
    for extension in environment.package.glob("*.so"):
        extension.unlink()
    result = environment.run("probe.py").succeeded()
    assert result.stdout == "let in\n" and result.stderr.startswith("importspy_hook: can't be activated: "), result


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
number = interpreters.create()
failed = (interpreters.run_string if hasattr(interpreters, "run_string") else interpreters.exec)(number, "print('inside')")
assert not failed, failed
interpreters.destroy(number)
"""


@pytest.mark.parametrize("mode", ["enforce", "report"])
def test_subinterpreters_start_silently(environment: Environment, mode: str) -> None:
    environment.enable("--mode", mode)
    for hidden in (environment.run("-c", SUBINTERPRETER), environment.cli("run", "-c", SUBINTERPRETER)):
        assert (hidden.succeeded().stdout, hidden.stderr) == ("inside\n", ""), hidden


def test_a_folder_that_can_not_be_written(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = environment.cli("enable", "--target", str(tmp_path / "file" / "site-packages"))
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, result


def test_a_read_only_folder(environment: Environment) -> None:
    command = [environment.python, "-m", "importspy_hook", "enable"]
    if os.geteuid() == 0:
        # Root writes anywhere, but for what this takes from it.
        if shutil.which("setpriv") is None:
            pytest.skip("root writes anywhere")
        command[:0] = ["setpriv", "--bounding-set=-dac_override"]
    environment.site.chmod(0o555)
    try:
        result = harness.run(command, environment.project.root, environment.project.environment(False, {}), 60)
    finally:
        environment.site.chmod(0o755)
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1 and "--user" in result.stderr, result
    assert not any(map(Path.exists, environment.files))


# --- --user


def test_user(environment: Environment, tmp_path: Path) -> None:
    result = environment.cli("enable", "--user")
    assert result.returncode == 2 and "virtual environment" in result.stderr, result
    # Outside of it, with the package in a folder that is searched after the user's.
    base = str(Path(os.path.realpath(environment.python)))
    user = {"PYTHONUSERBASE": str(tmp_path / "user"), "PYTHONPATH": str(environment.site)}
    environment.run("-m", "importspy_hook", "enable", "--user", env=user, python=base).succeeded()
    del user["PYTHONPATH"]
    assert governed(environment.run("probe.py", env=user, python=base))
    for options in ["-s", "-I"]:
        assert not governed(environment.run(options, "probe.py", env=user, python=base))
    # Nor is anything left in sys.path.
    assert str(environment.site) not in environment.run("-c", "import sys; print(sys.path)", env=user, python=base).stdout
    user["PYTHONPATH"] = str(environment.site)
    said = environment.run("-m", "importspy_hook", "disable", env=user, python=base).succeeded().stdout
    assert "still enabled in " + str(tmp_path / "user") in said
    environment.run("-m", "importspy_hook", "disable", "--user", env=user, python=base).succeeded()
    assert not list((tmp_path / "user").rglob("importspy*"))


# --- --target: a block in a sitecustomize


CONTENTS = {
    "none": None,
    "empty": b"",
    "plain": b"print('mine')\n",
    "no line end": b"print('mine')",
    "only a docstring": b"'''Mine.'''",
    "only comments": b"# mine\n\n# still mine",
    "docstring and future": b"#!/usr/bin/python\n'''Mine.\n\nAll mine.'''\nfrom __future__ import annotations\nprint('mine')\n",
    "crlf": b"'''Mine.'''\r\nfrom __future__ import (\r\n    annotations,\r\n)\r\nprint('mine')\r\n",
    "cr": b"# mine\rprint('mine')\r",
    "latin-1": "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nprint('mine' if len('\xe4') == 1 else 'broken')\n".encode("latin-1"),
    "cookie in line 2": "\n# coding: latin-1\nprint('mine' if len('\xe4') == 1 else 'broken')\n".encode("latin-1"),
    "bom": b"\xef\xbb\xbfprint('mine')\n",
    "one line": b"'''Mine.'''; print('mine')\n",
    "form feed": b"\x0c\nprint('mine')\n\x0c",
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_block_goes_into_a_sitecustomize_and_out_again(environment: Environment, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "path"
    folder.mkdir()
    path = folder / "sitecustomize.py"
    content = CONTENTS[name]
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o640)
    target = ["--target", str(folder)]
    environment.enable(*target)
    first = path.read_bytes()
    environment.enable(*target)
    assert path.read_bytes() == first
    environment.enable(*target, "--mode", "report")
    environment.enable(*target)
    assert path.read_bytes() == first
    env = {"PYTHONPATH": str(folder)}
    expected = "mine\n" if content and b"print" in content else ""
    result = environment.run("probe.py", env=env).succeeded()
    assert (result.stdout, result.stderr) == (expected + "ContractViolation\n", ""), result
    environment.cli("disable", *target).succeeded()
    if content is None:
        assert list(folder.iterdir()) == []
    else:
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert [entry.name for entry in folder.iterdir() if entry.name != "__pycache__"] == ["sitecustomize.py"]


# A hidden one is found as Python finds modules: beside others, in site-packages or on the path.
@pytest.mark.parametrize("mode", ["enforce", "report"])
@pytest.mark.parametrize("where", ["site-packages", "PYTHONPATH", "two targets"])
def test_a_sitecustomize_that_enable_makes_hides_none(environment: Environment, where: str, mode: str, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second", "mine")]
    for folder in folders:
        folder.mkdir()
    hidden = (environment.site if where == "site-packages" else folders[2]) / "sitecustomize.py"
    hidden.write_text("import sys\nprint('mine')\nvalue = 1\nsys.path.append('added')\n")
    env = {"PYTHONPATH": os.pathsep.join(map(str, folders))}
    for folder in folders[: 2 if where == "two targets" else 1]:
        environment.enable("--target", str(folder), "--mode", mode)
    program = "import sys, sitecustomize as s, importspy_hook as i; print(s.value, s.__file__, sys.path[-1], i.status()['mode'])"
    result = environment.run("-c", program, env=env).succeeded()
    assert (result.stdout, result.stderr) == (f"mine\n1 {hidden} added {mode}\n", ""), result
    hidden.write_text("raise RuntimeError('mine')\n")
    result = environment.run("quiet.py", env=env).succeeded()
    assert result.stderr.startswith("Error in sitecustomize") and "RuntimeError: mine" in result.stderr, result
    environment.uninstall()
    hidden.write_text("print('mine')\n")
    assert environment.run("quiet.py", env=env).succeeded().stdout == "mine\n"
    hidden.unlink()
    result = environment.run("-c", "import sitecustomize; print(sitecustomize.__file__)", env=env).succeeded()
    last = folders[1 if where == "two targets" else 0]
    assert result.stdout == f"{last / 'sitecustomize.py'}\n", result


def test_lines_added_around_a_block_stay(environment: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "path"
    folder.mkdir()
    path = folder / "sitecustomize.py"
    path.write_bytes(b"'''Mine.'''")
    environment.enable("--target", str(folder))
    path.write_bytes(path.read_bytes() + b"x = 1\n")
    environment.cli("disable", "--target", str(folder)).succeeded()
    assert path.read_bytes() == b"'''Mine.'''\nx = 1\n"
    path.unlink()
    environment.enable("--target", str(folder))
    path.write_bytes(b"x = 1\n" + path.read_bytes())
    environment.cli("disable", "--target", str(folder)).succeeded()
    assert path.read_bytes() == b"x = 1\n"


def test_a_linked_sitecustomize_stays_a_link(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "path").mkdir()
    (tmp_path / "etc" / "mine.py").write_text("x = 1\n")
    link = tmp_path / "path" / "sitecustomize.py"
    link.symlink_to(tmp_path / "etc" / "mine.py")
    environment.enable("--target", str(tmp_path / "path"))
    assert link.is_symlink() and "importspy_hook" in link.read_text()
    environment.cli("disable", "--target", str(tmp_path / "path")).succeeded()
    assert link.is_symlink() and link.read_text() == "x = 1\n"


def test_an_edited_block_stays(environment: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "path"
    path = folder / "sitecustomize.py"
    environment.enable("--target", str(folder))
    written = path.read_bytes()
    for edited in [written.replace(b".enforce(", b".report("), written.replace(b"# <<<", b"#")]:
        path.write_bytes(edited)
        for command in ["enable", "disable"]:
            result = environment.cli(command, "--target", str(folder))
            assert result.returncode == 2 and "by hand" in result.stderr, result
        assert path.read_bytes() == edited


@pytest.mark.parametrize("content", [b"def f(:\n", b"# coding: shift_jis\nx = 1\n", b"\xff\n"], ids=["syntax", "codec", "bytes"])
def test_a_sitecustomize_that_can_not_be_read_stays(environment: Environment, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sitecustomize.py"
    path.write_bytes(content)
    result = environment.cli("enable", "--target", str(tmp_path))
    assert result.returncode == 2 and "stays as it is" in result.stderr, result
    assert path.read_bytes() == content and not (tmp_path / f"{STEM}.py").exists()


# --- startup


def session(environment: Environment, lines: list[str], env: Mapping[str, str]) -> str:
    """What an interactive session on a terminal shows."""
    variables = environment.project.environment(False, env) | {"TERM": "dumb", "PYTHON_BASIC_REPL": env.get("BASIC", "")}
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(environment.project.root)
        os.execve(environment.python, [environment.python, "-q"], variables)
    shown = b""
    deadline = time.monotonic() + 60

    def more(seconds: float) -> bool:
        nonlocal shown
        assert time.monotonic() < deadline, shown.decode()
        if select.select([terminal], [], [], seconds)[0]:
            try:
                read = os.read(terminal, 4096)
            except OSError:
                return False
            shown += read
            return bool(read)
        return False

    try:
        for line in [*lines, "raise SystemExit"]:
            while not shown.rstrip().endswith(b">>>"):
                more(1)
            # Setting the terminal up, a REPL may throw away what was typed so far.
            while line.encode() not in shown.split(b">>>")[-1]:
                os.write(terminal, line.encode() + b"\n")
                while more(0.5) and line.encode() not in shown.split(b">>>")[-1]:
                    pass
        while more(10):
            pass
    finally:
        os.close(terminal)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)
    return shown.decode(errors="replace")


@pytest.mark.parametrize("basic", ["", "1"], ids=["new", "basic"])
def test_an_interactive_session(environment: Environment, basic: str) -> None:
    path = environment.cli("startup").succeeded().stdout.strip()
    lines = ["print('names', sorted(n for n in dir() if not n.startswith('__')))", "import framework", "print('still', 'here')"]
    shown = session(environment, lines, {"PYTHONSTARTUP": path, "BASIC": basic})
    assert "names []" in shown and "ContractViolation" in shown and "still here" in shown, shown
    shown = session(environment, lines, {"BASIC": basic})
    assert "ContractViolation" not in shown and "still here" in shown, shown
    # Not for scripts.
    assert not governed(environment.run("probe.py", env={"PYTHONSTARTUP": path}))


def test_startup_does_not_hide_one_that_exists(environment: Environment, tmp_path: Path) -> None:
    result = environment.cli("startup", env={"PYTHONSTARTUP": str(tmp_path / "mine.py")}).succeeded()
    assert result.stdout == str(environment.package / "_startup.py") + "\n"
    assert str(tmp_path / "mine.py") in result.stderr and "install()" in result.stderr


# --- run


def test_run_needs_nothing_else(environment: Environment) -> None:
    before = sorted(path for path in environment.site.rglob("*") if "__pycache__" not in path.parts)
    program = environment.project.root / "program"
    program.write_text(f'#!/bin/sh\nexec "{environment.python}" probe.py\n')
    program.chmod(0o755)
    commands = [
        ["probe.py"],
        ["-m", "probe"],
        ["-c", environment.probe],
        [environment.python, "probe.py"],
        ["./program"],
        ["sh", "-c", f"'{environment.python}' -m probe"],
    ]
    for command in commands:
        assert governed(environment.cli("run", *command)), command
    assert sorted(path for path in environment.site.rglob("*") if "__pycache__" not in path.parts) == before
    assert not governed(environment.run("probe.py"))


@pytest.mark.parametrize("way", [*CHILDREN, "subprocess", "pool"])
def test_run_reaches_children(environment: Environment, way: str) -> None:
    environment.project.write({"main.py": children(environment)[way]})
    assert governed(environment.cli("run", "main.py"))


def test_run_reaches_other_environments(environment: Environment, tmp_path: Path) -> None:
    venv.EnvBuilder(symlinks=True, with_pip=False).create(tmp_path / "other")
    other = str(tmp_path / "other" / "bin" / "python")
    assert governed(environment.cli("run", other, "probe.py"))
    program = "import sys; print([p for p in sys.path if 'importspy' in p or 'environment' in p])"
    assert environment.cli("run", other, "-c", program).succeeded().stdout == "[]\n"


def test_run_changes_neither_arguments_nor_paths(environment: Environment, tmp_path: Path) -> None:
    environment.project.write({"main.py": "import sys; print(sys.argv, sys.path, sys.flags, __name__)\n"})
    args = ["main.py", "--mode", "report", "-h", "", "--", "-I"]
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{tmp_path / 'none'}"}
    assert environment.cli("run", *args, env=env).succeeded().stdout == environment.run(*args, env=env).stdout


def test_run_passes_the_end_on(environment: Environment) -> None:
    assert environment.cli("run", "-c", "raise SystemExit(7)").returncode == 7
    assert environment.cli("run", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM
    result = environment.cli("run", "-c", "import framework")
    assert result.returncode == 1 and "1 violation: `framework` was not imported" in result.stderr, result
    # Python ignores SIGPIPE for itself; a program must find it as usual.
    assert environment.cli("run", "sh", "-c", "kill -PIPE $$").returncode == -signal.SIGPIPE


@pytest.mark.parametrize("where", ["site-packages", "PYTHONPATH"])
def test_run_keeps_a_sitecustomize(environment: Environment, where: str, tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(tmp_path)} if where == "PYTHONPATH" else {}
    path = (environment.site if where == "site-packages" else tmp_path) / "sitecustomize.py"
    path.write_text("print('mine')\nvalue = 1\n")
    program = "import sitecustomize; print(sitecustomize.value, sitecustomize.__file__)"
    result = environment.cli("run", environment.python, "-c", program, env=env).succeeded()
    # Once for `run` itself, once for the program.
    assert result.stdout == f"mine\nmine\n1 {path}\n", result


def test_run_keeps_a_sitecustomize_that_fails(environment: Environment) -> None:
    (environment.site / "sitecustomize.py").write_text("raise RuntimeError('mine')\n")
    plain = environment.run("quiet.py").succeeded()
    result = environment.cli("run", "quiet.py").succeeded()
    assert plain.stderr and result.stderr == plain.stderr * 2, result
    assert environment.cli("run", "-c", environment.probe).succeeded().stdout == "ContractViolation\n"


def test_run_without_a_sitecustomize_leaves_none(environment: Environment) -> None:
    result = environment.cli("run", "-c", "import sys; print('sitecustomize' in sys.modules)\nimport sitecustomize")
    assert result.stdout == "False\n" and "No module named 'sitecustomize'" in result.stderr, result


def test_run_says_what_it_can_not_do(environment: Environment) -> None:
    for command in [["-I", "probe.py"], [environment.python, "-uE", "probe.py"], ["-S", "probe.py"]]:
        result = environment.cli("run", *command)
        assert result.returncode == 2 and "would not be governed" in result.stderr and not result.stdout, result
    result = environment.cli("run", "no-such-program")
    assert result.returncode == 2 and result.stderr.startswith("importspy-hook: can't run no-such-program"), result


# --- status


def status(environment: Environment, program: str) -> dict[str, object]:
    code = f"import importspy_hook, json, sys\n{program}\nprint(json.dumps(importspy_hook.status()))"
    found = environment.run("-c", code).succeeded().json()
    assert isinstance(found, dict)
    return found


def test_status_of_a_process_without_the_hook(environment: Environment) -> None:
    assert environment.cli("status").returncode == 1
    result = environment.cli("status", "--json")
    data = json.loads(result.stdout)
    assert result.returncode == 1 and not result.stderr
    assert (data["active"], data["mode"], data["installed_by"], data["activation"]) == (False, None, None, [])


def test_status_says_why(environment: Environment) -> None:
    environment.enable()
    result = environment.cli("status", "--json").succeeded()
    data = json.loads(result.stdout)
    assert sorted(data) == [
        "activation", "active", "contracts", "decisions", "finder", "import_function", "import_module",
        "installed_by", "mode", "trusted_importers", "undecided", "version",
    ]  # fmt: skip
    assert data["active"] and data["mode"] == "enforce"
    assert data["installed_by"]["file"] == str(environment.files[2])
    assert data["finder"] == {"position": 0, "ahead": []}
    assert data["import_function"]["ours"] and data["import_module"]["ours"]
    (activation,) = data["activation"]
    assert activation["files"] == [str(path) for path in environment.files]
    assert activation["options"] == {"-E": True, "-I": True, "-P": True, "-S": False, "-s": True}
    shown = environment.cli("status").succeeded().stdout
    for part in ["active, mode enforce", str(environment.files[2]), "sys.meta_path[0]", "not under -S"]:
        assert part in shown, shown
    environment.run("-I", "-m", "importspy_hook", "status").succeeded()


def test_the_keys_of_status_are_those_of_the_document(environment: Environment) -> None:
    text = (Path(__file__).parent.parent / "docs" / "activation.md").read_text().partition("## status")[2]
    rows = [line.strip("| ").split(" | ", 1) for line in text.splitlines() if line.startswith("| `")]
    told = {key: re.findall(r"`(\w+)`", cell) for keys, cell in rows for key in re.findall(r"`(\w+)`", keys)}
    environment.enable()
    environment.project.write({"loaded.py": "", "fits.py": "needed = 1\nimport framework\n"})
    data = status(
        environment,
        f"sys.path.insert(0, {str(environment.project.root)!r})\nimport fits, loaded\n"
        "open('loaded.spymodel.yml', 'w').write('variables: [{name: needed}]')",
    )
    assert set(told) == set(data), set(told) ^ set(data)
    for key, value in data.items():
        assert value not in (None, []) or key == "trusted_importers", key
        record = value[0] if isinstance(value, list) and value else value
        if isinstance(record, dict):
            assert set(record) == set(told[key]) - {"null", "run", "sitecustomize"}, (key, record)


def test_status_sees_a_run(environment: Environment) -> None:
    data = environment.cli("run", "-m", "importspy_hook", "status", "--json").succeeded()
    (activation,) = json.loads(data.stdout)["activation"]
    assert (activation["kind"], activation["mode"], activation["options"]["-E"]) == ("run", "enforce", False)


def test_status_sees_a_sitecustomize_that_is_hidden(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "sitecustomize.py").write_text("")
    environment.enable("--target", str(tmp_path / "second"))
    for order, in_use in [(["second"], True), (["first", "second"], False)]:
        env = {"PYTHONPATH": os.pathsep.join(str(tmp_path / name) for name in order)}
        data = json.loads(environment.cli("status", "--json", env=env).stdout)
        assert (data["active"], data["activation"][0]["in_use"]) == (in_use, in_use)


def test_status_names_what_displaced_the_hook(environment: Environment) -> None:
    data = status(
        environment,
        """
import builtins
importspy_hook.install()
ours = builtins.__import__
def theirs(*args, **kwargs):
    return ours(*args, **kwargs)
class Finder:
    def find_spec(self, *args): return None
builtins.__import__ = theirs
sys.meta_path.insert(0, Finder())
""",
    )
    assert data["active"]
    assert data["finder"] == {"position": 1, "ahead": ["__main__.Finder"]}
    assert data["import_function"] == {"ours": False, "found": "__main__.theirs"}
    assert data["installed_by"] == {"file": "<string>", "line": 4}
    data = status(environment, "importspy_hook.install()\nsys.meta_path.pop(0)")
    assert not data["active"] and data["finder"] == {"position": None, "ahead": []}


def test_status_counts_decisions(environment: Environment) -> None:
    environment.project.write({"good.py": "needed = 1\nimport framework\n", "bad.py": "import framework\n"})
    data = status(
        environment,
        f"""
importspy_hook.install()
sys.path.insert(0, {str(environment.project.root)!r})
import good
try:
    import bad
except ValueError:
    pass
""",
    )
    assert data["decisions"] == {"allowed": 1, "blocked": 1}
    contract = str(environment.project.root / "framework" / "spymodel.yml")
    assert data["contracts"] == [{"path": contract, "modules": ["framework"]}]


# --- the program


def test_output_goes_through_the_streams_of_python(environment: Environment) -> None:
    program = """
import contextlib, io
from importspy_hook import _native
out, err = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    statuses = [_native.main(["--version"]), _native.main(["--help"]), _native.main(["nonsense"]), _native.main([])]
assert statuses == [0, 0, 2, 2], statuses
assert "importspy-hook 0" in out.getvalue() and "nonsense" in err.getvalue(), (out.getvalue(), err.getvalue())
import sys
sys.stdout = sys.stderr = None
assert _native.main(["--help"]) == 0
"""
    result = environment.run("-c", program).succeeded()
    assert result.stdout == result.stderr == ""


def test_a_reader_that_has_seen_enough(environment: Environment) -> None:
    script = f"'{environment.python}' -m importspy_hook status --json | true"
    result = harness.run(["sh", "-c", script], environment.project.root, environment.project.environment(False, {}), 60)
    assert result.stderr == "", result


def test_paths_of_any_bytes(environment: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "f\xfcr-\udce4"
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}
    environment.cli("enable", "--target", str(folder), env=env).succeeded()
    environment.cli("disable", "--target", str(folder), env=env).succeeded()


def test_the_program_is_not_imported_before_it_is_needed(environment: Environment) -> None:
    program = "import sys, importspy_hook; print('argparse' in sys.modules, 'importspy_hook.__main__' in sys.modules)"
    assert environment.run("-c", program).succeeded().stdout == "False False\n"
    program = "import sys, importspy_hook.__main__ as m; sys.argv[1:] = ['--version']; m.main(); print('argparse' in sys.modules)"
    assert environment.run("-c", program).succeeded().stdout.endswith("\nFalse\n")
