"""Where a command prints to: colours, width, and characters that the terminal does not have."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterable
from typing import TextIO

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten

#: what to print where a terminal has only ASCII or one of the old code pages
PLAIN = {
    "…": "...", "×": "x", "→": "->", "—": "-", "–": "-", "−": "-", "·": ".", "²": "^2", "≤": "<=", "≥": ">=",
    "“": '"', "”": '"', "‘": "'", "’": "'", "µ": "u", "√": "sqrt", "━": "-", "─": "-", "█": "#",
}  # fmt: skip


class Terminal:
    """A stream with what is known about it. `width` is None where no terminal sets a limit."""

    def __init__(self, stream: TextIO | None, *, color: bool = True) -> None:
        self.stream = stream
        self.color = color and wants_color(stream)
        self.width = width_of(stream)

    @property
    def unicode(self) -> bool:
        """Whether it can show more than ASCII."""
        return (getattr(self.stream, "encoding", None) or "utf-8").lower().startswith("utf")

    def print(self, text: str = "") -> None:
        """Prints a line. Raises CnnError (E058) where the system refuses, BrokenPipeError as it is."""
        self._guarded(lambda stream: stream.write(text + "\n"))

    def flush(self) -> None:
        """Sends what was printed on its way."""
        self._guarded(lambda stream: stream.flush())

    def _guarded(self, action: Callable[[TextIO], object]) -> None:
        if self.stream is None or self.stream.closed:
            return
        try:
            action(self.stream)
        except BrokenPipeError:
            raise
        except OSError as failure:
            raise NotWritten(NOWHERE, what="the output", reason=failure.strerror or str(failure)).error() from failure

    def show(self, diagnostics: Iterable[Diagnostic], format: str = "text", files: Iterable[str] = ()) -> None:
        """Prints diagnostics of some files in one of the formats of `cnndsl.render`; most print none of none."""
        found = list(diagnostics)
        if found or format != "text":
            # Imported for these only: a clean check is to be fast.
            from cnndsl import render

            text = render.render(format, found, files, color=self.color, width=self.width)
            if text is not None:
                self.print(text)


def wants_color(stream: TextIO | None) -> bool:
    """Colours on a terminal, unless NO_COLOR is set; elsewhere only with FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def width_of(stream: TextIO | None) -> int | None:
    """The terminal's columns, those that COLUMNS names, or None."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    if stream is None or not is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def plain(error: UnicodeError) -> tuple[str, int]:
    """The handler of characters that a terminal's encoding lacks: something that looks alike."""
    assert isinstance(error, UnicodeEncodeError)
    from cnndsl.render._cells import width_of as cells

    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?" * cells(character)) for character in lacking), error.end


def prepare() -> None:
    """Makes the process's streams print anything, whatever their encoding."""
    codecs.register_error("cnndsl.plain", plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="cnndsl.plain")


def silence() -> None:
    """Sends what is left in the buffers of a closed pipe nowhere, so that leaving says nothing."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
