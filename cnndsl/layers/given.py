"""Numbers that come with a call: `weights=` as a table or a named filter, tiled to the layer's weights."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.given import GivenMisfit
from cnndsl.layers import banks
from cnndsl.layers.arguments import BadValue, Kind
from cnndsl.layers.banks import Bank
from cnndsl.layers.tables import Numbers, Table, within_limit
from cnndsl.volume import Extent

NAMED = {
    item.kind: item for item in vars(banks).values() if isinstance(item, type) and issubclass(item, Bank) and item.kind
}


class Filters(Kind):
    """A table of numbers, or a named filter."""

    @property
    def allowed(self) -> str:
        return f"{Numbers().allowed}, one of {', '.join(bank.signature() for bank in NAMED.values())}, or none"

    @property
    def option_words(self) -> tuple[str, ...]:
        return tuple(NAMED)

    def accept(self, value: Any) -> Table | Bank | None:
        if value is None or isinstance(value, Bank):
            return value
        if isinstance(value, str) and value in NAMED:
            bank = NAMED[value]
            if any(item.required for item in bank.arguments.values()):
                raise BadValue(f"`{bank.kind}` needs its numbers: {bank.signature()}")
            return bank()
        if isinstance(value, str):
            raise BadValue(f"the names are {', '.join(NAMED)}")
        return Numbers().accept(value)  # type: ignore[no-any-return]

    def samples(self, rank: int) -> tuple[Any, ...]:
        edge = Table((3,) * rank, tuple(float(place % 5 - 2) for place in range(3**rank)))
        flat = (NAMED["sobel_x"](), NAMED["gabor"](4, 3.0, 1.0)) if rank == 2 else ()
        return *flat, NAMED["gaussian"](1.0), edge


def check(layer: str, given: Table | Bank, filters: int, kernel: tuple[int, ...], shape: tuple[Extent, ...]) -> None:
    """Refuses numbers that do not go with a layer's weights: `kernel` of one filter, `shape` of them all."""
    within_limit(layer, "weights", prod(extent for extent in shape if extent is not None))
    if isinstance(given, Bank):
        misfit = given.misfit(filters, kernel)
        if misfit:
            raise Refused(GivenMisfit(NOWHERE, layer, f"`{given}`", *misfit))
    elif given.extents != kernel and not _agrees(given.extents, shape):
        wanted = [f"{_size(kernel)} to serve every filter and channel", f"{_size(shape)} for all of them"]
        needs = f"and the kernel is {_size(kernel)}"
        advice = f"give a table of {' or of '.join(wanted)}"
        raise Refused(GivenMisfit(NOWHERE, layer, f"a table of {_size(given.extents)}", needs, advice))


def _agrees(extents: tuple[int, ...], shape: tuple[Extent, ...]) -> bool:
    return len(extents) == len(shape) and all(
        have in (want, None) or want is None for have, want in zip(extents, shape)
    )


def _size(extents: tuple[Extent, ...]) -> str:
    return "x".join("?" if extent is None else str(extent) for extent in extents)


@lru_cache(maxsize=64)
def tiled(given: Table | Bank, kernel: tuple[int, ...], shape: tuple[int, ...]) -> tuple[float, ...]:
    """The numbers of weights of a shape (filters, *kernel, …) in reading order: one filter serves those behind it."""
    if isinstance(given, Table) and given.extents == shape:
        return given.numbers
    behind = prod(shape[1 + len(kernel) :])
    cells = (given.numbers if isinstance(given, Table) else given.cells(number, kernel) for number in range(shape[0]))
    return tuple(value for one in cells for value in one for _ in range(behind))
