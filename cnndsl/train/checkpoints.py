"""Checkpoints: what it takes to go on with a training as if it had never stopped, in files that are whole or not there.

A file is written beside, flushed to the disk, and renamed to its number; only then is the oldest one removed. So
whenever the machine dies, the newest whole file is the last one whose saving had ended, or the one before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostic import CnnError, Diagnostic, Severity
from cnndsl.engine import Snapshot
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.checkpoints import CheckpointUnreadable, CheckpointUnwritten, NoCheckpoint
from cnndsl.record import Record
from cnndsl.replaced import replaced
from cnndsl.train import tensors
from cnndsl.train.metadata import Metadata, installed

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

#: the keys of the file's metadata: what weights have, and what only checkpoints have
NET, TRAINING = "cnndsl", "cnndsl.training"
FORMAT = 1
NAME = "step-{:08d}.safetensors"


class Saved(Record):
    """What a checkpoint holds: the net with its source, the engine, and where the training was (for JSON)."""

    net: Metadata
    engine: Snapshot
    training: Mapping[str, Any]


class Checkpoints:
    """The checkpoints of one training, the last `keep` of them, in a folder of their own.

    One is saved after every epoch, and within an epoch every `steps` steps (0: never) and every `minutes` minutes.
    """

    def __init__(self, folder: str | Path, *, steps: int = 0, minutes: float = 10.0, keep: int = 2) -> None:
        self.folder = Path(folder)
        self.steps = steps
        self.minutes = minutes
        self.keep = max(2, keep)
        self.taken = 0
        self.time = monotonic()

    def count(self) -> None:
        """Notes that a step is done."""
        self.taken += 1

    @property
    def due(self) -> bool:
        """Whether it is time for one within an epoch."""
        return 0 < self.steps <= self.taken or (self.taken > 0 and monotonic() - self.time >= 60 * self.minutes)

    def save(self, number: int, saved: Saved) -> Path:
        """Writes a checkpoint newer than those of lower numbers. Raises CnnError (E547): those are then unchanged."""
        path = self.folder / NAME.format(number)
        metadata = {NET: saved.net.replace(version=installed()).to_json(), TRAINING: _training(saved)}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            with replaced(path) as beside, beside.open("wb") as file:
                tensors.write(file, saved.engine.arrays, metadata, sealed=True)
        except OSError as reason:
            size = sum(array.nbytes for array in saved.engine.arrays.values())
            said = reason.strerror or str(reason)
            raise CheckpointUnwritten(NOWHERE, str(path), said, size, self._last(path)).error() from None
        for old in self.files()[self.keep :]:
            with suppress(OSError):
                old.unlink()
        self.taken, self.time = 0, monotonic()
        return path

    def files(self) -> list[Path]:
        """Those that are there, the newest first."""
        return sorted(self.folder.glob(NAME.replace("{:08d}", "*")), reverse=True)

    def newest(self) -> tuple[Saved | None, tuple[Diagnostic, ...]]:
        """The newest checkpoint that is whole, if there is any, and a warning for each that was refused.

        Raises CnnError (E546) if there are some and none of them is whole.
        """
        refused: list[Diagnostic] = []
        for path in self.files():
            try:
                return read(path), tuple(_passed(refused, path))
            except CnnError as error:
                refused += error.diagnostics
        if refused:
            raise NoCheckpoint(NOWHERE, str(self.folder), tuple(error.title for error in refused)).error()
        return None, ()

    def _last(self, path: Path) -> str:
        others = [str(file) for file in self.files() if file != path]
        return others[0] if others else ""

    def _tidy(self) -> None:
        """Removes what a process that died has left half written."""
        for half in self.folder.glob(f".{NAME.replace('{:08d}', '*')}.*.partial"):
            with suppress(OSError):
                half.unlink()


def _training(saved: Saved) -> str:
    text = {"format": FORMAT, "engine": dict(saved.engine.numbers), **saved.training}
    return json.dumps(text, ensure_ascii=False)


def _passed(refused: list[Diagnostic], taken: Path) -> Iterator[Diagnostic]:
    """The errors of damaged files as warnings: the one before them is taken."""
    for error in refused:
        yield error.replace(severity=Severity.WARNING, helps=(f"going on from the one before it, {taken}",))


def read(path: Path) -> Saved:
    """A checkpoint, every bit of it as it was written. Raises CnnError (E544)."""
    from safetensors import SafetensorError, safe_open

    try:
        with path.open("rb") as file:
            reason = tensors.broken(file, path.stat().st_size)
        if reason:
            raise ValueError(reason)
        with safe_open(path, framework="numpy") as opened:
            said = opened.metadata()
            if TRAINING not in said:
                raise ValueError("it holds no training: it is no checkpoint")
            arrays: dict[str, Array] = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        training = json.loads(said[TRAINING])
        if training["format"] > FORMAT:
            raise ValueError(f"its format is {training['format']}, this version of cnndsl reads up to {FORMAT}")
        return Saved(Metadata.from_json(said[NET]), Snapshot(arrays, training.pop("engine")), training)
    except OSError as error:
        raise CheckpointUnreadable(NOWHERE, str(path), error.strerror or str(error)).error() from None
    except KeyError as error:
        raise CheckpointUnreadable(NOWHERE, str(path), f"it lacks {error}").error() from None
    except (SafetensorError, ValueError, TypeError) as error:
        raise CheckpointUnreadable(NOWHERE, str(path), str(error)).error() from None
