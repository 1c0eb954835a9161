"""The losses: values by hand and by a slow transcription, slopes against differences, MLX against NumPy."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from cnndsl.backends import available, load
from cnndsl.objectives import (
    OBJECTIVES,
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    SoftCrossEntropy,
    SquaredError,
)
from tests.backends import agreement, gradients
from tests.backends.build import Build

LOSSES = [
    CrossEntropy(),
    CrossEntropy(smoothing=0.2),
    CrossEntropy(class_weights=(0.5, 2.0, 1.0, 0.0)),
    CrossEntropy(smoothing=0.1, class_weights=(0.5, 2.0, 1.0, 3.0)),
    SoftCrossEntropy(),
    BinaryCrossEntropy(),
    BinaryCrossEntropy(positive_weight=3.0),
    Hinge(),
    Hinge(margin=0.3),
    SquaredError(),
    AbsoluteError(),
    Huber(),
    Huber(delta=0.4),
]
BACKENDS = [name for name, reason in available().items() if reason is None]
SHAPES = [(4,), (3, 2, 4)]


def program(loss, shape):
    """A linear net before a loss, so that both have gradients."""
    net = Build()
    x = net.input(*shape)
    net.loss(loss, net.output(net.conv(x, shape[-1], 1) if len(shape) > 1 else net.dense(x, shape[-1])), "t")
    return net.program()


def measured(loss, z, t, backend="numpy", dtype="float32"):
    """The loss of the outputs z for the targets t, and its gradient, by an engine."""
    net = Build()
    x = net.input(*z.shape[1:])
    net.loss(loss, net.output(net.reshape(x, *z.shape[1:])), "t")
    engine = load(backend).build(net.program(), dtype=dtype)
    value, slopes = engine.gradients({"x": z}, {"t": t})
    assert value == engine.evaluate({"x": z}, {"t": t})[0]
    return value, slopes["input:x"]


def test_every_loss_is_tested():
    assert {type(loss) for loss in LOSSES} == set(OBJECTIVES.values())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_slopes_are_the_differences(loss, shape):
    gradients.check(load("numpy"), program(loss, shape), batch=5)


@pytest.mark.parametrize("loss", [Hinge(), Hinge(margin=0.4), BinaryCrossEntropy(positive_weight=0.5)], ids=repr)
def test_slopes_of_a_single_score(loss):
    gradients.check(load("numpy"), program(loss, (1,)), batch=7)


@agreement.needed
@pytest.mark.parametrize("shape", [*SHAPES, (1,)])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_both_backends_agree(loss, shape):
    if shape == (1,) and isinstance(loss, CrossEntropy | SoftCrossEntropy):
        pytest.skip("one class is no choice")
    agreement.agree(program(loss, shape), batch=5)


def by_hand(loss, z, t):
    """A loss as its paper writes it, one example of one position at a time, in float64."""
    total = 0.0
    for row, target in zip(z.reshape(-1, z.shape[-1]).astype(float), np.asarray(t).reshape(len(z.reshape(-1, 4)), -1)):
        p = [exp(value) / sum(map(exp, row)) for value in row]
        match loss:
            case CrossEntropy():
                label = int(target[0])
                q = [(1 - loss.smoothing) * (c == label) + loss.smoothing / len(row) for c in range(len(row))]
                weight = loss.class_weights[label] if loss.class_weights else 1.0
                total -= weight * sum(share * log(chance) for share, chance in zip(q, p))
            case SoftCrossEntropy():
                total -= sum(share * log(chance) for share, chance in zip(target, p))
            case BinaryCrossEntropy():
                chances = [1 / (1 + exp(-value)) for value in row]
                parts = [loss.positive_weight * y * log(q) + (1 - y) * log(1 - q) for y, q in zip(target, chances)]
                total -= sum(parts) / len(row)
            case Hinge():
                label = int(target[0])
                total += sum(max(0.0, s - row[label] + loss.margin) for c, s in enumerate(row) if c != label)
            case SquaredError():
                total += sum((a - b) ** 2 for a, b in zip(row, target)) / len(row)
            case AbsoluteError():
                total += sum(abs(a - b) for a, b in zip(row, target)) / len(row)
            case Huber():
                for a, b in zip(row, target):
                    d, e = abs(a - b), loss.delta
                    total += (d * d / 2 if d <= e else e * (d - e / 2)) / len(row)
    return total * z.shape[-1] / z.size


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_values_are_those_of_the_formula(loss, shape, backend):
    rng = np.random.default_rng(3)
    z = rng.normal(0, 2, (6, *shape)).astype(np.float32)
    built = program(loss, shape)
    (t,) = gradients.random_targets(built, 6, rng).values()
    assert measured(loss, z, t, backend)[0] == pytest.approx(by_hand(loss, z, t), rel=2e-6)


def test_numbers_worked_out_by_hand():
    scores, label = np.array([[3.2, 5.1, -1.7]], np.float32), np.array([0])
    # CS231n, lecture 3: the cat's scores give a multiclass hinge of 2.9 and -log(0.13) = 2.04
    assert measured(Hinge(), scores, label)[0] == pytest.approx(2.9, rel=1e-6)
    assert measured(CrossEntropy(), scores, label)[0] == pytest.approx(2.04, abs=0.005)
    np.testing.assert_array_equal(measured(Hinge(), scores, label)[1], [[-1, 1, 0]])
    one = np.array([[0.25], [0.25]], np.float32)
    value, slope = measured(Hinge(), one, np.array([1, 0]))
    assert value == pytest.approx((0.75 + 1.25) / 2)
    np.testing.assert_array_equal(slope, [[-0.5], [0.5]])
    value, slope = measured(Huber(delta=1.0), np.array([[0.5, -3.0]], np.float32), np.zeros((1, 2)))
    assert value == pytest.approx((0.125 + 2.5) / 2)
    np.testing.assert_allclose(slope, [[0.25, -0.5]])


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_overflows(backend):
    z = np.array([[1000.0, -1000.0, 1000.0, -1000.0]], np.float32)
    t = np.array([[1.0, 0.0, 0.0, 1.0]], np.float32)
    value, slope = measured(BinaryCrossEntropy(), z, t, backend)
    assert value == pytest.approx(500.0)
    np.testing.assert_allclose(slope, [[0, 0, 0.25, -0.25]], atol=1e-7)
    value, slope = measured(CrossEntropy(smoothing=0.1), z[:, :2], np.array([0]), backend)
    assert value == pytest.approx(0.05 * 2000)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_at_a_kink_the_gradient_is_0(backend):
    z = np.array([[1.0, -2.0]], np.float32)
    np.testing.assert_array_equal(measured(AbsoluteError(), z, z, backend)[1], [[0, 0]])
    np.testing.assert_array_equal(measured(Hinge(), np.array([[1.0]], np.float32), np.array([1]), backend)[1], [[0]])
    np.testing.assert_array_equal(
        measured(Hinge(), np.array([[3.0, 2.0]], np.float32), np.array([0]), backend)[1], [[0, 0]]
    )


def test_weights_of_classes_are_those_of_repeated_examples():
    """An example of a class with weight 2 counts as if it were there twice."""
    rng = np.random.default_rng(0)
    z, t = rng.normal(size=(3, 4)).astype(np.float32), np.array([1, 0, 2])
    weighted, _ = measured(CrossEntropy(class_weights=(1, 2, 1, 1)), z, t)
    repeated, _ = measured(CrossEntropy(), z[[0, 0, 1, 2]], t[[0, 0, 1, 2]])
    assert weighted * 3 == pytest.approx(repeated * 4, rel=1e-6)
