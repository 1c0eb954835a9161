"""E4xx: programs that are refused because of their size, before they are built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Label
from cnndsl.errors.base import Problem
from cnndsl.source import Span

MAX_NODES = 100_000
MAX_DEPTH = 200
MAX_COUNT = 2**31
#: rounds of loops in one program, so that those which add nothing end in time; a call of a function
#: is worth eight of them
MAX_WORK = 120_000
#: bits of a whole number, so that `9 ** 9 ** 9` is refused before it is computed
MAX_BITS = 4096
#: values in one list, those of the lists in it included, however often they are the same
MAX_VALUES = 2**20
#: problems of one net that are told: beyond, they are one problem
MAX_PROBLEMS = 200


class TooManyNodes(Problem):
    """The program expands to more than 100,000 layers. It is counted before it is built."""

    code: ClassVar[str] = "E401"
    title: ClassVar[str] = "the net `{net}` expands to {count:,} layers or more; the limit is {limit:,}"
    label: ClassVar[str] = "this net"
    help: ClassVar[str] = "look for a repetition inside a repetition, and for a count that was meant to be smaller"

    net: str
    count: int
    limit: int = MAX_NODES


class TooManyTogether(Problem):
    """The nets of a file expand to more than 100,000 layers together, though none does alone.

    They are counted before they are built.
    """

    code: ClassVar[str] = "E406"
    title: ClassVar[str] = "the nets of this file expand to {count:,} layers or more together; the limit is {limit:,}"
    label: ClassVar[str] = "with this net it is too much"
    help: ClassVar[str] = "check one at a time (`net.cnn:{net}`), or put them into files of their own"

    net: str
    count: int
    limit: int = MAX_NODES


class TooDeep(Problem):
    """Blocks, groups, joins or values are nested more than 200 deep, or nets stand for each other
    (`net A = B`) more than 100 deep.
    """

    code: ClassVar[str] = "E402"
    title: ClassVar[str] = "{what} more than {limit} deep"
    label: ClassVar[str] = "this is level {limit} + 1"
    help: ClassVar[str] = "{advice}"

    limit: int = MAX_DEPTH
    what: str = "layers are nested"
    advice: str = "write the inner ones one behind the other, or repeat a group: `{ … } * n`"


class TooLarge(Problem):
    """A number beyond what the compiler calculates with.

    An extent, a number of filters or a repeat count may be at most 2**31; a calculation may give
    whole numbers of up to 4,096 bits and decimals that are finite; a list holds at most 2**20
    values, those of the lists in it included.
    """

    code: ClassVar[str] = "E403"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "too large"
    help: ClassVar[str] = "the limit is {limit}"

    what: str
    limit: str


class CallsItself(Problem):
    """A block, net or function calls itself, directly or through others.

    A network has a fixed number of layers, so repetition is written as `for` or `{ … } * n`, whose
    ends are known.
    """

    code: ClassVar[str] = "E404"
    title: ClassVar[str] = "`{name}` calls itself{through}"
    label: ClassVar[str] = "called again here"
    help: ClassVar[str] = "repeat with `for i in 0..n {{ … }}` or `{{ … }} * n`"

    name: str
    chain: tuple[str, ...] = ()
    defined: Span | None = None

    @property
    def through(self) -> str:
        return f" through {' -> '.join(self.chain)}" if self.chain else ""

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.defined:
            yield Label(self.defined, "defined here")


class TooMuchWork(Problem):
    """The program's loops and functions run more than 120,000 rounds.

    A call of a function counts as eight rounds, unless it was called with the same numbers before; each volume
    of a list that is joined (`concat { c[0..n] | id }`) counts as one.
    """

    code: ClassVar[str] = "E405"
    title: ClassVar[str] = "the program's loops and functions run more than {limit:,} rounds"
    label: ClassVar[str] = "given up here"
    help: ClassVar[str] = "shorten the loop, or keep a result with `let` instead of computing it again"

    limit: int = MAX_WORK
