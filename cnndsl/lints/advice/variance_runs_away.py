"""W319: a signal that vanishes or explodes before training begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import ClassVar

from cnndsl.graph import Case, Graph
from cnndsl.layers.moments import Before, Moments
from cnndsl.lints.base import Advice, Lint
from cnndsl.lower import starts
from cnndsl.program import Start

#: beyond these the variance has run away
LEAST, MOST = 1e-3, 1e3
#: how many layers of the way there a message shows
SHOWN = 5


class VarianceRunsAway(Advice):
    """By the initial weights the variance of a layer's output leaves 0.001 to 1,000, for inputs of variance 1.

    It is led through the net layer by layer from the recipes of the weights: a sum of n inputs has n
    times the mean square of an input times the variance of a weight; activations are integrated over
    a normal distribution; a normalization sets it to 1; a sum of branches adds theirs; pools leave it.

    Why: where the signal vanishes so do the gradients, and where it explodes the first steps throw
    the weights far away: a deep net then does not begin to learn.

    Example:
        net Small { input 100 ; { fc(100, init=normal(0.02)) -> tanh } * 4 ; fc(10) }

    Instead: `init=he` before relu-like activations and `init=lecun` or `init=glorot` before others
    (these are the defaults), or a normalization.
    X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010; K. He et al., Delving deep into rectifiers, 2015.
    """

    code: ClassVar[str] = "W319"
    name: ClassVar[str] = "variance_runs_away"
    title: ClassVar[str] = "before training the signal {runs}: variance {variance:.3g} behind `{path}`"
    label: ClassVar[str] = "each output adds up {fan_in:,} values with a mean square of {square:.3g}"
    help: ClassVar[str] = "leave `init=` to its default, or put a normalization behind it"

    path: str
    variance: float
    square: float
    fan_in: int
    way: tuple[tuple[str, float], ...]

    @property
    def runs(self) -> str:
        return "vanishes" if self.variance < LEAST else "explodes"

    def notes(self) -> Iterable[str]:
        shown = ", ".join(f"`{path}` {variance:.3g}" for path, variance in self.way[-SHOWN:])
        yield f"variances: {'input 1' if len(self.way) <= SHOWN else '…'}, {shown}"

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        begun = starts(graph)
        found = variances(graph, begun)
        way: list[tuple[tuple[str, float], ...]] = []  # the last learned layers on the way to a node
        for node, here in zip(graph.nodes, found, strict=True):
            before = max((way[number] for number in node.inputs), key=len, default=())
            way.append(before)
            if here and node.layer.learns:
                way[-1] = (*before[-SHOWN:], (node.path, here.variance))
                if _away(here):
                    given = found[node.inputs[0]] or Moments()
                    fan_in = begun[node.owner]["weight"].fan_in
                    yield cls(node.site, node.path, here.variance, given.square, fan_in, way[-1])


Starts = Mapping[str, Mapping[str, Start]]
#: how arrays start that there are not
NOTHING: Mapping[str, Start] = {}


def variances(graph: Graph, begun: Starts | None = None) -> list[Moments | None]:
    """Mean and variance behind every node; none where they cannot be told, and behind what has run away."""
    begun = starts(graph) if begun is None else begun
    found: list[Moments | None] = []
    known: dict[tuple[object, ...], Moments | None] = {}
    for node in graph.nodes:
        given = [found[number] for number in node.inputs]
        lost = any(one and _away(one) and graph.nodes[number].layer.learns for one, number in zip(given, node.inputs))
        given = [None] * len(given) if lost else given
        own = begun.get(node.owner, NOTHING)
        key = graph.case(node), id(own), *(one and (one.mean, one.variance) for one in given)
        if key not in known:  # a loop comes to numbers that stay
            known[key] = _moments(graph.case(node), given, own)
        found.append(known[key])
    return found


def _away(found: Moments) -> bool:
    """Whether a variance is no longer near 1; 0 is what a branch that begins with nothing has on purpose."""
    return found.variance > 0 and not LEAST <= found.variance <= MOST


def _moments(case: Case, given: Sequence[Moments | None], starts: Mapping[str, Start]) -> Moments | None:
    """The moments behind a layer; none where they cannot be told, or do not fit a decimal."""
    if not case.feeds:
        return Moments()
    told = tuple(one or Moments() for one in given if one or case.layer.normalizes)
    if len(told) < len(given):
        return None
    channels = tuple(volume.channels or 1 for volume in case.feeds)
    try:
        found = case.layer.moments(Before(told, channels, starts))
    except OverflowError:
        return None
    return found if found and isfinite(found.mean) and isfinite(found.variance) else None
