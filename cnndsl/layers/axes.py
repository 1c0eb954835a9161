"""Arguments that have a value for each axis: sizes, windows, paddings, orders."""

from __future__ import annotations

from typing import Any

from cnndsl.layers.arguments import BadValue, Kind
from cnndsl.layers.scalars import Count


class Extents(Kind):
    """A whole number for all axes, or one for each (`3x5`, `(3, 5)`)."""

    minimum: int = 1

    @property
    def allowed(self) -> str:
        return f"a whole number of {self.minimum} or more, or one for each axis such as (3, 5)"

    def accept(self, value: Any) -> int | tuple[int, ...]:
        one = Count(self.minimum)
        if isinstance(value, tuple) and 1 <= len(value) <= 3:
            return tuple(one.accept(item) for item in value)
        return one.accept(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        one, each = (2, (2, 1, 3)) if self.minimum else (1, (1, 0, 1))
        return (one, each[:rank]) if rank else ()


class Size(Kind):
    """The size of a volume: 1 to 4 extents, None for one that is not fixed."""

    @property
    def allowed(self) -> str:
        return "a size such as 28x28x1: 1 to 4 extents, each a whole number of 1 or more, or `?`"

    def accept(self, value: Any) -> tuple[int | None, ...]:
        extents = value if isinstance(value, tuple) else (value,)
        if not 1 <= len(extents) <= 4:
            raise BadValue("height x width x channels, as 28x28x1; the batch is not written")
        return tuple(None if extent is None else Count().accept(extent) for extent in extents)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return ((28, 28, 1),)

    @property
    def example(self) -> str:
        return "28x28x1"


class Amounts(Kind):
    """A number of cells, one per axis, or a (low, high) pair per axis; `negative` is the hint for one below 0."""

    negative: str = ""

    @property
    def allowed(self) -> str:
        return "a whole number of 0 or more, one for each axis, or ((top, bottom), (left, right))"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            return self._count(value)
        if not 1 <= len(value) <= 3:
            raise BadValue
        pairs = any(isinstance(item, tuple) for item in value)
        return tuple(self._pair(item) if pairs else self._count(item) for item in value)

    def _pair(self, value: Any) -> tuple[int, int]:
        if not isinstance(value, tuple) or len(value) != 2:
            raise BadValue("give every axis its pair")
        return self._count(value[0]), self._count(value[1])

    def _count(self, value: Any) -> int:
        if isinstance(value, int) and value < 0:
            raise BadValue(self.negative)
        return Count(0).accept(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return (1, ((1, 0), (0, 0), (0, 2))[:rank]) if rank else ()


class Padding(Amounts):
    """Amounts, or one of the words `valid` and `same`."""

    @property
    def allowed(self) -> str:
        return "a whole number of 0 or more, one for each axis, ((top, bottom), (left, right)), `same` or `valid`"

    @property
    def option_words(self) -> tuple[str, ...]:
        return "same", "valid"

    def accept(self, value: Any) -> Any:
        if isinstance(value, str):
            if value not in self.option_words:
                raise BadValue("the words are `same` and `valid`")
            return value if value == "same" else 0
        return super().accept(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return (*super().samples(rank), "same") if rank else ()


class Order(Kind):
    """The axes of a volume in another order, counted from 0, the channels last."""

    @property
    def allowed(self) -> str:
        return "the axes in their new order, counted from 0 and channels included, such as (1, 0, 2)"

    def accept(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, tuple) or not 1 <= len(value) <= 4:
            raise BadValue
        order = tuple(Count(0).accept(item) for item in value)
        if sorted(order) != list(range(len(order))):
            raise BadValue(f"each of {', '.join(map(str, range(len(order))))} stands there once")
        return order

    def samples(self, rank: int) -> tuple[Any, ...]:
        forward = tuple(range(rank + 1))
        return (*forward[1:], 0), forward[::-1]
