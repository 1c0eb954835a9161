"""Ctrl-C while a net trains: a wish to stop, granted between two steps, where nothing is half done."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Asked(Exception):
    """Raised between two steps when the user wants to stop: everything is consistent and can be saved."""


class Interruption:
    """Within it the first Ctrl-C is only noted; a second one breaks off at once (KeyboardInterrupt).

    In another thread than the main one, and where the program has a handler of its own, nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self.before: Any = None

    def __enter__(self) -> Interruption:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self.before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def _note(self, number: int, frame: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def check(self) -> None:
        """Raises Asked if the user wants to stop."""
        if self.asked:
            raise Asked
