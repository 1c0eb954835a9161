"""Pictures: examples that are image files, decoded when they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.decoded import Broken, decode
from cnndsl.data.examples import Examples, numbers
from cnndsl.data.loader import SKIP, Wishes
from cnndsl.data.normalization import PIXELS
from cnndsl.diagnostic import CnnWarning
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.images import ImageCorrupt, ImagesSkipped, SizesDiffer

if TYPE_CHECKING:
    from cnndsl.data.examples import Array, Chosen, Numbers

Shape = tuple[int, int, int]
#: a part whose pixels take no more bytes keeps them once they are decoded
KEPT = 256 << 20


class Pictures(Examples):
    """`names` of the files, `content` one by its number (what `decode` takes), `y` their targets.

    `faults` are the files that could not be read, with the reasons. The first image says the shape
    if none is wished for, and then all others must have it.
    """

    slow = True
    normalization = PIXELS

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        content: Callable[[int], Any],
        y: Array,
        class_names: tuple[str, ...],
        wishes: Wishes,
    ) -> None:
        self.name, self.names, self.content, self.y, self.class_names = name, names, content, y, class_names
        self.skips, self.asked = wishes.corrupt == SKIP, wishes.shape
        self.broken: dict[int, str] = {}
        self.told = 0
        self.shape: Shape = self.asked or self._first()
        self.kept = np.empty((len(y), *self.shape), np.uint8) if len(y) * prod(self.shape) <= KEPT else None
        self.have = np.zeros(len(y), bool)

    @property
    def faults(self) -> dict[str, str]:
        """The files that could not be read so far, and why."""
        return {self.names[number]: reason for number, reason in sorted(self.broken.items())}

    def read(self, chosen: Chosen) -> tuple[Array, Numbers | None]:
        wanted = numbers(chosen)
        good, raw = self._of(wanted) if self.kept is None else self._kept(wanted, self.kept)
        return raw, None if good.all() else np.flatnonzero(good)

    def _of(self, wanted: Numbers) -> tuple[Array, Array]:
        """Which of the images can be read, and the pixels of those."""
        found = [self._image(number) for number in wanted.tolist()]
        images = [image for image in found if image is not None]
        raw = np.stack(images) if images else np.empty((0, *self.shape), np.uint8)
        return np.array([image is not None for image in found], bool), raw

    def _kept(self, wanted: Numbers, kept: Array) -> tuple[Array, Array]:
        """The same from the pixels that are kept; what is not there yet is decoded first."""
        for number in wanted[~self.have[wanted]].tolist():
            image = self._image(number)
            if image is not None:
                kept[number], self.have[number] = image, True
        good = self.have[wanted]
        return good, kept[wanted[good]]

    def _image(self, number: int) -> Array | None:
        """The pixels, of the shape of all, or None for one that is skipped. Raises CnnError (E516, E518)."""
        image = self._decoded(number)
        return image if image is None or image.shape == self.shape else self._fitted(image, number)

    def _decoded(self, number: int) -> Array | None:
        if number in self.broken:
            return None
        try:
            return decode(self.content(number), self.asked)
        except (Broken, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            if not self.skips:
                raise ImageCorrupt(NOWHERE, self.names[number], reason).error() from None
            self.broken[number] = reason
            return None

    def _fitted(self, image: Array, number: int) -> Array:
        """A grey image among coloured ones. Raises CnnError (E518) for any other difference."""
        if image.shape == (*self.shape[:2], 1) and self.shape[2] == 3:
            return image.repeat(3, axis=2)
        first = next(name for other, name in enumerate(self.names) if other not in self.broken)
        raise SizesDiffer(NOWHERE, self.names[number], image.shape, first, self.shape).error()

    def _first(self) -> Shape:
        """The shape of the first image that can be read."""
        for number in range(len(self.names)):
            image = self._decoded(number)
            if image is not None:
                return image.shape
        raise ImageCorrupt(NOWHERE, self.name, "none of its images can be read").error()

    def advice(self, wanted: tuple[int, ...]) -> str:
        if len(wanted) == 3 and wanted[2] in (1, 3):
            return f"bring the images to the net's size: open(…, shape={wanted})"
        return super().advice(wanted)

    def report(self) -> None:
        """Warns of the images that were left out, if there are more than at the last time."""
        if len(self.broken) > self.told:
            self.told = len(self.broken)
            problem = ImagesSkipped(NOWHERE, self.name, len(self.y), tuple(self.faults.items()))
            warnings.warn(CnnWarning(problem.diagnostic()), stacklevel=2)


def pictures(
    name: str, paths: Sequence[str], content: Callable[[str], Any], y: Array, classes: tuple[str, ...], wishes: Wishes
) -> Pictures:
    """Image files by their paths, which `content` reads. Raises CnnError (E516, E517)."""
    return Pictures(name, paths, lambda number: content(paths[number]), y, classes, wishes)
