"""What an expression can be worth.

Numbers, booleans and strings are Python's; sizes, tuples and lists are tuples; ranges are `range`;
`none` is None. The rest are the classes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from cnndsl.layers.arguments import show_value
from cnndsl.layers.base import Layer
from cnndsl.layers.called import Called
from cnndsl.program import Start
from cnndsl.record import Record
from cnndsl.source import Span
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl import syntax
    from cnndsl.elaborate.modules import Module
    from cnndsl.elaborate.scope import Place


class Unknown(Record):
    """A value that an earlier mistake left without one: whatever meets it says nothing more."""


class Open(Record):
    """The extent `?`."""


UNKNOWN = Unknown()
OPEN = Open()
#: types of values that are what they are compared by
SIMPLE = (int, float, bool, str)


class Ref(Record):
    """A volume: the output of a node, as a label or `in` gives it.

    `place` are the labels inside it (`backbone.c4`), `span` the place of its definition; `single`
    says that it is one layer, whose arrays can be shared; `outputs` are those of a net with several.
    """

    number: int
    volume: Volume
    name: str = ""
    path: str = ""
    place: Place | None = None
    single: bool = False
    definition: Definition | None = None
    outputs: tuple[str, ...] = ()


class Series(Record):
    """A label in a repetition: all that it has named so far. As a volume it is the latest."""

    items: tuple[Ref | Unknown, ...]


class Definition(Record):
    """A block, net or function of a file; equal only to itself."""

    syntax: syntax.Definition
    module: Module

    @property
    def name(self) -> str:
        return self.syntax.name.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and self.syntax is other.syntax

    def __hash__(self) -> int:
        return id(self.syntax)

    def __repr__(self) -> str:
        return f"Definition({self.name})"


class Builtin(Record):
    """A function of the language: `min`, `len`, …; `starts` are initializers with a number (`normal`)."""

    name: str


class Given(Record):
    """An argument with the place where it was written."""

    value: Any
    span: Span
    name: Span | None = None


class Partial(Record):
    """A layer, block, net or named value with the arguments that it was given so far."""

    target: type[Called] | Definition
    positional: tuple[Given, ...] = ()
    named: Mapping[str, Given] = {}
    span: Span | None = None
    close: Span | None = None

    compared: ClassVar[tuple[str, ...]] = ("target", "positional", "named")

    @property
    def name(self) -> str:
        return self.target.name if isinstance(self.target, Definition) else self.target.kind

    @cached_property
    def identity(self) -> tuple[Any, ...] | None:
        """What a call is known by: its target, and its places and values; None if a value has no simple equality.

        Places are known by their identity: they belong to the tree, which outlives the elaboration.
        """
        parts: list[Any] = [self.target, id(self.span)]
        for name, given in (*enumerate(self.positional), *self.named.items()):
            value = given.value.items[-1] if type(given.value) is Series else given.value
            if type(value) is Ref and value.number >= 0:
                parts += (name, id(given.span), Ref, value.number, value.single, value.name)
                continue
            if not _simple(value):
                return None
            parts += (name, id(given.span), type(value), value.identity if isinstance(value, Partial) else value)
            if type(value) is tuple:
                parts += map(type, value)
        return tuple(parts)

    def _key(self) -> tuple[Any, ...]:
        values = tuple(given.value for given in self.positional)
        return self.target, values, {name: given.value for name, given in self.named.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Partial) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.target, len(self.positional), tuple(sorted(self.named))))

    def arguments(self) -> str:
        """The arguments as written in a call: `64, stride=2`."""
        named = (f"{name}={show(given.value)}" for name, given in self.named.items())
        return ", ".join([*(show(given.value) for given in self.positional), *named])


def _simple(value: Any) -> bool:
    """Whether equal values of the same type are the same to every layer: numbers, words, filters, tuples of them."""
    if isinstance(value, Partial):
        return is_value(value) and value.identity is not None
    if type(value) is tuple:
        return all(item is None or type(item) in SIMPLE for item in value)
    return value is None or type(value) in SIMPLE


def show(value: Any) -> str:
    """A value as the language would write it, cut to a length that a message can hold."""
    if _is_open_size(value):
        shown = "x".join(map(show, value))
    elif isinstance(value, tuple):
        shown = f"({', '.join(map(show, value[:9]))}{', …' if len(value) > 9 else ''}{',' if len(value) == 1 else ''})"
    elif isinstance(value, str):
        shown = f'"{value}"'
    elif isinstance(value, range):
        shown = f"{value.start}..{value.stop}"
    elif isinstance(value, Partial):
        shown = f"{value.name}({value.arguments()})" if value.positional or value.named else value.name
    elif isinstance(value, Ref):
        shown = value.name or str(value.volume)
    elif isinstance(value, Series):
        shown = show(value.items[-1])
    elif isinstance(value, Definition | Builtin):
        shown = value.name
    elif isinstance(value, Start):
        shown = value.recipe
    elif isinstance(value, Open | Unknown):
        shown = "?"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**24:
        shown = f"a number of {len(str(abs(value)))} digits" if abs(value) < 10**4000 else "a huge number"
    else:
        shown = show_value(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def _is_open_size(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, Open) for item in value)


def described(value: Any) -> str:
    """A value with what kind of thing it is: `the number 3`, `the layer relu`, `a list`."""
    shown = show(value)
    if isinstance(value, bool) or value is None:
        return f"`{shown}`"
    if isinstance(value, int | float):
        return shown if shown.startswith("a ") else f"the number {shown}"
    if isinstance(value, str):
        return f"the string {shown}"
    if isinstance(value, tuple | range):
        return f"the {'size' if _is_open_size(value) else 'list'} {shown}"
    if isinstance(value, Ref | Series):
        return f"the volume {shown}"
    if isinstance(value, Open):
        return "the open extent `?`"
    if isinstance(value, Start):
        return f"the initializer {shown}"
    if isinstance(value, Unknown):
        return "something that an earlier mistake left without a value"
    return f"{noun(value)} `{shown}`"


def noun(value: Any) -> str:
    """What a callable thing is: layer, block, net or function."""
    if isinstance(value, Builtin):
        return "the function"
    target = value.target if isinstance(value, Partial) else value
    if isinstance(target, Definition):
        kind = type(target.syntax).__name__
        return {"Block": "the block", "Function": "the function"}.get(kind, "the net")
    return f"the {target.noun}"


def is_value(partial: Partial) -> bool:
    """Whether a call makes a value, such as the filter `gabor(…)`, and nothing that stands in a pipeline."""
    return isinstance(partial.target, type) and not issubclass(partial.target, Layer)
