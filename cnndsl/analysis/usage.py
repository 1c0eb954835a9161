"""Usage: the memory of one purpose over time, where most of it is in use, and that in words."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.bytes import written
from cnndsl.analysis.liveness import Block, Lives, Moment
from cnndsl.record import Record

#: blocks that are named at a peak
NAMED = 4


class Peak(Record):
    """The most that is in memory at once: all bytes, the moment, and the blocks that lie there, the largest first."""

    bytes: int
    moment: Moment
    blocks: tuple[Block, ...]


class Usage(Record):
    """The memory of one purpose, `inference` or `training`: what is there all the time, and what comes and goes."""

    purpose: str
    fixed: int
    lives: Lives
    width: int
    batch: int

    @property
    def timeline(self) -> tuple[int, ...]:
        """The bytes that are in memory at each moment of `lives.moments`."""
        return tuple(self.fixed + self.batch * size for size in self.lives.timeline(self.width))

    @property
    def example(self) -> int:
        """The bytes that one example adds to the peak."""
        return max(self.lives.timeline(self.width))

    @property
    def peak(self) -> Peak:
        """Where most is in memory; the first of several such moments."""
        line = self.timeline
        time = line.index(max(line))
        blocks = sorted(self.lives.alive(time), key=lambda block: -block.size(self.width))
        return Peak(line[time], self.lives.moments[time], tuple(blocks))

    def largest(self, room: int) -> int:
        """The largest batch whose peak is at most `room` bytes; 0 if one example is too much.

        All that comes and goes is of an example, so the peak is `fixed + batch * example` exactly.
        """
        return max(room - self.fixed, 0) // self.example

    def size(self, block: Block) -> int:
        return self.batch * block.size(self.width)

    def to_dict(self) -> dict[str, Any]:
        peak = self.peak
        return {
            "peak": peak.bytes,
            "fixed": self.fixed,
            "example": self.example,
            "phase": peak.moment.phase,
            "path": peak.moment.path,
            "blocks": [
                {"role": block.role, "what": block.what, "paths": list(block.paths), "bytes": self.size(block)}
                for block in peak.blocks
            ],
            "timeline": [
                {"phase": moment.phase, "path": moment.path, "bytes": size}
                for moment, size in zip(self.lives.moments, self.timeline, strict=True)
            ],
        }


def described(usage: Usage) -> str:
    """A peak in a sentence: how much, where, and what lies there."""
    peak = usage.peak
    named = [f"{label(block)} {written(usage.size(block))}" for block in peak.blocks[:NAMED]]
    rest = sum(map(usage.size, peak.blocks[NAMED:]))
    named += [f"{len(peak.blocks) - NAMED} more {written(rest)}"] if rest else []
    fixed = "parameters" if usage.purpose == "inference" else "parameters, gradients, optimizer"
    return f"{written(peak.bytes)} at {place(peak.moment)}: {fixed} {written(usage.fixed)}, {', '.join(named)}"


def place(moment: Moment) -> str:
    """A moment in words: `conv1 (forward)`, `the outputs`."""
    return f"{moment.path} ({moment.phase})" if moment.path else f"the {moment.phase}"


def label(block: Block) -> str:
    """What lies in a block, by the layer that made it: `conv1 output`, `input image`, `drop1 mask`."""
    maker = block.role if block.role in ("input", "target") else block.paths[0]
    return f"{maker} {block.what}".strip() if block.what != maker else maker
