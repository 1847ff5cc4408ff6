"""On PYTHONPATH through ``importspy-hook run``. The folder's name is the mode, so that no variable can change it."""


def _activate() -> None:
    import os
    import sys

    shared = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, shared)
    try:
        import importspy_hook_activation  # type: ignore[import-not-found]
    finally:
        sys.path.remove(shared)
    importspy_hook_activation.run(__file__)


_activate()
