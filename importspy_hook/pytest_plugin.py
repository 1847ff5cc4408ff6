"""For pytest: ``pytest --importspy`` enforces contracts while the tests run.

Test files are trusted: they take modules apart that no other code may. The end of the session tells what was decided.
Everybody who has this package imports this file with every run of pytest, so that it must stay light.
"""

import glob
import os

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._native import Decision

# A word for what became of an import, by mode.
_WORDS = {"enforce": "blocked", "report": "would be blocked"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options and a setting."""
    group = parser.getgroup("importspy_hook", "contracts beside modules")
    group.addoption("--importspy", action="store_true", help="enforce contracts, test files trusted; summarise decisions")
    group.addoption(
        "--importspy-mode",
        choices=tuple(_WORDS),
        default="enforce",
        help="with --importspy: what happens to an import that does not fit (default: enforce)",
    )
    parser.addini(
        "importspy_trusted",
        "with --importspy: further importers to trust, as globs over module names, or (with a /) over paths",
        type="args",
        default=[],
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start before any conftest file is imported."""
    _start(early_config, early_config.known_args_namespace)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start late, where the plugin itself was loaded late."""
    _start(config, config.option)


def _start(config: pytest.Config, options: "Any") -> None:
    name = "importspy_hook session"
    if getattr(options, "importspy", False) and not config.pluginmanager.hasplugin(name):
        session = _Session(config, options)
        config.pluginmanager.register(session, name)


class _Session:
    """The hook during one session, in the controlling process or in a worker of pytest-xdist."""

    def __init__(self, config: pytest.Config, options: "Any") -> None:
        import importspy_hook

        self._hook = importspy_hook
        self._elsewhere: list[Decision] = []
        self._mine = not importspy_hook.is_installed()
        try:
            if self._mine:
                importspy_hook.install(mode=options.importspy_mode, trusted_importers=_trusted(config, options))
            elif options.importspy_mode == "report":
                importspy_hook.install(mode="report")
        except ValueError as error:
            raise pytest.UsageError(f"--importspy: {error}") from None
        status = importspy_hook.status()
        self._word = _WORDS[status["mode"] or "enforce"]
        self._header = f"importspy_hook: mode {status['mode']}"
        if not self._mine:
            by = status["installed_by"]
            place = f" by {by['file']}:{by['line']}" if by else ""
            self._header += f", installed{place} before pytest: test files are importers like any other"

    def pytest_report_header(self) -> str:
        return self._header

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        # Only workers of pytest-xdist have it.
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["importspy_hook"] = self._hook.decisions()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: "Any") -> None:
        self._elsewhere += getattr(node, "workeroutput", {}).get("importspy_hook", [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        from ._summary import summary

        terminalreporter.section("importspy_hook")
        for line in summary(self._hook.decisions() + self._elsewhere, blocked=self._word):
            terminalreporter.line(line)
        if not self._hook.is_installed():
            terminalreporter.line("the hook was taken out during the session: later imports were not looked at")

    def pytest_unconfigure(self) -> None:
        if self._mine:
            self._hook.uninstall()


def _trusted(config: pytest.Config, options: "Any") -> list[str]:
    """What pytest itself imports and runs: conftest and test files below the root and the arguments, and pytest."""
    folders = [config.rootpath] if config.rootpath.parent != config.rootpath else []
    named = []
    for argument in options.file_or_dir or ["."]:
        path = config.invocation_params.dir / argument.partition("::")[0]
        if path.is_dir():
            folders.append(path)
        elif path.is_file():
            named.append(_pattern(path))
    names = ["conftest.py", *config.getini("python_files")]
    below = [f"{_pattern(folder)}/**/{name}" for folder in folders for name in names]
    return list(dict.fromkeys(["_pytest.*", *named, *below, *config.getini("importspy_trusted")]))


def _pattern(path: "os.PathLike[str]") -> str:
    """A pattern that matches this path alone."""
    return glob.escape(os.path.realpath(path).replace(os.sep, "/"))
