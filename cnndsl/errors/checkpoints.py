"""E544 to E548: checkpoints, and going on from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class CheckpointUnreadable(Problem):
    """A checkpoint cannot be used: it is cut off, a bit of it has changed, or it is another kind of file.

    A checkpoint carries a checksum of all its bytes, so that no damage passes for a training. While one is written
    the one before it stays: going on takes the newest that is whole, and says which ones it passed over.
    """

    code: ClassVar[str] = "E544"
    title: ClassVar[str] = "`{path}` is no whole checkpoint: {reason}"
    help: ClassVar[str] = "remove it; if it was copied, copy it again and compare its size"

    path: str
    reason: str


class CheckpointDiffers(Problem):
    """What was asked for is not the training that the checkpoint holds.

    To go on with the same bits takes the same net, data, batch size, seed, optimizer, schedule, losses and backend;
    only the number of epochs may be larger. The message shows each difference with both values.
    """

    code: ClassVar[str] = "E545"
    title: ClassVar[str] = "`{path}` holds another training: {count}"

    path: str
    differences: tuple[str, ...]

    @property
    def count(self) -> str:
        number = len(self.differences)
        return f"{number} setting{'s' * (number != 1)} differ{'s' * (number == 1)}"

    def notes(self) -> Iterable[str]:
        yield from self.differences

    def helps(self) -> Iterable[str]:
        yield "give the settings that it was trained with, or choose another folder to begin anew"


class NoCheckpoint(Problem):
    """There are checkpoints in the folder, and none of them is whole, so there is nothing to go on from.

    The message says what is wrong with each of them.
    """

    code: ClassVar[str] = "E546"
    title: ClassVar[str] = "no checkpoint in `{folder}` can be used"
    help: ClassVar[str] = "bring back a copy of one, or remove them and train from the beginning"

    folder: str
    refused: tuple[str, ...]

    def notes(self) -> Iterable[str]:
        return self.refused


class CheckpointUnwritten(Problem):
    """A checkpoint could not be written: a full disk, a limit on files, no permission. The training has stopped.

    It is written beside the others and renamed at the end, so those that were there are whole, and the training
    goes on from them once there is room.
    """

    code: ClassVar[str] = "E547"
    title: ClassVar[str] = "cannot write the checkpoint `{path}`: {reason}"

    path: str
    reason: str
    bytes: int
    last: str

    def notes(self) -> Iterable[str]:
        yield f"the last one before it is whole: {self.last}" if self.last else "there is none before it"

    def helps(self) -> Iterable[str]:
        yield f"it takes {self.bytes:,} bytes: look at the free space and the permissions, then go on with resume"


class CheckpointsThere(Problem):
    """A new training was to save its checkpoints where another one has some, so that one of the two would be lost."""

    code: ClassVar[str] = "E548"
    title: ClassVar[str] = "`{folder}` holds checkpoints of another training: {count}"
    help: ClassVar[str] = "go on with it (resume=True), or give this one a folder of its own"

    folder: str
    count: int
