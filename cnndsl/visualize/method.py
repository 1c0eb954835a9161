"""Method: a way to say which pixels a score depends on. Each is a class with its paper; a user's own is found too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.random import key, normal
from cnndsl.record import Record
from cnndsl.train.choices import Choice
from cnndsl.train.limits import AT_LEAST_ZERO, Real, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnndsl.data.arrays import Array
    from cnndsl.graph import Graph
    from cnndsl.train.limits import Check
    from cnndsl.visualize.aim import Aim


class Found(Record):
    """What a method says: (N, H, W, C), what each number has to do with the score; maps (N, H, W) to be looked at.

    `rest` is a number for each image that the method promises something about.
    """

    shares: Array
    maps: Array
    rest: Array | None = None


class Method(Choice):
    """Base of the methods."""

    what: ClassVar[str] = "saliency method"
    #: what `rest` is, for who reads it
    rest: ClassVar[str] = ""

    def layer(self, graph: Graph, path: str) -> str:
        """The layer on the way to the unit's (`path`) that it needs the slopes of; "" for none."""
        return ""

    def find(self, aim: Aim) -> Found:
        """The shares and the maps for the images that are aimed at."""
        raise NotImplementedError


class Gradient(Method):
    """The slope of the score in each pixel, dS/dx; a map shows the largest magnitude over the channels.

    K. Simonyan, A. Vedaldi and A. Zisserman, Deep inside convolutional networks, 2014.
    """

    kind: ClassVar[str] = "gradient"
    known_as: ClassVar[tuple[str, ...]] = ("saliency", "vanilla", "VanillaGradient", "backprop")

    def find(self, aim: Aim) -> Found:
        return _of_slopes(aim.slopes(aim.x).inputs)


class SmoothGrad(Method):
    """The mean slope over `samples` copies of the image with normal noise, of `deviation` (max x - min x).

    D. Smilkov et al., SmoothGrad: removing noise by adding noise, 2017.
    """

    kind: ClassVar[str] = "smoothgrad"
    known_as: ClassVar[tuple[str, ...]] = ("smooth_grad", "SmoothGradient", "NoiseTunnel")
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "samples": (Whole(), 32),
        "deviation": (AT_LEAST_ZERO, 0.15),
        "seed": (Whole(0), 0),
    }
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "nt_samples": "samples",
        "stdevs": "deviation",
        "sigma": "deviation",
    }

    samples: int = 32
    deviation: float = 0.15
    seed: int = 0

    def find(self, aim: Aim) -> Found:
        spread = aim.x.max(axis=(1, 2, 3), keepdims=True) - aim.x.min(axis=(1, 2, 3), keepdims=True)
        total = np.zeros_like(aim.x)
        for number in range(self.samples):
            drawn = normal(key(self.seed, f"smoothgrad {number}"), aim.x.size).reshape(aim.x.shape)
            total += aim.slopes(aim.x + np.float32(self.deviation) * spread * drawn).inputs
        return _of_slopes(total / np.float32(self.samples))


class IntegratedGradients(Method):
    """(x - x0) times the mean slope on the way from a `baseline` image x0 to x, at `steps` places.

    The shares add up to S(x) - S(x0), which is called completeness; `rest` is what they miss of it, as the integral
    is a sum (at the middles of equal pieces). A map is the sum over the channels, with its sign.
    M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, 2017.
    """

    kind: ClassVar[str] = "integrated"
    known_as: ClassVar[tuple[str, ...]] = ("integrated_gradients", "IntegratedGradients", "ig", "IG")
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"steps": (Whole(), 64), "baseline": (Real(), 0.0)}
    settings_elsewhere: ClassVar[dict[str, str]] = {"n_steps": "steps", "m_steps": "steps", "baselines": "baseline"}
    rest: ClassVar[str] = "missing of S(x) - S(x0)"

    steps: int = 64
    baseline: float = 0.0

    def find(self, aim: Aim) -> Found:
        along = ((np.arange(self.steps) + 0.5) / self.steps).astype(np.float32)[:, None, None, None]
        shares, rest = np.empty_like(aim.x), np.empty(len(aim.x), np.float64)
        for number, image in enumerate(aim.x):
            start = np.full_like(image, self.baseline)
            slopes = aim.slopes(start + along * (image - start), number).inputs
            shares[number] = (image - start) * slopes.mean(axis=0)
            before, after = aim.scores(np.stack([start, image]), number).tolist()
            rest[number] = after - before - float(shares[number].sum(dtype=np.float64))
        return Found(shares, shares.sum(axis=-1), rest)


def _of_slopes(slopes: Array) -> Found:
    return Found(slopes, np.abs(slopes).max(axis=-1))
