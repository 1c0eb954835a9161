"""E22x: values that do not suit their place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class BadArgument(Problem):
    """An argument of a layer has a value that it cannot take.

    The message names the argument, the value it got, and what is allowed. Counts are whole numbers:
    a decimal that happens to be whole is accepted (`32 * 0.5`), otherwise say how to round it with
    `//`, `int(…)` or `round(…)`.
    """

    code: ClassVar[str] = "E220"
    title: ClassVar[str] = "`{argument}` of `{callee}` must be {allowed}; it is {value}"
    label: ClassVar[str] = "this is {value}"

    callee: str
    argument: str
    value: str
    allowed: str
    hint: str = ""
    signature: str = ""
    #: a value that would do, as it is written
    example: str = ""

    def fault(self) -> str:
        return self.argument

    def notes(self) -> Iterable[str]:
        if self.signature:
            yield f"it is {self.signature}"

    def helps(self) -> Iterable[str]:
        yield self.hint or f"for instance `{self.argument}={self.example}`"


class MissingArgument(Problem):
    """A call leaves out an argument that has no default. The message shows the whole signature."""

    code: ClassVar[str] = "E221"
    title: ClassVar[str] = "`{callee}` needs {names}"
    label: ClassVar[str] = "not given here"
    note: ClassVar[str] = "it is {signature}"
    help: ClassVar[str] = "write it in its place or by name: `{callee}({example})`"

    callee: str
    missing: tuple[str, ...]
    signature: str

    @property
    def names(self) -> str:
        return " and ".join(f"`{name}`" for name in self.missing)

    @property
    def example(self) -> str:
        return ", ".join(f"{name}=…" for name in self.missing)


class TooManyArguments(Problem):
    """A call gives more arguments than there are, or gives one twice.

    Positional arguments come first, in the declared order; a named one may not repeat a positional.
    """

    code: ClassVar[str] = "E222"
    title: ClassVar[str] = "`{callee}` {what}"
    label: ClassVar[str] = "this one is too many"
    note: ClassVar[str] = "it is {signature}"
    help: ClassVar[str] = "{advice}"

    callee: str
    what: str
    signature: str
    advice: str = "leave it out"


class WrongType(Problem):
    """A value of one kind where another is needed: a number where a layer stands, a list in a sum.

    Values are whole numbers, decimals, booleans, strings, sizes, tuples, lists, ranges, `none`,
    volumes (labels and `in`), and layers, blocks and nets.
    """

    code: ClassVar[str] = "E223"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "this is {value}"
    help: ClassVar[str] = "{advice}"

    what: str
    value: str
    advice: str


class BadArithmetic(Problem):
    """A calculation without a result: a division by zero, a root of a negative number, an index
    outside a list, a comparison of things that have no order.
    """

    code: ClassVar[str] = "E224"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "{advice}"

    what: str
    why: str
    advice: str


class OpenExtent(Problem):
    """An extent that is not fixed (`?`) is used as a number.

    `input ?x?x3` leaves height and width open: shapes follow as far as they can, but a value, a
    `flatten` or an `fc` needs the number.
    """

    code: ClassVar[str] = "E225"
    title: ClassVar[str] = "{what} needs a size that is not fixed: its input is {volume}"
    label: ClassVar[str] = "needs the number"
    help: ClassVar[str] = "fix the input's size: in the source, or with `--input 224x224x3`"

    what: str
    volume: str


class BadInputSize(Problem):
    """The size of an input is not one: 1 to 4 extents, each a whole number from 1 or `?`.

    `input 28x28x1` is height x width x channels; the batch is never written.
    """

    code: ClassVar[str] = "E226"
    title: ClassVar[str] = "the size of the input is {value}; it must be 1 to 4 extents from 1 to 2**31"
    label: ClassVar[str] = "this is no size"
    help: ClassVar[str] = "height x width x channels, as `28x28x1`; the batch is not written"

    value: str


class MissingParameter(Problem):
    """A net that is to be compiled has a parameter without a value."""

    code: ClassVar[str] = "E227"
    title: ClassVar[str] = "the net `{net}` needs a value for `{name}`"
    label: ClassVar[str] = "no default"
    help: ClassVar[str] = "`--set {name}=…`, or a default in the source: `{name} = …`"

    net: str
    name: str
