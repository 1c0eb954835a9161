"""The parameters as inference sees them: normalizations are folded into the weights before them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.folding import Fold

if TYPE_CHECKING:
    from .memory import Array
    from .parameters import Parameters


class Folded:
    """What a plan asks `Parameters` for, and besides the arrays of some folds, in memory of their own.

    They are copies, made again when inference runs after the parameters have changed: those stay what they are.
    """

    def __init__(self, folds: Iterable[Fold], parameters: Parameters) -> None:
        self.folds, self.parameters = tuple(folds), parameters
        self.dtype = parameters.dtype
        self.seen = -1  # changes of the parameters that the arrays know of
        self.like = {fold.weight: fold.of.weight for fold in self.folds}
        self.like |= {fold.bias: fold.norm.mean for fold in self.folds}
        self.arrays: dict[str, Array] = {}

    @property
    def bytes(self) -> int:
        """What the arrays take that were asked for."""
        return sum(array.nbytes for array in self.arrays.values())

    def array(self, name: str) -> Array:
        if name not in self.like:
            return self.parameters.array(name)
        if name not in self.arrays:
            self.arrays[name], self.seen = np.empty_like(self.parameters.array(self.like[name])), -1
        return self.arrays[name]

    def gradient(self, name: str, seat: int = 0) -> Array | None:
        """Inference has none."""
        return None

    def refresh(self) -> None:
        """Makes the arrays of the parameters as they are now."""
        if self.seen == self.parameters.changes:
            return
        with np.errstate(all="ignore"):
            for fold in self.folds:
                if fold.weight in self.arrays:
                    self._write(fold)
        self.seen = self.parameters.changes

    def _write(self, fold: Fold) -> None:
        slope, bias = fold.line(lambda name: self.parameters.array(name).astype(np.float64), np)
        weight = self.parameters.array(fold.of.weight)
        slopes = slope if fold.rows is None else slope[list(fold.rows)]
        column = slopes.astype(self.dtype).reshape(-1, *[1] * (weight.ndim - 1))
        np.multiply(weight, column, out=self.arrays[fold.weight])
        np.copyto(self.arrays[fold.bias], bias, casting="unsafe")
