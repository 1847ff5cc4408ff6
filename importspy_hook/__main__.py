"""``python -m importspy_hook``, the same program as ``importspy-hook``."""

import os
import signal
import sys

from ._native import main as _main


def main() -> int:
    """Run the command line in ``sys.argv``; return the exit status."""
    try:
        status = _main(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough.
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        print(f"importspy-hook: can't write the output: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # A shell must see the signal, to end a loop around the command, too.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
        return 130
    return status


def _drop_output() -> None:
    """Throw away what is still buffered: Python would try again as it ends, and complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
