"""Given numbers: tables and named filters, frozen unless told, counted apart; connections."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.analysis.cost import cost
from cnndsl.backends import load
from cnndsl.layers import named_values
from cnndsl.layers.given import tiled
from cnndsl.lower import lower
from cnndsl.train.optimizers import SGD
from tests.elaborate.helpers import body, errors, graph
from tests.layers.build import gives, layer, volume


def cells(name: str, kernel: tuple[int, ...], *arguments: float, number: int = 0) -> np.ndarray:
    return np.array(named_values()[name](*arguments).cells(number, kernel)).reshape(kernel)


def test_the_fixed_filters():
    assert cells("sobel_x", (3, 3)).tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    np.testing.assert_array_equal(cells("sobel_y", (3, 3)), cells("sobel_x", (3, 3)).T)
    for name in ("sobel_x", "sobel_y", "laplacian", "edge"):
        assert cells(name, (3, 3)).sum() == 0, "nothing is seen where all is equal"


@given(st.floats(0.2, 20), st.sampled_from([(5,), (3, 3), (4, 7), (3, 5, 2)]))
def test_a_gaussian_adds_up_to_one_and_falls_off_evenly(sigma, kernel):
    bell = cells("gaussian", kernel, sigma)
    assert bell.sum() == pytest.approx(1)
    np.testing.assert_allclose(bell, bell[tuple(slice(None, None, -1) for _ in kernel)], rtol=1e-12)
    middle = bell[tuple(size // 2 for size in kernel)]
    assert middle == bell.max()
    # two cells on an axis, as far from the middle as they are: their ratio is that of the bell
    line = bell[(slice(None), *(size // 2 for size in kernel[1:]))]
    far, near = (kernel[0] - 1) / 2, (kernel[0] - 1) / 2 - 1
    assert line[0] / line[1] == pytest.approx(np.exp((near**2 - far**2) / (2 * sigma**2)))


@pytest.mark.parametrize("sigma", [1e-300, 1e-30, 1e30])
def test_extreme_gaussians_are_numbers(sigma):
    for kernel in ((3, 3), (4, 4)):
        bell = cells("gaussian", kernel, sigma)
        assert np.isfinite(bell).all() and bell.sum() == pytest.approx(1)


@given(st.integers(1, 12), st.floats(2, 12), st.floats(0.5, 6), st.floats(0.1, 2), st.sampled_from([(7, 7), (11, 9)]))
def test_gabors_have_mean_zero_and_unit_squares(orientations, wavelength, sigma, gamma, kernel):
    for number in range(orientations):
        wave = cells("gabor", kernel, orientations, wavelength, sigma, gamma, number=number)
        assert wave.sum() == pytest.approx(0, abs=1e-9)
        assert (wave**2).sum() == pytest.approx(1)


def test_gabors_turn():
    """Of four, the first sees vertical bars and the third horizontal ones; the formula, cell by cell."""
    one, three = (cells("gabor", (9, 9), 4, 5.0, 2.5, 0.3, number=number) for number in (0, 2))
    np.testing.assert_allclose(one, three.T, atol=1e-12)
    x, y = np.meshgrid(np.arange(-4, 5), np.arange(-4, 5))
    wave = np.exp(-(x**2 + 0.3**2 * y**2) / (2 * 2.5**2)) * np.cos(2 * np.pi * x / 5)
    wave -= wave.mean()
    np.testing.assert_allclose(one, wave / np.sqrt((wave**2).sum()), atol=1e-12)


def test_a_small_table_serves_every_filter_and_channel():
    made = layer("conv", 2, 2, weights=((1, 2), (3, 4)))
    weight = np.array(made.arrays(volume("5x5x3"))[0].start.table).reshape(2, 2, 2, 3)
    for number in range(2):
        for channel in range(3):
            assert weight[number, :, :, channel].tolist() == [[1, 2], [3, 4]]


def test_a_whole_table_is_taken_as_it_is():
    table = tuple(((float(number),),) for number in range(4))
    made = layer("conv", 4, 1, weights=tuple((row,) for row in table))
    assert made.arrays(volume("5x5x1"))[0].start.table == (0, 1, 2, 3)
    assert gives(layer("conv", 1, 3, weights=(1, 0, -1)), "9x4") == "7x1"


def test_numbers_are_made_once():
    tiled.cache_clear()
    made = layer("conv", 4, 7, weights=named_values()["gabor"](4, 3.0, 1.0))
    for _ in range(5):
        made.arrays(volume("9x9x3"))
    assert tiled.cache_info().misses == 1


def test_given_weights_are_constants_without_a_bias():
    found = body("input 8x8x3 ; conv(4, 3, weights=edge)")
    (array,) = found.arrays(found["conv1"])
    assert (array.role, array.trained) == ("constant", False)
    counted = cost(found)
    assert (counted.params, counted.constants, counted.macs) == (0, 4 * 27, 4 * 27 * 36)
    (parameter,) = lower(found).parameters
    assert not parameter.trained and parameter.start.recipe == "given"


def test_freeze_false_trains_them_and_a_bias_is_asked_for():
    found = body("input 8x8x3 ; conv(4, 3, weights=edge, freeze=false, bias=true)")
    assert [(array.name, array.role) for array in found.arrays(found["conv1"])] == [
        ("weight", "weight"), ("bias", "bias"),
    ]  # fmt: skip
    counted = cost(found)
    assert (counted.params, counted.constants) == (4 * 27 + 4, 0)
    weight, bias = lower(found).parameters
    assert weight.trained and weight.start.recipe == "given" and bias.trained
    frozen = graph("block b() { conv(4, 3, weights=edge, freeze=false) }\nnet N { input 8x8x3 ; b(freeze=true) }")
    assert not any(parameter.trained for parameter in lower(frozen).parameters)


@pytest.mark.parametrize("freeze", ["true", "false", ""])
@pytest.mark.parametrize("call", ["conv(2, 3, weights=edge", "rbf(2, weights=[[1, 2, 3, 4], [0, 0, 0, 0]]"])
def test_training_moves_them_only_when_it_should(call, freeze):
    size = "5x5x1" if call.startswith("conv") else "4"
    found = body(f"input {size} ; {call}{f', freeze={freeze}' if freeze else ''})")
    program = lower(found, {"output": "mse"})
    engine = load("numpy").build(program, optimizer=SGD(0.1))
    (before,) = engine.arrays().values()
    rng = np.random.default_rng(0)
    shapes = (program.inputs["input"].shape, program.targets["output"].shape)
    x, target = (rng.normal(size=(3, *shape)).astype(np.float32) for shape in shapes)
    engine.step({"input": x}, {"output": target})
    (after,) = engine.arrays().values()
    assert np.array_equal(before, after) == (freeze != "false")


def test_what_is_given_is_neither_started_nor_shared():
    (found,) = errors("net N { input 8x8x3 ; conv(4, 3, weights=edge, init=he) }")
    assert found.code == "E238" and "left out" in found.title
    (found,) = errors(
        "net N { input 8x8x3 ; a: conv(4, 3) ; in -> conv(4, 3, weights=edge, share=a) ; add { | a | a } }"
    )
    assert found.code == "E211" and "numbers of its own" in found.title
    shared = body("input 8x8x3 ; a: conv(3, 3, weights=edge, pad=1) ; conv(3, 3, share=a, bias=false)")
    assert shared["conv2"].owner == "a" and cost(shared).constants == 3 * 27


def test_connections_see_what_they_list():
    """Each filter is the convolution of its channels alone."""
    table = ((0, 2), (1,), (0, 1, 2))
    made = layer("conv", 3, 2, bias=False, connect=table)
    (weight,) = made.arrays(volume("5x5x3"))
    assert weight.shape == (6, 2, 2) and made.macs(volume("5x5x3")) == 6 * 4 * 16
    found = body("input 5x5x3 ; conv(3, 2, bias=false, connect=[[0, 2], [1], 0..3])")
    engine = load("numpy").build(lower(found))
    rng = np.random.default_rng(0)
    x, kernels = rng.normal(size=(1, 5, 5, 3)).astype(np.float32), rng.normal(size=(6, 2, 2)).astype(np.float32)
    engine.load({"conv1.weight": kernels})
    y = engine.predict({"input": x})["output"]
    expected, place = np.zeros((1, 4, 4, 3)), 0
    for number, row in enumerate(table):
        for channel in row:
            for i in range(2):
                for j in range(2):
                    expected[..., number] += kernels[place, i, j] * x[:, i : i + 4, j : j + 4, channel]
            place += 1
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_a_filter_is_a_value_that_can_be_passed_on():
    found = graph(
        """
        let smooth = gaussian(1)
        block filtered(k, bank) { conv(k, 5, pad=2, weights=bank) }
        net N { input 8x8x1 ; filtered(1, smooth) ; filtered(4, gabor(4, 3, sigma=1)) }
        """
    )
    assert [node.layer.written() for node in found.nodes[1:]] == [
        "conv(1, 5, pad=2, weights=gaussian(1))",
        "conv(4, 5, pad=2, weights=gabor(4, 3, 1))",
    ]


def test_a_mode_and_a_filter_may_share_their_name():
    found = body('input 8x8x1 ; pad(1, edge) -> conv(1, 3, weights=edge) -> conv(1, 3, weights="edge")')
    assert [str(node.volume) for node in found.nodes[1:]] == ["10x10x1", "8x8x1", "6x6x1"]


def test_long_tables_are_cut_where_a_call_is_shown():
    made = layer("rbf", 10, weights=tuple(tuple(1.0 for _ in range(84)) for _ in range(10)))
    assert len(made.written()) < 70 and made.written().endswith("…)")
