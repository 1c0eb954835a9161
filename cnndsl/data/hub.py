"""Data sets of Hugging Face's library `datasets`, told by what they can do: it is never imported here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from cnndsl.data.batches import Batches
from cnndsl.data.dataset import Dataset
from cnndsl.data.decoded import decode
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.normalization import PIXELS
from cnndsl.data.pictures import Pictures
from cnndsl.data.table import LABELS
from cnndsl.data.tree import PARTS
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import ColumnMissing

#: the usual names of columns of images
IMAGES = ("image", "img", "pixel_values", "picture")
#: what one block of a streamed data set holds
ROWS = 32


class Hub(Loader):
    """What has `features` and `column_names`: a split, a dict of splits (`load_dataset("mnist")`), a streamed split.

    The column of images is the one whose feature is an `Image`, or is called so, that of labels the one
    whose feature has `names`; `x=` and `y=` name others.
    """

    form: ClassVar[str] = "a Hugging Face data set"
    about: ClassVar[str] = "from Python: datasets.load_dataset(…), whole, one of its splits, or streamed"
    text: ClassVar[bool] = False

    @classmethod
    def takes(cls, given: Any) -> bool:
        if isinstance(given, Mapping):
            return bool(given) and all(_is_split(split) for split in given.values())
        return _is_split(given)

    @classmethod
    def open(cls, given: Any, wishes: Wishes) -> Dataset:
        if not isinstance(given, Mapping):
            return Dataset("data", _part("data", given, wishes))
        found = {PARTS.get(name, name): _part(f"data[{name!r}]", split, wishes) for name, split in given.items()}
        train = found.get("train") or next(iter(found.values()))
        return Dataset("data", train, found.get("test"), found.get("validation"))


def _is_split(given: Any) -> bool:
    return hasattr(given, "column_names") and hasattr(given, "features")


def _part(name: str, split: Any, wishes: Wishes) -> Pictures | Batches:
    features = split.features or {}
    x = _column(name, features, wishes.x, "Image", IMAGES, "x")
    y = _column(name, features, wishes.y, "ClassLabel", LABELS, "y")
    if not hasattr(split, "__len__"):
        return Batches(lambda: _streamed(split, x, y, wishes), name)
    targets = np.asarray(split[y])
    names = [f"{name}[{number}]" for number in range(len(split))]
    classes = tuple(map(str, getattr(features[y], "names", None) or ()))
    return Pictures(name, names, lambda number: split[number][x], targets, classes, wishes)


def _streamed(split: Any, x: str, y: str, wishes: Wishes) -> Iterator[tuple[Any, Any]]:
    for rows in split.iter(batch_size=ROWS):
        images = np.stack([decode(image, wishes.shape) for image in rows[x]])
        yield PIXELS.apply(images), np.asarray(rows[y])


def _column(
    name: str, features: Mapping[str, Any], asked: str | None, kind: str, known: tuple[str, ...], argument: str
) -> str:
    """The column that was asked for, or has a feature of that kind, or a known name. Raises CnnError (E552)."""
    typed = [column for column, feature in features.items() if type(feature).__name__ == kind]
    for column in (asked,) if asked else (*typed, *known):
        if column in features:
            return column
    what = {"x": "images", "y": "labels"}[argument]
    raise ColumnMissing(NOWHERE, name, asked or "", what, argument, tuple(features)).error()
