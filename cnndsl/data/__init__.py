"""Data: `open("sample")`, `open("photos/")`, `open("file.npz")`, `open(any_iterable_of_batches)`.

Every format is a `Loader` in a module of this package, and what it gives a `Dataset` of parts, which
`model.fit`, `evaluate` and `predict` take. A new format is one class that is found by itself.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnndsl.data.dataset import Dataset
    from cnndsl.data.loader import Loader
    from cnndsl.data.part import Part

__all__ = ["dataset_of", "load", "loaders", "open", "part_of"]


@cache
def loaders() -> tuple[type[Loader], ...]:
    """Every loader, found by looking through this package, in the order of their forms."""
    from cnndsl.data.loader import Loader

    found: set[type[Loader]] = set()
    for module in pkgutil.iter_modules(__path__):
        for item in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(item, type) and issubclass(item, Loader) and item.form:
                found.add(item)
    return tuple(sorted(found, key=lambda loader: loader.form))


def open(given: Any, *, validation: float = 0.0, seed: int = 0, **wishes: Any) -> Dataset:
    """The data that a text names (`loaders()` lists the forms, a bare path will do), or an object holds.

    A part of the training examples, `validation` from 0 to below 1, is set aside as the validation
    part: the same for the same seed, and each class by its share. Images come as float32 in 0..1,
    channels last. `wishes` are the fields of `Wishes`: `shape=(224, 224, 3)` brings images that are
    decoded to that size, `corrupt="skip"` leaves out those that cannot be read, `x` and `y` name columns.

    Raises CnnError for what names or holds no data (E512), for files that are missing or damaged (E513
    to E518), and for a part that cannot be set aside (E555).
    """
    from cnndsl.data.dataset import Dataset
    from cnndsl.data.loader import Wishes
    from cnndsl.data.part import Part
    from cnndsl.data.split import split

    wanted = Wishes.of(wishes)
    if isinstance(given, Dataset | Part):
        found = given if isinstance(given, Dataset) else Dataset(given.name, given)
    else:
        found = _loader(given).open(given, wanted)
    return split(found, validation, seed) if validation else found


#: the same by the name that other libraries have for it
load = open


def dataset_of(given: Any) -> Dataset | None:
    """The data that an object or a text holds or names; None for arrays, which hold no targets."""
    arrays = isinstance(given, Mapping | list | tuple | int | float) or hasattr(given, "__array__")
    if arrays and not any(loader.takes(given) for loader in loaders()):
        return None
    return open(given)


def part_of(given: Any, name: str) -> Part | None:
    """The part of that name of some data, the training part where it has no such; None for arrays."""
    found = dataset_of(given)
    return None if found is None else found.parts.get(name, found.train)


def _loader(given: Any) -> type[Loader]:
    """The only loader that takes it. Raises CnnError (E512, E554)."""
    from cnndsl.errors.base import NOWHERE
    from cnndsl.errors.datasets import SeveralFormats

    found = [loader for loader in loaders() if loader.takes(given)]
    if not found:
        raise _unknown(given)
    if len(found) > 1:
        raise SeveralFormats(NOWHERE, str(given), tuple(f"{item.form}: {item.about}" for item in found)).error()
    return found[0]


def _unknown(given: Any) -> Exception:
    from cnndsl.errors.base import NOWHERE
    from cnndsl.errors.datasets import UnknownData
    from cnndsl.suggest import closest

    named = isinstance(given, str | Path)
    text = str(given) if named else f"a {type(given).__name__}"
    forms = tuple(f"{item.form}: {item.about}" for item in loaders() if item.text or not named)
    words = {loader.word: loader.word for loader in loaders() if loader.word}
    words |= {loader.prefix.rstrip(":"): loader.prefix for loader in loaders() if loader.prefix}
    start, _, rest = text.partition(":")
    near = closest(start, words)
    meant = words[near] + (rest if near and words[near].endswith(":") else "") if near else ""
    return UnknownData(NOWHERE, text, forms, meant).error()
