"""A plugin in a folder. Only ``extension`` imports the framework, so only it has to fit."""

from .extension import Extension, Foo, __version__, ship

__all__ = ["Extension", "Foo", "__version__", "ship"]
