"""Nets of the further primitives, in and out of place: a slip in a lifetime of memory shows as a wrong number."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
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
    PRelu,
    Reduce,
    Resize,
    Slice,
    Standardize,
)
from cnndsl.program import Convolve, Dropout, Start, Unary
from tests.backends.build import Build
from tests.backends.gradients import check, random_targets
from tests.backends.test_numpy_rules import NUMPY, RNG, Still

SAME = (2, 4, 2)
FUNCTIONS = [("relu6", ()), ("leaky_relu", (-0.3,)), ("elu", (1.0,)), ("selu", ()), ("softplus", ()), ("gelu", ())]
FUNCTIONS += [("mish", ()), ("hardsigmoid", ()), ("abs", ()), ("negative", ()), ("multiply", (0.5,)), ("exp", ())]
TRAINING = [Noise(0.3, 1), Dropout(0.3, 2, "channel"), Dropout(0.3, 3, "example")]


def squeezed(net, x):
    """Back to the extents of the others, through a bounded function so that nothing grows."""
    return net.unary(net.apply(Resize("linear"), x, shape=SAME), "tanh")


def parameter(net, name, shape=(2,), role="norm"):
    return net.parameter(name, shape, Start("normal", 0.5), role)


@st.composite
def steps(draw, net, pick, name):
    """One small step, from values of extents SAME to one."""
    like = lambda primitive: net.apply(primitive, pick(), shape=SAME)  # noqa: E731
    match draw(st.integers(0, 11)):
        case 0:
            function, amounts = draw(st.sampled_from(FUNCTIONS))
            return net.unary(like(Unary(function, amounts)), "tanh")
        case 1:
            function = draw(st.sampled_from(["sub", "maximum", "average"]))
            return net.combine(function, *[pick() for _ in range(draw(st.integers(2, 3)))])
        case 2:
            return like(Affine(parameter(net, f"{name}.f"), parameter(net, f"{name}.o")))
        case 3:
            return like(PRelu(parameter(net, "slope")))  # shared by all
        case 4:
            return like(Standardize(*draw(st.sampled_from([(1, False), (1, True), (2, True)])), 0.1))
        case 5:
            return net.unary(like(LogSoftmax()), "sigmoid")
        case 6:
            return like(draw(st.sampled_from(TRAINING)))
        case 7:
            turned = net.unary(net.apply(Permute((2, 1, 0)), pick(), shape=(2, 4, 2)), "tanh")
            return net.apply(Permute((2, 1, 0)), turned, shape=SAME)
        case 8:
            wide = net.apply(
                Pad(((1, 2), (0, 1)), draw(st.sampled_from(["constant", "reflect", "edge"]))), pick(), shape=(5, 5, 2)
            )
            return net.apply(Slice((1, 1, 0), (3, 5, 2)), wide, shape=SAME)
        case 9:
            weight = parameter(net, f"{name}.w", (2, 2, 2, 2), "weight")
            primitive = ConvolveTransposed(weight, None, (2, 1), ((1, 0), (0, 0)), (1, 1), 1)
            return squeezed(net, net.apply(primitive, pick(), shape=(3, 5, 2)))
        case 10:
            seen = net.apply(Patches((2, 2), (1, 1), ((0, 1), (1, 0)), (1, 1), np.inf), pick(), shape=(2, 4, 4, 2))
            return net.apply(Reduce("median", -2), seen, shape=SAME)
        case _:
            weight = parameter(net, f"{name}.w", (3, 1, 1), "weight")
            mixed = Convolve(weight, None, (1, 1), ((0, 0),) * 2, (1, 1), 1, ((1,), (0, 1)))
            pooled = net.apply(AdaptivePool("average"), net.apply(mixed, pick(), shape=SAME), shape=(2, 3, 2))
            return squeezed(net, pooled)


@st.composite
def graphs(draw):
    net = Build()
    values = [net.input(*SAME), net.input(*SAME, name="z")]
    for number in range(draw(st.integers(2, 7))):
        pick = lambda: values[draw(st.integers(max(0, len(values) - 3), len(values) - 1))]  # noqa: E731
        values.append(draw(steps(net, pick, f"s{number}")))
    net.output(values[draw(st.integers(2, len(values) - 1))])
    net.squared_error(values[-1], "t")
    return net.program()


@given(graphs(), st.sampled_from([2, 9]))
@settings(max_examples=60, deadline=None)
def test_any_graph_has_the_numerical_gradients(program, batch):
    check(NUMPY, program, batch=batch, spread=0.7, count=6)


@given(graphs(), st.sampled_from([2, 9]))
@settings(max_examples=40, deadline=None)
def test_outputs_are_the_same_in_every_kind_of_run(program, batch):
    engine, rng = NUMPY.build(program, optimizer=Still(), dtype="float64"), RNG(0)
    inputs = {name: rng.normal(size=(batch, *value.shape)) for name, value in program.inputs.items()}
    targets = random_targets(program, batch, rng)
    predicted, (_, evaluated) = engine.predict(inputs), engine.evaluate(inputs, targets)
    np.testing.assert_allclose(predicted["y"], evaluated["y"], rtol=1e-12)
    loss = engine.gradients(inputs, targets)[0]
    stepped, outputs = engine.step(inputs, targets)
    np.testing.assert_allclose(loss, float(stepped), rtol=1e-12)
    random = any(isinstance(step.primitive, (Noise, Dropout)) for step in program.steps)
    if not random:
        np.testing.assert_allclose(predicted["y"], outputs["y"], rtol=1e-12)
