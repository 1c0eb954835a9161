"""W217: layers that no call of any net can come to."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from cnndsl import syntax
from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Site
from cnndsl.lints.base import Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Names

COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class DeadBranch(Lint):
    """Layers that never are in the net: a side of an `if` whose condition is always the same, an
    `else if` that asks again what was false before, something repeated 0 times.

    Why: what never happens is not checked, and hides what does. Only what the text alone decides is
    said; a condition on a parameter or a `let` is a switch.

    Example:
        net Digits {
            input 28x28x1
            conv(8, 3) -> relu
            if false { conv(16, 3) -> relu }
        }

    Instead: delete it, or make the condition a parameter of the net (`net Digits(deep = false)`).
    """

    code: ClassVar[str] = "W217"
    name: ClassVar[str] = "dead_branch"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "{consequence}"
    help: ClassVar[str] = "delete what never happens, or let a parameter of the net decide"

    what: str
    consequence: str
    whole: Span
    #: what is left of the whole without what never happens, where that is not nothing
    left: Span | None = None

    def fixes(self) -> Iterable[Fix]:
        if self.left:
            yield Fix("keep only what happens", (Edit(self.whole, self.left.text),))

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        yield from cls._decided(names)
        yield from cls._asked_again(names)
        nothing = "no layer of it is in the net"
        for group in names.nodes(syntax.Group):
            if isinstance(group.count, syntax.Number) and group.count.value == 0:
                yield cls(Site(group.count.span), "this is repeated 0 times", nothing, group.span)
        for loop in names.nodes(syntax.For):
            if _empty(loop.values):
                yield cls(Site(loop.values.span), "this loop has nothing to walk through", nothing, loop.span)

    @classmethod
    def _decided(cls, names: Names) -> Iterator[Lint]:
        for choice in names.nodes(syntax.Choice):
            value = _constant(choice.condition)
            if value is None:
                continue
            taken, dead = (choice.then, choice.otherwise) if value else (choice.otherwise, choice.then)
            side = "`else`" if value else "braces"
            consequence = f"what stands in its {side} never happens" if dead else "it decides nothing"
            what = f"this condition is always {str(value).lower()}"
            yield cls(Site(choice.condition.span), what, consequence, choice.span, taken.span if taken else None)

    @classmethod
    def _asked_again(cls, names: Names) -> Iterator[Lint]:
        nested: set[int] = set()
        for choice in names.nodes(syntax.Choice):
            if id(choice) in nested:
                continue
            asked: dict[str, int] = {}
            for link in _chain(choice):
                nested.add(id(link))
                words = " ".join(link.condition.span.text.split())
                if words in asked:
                    what = f"this condition was false in line {asked[words]} already"
                    yield cls(Site(link.condition.span), what, "what stands in its braces never happens", link.span)
                asked.setdefault(words, link.condition.span.position[0])


def _chain(choice: syntax.Choice) -> Iterator[syntax.Choice]:
    """An `if` and its `else if`s."""
    link: syntax.Choice | None = choice
    while link is not None:
        yield link
        match link.otherwise:
            case syntax.Body(_, (syntax.Pipeline(_, None, (syntax.Choice() as following,)),)):
                link = following
            case _:
                link = None


def _constant(condition: syntax.Expression) -> bool | None:
    """What a condition is for every value of every name; None if that depends."""
    match condition:
        case syntax.Boolean(_, value):
            return value
        case syntax.Unary(_, "not", operand):
            inner = _constant(operand)
            return None if inner is None else not inner
        case syntax.Binary(_, ("and" | "or") as word, left, right):
            sides = {_constant(left), _constant(right)}
            deciding = word == "or"
            return deciding if deciding in sides else None if None in sides else not deciding
        case syntax.Binary(_, sign, syntax.Number(_, one), syntax.Number(_, other)) if sign in COMPARISONS:
            return bool(COMPARISONS[sign](one, other))
    return None


def _empty(values: syntax.Expression) -> bool:
    match values:
        case syntax.List(_, ()):
            return True
        case syntax.Range(_, syntax.Number(_, start), syntax.Number(_, stop)):
            return start >= stop
    return False
