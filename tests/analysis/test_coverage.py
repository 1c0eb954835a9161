"""Cells that no path reads: SqueezeNet's row, ResNet's none, and the lints' numbers by hand."""

from __future__ import annotations

from math import prod
from pathlib import Path

import pytest

import cnndsl
from cnndsl.analysis.cells import Cells
from cnndsl.analysis.coverage import unread
from cnndsl.analysis.reading import needed
from tests.layers.build import Sketch, chain, layer

ZOO = Path(cnndsl.__file__).parent / "zoo"


def lost(graph):
    return [(found.reader.path, found.count, found.border, found.skipped) for found in unread(graph)]


def test_squeezenet_loses_its_last_row_and_column():
    (found,) = unread(cnndsl.load(f"{ZOO / 'squeezenet.cnn'}:SqueezeNet1_0").graph)
    assert found.reader.path == "conv1" and found.count == 224**2 - 223**2
    assert found.border == (1 << 223, 1 << 223) and found.skipped == (0, 0)


@pytest.mark.parametrize("name", ["ResNet18", "ResNet50", "ResNet152"])
def test_resnets_at_224_lose_nothing(name):
    assert lost(cnndsl.load(f"{ZOO / 'resnet.cnn'}:{name}").graph) == []


def test_what_a_window_steps_over_is_lost_unless_a_branch_reads_it():
    assert lost(chain("8x8x2", layer("conv", 2, 1, stride=2))) == [("conv1", 48, (0x80, 0x80), (0x2A, 0x2A))]
    sketch = Sketch()
    start = sketch.input("8x8x2")
    branches = [sketch.add(layer("conv", 2, size, stride=2, pad=size // 2), start) for size in (1, 3)]
    sketch.add("add", *branches)
    assert lost(sketch.graph()) == []


def test_layers_that_pass_cells_on_are_seen_through():
    sketch = Sketch()
    start = sketch.input("9x1")
    sketch.add(layer("maxpool", 2), sketch.add("relu", start), path="small")
    sketch.add("global_avgpool", sketch.add("tanh", start), path="all")
    assert lost(sketch.graph(small=2, all=4)) == []
    assert lost(chain("9x1", "relu", layer("maxpool", 2))) == [("maxpool1", 1, (1 << 8,), (0,))]


def test_sampling_that_reads_no_product_of_axes():
    sketch = Sketch()
    start = sketch.input("6x6x1")
    rows = sketch.add(layer("conv", 1, (1, 3), stride=(2, 1), pad=((0, 0), (1, 1))), start)
    columns = sketch.add(layer("conv", 1, (3, 1), stride=(1, 2), pad=((1, 1), (0, 0))), start)
    (found,) = unread(sketch.graph(rows=rows, columns=columns))
    assert found.count == 9 and found.border == (0, 0) and found.skipped == (0, 0)


def test_open_and_very_long_axes_are_left_alone():
    assert lost(chain("?x?x1", layer("maxpool", 2))) == []
    assert lost(chain("3000001x1", layer("maxpool", 2))) == []


def test_counts_against_marking_every_cell():
    for extent in range(3, 14):
        for kernel, stride, dilation in [(1, 2, 1), (2, 3, 1), (2, 1, 3), (2, 2, 2), (3, 2, 1)]:
            if dilation * (kernel - 1) < extent:
                graph = chain(f"{extent}x{extent}x1", layer("conv", 1, kernel, stride=stride, dilation=dilation))
                output = graph.nodes[1].volume.extents[0]
                read = {o * stride + t * dilation for o in range(output) for t in range(kernel)}
                assert sum(found.count for found in unread(graph)) == extent**2 - len(read) ** 2
                assert prod(graph.nodes[0].volume.shape[:-1]) == extent**2


def test_a_reshape_that_adds_an_axis_is_read_axis_by_axis():
    graph = chain("9x4", layer("reshape", (9, 2, 2)), layer("maxpool", (2, 1)))
    assert lost(graph) == [("maxpool1", 2, (1 << 8, 0), (0, 0))]
    assert needed(graph, {2: Cells.all((4, 2))})[0].count == 8


@pytest.mark.parametrize("size", ["1048576x3", "16385x3", "1000000x4x2", "4x1000000x2"])
def test_cells_of_axes_that_are_too_long_are_not_looked_at_one_by_one(size):
    """A lint that walks through a million cells never ends; found by random programs."""
    net = cnndsl.loads(f"net N {{ input {size} ; conv(4, 3, stride=5, pad=2) ; relu }}")
    assert not [item for item in net.diagnostics if item.code in ("W203", "W205")]
