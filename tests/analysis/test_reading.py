"""Which cells are read, held against execution: the support of a gradient, as a set with its holes.

Random nets with weights of ones and positive inputs: nothing cancels, no unit is off. Max pools pass
their gradient to one cell only, so a mean stands for them in the run; the windows are the same.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.analysis.cells import Cells
from cnndsl.analysis.fields import fields
from cnndsl.analysis.reading import needed, reached
from cnndsl.backends import load as backend
from cnndsl.errors.base import Refused
from cnndsl.graph import Graph
from cnndsl.layers.base import Layer
from cnndsl.lower import lower
from tests.layers.build import Sketch, layer

NUMPY = backend("numpy")
#: what stays positive and passes every cell on
ELEMENTWISE = ("relu", "softplus", "id")


@st.composite
def windows(draw: st.DrawFn, rank: int, kind: str) -> Layer:
    each = st.tuples(*[st.integers(1, 3)] * rank)
    named = {"kernel": draw(each), "stride": draw(each), "dilation": draw(each)}
    pads = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * rank)
    named["pad"] = draw(st.one_of(st.just(0), st.just("same"), pads))
    if kind == "avgpool":
        return layer(kind, **named, ceil=draw(st.booleans()))
    if kind == "deconv":
        named["output_pad"] = tuple(
            draw(st.integers(0, max(s, d) - 1)) for s, d in zip(named["stride"], named["dilation"])
        )
    return layer(kind, 2, **named)


@st.composite
def single(draw: st.DrawFn, rank: int) -> Layer:
    """A layer that can stand in a chain."""
    kind = draw(st.sampled_from(
        ["conv", "conv", "avgpool", "avgpool", "deconv", "upsample", "pad", "crop", "global_avgpool",
         "adaptive_avgpool", "permute", "space_to_depth", "pixel_shuffle", "reshape", *ELEMENTWISE]
    ))  # fmt: skip
    amounts = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * rank)
    each = st.tuples(*[st.integers(1, 3)] * rank)
    if kind in ("conv", "avgpool", "deconv"):
        return draw(windows(rank, kind))
    if kind == "upsample":
        return layer(kind, draw(each), draw(st.sampled_from(["nearest", "linear"])))
    if kind == "pad":
        return layer(kind, draw(amounts), draw(st.sampled_from([0.0, "edge", "reflect"])))
    if kind == "crop":
        return layer(kind, draw(amounts))
    if kind == "adaptive_avgpool":
        return layer(kind, draw(each))
    if kind == "permute":
        return layer(kind, (*draw(st.permutations(range(rank))), rank))
    if kind in ("space_to_depth", "pixel_shuffle"):
        return layer(kind, 2)
    return layer(kind, (*[1] * rank, None)) if kind == "reshape" else layer(kind)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A small net on 1 to 3 axes: chains, joins of two branches, layers that do not fit left out.

    No `mul`: a zero that one branch pads with hides from the gradient what the other reads.
    """
    rank = draw(st.integers(1, 3))
    sizes = st.integers(3, {1: 16, 2: 8, 3: 5}[rank])
    sketch = Sketch()
    end = sketch.input("x".join(map(str, (*(draw(sizes) for _ in range(rank)), 4))))
    for _ in range(draw(st.integers(1, 4))):
        ends = [end, _tried(sketch, draw(single(rank)), end)]
        if draw(st.integers(0, 2)) == 0:
            ends.append(_tried(sketch, draw(single(rank)), end))
            end = _tried(sketch, layer(draw(st.sampled_from(["add", "concat", "average"]))), *ends[1:])
            end = ends[-1] if end == ends[1] else end
        else:
            end = ends[1]
    return sketch.graph(output=end)


def _tried(sketch: Sketch, made: Layer, *feeds: int) -> int:
    """The layer behind the feeds if it fits and is small, else the first feed."""
    before = len(sketch.nodes)
    try:
        end = sketch.add(made, *feeds)
    except Refused:
        return feeds[0]
    if made.kind in ("space_to_depth", "reshape"):  # their channels are cells: a convolution takes them together
        end = sketch.add(layer("conv", 4, 1), end)
    if sketch.nodes[end].volume.elements > 500 or sketch.nodes[end].volume.rank != sketch.nodes[0].volume.rank:
        del sketch.nodes[before:]
        return feeds[0]
    return end


def supports(graph: Graph) -> tuple[np.ndarray, tuple[int, ...], tuple[int, ...]]:
    """Which cells of the input each position of the output depends on: (positions, *cells), True where it does.

    One example for each position; the loss is the mean square against targets that differ from the
    output at that position only.
    """
    built = lower(graph, {"output": "mse"})
    engine = NUMPY.build(built, seed=0, dtype="float64")
    engine.load({name: np.full_like(array, 0.5) for name, array in engine.arrays().items()})
    given, found = graph.nodes[0].volume, graph.nodes[graph.outputs["output"]].volume
    positions = list(product(*map(range, found.shape[:-1])))
    x = np.random.default_rng(0).uniform(1.0, 2.0, (len(positions), *given.shape))
    target = np.array(engine.predict({"input": x})["output"])
    for example, position in enumerate(positions):
        target[(example, *position)] -= 1.0
    gradient = engine.gradients({"input": x}, {"output": target})[1]["input:input"]
    return np.abs(gradient).max(axis=-1) > 1e-12 * np.abs(gradient).max(), given.shape[:-1], found.shape[:-1]


def marked(cells: Cells) -> np.ndarray:
    """The set as an array of booleans, cell by cell."""
    found = np.zeros(cells.extents, bool)
    for position in product(*map(range, cells.extents)):
        found[position] = position in cells
    return found


def one(place: tuple[int, ...], sizes: tuple[int, ...]) -> Cells:
    return Cells.of(sizes, [tuple(1 << part for part in place)])


def set_apart(graph: Graph) -> bool:
    """Whether positions at the border read cells that are not in their field: mirrored or repeated ones."""
    return any(isinstance(getattr(node.layer, "value", 0.0), str) for node in graph)


def cut(graph: Graph) -> bool:
    """Whether a layer leaves cells at a border out: a pad behind it stands where those cells would be.

    A field is defined on axes without ends, so there it names cells that the pad hides.
    """
    return any(node.layer.kind in ("crop", "deconv") for node in graph)


def drifting(graph: Graph, axis: int) -> bool:
    """Whether branches of different strides meet: the union of their fields is as large as it gets at the far end."""
    found = fields(graph)
    jumps = ({found[feed]["input"][axis].jump for feed in node.inputs} for node in graph if len(node.inputs) > 1)
    return any(len(each) > 1 for each in jumps)


@settings(max_examples=120, deadline=None)
@given(graphs())
def test_the_cells_read_are_the_support_of_the_gradient(graph):
    seen, cells, positions = supports(graph)
    end = graph.outputs["output"]
    for number, position in enumerate(product(*map(range, positions))):
        found = needed(graph, {end: one(position, positions)}).get(0, Cells.of(cells, []))
        assert np.array_equal(marked(found), seen[number]), position
        assert found.count == seen[number].sum()
    everything = needed(graph, {end: Cells.all(positions)}).get(0, Cells.of(cells, []))
    assert np.array_equal(marked(everything), seen.any(axis=0))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_the_field_reaches_from_the_first_cell_that_is_read_to_the_last(graph):
    seen, cells, positions = supports(graph)
    local = fields(graph)[graph.outputs["output"]]["input"]
    if set_apart(graph):
        return
    for axis, field in enumerate(local):
        others = tuple(other for other in range(len(cells)) if other != axis)
        for number, position in enumerate(product(*map(range, positions))):
            places = np.flatnonzero(seen[number].any(axis=others))
            if field.lows and not field.whole and field.along is not None and places.size:
                low, high = field.bounds(position[field.along]) or (0, -1)
                assert low <= places[0] and places[-1] <= high and high - low < (field.size or 0)
                if low >= 0 and high < cells[axis] and not cut(graph) and not drifting(graph, axis):
                    assert (low, high) == (places[0], places[-1])


@settings(max_examples=60, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_positions_that_a_cell_reaches_are_those_that_read_it(graph, random):
    seen, cells, positions = supports(graph)
    cell = tuple(map(random.randrange, cells))
    found = reached(graph, 0, one(cell, cells)).get(graph.outputs["output"], Cells.of(positions, []))
    assert np.array_equal(marked(found), seen[(slice(None), *cell)].reshape(positions))


def test_the_run_has_holes_and_unions_that_are_no_products():
    sketch = Sketch()
    start = sketch.input("9x9x1")
    wide = sketch.add(layer("conv", 1, (3, 1), dilation=(4, 1), pad=((4, 4), (0, 0))), start)
    high = sketch.add(layer("conv", 1, (1, 3), dilation=(1, 4), pad=((0, 0), (4, 4))), start)
    sketch.add("add", wide, high)
    graph = sketch.graph()
    found = needed(graph, {3: one((4, 4), (9, 9))})[0]
    assert found.count == 5 and len(list(found.products)) == 2
    assert {(y, x) for y in range(9) for x in range(9) if (y, x) in found} == {(0, 4), (4, 0), (4, 4), (4, 8), (8, 4)}


def test_the_ends_of_a_field_need_not_be_in_the_order_of_the_positions():
    """Behind stride 2 and dilation 3, cell 2 sees input cell 1 (2 = 2 * 1 + 3 * 0) and cell 3 sees cell 0."""
    sketch = Sketch()
    end = sketch.add(layer("deconv", 1, kernel=2, stride=2, dilation=3), sketch.input("3x1"))
    graph = sketch.graph(output=sketch.add(layer("conv", 1, 2), end))
    axis = fields(graph)[graph.outputs["output"]]["input"][0]
    assert [axis.bounds(position) for position in range(4)] == [(-1, 0), (-1, 1), (0, 1), (0, 2)]
