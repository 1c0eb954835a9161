"""What an `assert` says, with its names resolved: values, quantities of the whole net, and what joins them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from cnndsl.errors.base import Problem, Site
from cnndsl.record import Record
from cnndsl.source import Span


class Term(Record):
    """Base of the parts of a claim; `span` is where it is written."""

    span: Span

    def quantities(self) -> Iterator[Quantity]:
        """The quantities that it speaks of."""
        return iter(())


class Value(Term):
    """What was known when the assert was met."""

    value: Any


class Faulty(Term):
    """A calculation without a result, which is a mistake only if it is looked at: `n == 0 or k % n == 0`."""

    problem: Problem


class Quantity(Term):
    """A number of the whole net: `params`, `rf(conv5)`, `memory(batch=32)`.

    `node` is the number of the node that it is asked of, -1 for the whole net; `options` are its
    other arguments by name.
    """

    #: what can be asked of a whole net: whether of one of its labels, and the options with their defaults
    known: ClassVar[Mapping[str, tuple[bool, Mapping[str, Any]]]] = {
        "params": (False, {}),
        "macs": (False, {}),
        "flops": (False, {}),
        "activations": (False, {}),
        "rf": (True, {}),
        "memory": (False, {"batch": 1, "dtype": "float32"}),
    }

    name: str
    node: int = -1
    options: Mapping[str, Any] = {}

    def quantities(self) -> Iterator[Quantity]:
        yield self

    @classmethod
    def signature(cls, name: str) -> str:
        """How it is written: `params`, `memory(batch=1)`."""
        labelled, options = cls.known[name]
        parts = ["LABEL"] * labelled
        parts += [f'{key}="{value}"' if isinstance(value, str) else f"{key}={value}" for key, value in options.items()]
        return f"{name}({', '.join(parts)})" if parts else name


class Operation(Term):
    """`left sign right`, or `sign part` for one part."""

    sign: str
    parts: tuple[Term, ...]

    def quantities(self) -> Iterator[Quantity]:
        for part in self.parts:
            yield from part.quantities()


class Claim(Record):
    """An `assert` about the whole net: what must hold, what to say if it does not, and where it stands."""

    condition: Term
    message: str
    where: Site
