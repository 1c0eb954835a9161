"""`--watch`: do it again whenever one of the files has changed, until Ctrl-C."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable

from cnndsl.cli._exit import CLEAN
from cnndsl.cli._terminal import Terminal, is_terminal

#: seconds between two looks at the files: soon enough for an eye, seldom enough for a battery
PAUSE = 0.2
CLEAR = "\x1b[2J\x1b[3J\x1b[H"

#: what tells that a file is another: when it was changed, its size, and which file it is
State = dict[str, tuple[float, int, int] | None]


def watch(once: Callable[[], object], files: Callable[[], Iterable[str]], terminal: Terminal) -> int:
    """Calls `once`, and again after every change of one of the `files`, which are named anew each time.

    That it waits is said on standard error: what `once` prints may be for a program to read.
    """
    told = Terminal(sys.stderr)
    try:
        while True:
            before = state(files())
            if is_terminal(terminal.stream):
                terminal.print(CLEAR)
            once()
            # what the check has shown to be imported counts, too; of the rest, what it was before the check
            before = {file: before.get(file, now) for file, now in state(files()).items()}
            terminal.flush()
            told.print(f"\nwatching {len(before)} file{'' if len(before) == 1 else 's'}; Ctrl-C ends it")
            told.flush()
            while state(files()) == before:
                time.sleep(PAUSE)
    except KeyboardInterrupt:
        return CLEAN


def state(files: Iterable[str]) -> State:
    """What the files are like now."""
    found: State = {}
    for file in files:
        try:
            status = os.stat(file)
        except OSError:
            found[file] = None
        else:
            found[file] = status.st_mtime, status.st_size, status.st_ino
    return found
