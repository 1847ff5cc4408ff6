"""Puts importspy_hook in front of a process's imports while Python starts.

``python -m importspy_hook enable`` copies this file beside the start-up files that call it, so that they do no harm once
the package is gone: then nothing happens here. It imports nothing that Python has not loaded by then.
"""

import os
import sys

# Type checkers read this name as true.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any, List, Optional, Set

# Where the package is, if not in this folder: user site folders are processed before the others are searched.
HOME = ""

_done = set()  # type: Set[str]


def enforce(made: "Optional[str]" = None) -> None:
    _start("enforce")
    _run_hidden(made)


def report(made: "Optional[str]" = None) -> None:
    _start("report")
    _run_hidden(made)


def run(sitecustomize: str) -> None:
    """For one process tree: activate, then make way for the ``sitecustomize`` that Python would have found."""
    global HOME
    folder = os.path.dirname(os.path.abspath(sitecustomize))
    # A program sees the sys.path that it would have without us; its children find us through PYTHONPATH.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]
    HOME = HOME or os.path.dirname(os.path.dirname(os.path.dirname(folder)))
    _start(os.path.basename(folder))
    del sys.modules["sitecustomize"]
    __import__("sitecustomize")


def _run_hidden(made: "Optional[str]") -> None:
    """Run the ``sitecustomize`` that Python would have found if ``enable`` had not made one in front of it."""
    if made is None:
        return
    folder = os.path.dirname(os.path.abspath(made))
    entries = [os.path.abspath(entry) for entry in sys.path]
    if folder not in entries:
        return
    behind = [entry for entry in sys.path[entries.index(folder) + 1 :] if os.path.abspath(entry) != folder]
    machinery = sys.modules["_frozen_importlib_external"]  # type: Any
    spec = machinery.PathFinder.find_spec("sitecustomize", behind)
    if spec is not None and spec.has_location:
        module = sys.modules["_frozen_importlib"].module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def _start(mode: str) -> None:
    # Python may process one site folder twice.
    if mode in _done:
        return
    _done.add(mode)
    try:
        package = _package()
        # Of two activations the stricter one wins, in whatever order they come.
        if package is not None and (mode == "enforce" or not package.is_installed()):
            package.install(mode=mode)
    except Exception as error:
        if _is_main_interpreter():
            _failed(mode, error)


def _package() -> "Any":
    """The package, or None if it is not installed any more."""
    try:
        package = __import__("importspy_hook")
    except ModuleNotFoundError as error:
        if error.name != "importspy_hook":
            raise
        if not HOME or not os.path.isfile(os.path.join(HOME, "importspy_hook", "__init__.py")):
            return None
        sys.path.append(HOME)
        try:
            package = __import__("importspy_hook")
        finally:
            sys.path.remove(HOME)
    if getattr(package, "__file__", None) is None:
        # An empty folder of that name is a namespace package.
        del sys.modules["importspy_hook"]
        return None
    return package


def _is_main_interpreter() -> bool:
    """Whether this is not a subinterpreter, into which the extension module can't be loaded."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
            return bool(interpreters.get_current() == interpreters.get_main())
        except Exception:
            continue
    return True


def _failed(mode: str, error: Exception) -> None:
    """Python must start, or nobody could repair the package; but what has a contract stays shut."""
    if sys.stderr is not None:
        closed = "; modules with a contract can't be imported" if mode == "enforce" else ""
        sys.stderr.write(
            "importspy_hook: can't be activated%s: %s: %s (activated by %s)\n"
            % (closed, type(error).__name__, error, os.path.abspath(__file__))
        )
    if mode == "enforce":
        sys.meta_path.insert(0, _Closed)


class _Closed:
    """Lets nothing through that has a contract beside it."""

    @staticmethod
    def find_spec(fullname: str, path: "Any" = None, target: "Any" = None) -> "Optional[ModuleSpec]":
        for finder in sys.meta_path:
            find_spec = getattr(finder, "find_spec", None)
            spec = None  # type: Optional[ModuleSpec]
            if finder is not _Closed and find_spec is not None:
                spec = find_spec(fullname, path, target)
            if spec is not None:
                for contract in _contracts(spec):
                    if os.path.exists(contract):
                        # Not an ImportError: `except ImportError` must not swallow it.
                        raise ValueError(
                            "importspy_hook can't be activated, so %r, which has the contract %s, can't be imported"
                            % (fullname, contract)
                        )
                return spec
        return None


def _contracts(spec: "ModuleSpec") -> "List[str]":
    folders = list(spec.submodule_search_locations or ())
    stems = ["spymodel"]
    if not folders and spec.has_location and spec.origin:
        folder, name = os.path.split(spec.origin)
        folders.append(folder)
        stems.append(name.split(".")[0] + ".spymodel")
    return [os.path.join(folder, stem + end) for folder in folders for stem in stems for end in (".yml", ".yaml")]
