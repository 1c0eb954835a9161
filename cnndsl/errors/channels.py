"""E303, E309, E310: channels that an argument cannot divide, count or cut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Problem
from cnndsl.volume import Volume

#: how far divisors are looked for: counts may be as large as 2**31
FARTHEST = 4096


def common_divisors(*counts: int) -> tuple[int, ...]:
    """The numbers that divide every count, from 1."""
    return tuple(n for n in range(1, min(*counts, FARTHEST) + 1) if not any(count % n for count in counts))


class DoesNotDivide(Problem):
    """An argument splits something into equal parts, and it does not come out even.

    `groups` of a convolution divides the input's channels and the filters, each group sees its own
    part (groups = channels is a depthwise convolution); `groups` of groupnorm and channel_shuffle,
    `pieces` of maxout and factor * factor of pixel_shuffle divide the channels; the factor of
    space_to_depth divides height and width. The message lists the values that do.
    """

    code: ClassVar[str] = "E303"
    title: ClassVar[str] = "`{argument}={value}` of `{layer}` does not divide {what}, {count}"
    label: ClassVar[str] = "{count} / {divisor} leaves {rest}"

    layer: str
    argument: str
    value: int
    what: str
    count: int
    #: what has to divide the count, if it is not the value itself
    divisor: int
    #: the values that would do
    suiting: tuple[int, ...] = ()
    why: str = ""

    def fault(self) -> str:
        return self.argument

    @property
    def rest(self) -> int:
        return self.count % self.divisor

    def notes(self) -> Iterable[str]:
        if self.why:
            yield self.why

    @property
    def better(self) -> tuple[int, ...]:
        """The values that would do and still split something."""
        return tuple(n for n in self.suiting if n > 1)

    def helps(self) -> Iterable[str]:
        below = self.count - self.rest
        multiples = [str(n) for n in (below, below + self.divisor) if n]
        change = f"{self.what} a multiple of {self.divisor}, such as {' or '.join(multiples)}"
        shown = [str(n) for n in self.better]
        if shown:
            found = ", ".join(shown if len(shown) <= 8 else [*shown[:7], "…"])
            yield f"{self.argument} that would do: {found}; or make {change}"
        else:
            yield f"make {change}"

    def fixes(self) -> Iterable[Fix]:
        nearest = min(self.better, key=lambda n: (abs(n - self.value), n), default=None)
        edit = self.where.edit(self.argument, str(nearest)) if nearest else None
        if edit:
            yield Fix(f"use the nearest: {self.argument}={nearest}", (edit,))


class NotOnePerChannel(Problem):
    """A list of numbers, one for each channel, is shorter or longer than the input has channels.

    `normalize(mean=(0.48, 0.46, 0.41), std=…)` is for an input with three channels. One number
    alone serves all channels.
    """

    code: ClassVar[str] = "E309"
    title: ClassVar[str] = "`{argument}` of `{layer}` has {numbers}, the input {volume} has {channels}"
    label: ClassVar[str] = "{numbers}"
    help: ClassVar[str] = "give one number for all channels, or a list of {count}"

    layer: str
    argument: str
    given: int
    count: int
    volume: Volume

    def fault(self) -> str:
        return self.argument

    @property
    def numbers(self) -> str:
        return f"{self.given} number{'s' if self.given != 1 else ''}"

    @property
    def channels(self) -> str:
        return f"{self.count} channel{'s' if self.count != 1 else ''}"


class SliceOutside(Problem):
    """A slice takes channels that its input does not have, or none at all.

    `slice(start, stop)` gives the channels from `start` up to, not including, `stop`, counted from
    0: of 8 channels `slice(0, 4)` is the first half and `slice(4, 8)` the second.
    """

    code: ClassVar[str] = "E310"
    title: ClassVar[str] = "`slice({start}, {stop})` {what} {volume}"
    label: ClassVar[str] = "{why}"

    start: int
    stop: int
    volume: Volume

    def fault(self) -> str:
        return "start" if self.start >= self.stop else "stop"

    @property
    def what(self) -> str:
        return (
            "takes no channel of" if self.start >= self.stop else f"goes beyond the {self.volume.channels} channels of"
        )

    @property
    def why(self) -> str:
        if self.start >= self.stop:
            return f"the start {self.start} is not before the stop {self.stop}"
        return f"channels {self.start} to {self.stop - 1}"

    def helps(self) -> Iterable[str]:
        most = "on" if self.volume.channels is None else f"to {self.volume.channels}"
        yield f"start and stop are from 0 {most}, the start before the stop"

    def fixes(self) -> Iterable[Fix]:
        count = self.volume.channels
        edit = self.where.edit("stop", str(count))
        if edit and count is not None and self.start < count < self.stop:
            yield Fix(f"stop at the last channel: stop={count}", (edit,))
