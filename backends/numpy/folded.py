"""The parameters as inference sees them: normalizations folded into weights, and laid out as products read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.folding import Fold

if TYPE_CHECKING:
    from .memory import Array
    from .parameters import Parameters


class Folded:
    """What a plan asks `Parameters` for, and besides the arrays of some folds and constants, in memory of their own.

    They are copies, made again when inference runs after the parameters have changed: those stay what they are.
    `copies` says whether there may be such that are as large as weights.
    """

    def __init__(self, folds: Iterable[Fold], parameters: Parameters, copies: bool) -> None:
        self.folds, self.parameters, self.copies = tuple(folds), parameters, copies
        self.dtype = parameters.dtype
        self.seen = -1  # changes of the parameters that the arrays know of
        self.like = {fold.weight: fold.of.weight for fold in self.folds}
        self.like |= {fold.bias: fold.norm.mean for fold in self.folds}
        self.arrays: dict[str, Array] = {}
        self.constants: dict[tuple[str, tuple[int, ...]], tuple[Array, Callable[[Array], None]]] = {}

    @property
    def bytes(self) -> int:
        """What the arrays take that were asked for."""
        constants = (array for array, _ in self.constants.values())
        return sum(array.nbytes for array in (*self.arrays.values(), *constants))

    def array(self, name: str) -> Array:
        if name not in self.like:
            return self.parameters.array(name)
        if name not in self.arrays:
            self.arrays[name], self.seen = np.empty_like(self.parameters.array(self.like[name])), -1
        return self.arrays[name]

    def constant(self, name: str, shape: tuple[int, ...], write: Callable[[Array], None]) -> Array:
        """The array of that name and shape, which `write` makes of other arrays."""
        key = name, shape
        if key not in self.constants:
            self.constants[key], self.seen = (np.empty(shape, self.dtype), write), -1
        return self.constants[key][0]

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
            for array, write in self.constants.values():
                write(array)
        self.seen = self.parameters.changes

    def _write(self, fold: Fold) -> None:
        slope, bias = fold.line(lambda name: self.parameters.array(name).astype(np.float64), np)
        weight = self.parameters.array(fold.of.weight)
        slopes = slope if fold.rows is None else slope[list(fold.rows)]
        column = slopes.astype(self.dtype).reshape(-1, *[1] * (weight.ndim - 1))
        np.multiply(weight, column, out=self.arrays[fold.weight])
        np.copyto(self.arrays[fold.bias], bias, casting="unsafe")
