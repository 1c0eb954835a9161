"""The three textbook columns: published numbers, and a slow count of every connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cnndsl
from cnndsl.analysis.cost import cost
from cnndsl.cli import main
from cnndsl.errors.base import Refused
from cnndsl.layers.lattice import floors, meetings
from cnndsl.layers.window import Window
from tests.layers.build import chain, layer, volume

ROOT = Path(__file__).parents[2]
#: the first draw imports the layers, which a busy machine may take a second for
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ZOO = ROOT / "cnndsl" / "zoo"


def test_lenet5_of_1998():
    """Y. LeCun et al., Gradient-based learning applied to document recognition, 1998, section II.B."""
    found = cnndsl.load(f"{ZOO / 'lenet.cnn'}:LeNet5_1998").cost()
    stages: dict[str, tuple[int, int]] = {}
    for row in found.layers:
        params, connections = stages.get(name := row.path.split(".")[0], (0, 0))
        stages[name] = (params + (row.params or 0), connections + (row.connections or 0))
    assert {name: pair for name, pair in stages.items() if any(pair)} == {
        "c1": (156, 122_304),
        "s2": (12, 5_880),
        "c3": (1_516, 151_600),
        "s4": (32, 2_000),
        "c5": (48_120, 48_120),
        "f6": (10_164, 10_164),
        "rbf1": (0, 840),
    }
    assert found.connections == 340_908 and found.params == 60_000


def test_alexnet_without_sharing():
    """The first layer of A. Krizhevsky et al., 2012, as lectures take it apart; and its layers' neurons."""
    found = cnndsl.load(ROOT / "examples" / "alexnet.cnn").cost()
    conv1 = found.layers[1]
    assert conv1.params == 34_848 + 96
    assert conv1.unshared == conv1.connections == 105_705_600 == 290_400 * 364
    assert conv1.connected == 227 * 227 * 3 * 290_400 + 290_400
    neurons = [row.output.elements for row in found.layers if row.macs]
    assert neurons == [290_400, 186_624, 64_896, 64_896, 43_264, 4_096, 4_096, 1_000]


def test_weights_of_one_unit():
    assert layer("fc", 1, bias=False).unshared(volume("200x200x3")) == 120_000
    assert layer("fc", 1, bias=False).connections(volume("200x200x1")) == 40_000
    local = layer("local", 1, 4, bias=False)
    assert local.connections(volume("200x200x1")) == 16 * 197 * 197
    assert layer("conv", 6, 5).unshared(volume("32x32x3")) == 28 * 28 * 6 * (75 + 1)
    assert layer("conv", 3, 1, bias=False).connections(volume("5x1")) == 15


def test_a_padded_zero_is_read_by_a_weight_and_not_by_a_pool():
    assert layer("conv", 1, 3, pad=1, bias=False).connections(volume("2x1")) == 6
    assert layer("maxpool", 3, stride=1, pad=1).connections(volume("2x1")) == 4
    assert layer("deconv", 1, 3, pad=1, bias=False).connections(volume("2x1")) == 4


# ---- a slow count ----------------------------------------------------------------------------------


def covered(extent: int, window: Window) -> Iterator[int]:
    """Every cell that every position covers, padding and overhang included, on one axis."""
    for position in range(window.output or 0):
        for tap in range(window.kernel):
            yield position * window.stride + tap * window.dilation - window.low


@st.composite
def windowed(draw: Any, *kinds: str) -> tuple[Any, Any]:
    """A layer with a window and a volume with 1 or 2 axes that it fits on."""
    kind = draw(st.sampled_from(kinds))
    rank = draw(st.integers(1, 2))
    size = [draw(st.integers(1, 9)) for _ in range(rank)]
    channels = draw(st.sampled_from([1, 2, 4]))
    named: dict[str, Any] = {"kernel": tuple(draw(st.integers(1, 4)) for _ in range(rank))}
    named["stride"] = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    named["pad"] = draw(st.one_of(st.integers(0, 3), st.just("same")))
    if kind != "local":
        named["dilation"] = draw(st.integers(1, 3))
    if kind in ("conv", "deconv"):
        named["groups"] = draw(st.sampled_from([g for g in (1, 2) if channels % g == 0]))
    if kind in ("conv", "deconv", "local"):
        named |= {"filters": draw(st.sampled_from([2, 4])), "bias": draw(st.booleans())}
    else:
        named["ceil"] = draw(st.booleans())
    made, image = layer(kind, **named), volume("x".join(map(str, [*size, channels])))
    try:
        made.output(image)
    except Refused:
        assume(False)
    return made, image


@patient
@given(windowed("conv", "local"))
def test_connections_of_convolutions(drawn):
    made, image = drawn
    units = prod(made.output(image).shape)
    groups = getattr(made, "groups", 1)
    slow = 0
    for _ in range(units):
        slow += prod(window.kernel for window in made.windows(image)) * image.channels // groups
        slow += made.bias is not False
    assert made.connections(image) == made.unshared(image) == slow


@patient
@given(windowed("local"))
def test_a_local_layer_has_what_a_convolution_has_without_sharing(drawn):
    local, image = drawn
    named = {name: getattr(local, name) for name in local.arguments}
    held = sum(prod(array.shape) for array in local.arrays(image))
    assert layer("conv", **named).unshared(image) == local.unshared(image) == held


@patient
@given(windowed("maxpool", "avgpool", "medianpool"))
def test_connections_of_pools(drawn):
    made, image = drawn
    axes = [list(covered(extent, window)) for extent, window in zip(image.shape, made.windows(image), strict=False)]
    inside = [cell for cell in product(*axes) if all(0 <= at < w for at, w in zip(cell, image.shape, strict=False))]
    assert made.connections(image) == len(inside) * image.channels
    assert made.unshared(image) == 0


@patient
@given(windowed("deconv"))
def test_connections_of_transposed_convolutions(drawn):
    made, image = drawn
    out = made.output(image).shape
    axes = []
    for spread in made.spreads(image):
        cells = product(range(spread.extent), range(spread.kernel))
        axes.append([i * spread.stride + f * spread.dilation - spread.low for i, f in cells])
    inside = [cell for cell in product(*axes) if all(0 <= at < w for at, w in zip(cell, out, strict=False))]
    biases = prod(out) if made.bias is not False else 0
    slow = len(inside) * out[-1] * image.channels // made.groups + biases
    assert made.connections(image) == made.unshared(image) == slow


@patient
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 3))
def test_connections_of_adaptive_pools(extent, count, channels):
    slow = sum(-(-(i + 1) * extent // count) - i * extent // count for i in range(count)) * channels
    assert layer("adaptive_avgpool", count).connections(volume(f"{extent}x{channels}")) == slow


whole = st.integers(0, 12)
some = st.integers(1, 9)


@patient
@given(whole, some, whole, whole)
def test_sums_of_floors(count, divisor, factor, offset):
    assert floors(count, divisor, factor, offset) == sum((factor * i + offset) // divisor for i in range(count))


@patient
@given(some, some, some, some, whole, whole)
def test_meetings(positions, stride, taps, dilation, low, extent):
    places = (o * stride + f * dilation for o in range(positions) for f in range(taps))
    assert meetings(positions, stride, taps, dilation, low, extent) == sum(low <= p < low + extent for p in places)


def test_a_window_of_any_size_is_counted_at_once():
    """Half of 2**31 cells under each of as many positions: every position covers its whole window."""
    half = 2**30
    assert layer("maxpool", half, stride=1).connections(volume(f"{2 * half - 1}x1")) == half * half


# ---- where it is shown ---------------------------------------------------------------------------


def test_other_layers():
    found = cost(
        chain("6x6x4", "batchnorm", "relu", "global_avgpool", layer("scale", bias=False), "flatten", "softmax")
    )
    rows = [(row.kind, row.unshared, row.connections, row.connected) for row in found.layers]
    assert rows == [
        ("input", 0, 0, 0),
        ("batchnorm", 2 * 144, 144, 0),
        ("relu", 0, 0, 0),
        ("global_avgpool", 0, 144, 144 * 4 + 4),
        ("scale", 4, 0, 0),
        ("flatten", 0, 0, 0),
        ("softmax", 0, 0, 0),
    ]
    assert (found.unshared, found.connections) == (292, 288)


def test_open_extents_leave_them_open():
    found = cost(chain("?x?x3", layer("conv", 8, 3), layer("maxpool", 2), "global_avgpool", layer("fc", 10)))
    assert [row.connections for row in found.layers] == [0, None, None, None, 90]
    assert [row.connected for row in found.layers] == [0, None, None, None, 90]
    assert found.unshared is None and found.connections is None


@pytest.mark.parametrize("width", ["40", "100"])
def test_the_columns(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    path = f"{ZOO / 'lenet.cnn'}:LeNet5"
    assert main(["summary", path, "--sharing"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= int(width)
    assert main(["summary", path, "--sharing", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # 28*28*6 units of 5*5 + 1 connections
    assert found["layers"][1]["connections"] == found["layers"][1]["unshared"] == 28 * 28 * 6 * 26
    assert found["layers"][1]["connected"] == 1024 * 4704 + 4704
    assert found["connections"] == sum(row["connections"] for row in found["layers"])
