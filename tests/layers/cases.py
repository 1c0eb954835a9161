"""Every call of every layer that its declarations suggest: what the generated tests walk.

A class says with `sample_calls` how it is called and with `sample_input` on what; each argument's
kind has samples. From these come the plain call, the calls with one argument at another value, and
those with two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from cnndsl.graph import Graph
from cnndsl.layers import kinds
from cnndsl.layers.arguments import show_value
from cnndsl.layers.base import Layer
from cnndsl.record import Record
from cnndsl.volume import Volume
from tests.layers.build import Sketch, layer


class Reason(Record):
    """Why some calls have nothing to run: the kind (or family), arguments that clash, the refusal's code."""

    who: str
    names: frozenset[str]
    code: str
    why: str
    #: narrows it to some values of the arguments
    when: Callable[[Mapping[str, Any]], bool] = lambda arguments: True

    def __str__(self) -> str:
        return f"{self.who}-{'-'.join(sorted(self.names))}"


def _beyond_the_stride(arguments: Mapping[str, Any]) -> bool:
    def each(name: str) -> list[int]:
        value = arguments.get(name, 1)
        return list(value) if isinstance(value, tuple) else [value] * 3

    return any(extra >= max(steps) for extra, *steps in zip(each("output_pad"), each("stride"), each("dilation")))


#: all that is left out
REASONS = [
    Reason("conv", frozenset({"kernel", "weights"}), "E315", "given filters have a kernel of their own"),
    Reason("conv", frozenset({"filters", "weights"}), "E315", "the orientations of gabor are the filters"),
    Reason("conv", frozenset({"filters", "connect"}), "E316", "a table of connections has a row for each filter"),
    Reason("conv", frozenset({"groups", "connect"}), "E228", "groups and connections exclude each other"),
    Reason("pool", frozenset({"kernel", "pad"}), "E307", "the padding of a pool is smaller than its window"),
    Reason(
        "deconv",
        frozenset({"output_pad"}),
        "E313",
        "it is smaller than the stride or the dilation",
        _beyond_the_stride,
    ),
    Reason("rbf", frozenset({"units", "weights"}), "E315", "given prototypes are a row for each unit"),
    Reason("rbf", frozenset({"weights"}), "E315", "the prototypes of the example are for another input"),
    Reason("reshape", frozenset({"size"}), "E314", "another size holds another number of values"),
]


class Case(Record):
    """A layer on inputs: the plain call is `base`, `changed` are the arguments at other values."""

    kind: str
    rank: int
    way: int
    changed: tuple[tuple[str, Any], ...]

    @property
    def cls(self) -> type[Layer]:
        return kinds()[self.kind]

    @property
    def arguments(self) -> dict[str, Any]:
        return {**self.cls.sample_calls(self.rank)[self.way], **dict(self.changed)}

    @property
    def volume(self) -> Volume:
        return self.cls.sample_input(self.rank)

    def layer(self) -> Layer:
        """The layer, its arguments checked as those of a call."""
        return layer(self.kind, **self.arguments)

    def reason(self) -> Reason | None:
        """Why such a call has nothing to run, if it has not."""
        changed = {name for name, _ in self.changed}
        given = changed | {name for name in self.arguments if not self.cls.arguments[name].required}
        for reason in REASONS:
            ours = reason.who in (self.kind, self.cls.family)
            if ours and reason.names <= given and reason.names & changed and reason.when(self.arguments):
                return reason
        return None

    def graph(self) -> Graph:
        """A net of this layer alone; a join is given the input twice, and what gives its mirror image besides."""
        sketch = Sketch()
        image = sketch.input(str(self.volume))
        made = self.layer()
        sketch.add(made, *((image, sketch.add("tanh", image)) if made.joins else (image,)))
        return sketch.graph()

    def __str__(self) -> str:
        way = f"way{self.way + 1}-" if len(self.cls.sample_calls(self.rank)) > 1 else ""
        changed = "-".join(f"{name}={show_value(value)}" for name, value in self.changed)
        return f"{self.kind}-{self.rank}d-{way}{changed or 'plain'}"


def cases(most: int) -> Iterator[Case]:
    """The calls of all layers on all ranks, with up to so many arguments at other values."""
    for kind, cls in kinds().items():
        for rank in cls.ranks:
            for way in range(len(cls.sample_calls(rank))):
                others = list(_others(cls, rank, way))
                for count in range(most + 1):
                    for changed in combinations(others, count):
                        if len({name for name, _ in changed}) == count:
                            yield Case(kind, rank, way, changed)


def _others(cls: type[Layer], rank: int, way: int) -> Iterator[tuple[str, Any]]:
    """Each argument that this way of calling leaves free, at each other value."""
    ways: tuple[Mapping[str, Any], ...] = cls.sample_calls(rank)
    fixed = {name for one in ways for name in one} - ways[way].keys()
    for name, item in cls.arguments.items():
        now = ways[way].get(name, item.default)
        for value in item.samples(rank) if name not in fixed else ():
            if value != now:
                yield name, value
