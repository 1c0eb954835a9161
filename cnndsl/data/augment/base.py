"""Augment, the base of the augmentations, and what they draw from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.errors.augment import AugmentMisfit
from cnndsl.errors.base import NOWHERE
from cnndsl.random import key, threefry
from cnndsl.train.choices import Choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnndsl.data.visit import Visit

    Array = NDArray[Any]
    Named = Mapping[str, Array]


class Draws:
    """Random numbers for the examples of a batch, a new one for each example with every call.

    They depend on the seed, the epoch, a place and the numbers of the examples, not on the batch: words of
    Threefry whose counter is (example, how many were drawn before).
    """

    def __init__(self, seed: int, epoch: int, place: int, numbers: Array) -> None:
        self.key = key(seed, f"augment {place} epoch {epoch}")
        self.numbers = numbers.astype(np.uint32)
        self.used = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
        """(n,) numbers from `low` to below `high`."""
        words, _ = threefry(self.key, self.numbers.copy(), np.full(len(self), self.used, np.uint32))
        self.used += 1
        drawn: NDArray[np.float64] = low + (words >> np.uint32(8)) * 2.0**-24 * (high - low)
        return drawn

    def whole(self, low: int, high: int) -> NDArray[np.int64]:
        """(n,) whole numbers from `low` to `high`, both of them included."""
        return np.floor(self.uniform(low, high + 1)).astype(np.int64)


class Augment(Choice):
    """Base of the augmentations: its fields are its settings, and a subclass with a `kind` is found by that name."""

    what: ClassVar[str] = "augmentation"
    #: the settings that a value without a name is for: `crop:4`
    mains: ClassVar[tuple[str, ...]] = ()
    #: whether it moves pixels, which targets for each position would have to follow
    moves: ClassVar[bool] = True

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        """Refuses examples that are no images (H, W, C), or of a wrong size. Raises CnnError (E556)."""
        if len(shape) != 3:
            raise AugmentMisfit(NOWHERE, self.kind, name, shape, "it changes images: height, width, channels").error()

    def apply(self, x: Array, draws: Draws) -> Array:
        """The changed examples of an input (n, H, W, C), float32, in an array of their own."""
        raise NotImplementedError

    def change(self, inputs: Named, targets: Named, draws: Draws) -> tuple[Named, Named]:
        """The changed batch. All inputs of an example are changed alike, targets stay."""
        used = draws.used
        changed = {}
        for name, x in inputs.items():
            draws.used = used
            changed[name] = self.apply(x, draws)
        return changed, targets


def augmented(
    augment: Sequence[Augment], inputs: Named, targets: Named, visit: Visit, numbers: Array
) -> tuple[Named, Named]:
    """A batch with all augmentations made, one after the other; `numbers` are those of its examples."""
    for place, item in enumerate(augment):
        inputs, targets = item.change(inputs, targets, Draws(visit.seed, visit.epoch, place, numbers))
    return inputs, targets
