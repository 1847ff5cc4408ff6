"""The plugins that are in. A plugin that was refused never gets as far as registering."""

from .base import Plugin

_classes: dict[str, type[Plugin]] = {}


def register(name: str, extension: type[Plugin]) -> None:
    """Make ``extension`` known as ``name``; a name can be taken once."""
    if name in _classes:
        raise LookupError(f"there is a plugin {name!r} already")
    _classes[name] = extension


def registered() -> dict[str, type[Plugin]]:
    """All registered extensions by name, oldest first."""
    return dict(_classes)
