"""What the processes that train one model tell each other outside of its steps; one by itself agrees with itself.

Rank 0 leads: it alone prints, writes and has callbacks, and all begin where it is. That a checkpoint is due, or that a
user wants to stop, is told with the gradients of a step, so that all know of it behind the same one.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cnndsl.data.share import Share
from cnndsl.engine import Ranks, Snapshot
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.ranks import RanksDiffer
from cnndsl.train import tensors
from cnndsl.train.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnndsl.train.feed import Batch

#: what may be wished for between two steps, and what is done if one wishes for this and one for that
NOTHING, SAVE, STOP = 0, 1, 2
STATE = "state"
YES, NO = b"1", b"0"


class Together:
    """The ranks of a training; none where it is trained by one process."""

    def __init__(self, ranks: Ranks | None) -> None:
        self.ranks = ranks
        self.share = Share(ranks.rank, ranks.size) if ranks else Share()

    @property
    def leads(self) -> bool:
        """Whether this process prints and writes."""
        return self.share.rank == 0

    def tell(self, batch: Batch, wish: int) -> None:
        """Before a step: its rows, and what this process wishes for."""
        if self.ranks:
            self.ranks.tell(batch.first, batch.count, (int(wish == SAVE), int(wish == STOP)))

    def agreed(self, wish: int) -> int:
        """What is to be done between two steps: what this process wishes for, or any at the last step."""
        if not self.ranks:
            return wish
        return max((kind for kind, count in zip((SAVE, STOP), self.ranks.wishes) if count), default=NOTHING)

    def saved(self) -> None:
        """Notes that nobody waits for a checkpoint any more."""
        if self.ranks:
            self.ranks.wishes = tuple(0 if kind == SAVE else n for kind, n in zip((SAVE, STOP), self.ranks.wishes))

    def any(self, wish: bool) -> bool:
        """Whether any of them wants something."""
        return YES in self.ranks.every(YES if wish else NO) if self.ranks else wish

    def even(self, batches: Iterator[Batch], known: bool) -> Iterator[Batch]:
        """As many batches on every rank: where their number is not known, until one of them has no more."""
        if known or not self.ranks:
            yield from batches
            return
        for batch in batches:
            if self.any(False):
                return
            yield batch
        self.any(True)

    def merged(self, meter: Meter) -> Meter:
        """What all of them have measured."""
        if not self.ranks:
            return meter
        whole = Meter(meter.goals)
        for state in self.ranks.every(json.dumps(meter.state()).encode()):
            whole.join(json.loads(state))
        return whole

    def led(self, state: Any, made: Mapping[str, Any]) -> tuple[Snapshot, dict[str, Any]]:
        """Where rank 0 is: the engine, and all else. `state` is where this one is.

        Raises CnnError (E609) if this one trains something else.
        """
        assert self.ranks is not None
        snapshot, training = _unpacked(self.ranks.first(_packed(*state) if self.leads else b""))
        differences = tuple(
            f"{name.replace('_', ' ')}: {training['made'].get(name)} on rank 0, {now} here"
            for name, now in json.loads(json.dumps(made)).items()
            if now != training["made"].get(name)
        )
        if differences:
            raise RanksDiffer(NOWHERE, self.share.rank, differences).error()
        return snapshot, training


def _packed(snapshot: Snapshot, training: Mapping[str, Any]) -> bytes:
    file = BytesIO()
    text = json.dumps({"numbers": dict(snapshot.numbers), "training": dict(training)})
    tensors.write(file, snapshot.arrays, {STATE: text})
    return file.getvalue()


def _unpacked(data: bytes) -> tuple[Snapshot, dict[str, Any]]:
    from safetensors.numpy import load

    head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    state = json.loads(head["__metadata__"][STATE])
    return Snapshot(load(data), state["numbers"]), state["training"]
