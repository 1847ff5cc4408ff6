"""Contracts for Python imports, enforced before a line of the imported module runs.

    import importspy_hook
    importspy_hook.install()

From then on, importing a module that has a ``spymodel.yml`` beside it validates the importer. What does not fit
raises :class:`ContractViolation`.

Importing this package changes nothing, and imports nothing but its extension module: it is made to stand in the
start-up of every process.
"""

from ._native import (
    Spy,
    __version__,
    cache_clear,
    cache_info,
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
    "Spy",
    "Violation",
    "__version__",
    "cache_clear",
    "cache_info",
    "decisions",
    "install",
    "is_installed",
    "status",
    "uninstall",
]

_LAZY = ("ContractError", "ContractViolation", "ContractWarning", "Place", "Violation")


def __getattr__(name: str) -> object:
    if name in _LAZY:
        from . import errors

        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
