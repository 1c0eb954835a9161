"""Every kind as it runs: inferred volumes and parameters are those of the arrays."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cnndsl.backends import load
from cnndsl.layers import kinds
from cnndsl.layers.arguments import Declared
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.scalars import Count, Flag
from cnndsl.lower import lower
from tests.layers.build import Sketch, layer

SIZES = {0: "12", 1: "9x4", 2: "9x8x4"}
#: a value for each kind of argument that has no default
NEEDED = {Count: 4, Extents: 2}
#: other values of an argument, tried one at a time
OTHERS = {Extents: (1, 2, 3), Padding: (1, "same", ((1, 0),)), Flag: (True, False), Count: (2,)}


def variants(kind: str) -> list[dict[str, object]]:
    """The kind with its defaults, and with one argument after the other at other values."""
    declared: dict[str, Declared] = dict(kinds()[kind].arguments)
    plain = {name: NEEDED[type(item.kind)] for name, item in declared.items() if item.required}
    others = [{**plain, name: value} for name, item in declared.items() for value in OTHERS.get(type(item.kind), ())]
    return [plain, *(other for other in others if other != plain)]


CASES = [
    (kind, rank, arguments)
    for kind, cls in kinds().items()
    for rank, arguments in itertools.product(SIZES, variants(kind))
    if rank in cls.ranks
]


def named(case) -> str:
    kind, rank, arguments = case
    return f"{kind}-{rank}d-{'-'.join(f'{name}={value}' for name, value in arguments.items())}"


@pytest.mark.parametrize("kind, rank, arguments", CASES, ids=map(named, CASES))
def test_what_is_inferred_is_what_runs(kind, rank, arguments):
    if rank == 2 and arguments.get("pad") == ((1, 0),):
        arguments = {**arguments, "pad": ((1, 0), (0, 1))}
    made = layer(kind, **arguments)
    sketch = Sketch()
    image = sketch.input(SIZES[rank])
    sketch.add(made, *([image] * (2 if made.joins else 1)))
    graph = sketch.graph()
    engine = load("numpy").build(lower(graph), seed=0)
    x = np.random.default_rng(0).normal(size=(3, *graph.nodes[image].volume.shape)).astype(np.float32)
    (y,) = engine.predict({"input": x}).values()
    node = graph.nodes[-1]
    assert y.shape == (3, *node.volume.shape)
    assert {name: array.shape for name, array in engine.arrays().items()} == {
        f"{node.path}.{weights.name}": weights.shape for weights in graph.arrays(node)
    }
