"""E605 to E609: what can go wrong where several processes train one network together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class NoRanks(Problem):
    """Nothing that can be used says who trains together.

    Ranks are processes, on one machine or several, that each compute a part of every batch. They are started by
    `mlx.launch --backend ring -n 2 -- cnnc train …`, or by hand, each with its number in MLX_RANK and the name of a
    file in MLX_HOSTFILE that says the same for all: a JSON list with a list of addresses for each rank.
    """

    code: ClassVar[str] = "E605"
    title: ClassVar[str] = "the ranks that train together are not known: {reason}"

    reason: str

    def helps(self) -> Iterable[str]:
        yield "start them together: mlx.launch --backend ring -n 2 -- cnnc train FILE --data DATA --distributed"
        yield 'or by hand, each with MLX_RANK and MLX_HOSTFILE, whose text is [["HOST:PORT"], ["HOST:PORT"]] for two'


class PeerMissing(Problem):
    """A rank did not answer in time, so that training together cannot begin.

    Either it was not started, or it has ended with a message of its own, or it has another file of hosts, or
    something between the machines lets nothing through to that port.
    """

    code: ClassVar[str] = "E606"
    title: ClassVar[str] = "rank {rank} waited {seconds:g} s for {missing}"
    help: ClassVar[str] = "start every rank within that time; --wait SECONDS (in Python wait=SECONDS) waits longer"

    rank: int
    seconds: float
    missing: str


class PeerLost(Problem):
    """A rank went away while all were training: it ended, its machine went down, or the network did.

    The step at hand is not done on any rank. What was saved before is whole: a training goes on from its last
    checkpoint, also with another number of ranks. A machine that loses its power, or its cable, is noticed only
    when the system gives up on the connection, which can take a quarter of an hour.
    """

    code: ClassVar[str] = "E607"
    title: ClassVar[str] = "rank {rank} lost its connection to the others {when}: {reason}"
    help: ClassVar[str] = (
        "see what other ranks have said, and go on from the last checkpoint, with as many as there are"
    )

    rank: int
    when: str
    reason: str


class NotTogether(Problem):
    """The backend cannot train on several machines. MLX can: its ranks talk over Thunderbolt or Ethernet."""

    code: ClassVar[str] = "E608"
    title: ClassVar[str] = "the backend `{backend}` does not train with several ranks"

    backend: str
    others: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        yield f"backends that do: {', '.join(self.others)}"


class RanksDiffer(Problem):
    """A rank was started to train something else than rank 0: another net, other data, another size of batch.

    All ranks must be told the same, and find the same data, as each reads its own part of every batch.
    """

    code: ClassVar[str] = "E609"
    title: ClassVar[str] = "rank {rank} trains something else than rank 0"
    help: ClassVar[str] = "give every rank the same net, data and settings"

    rank: int
    differences: tuple[str, ...]

    def notes(self) -> Iterable[str]:
        return self.differences
