"""What a trained classifier sees in images: files to inputs, outputs to classes with probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.decoded import Broken, decode
from cnndsl.data.normalization import PIXELS, Normalization
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.images import ImageCorrupt
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.model import Model


class Guess(Record):
    """A class: its number, its name, and how probable it is, 0 to 1 (a score where the net gives no probability)."""

    number: int
    name: str
    probability: float

    def __str__(self) -> str:
        return f"{self.name} {self.probability:.1%}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON, with all digits."""
        return {"class": self.number, "name": self.name, "probability": self.probability}


def pixels(path: Path, shape: tuple[int, int, int], normalization: Normalization) -> Array:
    """An image as an input (H, W, C), float32: scaled and cut to that shape, prepared as in training.

    Weights that do not say how want 0 to 1. Raises CnnError (E516, E517).
    """
    try:
        raw = decode(path.read_bytes(), shape)
    except (Broken, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageCorrupt(NOWHERE, str(path), reason, alone=True).error() from None
    return (PIXELS if normalization == Normalization() else normalization).apply(raw)


def guesses(model: Model, images: Sequence[Array], top: int) -> list[tuple[Guess, ...]]:
    """For each image (H, W, C) the `top` likeliest classes, the likeliest first; of equals the first."""
    output = np.asarray(model.predict(np.stack(images)), np.float64)
    shares = probabilities(output.reshape(len(images), -1, output.shape[-1]).mean(axis=1))
    names = model.class_names or tuple(map(str, range(shares.shape[1])))
    order = np.argsort(-shares, axis=1, kind="stable")[:, :top]
    return [
        tuple(Guess(int(number), names[number], float(row[number])) for number in chosen)
        for row, chosen in zip(shares, order, strict=True)
    ]


def probabilities(output: Array) -> Array:
    """Rows (N, classes) of shares that add up to 1: those that do already as they are, of scores their softmax.

    A single number is how probable the second of two classes is.
    """
    if output.shape[1] == 1:
        yes = output if ((output >= 0) & (output <= 1)).all() else 1 / (1 + np.exp(-output))
        return np.concatenate([1 - yes, yes], axis=1)
    if (output >= 0).all() and np.allclose(output.sum(axis=1), 1, atol=1e-3):
        return output
    powers = np.exp(output - output.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares
