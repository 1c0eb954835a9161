"""What an engine has planned of memory before it runs: bytes, exact."""

from __future__ import annotations

from cnndsl.record import Record


class Held(Record):
    """What lies in an engine's memory: `role` says what it is, `path` the layer (or the input) it is for."""

    role: str
    path: str
    bytes: int


class Again(Record):
    """What is made again for the gradients: `steps` operations of the layers `paths`, of `of` in all.

    It saves `saved` bytes and takes `work` of the multiply-adds of the run forward a second time; `seconds` is
    what that took in the last step, None before the first.
    """

    paths: tuple[str, ...]
    steps: int
    of: int
    saved: int
    work: float
    seconds: float | None


class Planned(Record):
    """The memory of one purpose, `inference` or `training`, at a batch that is cut into `parts`, one a thread.

    `parameters` hold the statistics too; `folded` are copies of weights with normalizations in them; `gradients`
    are those of every part, `state` is the optimizer's; all that comes and goes lies in the `arena`; `results` are
    the outputs, which are the caller's. Most of the arena is in use while the layer `path` runs (`phase`), by what
    is in `held`, the largest first.
    """

    purpose: str
    batch: int
    parts: int
    parameters: int
    folded: int
    gradients: int
    state: int
    arena: int
    results: int
    phase: str
    path: str
    held: tuple[Held, ...]
    again: Again | None = None

    @property
    def peak(self) -> int:
        """All bytes together."""
        return self.parameters + self.folded + self.gradients + self.state + self.arena + self.results
