"""What `cnnc serve` shows: the page of a file as it is now, made anew when one of its files has changed."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from cnndsl.asked import split_name
from cnndsl.cli._files import imported
from cnndsl.cli._watch import State, state
from cnndsl.diagnostic import CnnError
from cnndsl.pipeline import Checked


class Served:
    """The page of a file. `check` checks it anew, and raises CnnError where it cannot be read."""

    def __init__(self, file: str, check: Callable[[], Checked]) -> None:
        self.file = split_name(file)[0]
        self.check = check
        self.lock = Lock()
        self.files: list[str] = [self.file]
        self.state: State = {}
        self.number = 0
        self.made = b""

    def version(self) -> int:
        """How often the files have changed, looked at now."""
        with self.lock:
            return self._version()

    def page(self) -> bytes:
        """The page of the files as they are now, or a page of what is wrong with them."""
        with self.lock:
            self._version()
            if not self.made:
                self.made = self._make().encode()
            return self.made

    def _version(self) -> int:
        now = state(self.files)
        if now != self.state:
            self.state, self.made = now, b""
            self.number += 1
        return self.number

    def _make(self) -> str:
        from cnndsl.report import assemble, broken

        try:
            checked = self.check()
        except CnnError as error:
            return broken(self.file, error.diagnostics, version=self.number)
        self._watch([self.file, *imported(checked)])
        graph = checked.nets[0].graph if checked.nets else None
        if checked.failed or graph is None:
            return broken(self.file, checked.diagnostics, version=self.number)
        return assemble(graph, checked.diagnostics, version=self.number)

    def _watch(self, files: list[str]) -> None:
        """Looks at these files from now on; of those that were looked at, what they were before the check counts."""
        if files != self.files:
            self.files = files
            self.state = {file: self.state.get(file, now) for file, now in state(files).items()}
