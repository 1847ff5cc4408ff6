"""``python -m importspy_hook``, the same program as ``importspy-hook``."""

import os
import signal
import sys

from ._native import main as _main

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def main() -> int:
    """Run the command line in ``sys.argv``; return the exit status."""
    try:
        status = _main(sys.argv[1:])
        _settle(sys.stdout)
        _settle(sys.stderr)
    except OSError as error:
        _drop(sys.stdout)
        try:
            print(f"importspy-hook: can't write the output: {error.strerror or error}", file=sys.stderr)
        except OSError:
            _drop(sys.stderr)
        return 2
    except KeyboardInterrupt:
        # A shell must see the signal, to end a loop around the command, too.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
        return 130
    return status


def _settle(stream: "TextIO | None") -> None:
    """Write what is buffered, unless whoever reads has seen enough: that changes nothing about the exit status."""
    try:
        if stream is not None:
            stream.flush()
    except BrokenPipeError:
        _drop(stream)


def _drop(stream: "TextIO | None") -> None:
    """Throw away what is still buffered: Python would try again as it ends, and complain."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
