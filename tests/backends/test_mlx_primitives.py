"""The primitives of the other layers on MLX against NumPy: values and gradients, in one to three dimensions."""

from __future__ import annotations

from importlib import import_module
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnndsl.primitives import (
    AdaptivePool,
    Affine,
    ConvolveTransposed,
    LogSoftmax,
    Noise,
    Pad,
    Patches,
    Permute,
    Positionwise,
    PRelu,
    Reduce,
    Resize,
    Slice,
    SquaredDistance,
    Standardize,
)
from cnndsl.program import Start
from cnndsl.train.optimizers import SGD
from tests.backends.agreement import NUMPY, agree, build, close, needed
from tests.backends.build import Build, per_axis, positions

pytestmark = needed
NORMAL = Start("normal", 0.5)


def after(make, *shapes):
    """A program of one step, made by `make(net, *inputs)`, before a loss."""
    net = Build()
    net.squared_error(net.output(make(net, *(net.input(*shape, name=f"x{i}") for i, shape in enumerate(shapes)))), "t")
    return net.program()


def ties(*shape, seed=0, values=3):
    return {"x0": np.random.default_rng(seed).integers(0, values, shape).astype(np.float32)}


def painted(shape, kernel, stride, pads, dilation, extra):
    """The extents of a transposed convolution's output."""
    axes = zip(shape, kernel, stride, pads, dilation, extra)
    return [(w - 1) * s - lo - hi + d * (f - 1) + 1 + more for w, f, s, (lo, hi), d, more in axes]


def deconvolution(shape, filters, kernel, stride=1, pads=0, dilation=1, groups=1, extra=0, bias=True):
    """`extra` is the output padding."""
    rank = len(shape) - 1
    kernel, stride, dilation, extra = (per_axis(size, rank) for size in (kernel, stride, dilation, extra))
    pads = ((pads, pads),) * rank if isinstance(pads, int) else pads
    outs = painted(shape, kernel, stride, pads, dilation, extra)

    def make(net, x):
        weight = net.parameter("weight", (filters, *kernel, shape[-1] // groups), NORMAL, "weight")
        offset = net.offset("deconv", filters) if bias else None
        primitive = ConvolveTransposed(weight, offset, stride, pads, dilation, groups)
        return net.apply(primitive, x, shape=(*outs, filters))

    return after(make, shape)


@st.composite
def deconvolutions(draw):
    rank = draw(st.integers(1, 3))
    sizes = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    options = {"stride": sizes(1, 4), "dilation": sizes(1, 3), "groups": groups, "bias": draw(st.booleans())}
    options["pads"] = tuple((draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in range(rank))
    options["extra"] = tuple(draw(st.integers(0, s - 1)) for s in options["stride"])
    shape, kernel = (*sizes(1, 5 - rank), groups * draw(st.integers(1, 3))), sizes(1, 4)
    spread = {name: options[name] for name in ("stride", "pads", "dilation", "extra")}
    assume(min(painted(shape, kernel, **spread)) >= 1)
    return shape, groups * draw(st.integers(1, 3)), kernel, options


@given(deconvolutions(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_transposed_convolution(drawn, native):
    """Any stride, dilation, padding and output padding; kernels that do not reach every phase of a stride."""
    shape, filters, kernel, options = drawn
    agree(deconvolution(shape, filters, kernel, **options), 2, native=native)


@pytest.mark.parametrize("native", [False, True], ids=["slices", "native"])
@pytest.mark.parametrize(
    ("shape", "filters", "kernel", "options"),
    [
        ((7, 6, 64), 32, 2, {"stride": 2}),
        ((4, 4, 40), 33, 4, {"stride": 2, "pads": 1}),
        ((5, 5, 32), 64, 3, {"stride": 2, "pads": 1, "extra": 1, "groups": 4}),
        ((3, 4, 3, 16), 8, 3, {"stride": (1, 2, 2), "pads": 1, "groups": 2}),
    ],
)
def test_transposed_convolution_of_many_channels(shape, filters, kernel, options, native):
    agree(deconvolution(shape, filters, kernel, **options), 2, native=native)


WINDOWS = [
    ((7,), 3, 2, 0, 1, 0.0),
    ((5, 6), 3, 1, 1, 1, 0.0),
    ((6, 5), (2, 3), 2, ((0, 1), (1, 0)), (2, 1), float("inf")),
    ((3, 4, 4), 2, 1, 0, 1, 0.0),
]


@pytest.mark.parametrize(("extents", "kernel", "stride", "pads", "dilation", "fill"), WINDOWS)
def test_patches(extents, kernel, stride, pads, dilation, fill):
    rank = len(extents)
    kernel, stride, dilation = (per_axis(size, rank) for size in (kernel, stride, dilation))
    pads = ((pads, pads),) * rank if isinstance(pads, int) else pads
    outs = positions(extents, kernel, stride, pads, dilation)

    def make(net, x):
        cells = net.apply(Patches(kernel, stride, pads, dilation, fill), x, shape=(*outs, prod(kernel), 3))
        return cells if fill == 0 else net.apply(Reduce("median", -2), cells, shape=(*outs, 3))

    agree(after(make, (*extents, 3)))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("positions", [(3,), (2, 3), (2, 3, 2)])
def test_positionwise(positions, bias):
    def make(net, x):
        weight = net.parameter("weight", (*positions, 5, 4, 2), NORMAL, "weight")
        offset = net.parameter("bias", (*positions, 5), NORMAL, "bias") if bias else None
        return net.apply(Positionwise(weight, offset), x, shape=(*positions, 5))

    agree(after(make, (*positions, 4, 2)))


@pytest.mark.parametrize("shape", [(6,), (3, 6), (2, 3, 6)])
def test_squared_distance(shape, monkeypatch):
    """With all prototypes at once, and with some at a time."""

    def make(net, x):
        prototypes = net.parameter("prototypes", (7, 6), NORMAL, "weight")
        return net.apply(SquaredDistance(prototypes), x, shape=(*shape[:-1], 7))

    agree(after(make, shape))
    monkeypatch.setattr("cnndsl.backends.mlx.rules.patches.MOST", 3 * prod(shape) * 2)
    agree(after(make, shape))


def test_near_a_prototype_nothing_cancels():
    net = Build()
    x = net.input(4)
    prototypes = net.parameter("prototypes", (1, 4), Start("constant", 1000.0), "constant", False)
    net.output(net.apply(SquaredDistance(prototypes), x, shape=(1,)))
    found = build(net.program()).predict({"x": np.full((1, 4), 1000.5, np.float32)})["y"]
    assert found[0, 0] == 1


@pytest.mark.parametrize("axis", [-1, -2])
@pytest.mark.parametrize("length", [1, 4, 9])
@pytest.mark.parametrize("function", ["max", "median", "mode"])
def test_reduce(function, length, axis):
    """Of equals the first holder gets the gradient; padding that is infinite does not count."""
    shape = (5, length, 3) if axis == -2 else (5, 3, length)
    program = after(lambda net, x: net.apply(Reduce(function, axis), x, shape=(5, 3)), shape)
    inputs = ties(4, *shape, seed=length)
    agree(program, inputs=inputs)
    agree(program)
    if function != "max":
        padded = inputs["x0"].copy()
        padded[:, :, : length // 2] = np.inf
        if axis == -1:
            padded = inputs["x0"].copy()
            padded[..., : length // 2] = np.inf
        agree(program, inputs={"x0": padded})


@pytest.mark.parametrize("function", ["average", "max"])
@pytest.mark.parametrize(
    ("extents", "outs"), [((7,), (3,)), ((8, 6), (4, 3)), ((5, 4), (7, 1)), ((3, 5, 4), (2, 2, 3))]
)
def test_adaptive_pool(function, extents, outs):
    program = after(lambda net, x: net.apply(AdaptivePool(function), x, shape=(*outs, 2)), (*extents, 2))
    agree(program)
    agree(program, inputs=ties(3, *extents, 2))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize(
    ("extents", "outs"), [((4,), (8,)), ((5, 3), (7, 9)), ((6, 4), (3, 1)), ((2, 3, 2), (4, 3, 5))]
)
def test_resize(mode, extents, outs):
    agree(after(lambda net, x: net.apply(Resize(mode), x, shape=(*outs, 2)), (*extents, 2)))


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
@pytest.mark.parametrize(
    ("extents", "pads"), [((4,), ((2, 3),)), ((3, 5), ((1, 0), (2, 4))), ((2, 3, 4), ((1, 1),) * 3)]
)
def test_pad(mode, extents, pads):
    outs = [low + extent + high for extent, (low, high) in zip(extents, pads)]
    agree(after(lambda net, x: net.apply(Pad(pads, mode, 1.5), x, shape=(*outs, 2)), (*extents, 2)))


def test_permute_and_slice():
    agree(after(lambda net, x: net.apply(Permute((2, 0, 3, 1)), x, shape=(4, 2, 5, 3)), (2, 3, 4, 5)))
    agree(after(lambda net, x: net.apply(Slice((0, 1, 2), (3, 2, 4)), x, shape=(3, 1, 2)), (3, 4, 5)))


@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 4, 5)])
def test_numbers_per_channel(shape):
    def parameter(net, name):
        return net.parameter(name, (5,), NORMAL, "norm")

    agree(after(lambda net, x: net.apply(PRelu(parameter(net, "slope")), x, shape=shape), shape))
    for factor, offset in ("f", "o"), ("f", None), (None, "o"):
        agree(
            after(
                lambda net, x, f=factor, o=offset: net.apply(
                    Affine(f and parameter(net, f), o and parameter(net, o)), x, shape=shape
                ),
                shape,
            )
        )


@pytest.mark.parametrize(("groups", "spatial"), [(1, False), (3, False), (1, True), (3, True), (6, True)])
@pytest.mark.parametrize("extents", [(5,), (4, 3), (2, 3, 2)])
def test_standardize(extents, groups, spatial):
    shape = (*extents, 6)
    program = after(lambda net, x: net.apply(Standardize(groups, spatial, 1e-3), x, shape=shape), shape)
    agree(program, tolerance=5e-5)


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4)])
def test_log_softmax(shape):
    large = np.random.default_rng(0).normal(0, 50, (3, *shape)).astype(np.float32)
    agree(after(lambda net, x: net.apply(LogSoftmax(), x, shape=shape), shape), inputs={"x0": large})


@pytest.mark.parametrize("shape", [(7,), (5, 4, 3)])
def test_noise_is_that_of_the_generator(shape):
    program = after(
        lambda net, x: net.apply(Noise(0.7, 11), net.dense(x, 7) if x.shape == (7,) else x, shape=shape), shape
    )
    agree(program)
    x = np.zeros((9, *shape), np.float32)
    numpy, mlx = (make(program, optimizer=SGD(0.1), seed=5) for make in (NUMPY.build, build))
    steps = []
    for _ in range(2):
        outputs = [engine.step({"x0": x}, {"t": x})[1] for engine in (numpy, mlx)]
        close(*outputs, "noise", 1e-5)
        steps.append(np.asarray(outputs[1]["y"]))
    assert not np.allclose(*steps)


def test_both_backends_have_the_same_rules():
    numpy, mlx = (import_module(f"cnndsl.backends.{name}.rules").TABLE for name in ("numpy", "mlx"))
    assert numpy.keys() == mlx.keys()
