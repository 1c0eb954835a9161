"""Parts of a batch that fit the cache: some images, or some rows of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.record import Record

from .channels import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator


class Part(Record):
    """Some images, or some rows of one image, along its first axis."""

    images: slice
    rows: slice

    @property
    def shape(self) -> tuple[int, int]:
        """How many images, how many rows."""
        return self.images.stop - self.images.start, self.rows.stop - self.rows.start


def parts(images: int, rows: int, row: int, budget: int, *, alone: bool = False, seats: int = 1) -> Iterator[Part]:
    """Cuts images of so many rows of `row` bytes into parts of about `budget` bytes; `alone` keeps images apart.

    Each of some threads has as many of them, where possible.
    """
    budget = even(images * rows * row, budget, seats)
    if rows * row <= budget and not alone:
        for some in pieces(images, rows * row, budget):
            yield Part(some, slice(0, rows))
        return
    for image in range(images):
        for some in pieces(rows, row, budget):
            yield Part(slice(image, image + 1), some)


def even(size: int, budget: int, seats: int) -> int:
    """At most `budget`, so that parts of so many bytes are as many for each of some threads."""
    each = -(-size // (budget * seats))
    return min(budget, max(-(-size // max(each * seats, 1)), 1))


def largest(found: tuple[Part, ...]) -> tuple[int, int]:
    """The most images and the most rows of any part."""
    return max((part.shape[0] for part in found), default=0), max((part.shape[1] for part in found), default=0)
