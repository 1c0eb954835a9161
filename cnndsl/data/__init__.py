"""Data by name: `load("sample")`, `load("mnist:FOLDER")`, `load("file.npz")`."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cnndsl.data.dataset import Dataset
    from cnndsl.data.loader import Loader

__all__ = ["load", "loaders"]


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


def load(spec: str | Path) -> Dataset:
    """Reads the data that a short text names; images come as float32, channels last, scaled to 0..1.

    Raises CnnError for a text that names none (E512) and for files that are missing or damaged
    (E513 to E515).
    """
    text = str(spec)
    for loader in loaders():
        if loader.takes(text):
            return loader.load(text[len(loader.prefix) :])
    raise _unknown(text)


def _unknown(text: str) -> Exception:
    from pathlib import Path

    from cnndsl.errors.base import NOWHERE
    from cnndsl.errors.datasets import UnknownData
    from cnndsl.suggest import closest

    words = {loader.word: loader.word for loader in loaders() if loader.word}
    words |= {loader.prefix.rstrip(":"): loader.prefix for loader in loaders() if loader.prefix}
    start, _, rest = text.partition(":")
    near = closest(start, words)
    meant = words[near] + (rest if near and words[near].endswith(":") else "") if near else ""
    if Path(text).is_dir():
        meant = next((f"{loader.prefix}{text}" for loader in loaders() if loader.prefix), "")
    return UnknownData(NOWHERE, text, tuple(f"{item.form}: {item.about}" for item in loaders()), meant).error()
