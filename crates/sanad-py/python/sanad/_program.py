"""The program `sanad`, as `pip install` puts it on the path."""

from __future__ import annotations

import signal
import sys

from sanad import _sanad


def main() -> int:
    """Run the program with the arguments of this process; the exit code: 0 done, 1 failed, 2 wrong use."""
    # The program ends on Ctrl-C as any other does; Python's own handler would wait for it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _sanad.run_program(["sanad", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
