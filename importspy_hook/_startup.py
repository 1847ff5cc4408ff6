"""For PYTHONSTARTUP: what an interactive session imports has to fit, too.

A start-up file of your own does the same with ``import importspy_hook; importspy_hook.install()``.
"""


def _activate() -> None:
    import os
    import sys

    # The new REPL runs this file without `__file__`.
    package = os.path.dirname(os.path.abspath(sys._getframe().f_code.co_filename))
    shared = os.path.join(package, "_site")
    sys.path.insert(0, shared)
    try:
        import importspy_hook_activation as activation  # type: ignore[import-not-found]
    finally:
        sys.path.remove(shared)
    activation.HOME = activation.HOME or os.path.dirname(package)
    activation.enforce()


# Not when something walks through the package.
if __name__ == "__main__":
    _activate()
    del _activate
