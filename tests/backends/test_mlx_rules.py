"""Every primitive on MLX against NumPy: values and gradients, in one to three dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backends.agreement import agree, needed
from tests.backends.build import Build
from tests.backends.test_numpy_convolution import convolutions
from tests.backends.test_numpy_rules import pools

pytestmark = needed


def after(make, *shapes, loss="squared_error"):
    """A program of one step, made by `make(net, *inputs)`, before a loss."""
    net = Build()
    values = [net.input(*shape, name=f"x{i}") for i, shape in enumerate(shapes)]
    y = net.output(make(net, *values))
    getattr(net, loss)(y, "t")
    return net.program()


def convolution(shape, filters, kernel, **options):
    return after(lambda net, x: net.conv(x, filters, kernel, **options), shape)


@given(convolutions(), st.integers(1, 3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_convolution(drawn, batch, native):
    """Any stride, asymmetric padding, dilation and grouping; by slices as on a CPU, and natively as on a GPU."""
    shape, filters, kernel, options = drawn
    agree(convolution(shape, filters, kernel, **options), batch, native=native)


WIDE = [
    # kernels differ with the alignment of channels: multiples of 32 or not, and large ones
    ((9, 8, 32), 32, 3, {"pads": 1}),
    ((9, 8, 33), 31, 3, {"pads": 1, "stride": 2}),
    ((6, 6, 128), 160, 3, {"pads": 1}),
    ((7, 7, 64), 64, 1, {"stride": 2}),
    ((11, 12, 48), 40, 3, {"dilation": 2, "pads": 2}),
    ((11, 12, 3), 16, 7, {"stride": 2, "pads": 3}),
    ((9, 9, 32), 32, 5, {"pads": ((4, 7), (0, 6))}),  # padding as large as the kernel and larger
    ((9, 9, 64), 96, 3, {"groups": 2, "pads": 1}),
    ((9, 9, 40), 40, 3, {"groups": 40, "pads": 1}),
    ((9, 9, 12), 36, 3, {"groups": 12, "stride": 2}),  # three filters a channel
    ((200, 2), 40, 80, {"stride": 4}),
    ((50, 48), 33, 3, {"pads": 1, "dilation": 3}),
    ((5, 6, 7, 36), 34, 3, {"pads": 1, "stride": (1, 2, 2)}),
    ((4, 5, 6, 8), 8, (3, 1, 3), {"groups": 4, "pads": ((0, 2), (0, 0), (1, 0))}),
]


@pytest.mark.parametrize("native", [False, True], ids=["slices", "native"])
@pytest.mark.parametrize(("shape", "filters", "kernel", "options"), WIDE)
def test_convolution_of_many_channels(shape, filters, kernel, options, native):
    agree(convolution(shape, filters, kernel, **options), 2, native=native)


def test_a_frozen_convolution_has_no_gradient():
    found = agree(convolution((6, 6, 2), 3, 3, trained=False))
    assert found.keys() == {"input:x0"}


@pytest.mark.parametrize("bias", [True, False])
def test_dense(bias):
    agree(after(lambda net, x: net.dense(x, 7, bias=bias), (33,)))


@given(pools(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_max_pool_gives_ties_to_the_first(drawn, seed):
    """Small whole numbers, so ties abound; overlapping, dilated, overhanging windows."""
    shape, kernel, options, _ = drawn
    x = np.random.default_rng(seed).integers(0, 3, (2, *shape)).astype(np.float32)
    agree(after(lambda net, x: net.maxpool(x, kernel, **options), shape), inputs={"x0": x}, seed=seed)


@given(pools())
@settings(max_examples=40, deadline=None)
def test_average_pool(drawn):
    shape, kernel, options, counted = drawn
    agree(after(lambda net, x: net.averagepool(x, kernel, counted=counted, **options), shape))


def test_a_pool_of_negative_values_ignores_its_padding():
    x = -1 - np.random.default_rng(0).random((1, 5, 4, 2), np.float32)
    agree(after(lambda net, x: net.maxpool(x, 3, 2, pads=1), (5, 4, 2)), inputs={"x0": x})


@pytest.mark.parametrize("shape", [(7, 2), (5, 4, 3), (2, 3, 4, 2)])
def test_global_average(shape):
    agree(after(lambda net, x: net.global_average(x), shape))


@pytest.mark.parametrize("function", ["relu", "sigmoid", "tanh"])
def test_unary(function):
    x = np.array([[-1e4, -90, -1, -0.0, 0.0, 1e-3, 2, 1e4]], np.float32)
    agree(after(lambda net, x: net.unary(x, function), (8,)), inputs={"x0": x})


@pytest.mark.parametrize("function", ["add", "mul"])
@pytest.mark.parametrize(
    "shapes", [((4, 3, 2), (4, 3, 2)), ((4, 3, 2), (1, 1, 2), (4, 3, 1)), ((1, 3, 2), (4, 1, 2)), ((5,), (5,), (5,))]
)
def test_combine(function, shapes):
    agree(after(lambda net, *xs: net.combine(function, *xs), *shapes))


def test_concat_and_reshape():
    agree(after(lambda net, *xs: net.concat(*xs, xs[0]), (2, 3, 1), (2, 3, 4)))
    agree(after(lambda net, x: net.reshape(net.relu(net.reshape(x, 4, 6)), 24), (2, 3, 4)))


@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 2, 4)])
def test_softmax_and_losses(shape):
    large = np.random.default_rng(0).normal(0, 50, (3, *shape)).astype(np.float32)
    agree(after(lambda net, x: net.softmax(x), shape), inputs={"x0": large})
    agree(after(lambda net, x: net.reshape(x, *shape), shape, loss="cross_entropy"), inputs={"x0": large})
    agree(after(lambda net, x: net.reshape(x, *shape), shape))


def test_several_losses_are_added():
    net = Build()
    x = net.input(6)
    one, two = net.output(net.dense(x, 4), "one"), net.output(net.dense(x, 5), "two")
    net.squared_error(one, "a")
    net.cross_entropy(two, "b")
    agree(net.program())


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("shape", [(5,), (6, 3), (3, 4, 3), (2, 3, 2, 4)])
def test_batch_norm(shape, affine, frozen):
    agree(after(lambda net, x: net.batchnorm(x, affine=affine, frozen=frozen), shape), batch=5, tolerance=5e-5)


@pytest.mark.parametrize(("size", "depth", "beta"), [(5, 8, 0.75), (4, 8, 0.5), (1, 3, 0.75), (9, 3, 1.2)])
def test_local_response_norm(size, depth, beta):
    agree(after(lambda net, x: net.lrn(x, size, 0.3, beta, 1.5), (3, 2, depth)))


@pytest.mark.parametrize("shape", [(9,), (5, 3), (4, 3, 2)])
def test_dropout(shape):
    agree(after(lambda net, x: net.dropout(net.unary(x, "tanh"), 0.4, 7), shape))


def test_a_parameter_used_twice():
    net = Build()
    x = net.conv(net.input(6, 6, 3), 3, 3, pads=1, name="shared")
    net.squared_error(net.batchnorm(net.conv(net.batchnorm(x, name="norm"), 3, 3, pads=1, name="shared"), name="norm"))
    agree(net.program(), tolerance=1e-4)


def test_groups_of_several_channels_are_taken_apart_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnndsl.backends.mlx.rules import convolution

    several = convolution.Case((1, 1), (1, 1), 5, 3, True)
    for cuda, wanted in ((False, convolution.native), (True, convolution.grouped)):
        monkeypatch.setattr(convolution, "on_cuda", lambda cuda=cuda: cuda)
        assert convolution.way(several) is wanted
        assert convolution.way(several.replace(groups=1)) is convolution.native
        assert convolution.way(several.replace(depth=1)) is convolution.native


def test_which_way_a_cpu_takes() -> None:
    """As it was measured: see the table and its reasons."""
    from cnndsl.backends.mlx.rules import convolution

    deep = convolution.Case((1, 1), (1, 1), 1, 64, False, True, (3, 3))
    for changes, wanted in (
        ({}, "products"),
        ({"depth": 3}, "products"),
        ({"stride": (2, 1)}, "products"),
        ({"dilation": (1, 2)}, "frugal"),
        ({"kernel": (1, 1)}, "by_cells"),
        ({"kernel": (1, 1), "stride": (2, 2), "learning": False}, "by_cells"),
        ({"groups": 2}, "grouped"),
        ({"groups": 64, "depth": 1}, "depthwise"),
        ({"learning": False, "stride": (2, 2), "depth": 3}, "native"),
        ({"learning": False, "dilation": (2, 2)}, "frugal"),
        ({"learning": False, "groups": 2}, "grouped"),
    ):
        assert convolution.way(deep.replace(**changes)).__name__ == wanted, changes
