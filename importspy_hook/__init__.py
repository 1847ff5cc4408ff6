"""Contracts for Python imports, enforced before a line of the imported module runs.

    import importspy_hook
    importspy_hook.install()

From then on, importing a module that has a ``spymodel.yml`` beside it validates the importer. What does not fit
raises :class:`ContractViolation`.

Importing this package changes nothing, and imports nothing but its extension module: it is made to stand in the
start-up of every process. (For pytest, which would like to rewrite its assertions: PYTEST_DONT_REWRITE.)
"""

from ._native import (
    Report,
    Spy,
    __version__,
    cache_clear,
    cache_info,
    check,
    decisions,
    install,
    is_installed,
    status,
    uninstall,
)

# Type checkers read this name as true; importing `typing` would cost every process milliseconds.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import ContractError, ContractViolation, ContractWarning, Place, Violation

__all__ = [
    "ContractError",
    "ContractViolation",
    "ContractWarning",
    "Place",
    "Report",
    "Spy",
    "Violation",
    "__version__",
    "cache_clear",
    "cache_info",
    "check",
    "decisions",
    "install",
    "is_installed",
    "status",
    "uninstall",
]

_ERRORS = ("ContractError", "ContractViolation", "ContractWarning", "Place", "Violation")
_IPYTHON = ("load_ipython_extension", "unload_ipython_extension")


def __getattr__(name: str) -> object:
    if name in _ERRORS:
        from . import errors

        return getattr(errors, name)
    if name in _IPYTHON:
        from . import _ipython

        return getattr(_ipython, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
