"""Normalization: how raw pixels become what a net was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Normalization(Record):
    """(raw * scale - mean) / std, mean and std one for all channels or one a channel.

    It travels with the weights, so that an image read later is prepared as the training images were.
    """

    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def apply(self, raw: Any) -> NDArray[np.float32]:
        """Raw values, channels last, as the net wants them: float32 of the same shape; no copy if nothing changes."""
        if self == Normalization():
            return np.ascontiguousarray(raw, np.float32)
        scaled: NDArray[np.float32] = np.multiply(raw, np.float32(self.scale), dtype=np.float32)
        if self.mean != (0.0,):
            scaled -= np.asarray(self.mean, np.float32)
        if self.std != (1.0,):
            scaled /= np.asarray(self.std, np.float32)
        return scaled

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the fields by name."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Normalization:
        """From what `to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        factor, mean, std = (given[name] for name in cls.fields)
        return cls(float(factor), tuple(map(float, mean)), tuple(map(float, std)))


#: bytes to 0..1, what the loaders of images do
PIXELS = Normalization(scale=1 / 255)
