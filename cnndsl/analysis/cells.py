"""Cells: an exact set of positions of a volume, with its holes, on any number of axes.

The positions of the first axis are put into classes that go with the same set on the other axes; an
axis is a whole number with a bit for each position. Equal sets have equal forms, a product of axes is
one class a level, and a union of products is as many as it has different slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from cnndsl.layers.masks import full
from cnndsl.record import Record

#: (positions of the first axis, the set on the other axes) for each class, in the order of the positions
Form = tuple[tuple[int, "Form"], ...]
Product = tuple[int, ...]


class Cells(Record):
    """A set of positions on axes of the given extents; without axes, the one position or nothing."""

    extents: tuple[int, ...]
    form: Form

    @classmethod
    def of(cls, extents: tuple[int, ...], products: Iterable[Product]) -> Cells:
        """The union of products of axes, each a bit mask for each axis."""
        form: Form = ()
        for product in products:
            form = _union(form, _product(product))
        return cls(extents, form)

    @classmethod
    def all(cls, extents: tuple[int, ...]) -> Cells:
        return cls.of(extents, [tuple(map(full, extents))])

    @property
    def products(self) -> Iterator[Product]:
        """Disjoint products whose union the set is."""
        return _products(self.form)

    @property
    def count(self) -> int:
        """How many positions it has."""
        return sum(prod(mask.bit_count() for mask in product) for product in self.products)

    def __bool__(self) -> bool:
        return bool(self.form)

    def __contains__(self, position: tuple[int, ...]) -> bool:
        return any(
            all(mask >> place & 1 for mask, place in zip(product, position, strict=True)) for product in self.products
        )

    def __or__(self, other: Cells) -> Cells:
        return Cells(self.extents, _union(self.form, other.form))

    def __sub__(self, other: Cells) -> Cells:
        return Cells(self.extents, _difference(self.form, other.form))

    def at(self, axis: int, place: int) -> int:
        """How many positions it has at one place of an axis."""
        parts = (product for product in self.products if product[axis] >> place & 1)
        return sum(prod(mask.bit_count() for mask in (*part[:axis], *part[axis + 1 :])) for part in parts)

    def along(self, axis: int) -> int:
        """The positions of one axis at which the set has any cell."""
        found = 0
        for product in self.products:
            found |= product[axis]
        return found


#: the set of no axes that has its one position
_POINT: Form = ((1, ()),)


def _product(masks: Product) -> Form:
    form: Form = _POINT
    for mask in reversed(masks):
        if not mask:
            return ()
        form = ((mask, form),)
    return form


def _products(form: Form) -> Iterator[Product]:
    for mask, rest in form:
        if not rest:
            yield ()
        else:
            yield from ((mask, *others) for others in _products(rest))


def _union(one: Form, other: Form) -> Form:
    if one == other or not other:
        return one
    if not one:
        return other
    classes: dict[Form, int] = {}
    both = 0
    for mask, rest in one:
        alone = mask
        for others, more in other:
            if common := mask & others:
                joined = _union(rest, more)
                classes[joined] = classes.get(joined, 0) | common
                alone &= ~others
        if alone:
            classes[rest] = classes.get(rest, 0) | alone
        both |= mask
    for mask, rest in other:
        if alone := mask & ~both:
            classes[rest] = classes.get(rest, 0) | alone
    return _sorted(classes)


def _difference(one: Form, other: Form) -> Form:
    if not one or one == other:
        return ()
    classes: dict[Form, int] = {}
    for mask, rest in one:
        alone = mask
        for others, more in other:
            if common := mask & others:
                if left := _difference(rest, more):
                    classes[left] = classes.get(left, 0) | common
                alone &= ~others
        if alone:
            classes[rest] = classes.get(rest, 0) | alone
    return _sorted(classes)


def _sorted(classes: dict[Form, int]) -> Form:
    return tuple(sorted(((mask, rest) for rest, mask in classes.items()), key=lambda item: item[0] & -item[0]))
