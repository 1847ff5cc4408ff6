"""A small framework for shipping services in containers.

It ships nothing by itself: plugins do. A plugin is a module that imports this package, and that is
what ``spymodel.yml``, in this folder, is about: it says what a module has to look like, and where it
has to run, before ``import framework`` is allowed in it.

Modules of this package import each other freely: they are inside the contract's boundary.
"""

from .base import Plugin
from .registry import register, registered

__all__ = ["Plugin", "register", "registered"]
__version__ = "1.0.0"
