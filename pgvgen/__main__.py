"""`pgvgen`, and `python -m pgvgen`: the command line."""

from __future__ import annotations

import os
import signal
from types import FrameType


def main() -> None:
    """Run the command line and exit with its code.

    Until it runs there is nothing to clean up: Ctrl-C during the imports ends it at once.
    """
    signal.signal(signal.SIGINT, _leave)
    from pgvgen.cli import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)


if __name__ == "__main__":
    main()
