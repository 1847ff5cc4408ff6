"""For IPython and Jupyter: ``%load_ext importspy_hook`` governs what cells import; ``%importspy`` tells what came of it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import decisions, install, is_installed, status, uninstall
from ._summary import summary

_installed = False


def load_ipython_extension(shell: "Any") -> None:
    """Install the hook, unless it is there, and offer ``%importspy``."""
    global _installed
    if not is_installed():
        install()
        _installed = True
    shell.register_magic_function(importspy, "line", "importspy")


def unload_ipython_extension(shell: "Any") -> None:
    """Take away what :func:`load_ipython_extension` has brought."""
    global _installed
    shell.magics_manager.magics["line"].pop("importspy", None)
    if _installed:
        uninstall()
        _installed = False


def importspy(line: str = "") -> None:
    """Show whether imports are governed, and what was decided."""
    now = status()
    print("importspy_hook:", f"active, mode {now['mode']}" if now["active"] else "not active")
    for text in summary(decisions(), blocked="blocked" if now["mode"] != "report" else "would be blocked"):
        print(text)
