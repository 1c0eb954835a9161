"""How far a command is, on one line of a terminal that is cleared at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from cnndsl.cli._terminal import is_terminal

#: columns of the line
LINE = 39


def progress(doing: str = "") -> Callable[[str], object]:
    """A function that says what is being done; nothing clears the line. Without a terminal it is silent."""
    if not is_terminal(sys.stderr):
        return lambda _: None

    def say(step: str) -> None:
        sys.stderr.write(f"\r{'':<{LINE}}\r" + (f"{doing}{step} ..."[:LINE] if step else ""))
        sys.stderr.flush()

    return say
