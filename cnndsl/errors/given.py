"""E228, E315, E316: ways to call that exclude each other; numbers and connections that are given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class OneOf(Problem):
    """A layer can be told what to do in two ways, and is told in none or in both.

    `crop(2)` takes two cells from every side, `crop(to=up)` brings the volume to the size of
    another: one of `amount` and `to`. Likewise `upsample(2)` or `upsample(to=skip)`. A convolution
    has either groups or a table of connections.
    """

    code: ClassVar[str] = "E228"
    title: ClassVar[str] = "`{callee}` takes one of {names}; {count}"
    label: ClassVar[str] = "{count}"

    callee: str
    #: the arguments that exclude each other
    arguments: tuple[str, ...]
    #: those that are given
    given: tuple[str, ...]
    #: how a call looks with each of them
    examples: tuple[str, ...]

    def fault(self) -> str:
        return self.given[-1] if self.given else ""

    @property
    def names(self) -> str:
        return " and ".join(f"`{name}`" for name in self.arguments)

    @property
    def count(self) -> str:
        return "both are given" if self.given else "none is given"

    def helps(self) -> Iterable[str]:
        yield f"write {' or '.join(f'`{example}`' for example in self.examples)}"


class GivenMisfit(Problem):
    """The numbers that `weights=` gives do not have the shape of the layer's weights.

    For a convolution a table as large as the kernel (`[[1, 0], [0, -1]]` for a 2x2 kernel) serves
    every filter and every channel; otherwise it is the whole layout: filters, kernel, channels.
    Named filters have a kernel of their own (`sobel_x` is 3x3), or take any (`gaussian(1)`); the
    orientations of `gabor` are the filters. The prototypes of `rbf` are a row of numbers each.
    """

    code: ClassVar[str] = "E315"
    title: ClassVar[str] = "`weights=` of `{layer}` does not fit: {given}, {needs}"
    label: ClassVar[str] = "{given}"
    help: ClassVar[str] = "{advice}"

    layer: str
    given: str
    needs: str
    advice: str

    def fault(self) -> str:
        return "weights"


class BadConnections(Problem):
    """The table of `connect=` does not go with the filters or the input's channels.

    It has a row for each filter, and each row lists the channels of the input that the filter
    sees, counted from 0 and each once: `connect=[[0, 1], [1, 2], [0, 1, 2]]` for three filters.
    """

    code: ClassVar[str] = "E316"
    title: ClassVar[str] = "`connect=` of `{layer}` does not fit: {what}"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "{advice}"

    layer: str
    what: str
    why: str
    advice: str

    def fault(self) -> str:
        return "connect"
