"""HMAX sees what the papers say that it sees: a bar by its angle, and wherever it is."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest

import cnndsl

ANGLES = (0, 45, 90, 135)

#: two bands, with a kernel so small that all of a short bar's answer fits into one stride of the pools
SMALL = """
from "zoo/hmax.cnn" import c1, c2
net Small {
    input 48x48x1
    fine: in -> c1((3, 2.5, 1.0, 3, 2.5, 1.0, 16))
    coarse: in -> c1((3, 2.5, 1.0, 3, 2.5, 1.0, 24))
    output s1: in -> conv(4, 3, pad=same, weights=gabor(4, 2.5, 1.0, gamma=0.3))
    output c1_map: fine -> id
    output c1_coarse: coarse -> id
    output c2_all: c2([fine, coarse], 4, 2, 2)
}
"""


def bar(size: int, degrees: float, length: float, row: float = 0.0, column: float = 0.0) -> Any:
    """A bright bar, two cells wide, on black; at 0 degrees it stands upright, from there its foot turns left."""
    angle = math.radians(degrees)
    y, x = numpy.mgrid[:size, :size] - (size - 1) / 2
    y, x = y - row, x - column
    along, across = y * math.cos(angle) - x * math.sin(angle), x * math.cos(angle) + y * math.sin(angle)
    return ((abs(along) <= length / 2) & (abs(across) <= 1)).astype("float32")[..., None]


def run(text: str, *images: Any) -> Any:
    return cnndsl.loads(text).compile(backend="numpy", seed=3).predict(numpy.stack(images))


@pytest.mark.parametrize("band", [0, 1, 3])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_bar_drives_the_map_of_its_angle_hardest(band: int, sign: int) -> None:
    s1 = f"let row = table[{band}] ; s1(row[0], row[1], row[2])"
    text = f'from "zoo/hmax.cnn" import s1, table\nnet S1 {{ input 61x61x1 ; {s1} }}'
    found = run(text, *(sign * bar(61, degrees, 41) for degrees in ANGLES)).max(axis=(1, 2))
    assert found.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert found.argmax(axis=0).tolist() == [0, 1, 2, 3]
    others = found[~numpy.eye(4, dtype=bool)].reshape(4, 3)
    assert (found.diagonal() > 1.5 * others.max(axis=1)).all()


def seen(*images: Any) -> Any:
    """What SMALL gives whose templates are a bar's C1 at each angle, as the paper takes them from images."""
    model = cnndsl.loads(SMALL).compile(backend="numpy")
    (weight,) = (name for name in model.engine.arrays() if name.endswith("s2.weight"))
    maps = model.predict(numpy.stack([bar(48, degrees, 5, 4, 4) for degrees in ANGLES]))["c1_map"]
    model.engine.load({weight: maps[:, 2:4, 2:4].reshape(4, -1)})  # where the pools are that reach the middle
    return model.predict(numpy.stack(images))


def test_c2_does_not_change_when_a_bar_shifts_within_the_pool() -> None:
    # cells 24 to 31 are within one stride of either pool: the answers to the bars, 2 + 2 cells wide, stay among them
    places = [(row, column) for row in (3, 4, 5) for column in (3, 4, 5)]
    found = seen(*(bar(48, 0, 2, row, column) for row, column in places))
    for name in ("c1_map", "c1_coarse", "c2_all"):
        assert all(numpy.allclose(found[name][0], other, rtol=1e-5, atol=1e-6) for other in found[name])  # to rounding
    assert all(abs(found["s1"][0] - other).max() > 0.5 for other in found["s1"][1:]), "they are at different places"


def test_c2_knows_a_bar_by_its_angle_wherever_it_is() -> None:
    for row, column in ((4, 4), (12, 4), (-12, -4)):  # by whole strides of the fine pool
        found = seen(*(bar(48, degrees, 5, row, column) for degrees in ANGLES))["c2_all"].reshape(4, 4)
        assert numpy.allclose(found.diagonal(), 1, atol=1e-4)
        assert (found[~numpy.eye(4, dtype=bool)] < 0.95).all()


def test_c2_does_not_change_when_a_bar_shifts_by_the_stride_of_the_pools() -> None:
    """Bands 0 and 4 move on by 4 and 8 cells: after 8 both see the same at another place."""
    text = """
    from "zoo/hmax.cnn" import c1, c2, table
    net Two {
        input 120x120x1
        a: in -> c1(table[0])
        b: in -> c1(table[4])
        c2([a, b], 8, 4, 0.5)
    }
    """
    found = run(text, *(bar(120, 45, 15, row, column) for row, column in ((0, 0), (8, 0), (-8, 8))))
    assert numpy.allclose(found[0], found[1], rtol=1e-5) and numpy.allclose(found[0], found[2], rtol=1e-5)
    assert not numpy.allclose(found[0], run(text, bar(120, 0, 15))[0], rtol=1e-3)


def test_the_whole_net_has_the_papers_sizes() -> None:
    net = cnndsl.load(f"{cnndsl.__path__[0]}/zoo/hmax.cnn")
    sizes = [str(net.graph[f"band{number}.c11.maximum1"].volume) for number in range(1, 9)]
    assert sizes == [f"{n}x{n}x4" for n in (34, 27, 22, 19, 16, 14, 13, 11)]  # (140 - pool) // stride + 1
    assert net.params == 250 * 4 * (4**2 + 8**2 + 12**2 + 16**2) + 2 * 1000 + 2
    assert net.cost().layers[0].path and str(net.graph["features.concat1"].volume) == "1x1x1000"


def test_c2_is_the_nearest_that_any_place_of_any_band_comes_to_a_template() -> None:
    """By a loop in NumPy over what C1 gives."""
    net = cnndsl.loads(SMALL)
    model = net.compile(backend="numpy", seed=3)
    found = model.predict(bar(48, 45, 9, 2, 5)[None])
    (weights,) = (array for name, array in model.engine.arrays().items() if name.endswith("s2.weight"))
    maps = (found["c1_map"][0], found["c1_coarse"][0])
    places = [(c1, y, x) for c1 in maps for y in range(len(c1) - 1) for x in range(len(c1) - 1)]
    patches = [c1[y : y + 2, x : x + 2].ravel() for c1, y, x in places]
    wanted = [max(math.exp(-2 * numpy.square(patch - row).sum()) for patch in patches) for row in weights]
    assert numpy.allclose(found["c2_all"].ravel(), wanted, rtol=1e-4)


def test_the_neocognitron_allows_a_pattern_to_be_a_little_elsewhere() -> None:
    """Its C-planes change less than its S-planes when the pattern moves by a cell; at the end least of all."""
    text = """
    from "zoo/neocognitron.cnn" import s_cells, c_cells
    net Planes {
        input 16x16x1
        output s1: s_cells(24, 5, pad=2)
        output c1: s1 -> c_cells(7)
        output s2: c1 -> s_cells(24, 3)
        output c2: s2 -> c_cells(3)
        output s3: c2 -> s_cells(24, 5)
        output c3: s3 -> c_cells(2)
    }
    """
    found = run(text, bar(16, 0, 7), bar(16, 0, 7, 0, 1))
    moved = {name: numpy.linalg.norm(a - b) / numpy.linalg.norm(a) for name, (a, b) in found.items()}
    assert [found[name].shape[1] for name in ("s1", "c1", "s2", "c2", "s3", "c3")] == [16, 10, 8, 6, 2, 1]
    assert moved["c1"] < 0.6 * moved["s1"] and moved["c2"] < moved["s2"]
    assert moved["c3"] < 0.3 * moved["s1"]
