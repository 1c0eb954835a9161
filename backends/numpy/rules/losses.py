"""The losses: a number for each example; the engine takes the mean over the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

import numpy as np

from cnndsl.objectives import (
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    Objective,
    SoftCrossEntropy,
    SquaredError,
)

from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array

P = TypeVar("P", bound=Objective)


class Loss(Rule[P]):
    """Base of the losses: all read their inputs again."""

    reads_inputs: ClassVar[bool] = True

    def mean(self, losses: Array) -> None:
        """y = the mean of each example's losses."""
        np.mean(losses.reshape(len(losses), -1), axis=1, out=self.y.array)

    def share(self, target: Array) -> Array:
        """dy for each of an example's numbers, over which the mean is taken; to be broadcast over `target`."""
        numbers = max(target.size // len(target), 1)
        return (self.dy.array / numbers).reshape(-1, *[1] * (target.ndim - 1))


class Labelled(Loss[P]):
    """Base of the losses with labels, one a position."""

    whole: ClassVar[tuple[int, ...]] = (1,)

    @property
    def labels(self) -> Array:
        return self.x[1].array

    def kept(self, backward: bool) -> None:
        """Asks for an array like the scores, which `backward` finds as `forward` left it."""
        ask = self.workspace.kept if backward else self.workspace.forward_scratch
        self.shares = ask(self.x[0].shape)

    def add_at_labels(self, array: Array, amount: Array | float) -> None:
        """Adds to what stands at the label of each position."""
        flat = array.reshape(-1, array.shape[-1])
        flat[np.arange(len(flat)), self.labels.reshape(-1)] += amount


def at_labels(array: Array, labels: Array) -> Array:
    """What stands at the label of each position."""
    return np.take_along_axis(array, labels[..., None], axis=-1)[..., 0]


def exponentials(z: Array, out: Array) -> tuple[Array, Array]:
    """Softmax of z over the channels in `out`; gives the largest of each row and the sum of exp(z - largest)."""
    top = z.max(axis=-1)
    np.subtract(z, top[..., None], out=out)
    np.exp(out, out=out)
    total = out.sum(axis=-1)
    out /= total[..., None]
    return top, total


@rule(CrossEntropy)
class Surprise(Labelled[CrossEntropy]):
    """y = mean of w[label] (logsumexp(z) - (1 - s) z[label] - s mean(z));

    dz = (softmax(z) - (1 - s) [c = label] - s / C) w[label] dy / positions.
    """

    def prepare(self, backward: bool) -> None:
        self.kept(backward)

    def forward(self) -> None:
        z, labels, s = self.x[0].array, self.labels, self.primitive.smoothing
        top, total = exponentials(z, self.shares.array)
        losses = np.log(total, out=total) + (top - at_labels(z, labels))
        if s:
            losses += s * (at_labels(z, labels) - z.mean(axis=-1))
        if self.primitive.class_weights:
            losses *= self.weights(z)
        self.mean(losses)

    def weights(self, z: Array) -> Array:
        return np.asarray(self.primitive.class_weights, z.dtype)[self.labels]

    def backward(self) -> None:
        dz, s = self.dx[0], self.primitive.smoothing
        assert dz is not None, "labels have no gradient"
        np.copyto(dz.array, self.shares.array)
        self.add_at_labels(dz.array, s - 1)
        if s:
            dz.array -= s / dz.shape[-1]
        share = self.share(self.labels)
        if self.primitive.class_weights:
            share = share * self.weights(dz.array)
        dz.array *= share[..., None]


@rule(SoftCrossEntropy)
class SoftSurprise(Loss[SoftCrossEntropy]):
    """y = mean of logsumexp(z) sum(q) - q z; dz = (softmax(z) sum(q) - q) dy / positions."""

    def prepare(self, backward: bool) -> None:
        ask = self.workspace.kept if backward else self.workspace.forward_scratch
        self.shares = ask(self.x[0].shape)

    def forward(self) -> None:
        z, q = self.x[0].array, self.x[1].array
        top, total = exponentials(z, self.shares.array)
        self.mean((np.log(total) + top) * q.sum(axis=-1) - np.einsum("...c,...c->...", q, z))

    def backward(self) -> None:
        dz, q = self.dx[0], self.x[1].array
        assert dz is not None, "targets have no gradient"
        np.multiply(self.shares.array, q.sum(axis=-1, keepdims=True), out=dz.array)
        dz.array -= q
        dz.array *= self.share(q[..., 0])[..., None]


@rule(Hinge)
class Margin(Labelled[Hinge]):
    """y = mean of sum over c != label of max(0, z[c] - z[label] + m); dz = 1 where that is above 0, minus their sum."""

    def prepare(self, backward: bool) -> None:
        self.kept(backward)

    def forward(self) -> None:
        z, labels, slopes = self.x[0].array, self.labels, self.shares.array
        if z.shape[-1] == 1:
            sign = 1 - 2 * labels[..., None].astype(z.dtype)
            short = np.maximum(self.primitive.margin + sign * z, 0)
            np.multiply(short > 0, sign, out=slopes)
            self.mean(short[..., 0])
            return
        short = z - (at_labels(z, labels) - self.primitive.margin)[..., None]
        np.put_along_axis(short, labels[..., None], 0, axis=-1)
        np.maximum(short, 0, out=short)
        np.greater(short, 0, out=slopes)
        self.add_at_labels(slopes, -slopes.reshape(-1, z.shape[-1]).sum(axis=-1))
        self.mean(short.sum(axis=-1))

    def backward(self) -> None:
        dz = self.dx[0]
        assert dz is not None, "labels have no gradient"
        np.multiply(self.shares.array, self.share(self.labels)[..., None], out=dz.array)


@rule(BinaryCrossEntropy)
class Decision(Loss[BinaryCrossEntropy]):
    """y = mean of p t softplus(-z) + (1 - t) softplus(z); dz = (sigmoid(z) (1 - t + p t) - p t) dy / elements.

    With softplus(z) = max(z, 0) + log(1 + exp(-|z|)) and softplus(-z) = softplus(z) - z nothing overflows.
    """

    def forward(self) -> None:
        z, t, p = self.x[0].array, self.x[1].array, self.primitive.positive_weight
        soft = np.log1p(np.exp(-np.abs(z)))
        soft += np.maximum(z, 0)
        self.mean(soft * (1 - t + p * t) - p * t * z)

    def backward(self) -> None:
        z, t, p, dz = self.x[0].array, self.x[1].array, self.primitive.positive_weight, self.dx[0]
        assert dz is not None, "targets have no gradient"
        small = np.exp(-np.abs(z))
        np.divide(np.where(z >= 0, 1, small), 1 + small, out=dz.array)
        dz.array *= 1 - t + p * t
        dz.array -= p * t
        dz.array *= self.share(z)


class Difference(Loss[P]):
    """Base of the losses of d = x - target, with dx = slope(d) dy / elements and dt = -dx."""

    def prepare(self, backward: bool) -> None:
        self.difference = self.workspace.forward_scratch(self.x[0].shape)

    def forward(self) -> None:
        d = np.subtract(self.x[0].array, self.x[1].array, out=self.difference.array)
        self.measure(d.reshape(len(d), -1))

    def measure(self, d: Array) -> None:
        """Writes y from the differences (N, elements), which it may overwrite."""
        raise NotImplementedError

    def slope(self, d: Array) -> None:
        """Turns differences into slopes in place."""
        raise NotImplementedError

    def backward(self) -> None:
        x, target = self.x[0].array, self.x[1].array
        share = self.share(x)
        for dx, sign in zip(self.dx, (1, -1)):
            if dx is not None:
                self.slope(np.subtract(x, target, out=dx.array))
                dx.array *= sign * share


@rule(SquaredError)
class Squared(Difference[SquaredError]):
    """y = mean of d^2; slope 2 d."""

    def measure(self, d: Array) -> None:
        np.einsum("ne,ne->n", d, d, out=self.y.array)
        self.y.array /= d.shape[1]

    def slope(self, d: Array) -> None:
        d *= 2


@rule(AbsoluteError)
class Absolute(Difference[AbsoluteError]):
    """y = mean of |d|; slope the sign of d."""

    def measure(self, d: Array) -> None:
        self.mean(np.abs(d, out=d))

    def slope(self, d: Array) -> None:
        np.sign(d, out=d)


@rule(Huber)
class Robust(Difference[Huber]):
    """y = mean of c (|d| - c / 2), c = min(|d|, delta); slope d, held within -delta to delta."""

    def measure(self, d: Array) -> None:
        np.abs(d, out=d)
        near = np.minimum(d, self.primitive.delta)
        d -= near / 2
        d *= near
        self.mean(d)

    def slope(self, d: Array) -> None:
        np.clip(d, -self.primitive.delta, self.primitive.delta, out=d)
