"""E1xx: text that is not a program; how it is spelled is in `spelling`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix, Label
from cnndsl.errors.base import Problem
from cnndsl.record import Record
from cnndsl.source import Span


class Remedy(Record):
    """What can be done about a mistake: the quick repair, advice in words, and other places to look at."""

    repair: Fix | None = None
    advice: str = ""
    others: tuple[Label, ...] = ()


NO_REMEDY = Remedy()


class Mendable(Problem):
    """A problem whose remedy the parser has found."""

    remedy: Remedy

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        yield from self.remedy.others

    def helps(self) -> Iterable[str]:
        yield from super().helps()
        if self.remedy.advice:
            yield self.remedy.advice

    def fixes(self) -> Iterable[Fix]:
        return (self.remedy.repair,) if self.remedy.repair else ()


class Unexpected(Mendable):
    """Something stands where it cannot, and something else must stand there.

    The message names what was found and what can stand at this place. Where replacing that one
    word or sign makes the text right again, it offers the replacement.

    A net is a pipeline of layers: `conv(64, 3) -> relu`. In one word, ( ) hold values, { } hold
    layers, | separates parallel branches, and `->` or a new line means "then".
    """

    code: ClassVar[str] = "E101"
    title: ClassVar[str] = "expected {expected}, found {found}"
    label: ClassVar[str] = "expected {expected}"

    found: str
    expected: str


class Missing(Mendable):
    """A sign, a word or a value is left out.

    The mark stands where it belongs. Among what is often left out are the comma between arguments,
    the `=` of `let k = 64`, the colon of `output mask: …`, the arrow between two layers on one
    line, and the value behind `pad=`.
    """

    code: ClassVar[str] = "E102"
    title: ClassVar[str] = "{what} is missing{between}"
    label: ClassVar[str] = "{what} belongs here"

    what: str
    between: str = ""


class Superfluous(Mendable):
    """A word or sign is one too many: without it the text is right.

    It may stand twice, as in `conv(64,, 3)` or `relu -> -> relu`, or belong to something that is
    no longer there.
    """

    code: ClassVar[str] = "E103"
    title: ClassVar[str] = "{found} cannot stand here"
    label: ClassVar[str] = "{why}"

    found: str
    why: str = "one too many"


class Unclosed(Mendable):
    """A bracket or brace is opened and not closed.

    The message shows where it was opened and where the closing one seems to belong. For braces,
    indentation tells the place: a line that stands no deeper than the one with the `{` is taken to
    come after the `}`. Strings end on the line on which they begin.
    """

    code: ClassVar[str] = "E104"
    title: ClassVar[str] = "this {opener} is never closed"
    label: ClassVar[str] = "{closer} belongs here"

    opener: str
    closer: str
    opened: Span

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.opened != self.where.span:
            yield Label(self.opened, "opened here")


class ClosesNothing(Mendable):
    """A closing bracket or brace stands where none is open, or closes more than it should.

    Either it is one too many, or an opening one is missing before it. Where indentation shows that
    an earlier brace closes too much, the message points at that one.
    """

    code: ClassVar[str] = "E105"
    title: ClassVar[str] = "{found} closes {closes}"
    label: ClassVar[str] = "{why}"

    found: str
    closes: str = "nothing"
    why: str = "there is nothing open here"


class TooLong(Problem):
    """A file has more than 250,000 words and signs, comments and line ends included.

    What repeats is written with `for` or `{ … } * n`; a file of many nets can be split, and another
    imports what it needs: `from "parts.cnn" import unit`.
    """

    code: ClassVar[str] = "E118"
    title: ClassVar[str] = "this file has more than {limit:,} words and signs"
    label: ClassVar[str] = "read up to here"
    help: ClassVar[str] = "repeat with `for` or `{{ … }} * n`, or split the file and import from its parts"

    limit: int


class TooDeep(Problem):
    """Brackets, braces or operators are nested too deep.

    A program may be nested 200 levels. What repeats is written with `for` or `{ … } * n`, what
    follows on one after another stands in a list or a pipeline, and a long sum can be split with
    `let`.
    """

    code: ClassVar[str] = "E112"
    title: ClassVar[str] = "nested too deep: more than {limit} levels"
    label: ClassVar[str] = "level {limit} is passed here"
    help: ClassVar[str] = "name parts with `let` or `block`, or repeat with `for`"

    limit: int


class ChainedComparison(Mendable):
    """Two comparisons in a row.

    `a < b < c` would compare the answer of `a < b`, true or false, with c. Compare twice:
    `a < b and b < c`.
    """

    code: ClassVar[str] = "E113"
    title: ClassVar[str] = "one comparison at a time"
    label: ClassVar[str] = "a second comparison"

    help: ClassVar[str] = "compare twice and join the answers with `and`"


class PositionalAfterNamed(Problem):
    """An argument without a name follows one with a name.

    Arguments come in the declared order first, then those with a name: `conv(64, 3, pad=1)`. Give
    the later one its name too, or move it to the front.
    """

    code: ClassVar[str] = "E114"
    title: ClassVar[str] = "an argument without a name follows one with a name"
    label: ClassVar[str] = "which argument is this?"
    help: ClassVar[str] = "give it its name, or move it in front of the named ones"

    named: Span

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        yield Label(self.named, "this one is named")


class TooManyErrors(Problem):
    """The file has so many errors that reading it further is no use.

    It is perhaps no `.cnn` file. The errors before this one are real; mend them and run again.
    """

    code: ClassVar[str] = "E115"
    title: ClassVar[str] = "more than {limit} errors: the rest of the file was not read"
    label: ClassVar[str] = "reading stopped here"

    limit: int


class Misplaced(Mendable):
    """A statement or definition stands on the wrong level.

    At the top of a file stand `net`, `block`, `fn`, `let` and `from`; layers, `input`, `output`,
    `for` and `if` stand in the braces of a net or block. Nets, blocks and functions are not defined
    inside each other: what is defined at the top can be used in all of them.
    """

    code: ClassVar[str] = "E116"
    title: ClassVar[str] = "{found} cannot stand {level}"
    label: ClassVar[str] = "{why}"

    found: str
    level: str
    why: str


class Unrepeatable(Mendable):
    """A layer or join is followed by `* n` without braces around it.

    What is repeated stands in braces: `{ conv(64, 3) -> relu } * 2`. So it is plain how much of a
    pipeline is meant, and each repetition has parameters of its own.
    """

    code: ClassVar[str] = "E117"
    title: ClassVar[str] = "only a group in braces can be repeated"
    label: ClassVar[str] = "{what} has no braces around it"

    what: str
