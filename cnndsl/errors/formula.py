"""E070 to E073, E330 and E331: what can be wrong with the numbers given to `cnnc solve`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Problem, meant, respell


class UnknownQuantity(Problem):
    """`cnnc solve` knows the letters of W2 = (W - F + 2P)/S + 1, and D for the dilation.

    W2 is the extent that comes out, W the one that goes in, F the kernel, P the padding of each side,
    S the stride. The names of a layer's arguments (`kernel`, `stride`, `pad`, `dilation`, `ceil`) do
    as well.
    """

    code: ClassVar[str] = "E070"
    title: ClassVar[str] = "the formula has no `{name}`"
    label: ClassVar[str] = "{hint}"
    help: ClassVar[str] = "it has {known}: W2 = (W - F + 2P)/S + 1"

    name: str
    known: str
    suggestion: str | None = None

    @property
    def hint(self) -> str:
        return meant(self.suggestion, "not a letter of the formula")

    def fixes(self) -> Iterable[Fix]:
        return respell(self.where, self.suggestion)


class BadQuantity(Problem):
    """A letter of the formula was given something that it cannot be.

    Extents, kernels, strides and dilations are whole numbers from 1, the padding is a whole number
    from 0, a pair `(lo, hi)`, `same` or `valid`; `?` leaves a letter open.
    """

    code: ClassVar[str] = "E071"
    title: ClassVar[str] = "`{name}` cannot be `{text}`"
    label: ClassVar[str] = "it is {allowed}"
    help: ClassVar[str] = "write it as `{name}={example}`, or leave it out to have it solved for"

    name: str
    text: str
    allowed: str
    example: str


class BadFormula(Problem):
    """What `cnnc solve` is given is a list of letters with their numbers: `W=224, F=5, S=2`."""

    code: ClassVar[str] = "E072"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "give letters and numbers, separated by commas: `W=224, F=5, S=2`"

    what: str


class TooManyOpen(Problem):
    """One equation says too little: more letters are open than it can tie together.

    With W2 among the open letters, one more may be open; with W2 given, two. D is 1 unless it is
    given or asked for with `D=?`.
    """

    code: ClassVar[str] = "E073"
    title: ClassVar[str] = "{letters} are open; W2 = (W - F + 2P)/S + 1 can tie together {most} of them"
    help: ClassVar[str] = "give a number to {missing}"

    open: tuple[str, ...]
    most: int

    @property
    def letters(self) -> str:
        return f"{', '.join(self.open[:-1])} and {self.open[-1]}"

    @property
    def missing(self) -> str:
        count = len(self.open) - self.most
        return f"{count} more of {', '.join(self.open)}"


class NotEqual(Problem):
    """All letters of the formula are given, and its two sides are not equal.

    The message shows both numbers, and for each letter what it would have to be if the others stay.
    """

    code: ClassVar[str] = "E330"
    title: ClassVar[str] = "W2 is given as {given}, and the formula makes it {found}"
    note: ClassVar[str] = "{formula}"

    given: int
    found: int
    formula: str
    ways: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        yield f"it would be {self.given} with {' or '.join(self.ways)}" if self.ways else "change two of the letters"


class NoSolution(Problem):
    """No value of the open letter makes the two sides of the formula equal.

    Paddings are at least 0 and kernels, strides and extents at least 1; the message says how near the
    formula comes.
    """

    code: ClassVar[str] = "E331"
    title: ClassVar[str] = "{what}"
    note: ClassVar[str] = "{nearest}"
    help: ClassVar[str] = "give another of the numbers, or leave one more out"

    what: str
    nearest: str

    def notes(self) -> Iterable[str]:
        return super().notes() if self.nearest else ()
