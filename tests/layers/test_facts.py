"""What a layer's class says of it (`linear`, `bounds`, `by_channel`, …) against what it computes."""

from __future__ import annotations

from collections import defaultdict
from math import inf

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import load
from cnndsl.layers import kinds
from cnndsl.lower import lower
from tests.layers.build import layer, volume
from tests.layers.cases import Case, cases

CASES = [case for case in cases(most=1) if case.reason() is None]
NUMPY = load("numpy")
RANGES = [(-2.0, 3.0), (0.0, 3.0), (0.0, 9.0), (-5.0, 0.0), (1.0, 2.0)]
#: a constant for each of four channels
SHIFT = np.array([1, -2, 3, 5])


class Running:
    """A case's net in float64, ready to be asked for what it computes (not training)."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.layer = case.layer()
        self.engine = NUMPY.build(lower(case.graph()), dtype="float64")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        (y,) = self.engine.predict({"input": x[None]}).values()
        return np.asarray(y[0], np.float64)

    def image(self, low: float = -2.0, high: float = 3.0, seed: int = 0) -> np.ndarray:
        return np.random.default_rng(seed).uniform(low, high, self.case.volume.shape)


@pytest.fixture(scope="module")
def running() -> dict[str, Running]:
    return {str(case): Running(case) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_outputs_lie_within_the_bounds(case, running):
    net = running[str(case)]
    for low, high in RANGES:
        given = [(low, high), (np.tanh(low), np.tanh(high))] if net.layer.joins else [(low, high)]
        least, most = net.layer.bounds(*given)
        y = net(net.image(low, high))
        assert least - 1e-6 <= y.min() and y.max() <= most + 1e-6, (low, high)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_called_unchanged_and_transparent_is(case, running):
    net = running[str(case)]
    if net.layer.transparent:
        np.testing.assert_allclose(net(x := net.image()).ravel(), x.ravel(), atol=1e-6)
    if net.layer.unchanged:
        low, high = net.layer.unchanged
        np.testing.assert_allclose(net(x := net.image(low, min(high, 50.0))), x, atol=1e-5)


def test_linear_layers_and_no_others_are_linear(running):
    """A straight line between two inputs gives a straight line between the outputs, however it is called."""
    straight = defaultdict(set)
    for net in running.values():
        if net.layer.joins:
            continue  # the second branch of such a case is not linear
        a, b = net.image(-9, 9, seed=1), net.image(-9, 9, seed=2)
        between = net(0.3 * a + 0.7 * b)
        straight[net.layer.kind].add(np.allclose(between, 0.3 * net(a) + 0.7 * net(b), atol=1e-5))
    assert {kind: False not in found for kind, found in straight.items()} == {
        kind: cls.linear for kind, cls in kinds().items() if not cls.joins
    }


@pytest.mark.parametrize("case", [case for case in CASES if case.volume.channels > 1], ids=str)
def test_channels_that_are_apart_do_not_feel_each_other(case, running):
    net = running[str(case)]
    channels = case.volume.channels
    groups = net.layer.apart(*((channels, channels) if net.layer.joins else (channels,)))
    x = net.image()
    plain = np.array_split(net(x), groups, axis=-1)
    for number in range(groups if groups > 1 else 0):
        moved = x.copy()
        np.array_split(moved, groups, axis=-1)[number][...] += 1.5
        same = [np.allclose(one, other) for one, other in zip(plain, np.array_split(net(moved), groups, axis=-1))]
        assert all(same[:number] + same[number + 1 :])


def test_grouped_convolutions_keep_as_many_groups_apart_as_both_have():
    assert layer("conv", 12, 3, groups=6).apart(4) == 2
    assert layer("deconv", 12, 3, groups=6).apart(12) == 6
    assert layer("conv", 12, 3).apart(4) == 1
    assert layer("channel_shuffle", 2).apart(2) == layer("layernorm").apart(2) == 1


@pytest.mark.parametrize("norm", [layer("instancenorm"), layer("groupnorm", 4)], ids=str)
def test_what_centres_does_not_feel_a_constant_added_to_a_channel(norm, run):
    assert norm.centres(volume("6x5x4"))
    x = np.random.default_rng(0).normal(size=(6, 5, 4))
    np.testing.assert_allclose(run(x + SHIFT, norm), run(x, norm), atol=1e-4)


@pytest.mark.parametrize("norm", [layer("groupnorm", 2), layer("layernorm")], ids=str)
def test_a_mean_over_several_channels_leaves_their_differences(norm, run):
    assert not norm.centres(volume("6x5x4"))
    x = np.random.default_rng(0).normal(size=(6, 5, 4))
    assert np.abs(run(x + SHIFT, norm) - run(x, norm)).max() > 0.1


@pytest.mark.parametrize("norm, moves", [("batchnorm", False), ("batchnorm(freeze=true)", True)])
def test_a_bias_before_batchnorm_has_no_gradient(norm, moves):
    net = cnndsl.loads(f"net Small {{ input 6x6x2 ; conv(3, 3, bias=0.5) -> {norm} -> relu ; flatten -> fc(4) }}")
    model = net.compile(backend="numpy", optimizer="sgd", rate=0.1)
    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(32, 6, 6, 2)).astype("float32"), rng.integers(0, 4, 32), epochs=3, verbose=0)
    moved = np.abs(np.asarray(model.engine.arrays()["conv1.bias"]) - 0.5).max()
    assert (moved > 1e-3) == moves and (moved < 1e-5) != moves


def test_two_linear_layers_as_one():
    """5x5 for 3x3 behind 3x3; a stride of the first spreads the second; one fc for all before it."""
    three, image = layer("conv", 8, 3, pad=1), volume("28x28x3")
    assert layer("conv", 16, 3).absorbed(three, image) == 5 * 5 * 3 * 16
    assert layer("conv", 16, 3).absorbed(layer("conv", 8, 3, stride=2), image) == 7 * 7 * 3 * 16
    assert layer("conv", 16, 1).absorbed(layer("conv", 8, 3, dilation=2), image) == 5 * 5 * 3 * 16
    assert layer("conv", 6, 3, groups=3).absorbed(layer("conv", 6, 3, groups=3), image) == 5 * 5 * 1 * 6
    assert layer("conv", 6, 3, groups=3).absorbed(layer("conv", 6, 3), image) == 5 * 5 * 3 * 6
    assert layer("fc", 10).absorbed(three, image) == 28 * 28 * 3 * 10
    assert layer("deconv", 16, 3).absorbed(three, image) is None
    assert layer("conv", 2, 1).absorbed(layer("conv", 2, 1, connect=((0,), (1,))), image) is None


def test_regularizers_that_do_nothing_disturb_nothing():
    assert layer("dropout", 0.5).disturbs and layer("spatial_dropout", 0.1).disturbs
    assert not layer("dropout", 0).disturbs and not layer("relu").disturbs


def test_dropped_values_are_scaled_up():
    assert layer("dropout", 0.5).bounds((0.0, 6.0)) == (0.0, 12.0)
    assert layer("dropout", 0.5).bounds((1.0, 6.0)) == (0.0, 12.0)
    assert layer("noise", 0.5).bounds((0.0, 6.0)) == (-inf, inf)
