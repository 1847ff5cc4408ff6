"""``python -m importspy_hook``, the same program as ``importspy-hook``."""

import os
import sys

from ._native import main as _main


def main() -> int:
    """Run the command line in ``sys.argv``; return the exit status."""
    try:
        status = _main(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain again as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
