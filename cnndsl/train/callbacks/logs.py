"""Logs for other programs: a table of comma-separated values, and a JSON object a line.

Each holds what the history holds, a line an epoch, and is written whole after every epoch, beside and renamed: a
training that died and went on leaves no line twice and none half written.
"""

from __future__ import annotations

import csv
import io
import json
from abc import abstractmethod
from pathlib import Path

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten
from cnndsl.replaced import replaced
from cnndsl.train.callbacks.base import Callback, Run
from cnndsl.train.history import History


class Log(Callback):
    """Base of the logs: a text made of the history. Raises CnnError (E058) where it cannot be written."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @abstractmethod
    def text(self, history: History) -> str:
        """The whole file."""

    def on_epoch(self, run: Run) -> None:
        written(self.path, self.text(run.history).encode())


class CsvLog(Log):
    """A table with a column a measure, which spreadsheets and pandas read; numbers with all their digits."""

    def text(self, history: History) -> str:
        made = io.StringIO()
        rows = csv.DictWriter(made, history.names, lineterminator="\n")
        rows.writeheader()
        rows.writerows(history.epochs)
        return made.getvalue()


class JsonLog(Log):
    """A JSON object an epoch, one a line (JSON Lines); what is not finite is null."""

    def text(self, history: History) -> str:
        return "".join(f"{json.dumps(_finite(epoch), allow_nan=False)}\n" for epoch in history.epochs)


def _finite(epoch: dict[str, float]) -> dict[str, float | None]:
    return {name: value if abs(value) < float("inf") else None for name, value in epoch.items()}


def written(path: Path, content: bytes) -> None:
    """Puts a file in place, whole or not at all. Raises CnnError (E058)."""
    try:
        with replaced(path) as beside:
            beside.write_bytes(content)
    except OSError as failure:
        raise NotWritten(NOWHERE, what=f"`{path}`", reason=failure.strerror or str(failure)).error() from failure
