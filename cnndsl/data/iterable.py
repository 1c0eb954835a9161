"""Pairs and iterables: `open((x, y))`, `open(batches)`, `open(lambda: batches())`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from cnndsl.data.arrays import as_array
from cnndsl.data.batches import Batches
from cnndsl.data.dataset import Dataset
from cnndsl.data.examples import in_memory
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.pairs import is_pair


class Pair(Loader):
    """A tuple of examples and targets, all in memory (or mapped: `numpy.load(file, mmap_mode="r")`)."""

    form: ClassVar[str] = "(x, y)"
    about: ClassVar[str] = "from Python: a tuple of two arrays, all examples and all targets"
    text: ClassVar[bool] = False

    @classmethod
    def takes(cls, given: Any) -> bool:
        return isinstance(given, tuple) and len(given) == 2 and not is_pair(given[0])

    @classmethod
    def open(cls, given: Any, wishes: Wishes) -> Dataset:  # noqa: ARG003
        return Dataset("data", in_memory("data", as_array("x", given[0]), as_array("y", given[1], words=True)))


class AnyIterable(Loader):
    """Anything that gives pairs (x, y) of batches each time it is gone through; or a function that makes such.

    A generator ends after one epoch; a function that makes a new one serves every epoch.
    """

    form: ClassVar[str] = "any iterable of (x, y)"
    about: ClassVar[str] = "from Python: batches of examples with their targets"
    text: ClassVar[bool] = False

    @classmethod
    def takes(cls, given: Any) -> bool:
        if Pair.takes(given) or isinstance(given, str | bytes | Path | Mapping | type):
            return False
        if hasattr(given, "__array__") or hasattr(given, "column_names"):
            return False
        if isinstance(given, list | tuple):
            return bool(given) and is_pair(given[0])
        return isinstance(given, Iterable) or callable(given)

    @classmethod
    def open(cls, given: Any, wishes: Wishes) -> Dataset:  # noqa: ARG003
        return Dataset("data", Batches(given))
