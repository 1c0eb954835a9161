"""Images in folders: which part of the data, and which class, each path belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.data.dataset import Dataset
from cnndsl.data.decoded import ENDINGS
from cnndsl.data.loader import Wishes
from cnndsl.data.pictures import pictures
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.images import ClassUnknown

if TYPE_CHECKING:
    from cnndsl.data.examples import Array

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


def is_image(path: str) -> bool:
    """Whether a path, with `/` between its parts, ends as images do and has no hidden part."""
    return path.lower().endswith(ENDINGS) and not any(part.startswith((".", "__MACOSX")) for part in path.split("/"))


def in_classes(path: str) -> bool:
    """Whether it is an image with a folder around it."""
    return "/" in path and is_image(path)


def dataset(name: str, paths: Sequence[str], content: Callable[[str], bytes], wishes: Wishes) -> Dataset | None:
    """The parts that image paths such as `train/cat/1.jpg` or `cat/1.jpg` make; None if there is no training image.

    The classes are the folders of the training part in alphabetical order. Raises CnnError (E516 to E518, E553).
    """
    depth = _common(paths)
    rows = sorted(_place(path, depth) for path in paths if in_classes(path))
    found = {part: list(group) for part, group in groupby(rows, key=lambda row: row[0])}
    if "train" not in found:
        return None
    classes = tuple(sorted({label for _, label, _ in found["train"]}))
    parts = {}
    for part, group in found.items():
        called = name if part == "train" else f"{name} ({part})"
        y = numbered(called, [row[1:] for row in group], classes)
        parts[part] = pictures(called, [path for _, _, path in group], content, y, classes, wishes)
    return Dataset(name, **parts)


def numbered(name: str, rows: Sequence[tuple[str, str]], classes: tuple[str, ...]) -> Array:
    """The numbers of the labels in rows of label and path. Raises CnnError (E553)."""
    known = {label: number for number, label in enumerate(classes)}
    for label, path in rows:
        if label not in known:
            raise ClassUnknown(NOWHERE, name, label, path, classes).error()
    return np.array([known[label] for label, _ in rows], np.int64)


def _common(paths: Iterable[str]) -> int:
    """How many folders all images lie in that say neither part nor class."""
    split = [path.split("/") for path in paths if in_classes(path)]
    depth = 0
    while all(len(parts) > depth + 2 and parts[depth] == split[0][depth] for parts in split):
        if not split or split[0][depth].lower() in PARTS:
            break
        depth += 1
    return depth


def _place(path: str, depth: int) -> tuple[str, str, str]:
    """Part, class and the path itself."""
    first, *rest = path.split("/")[depth:]
    if len(rest) > 1 and first.lower() in PARTS:
        return PARTS[first.lower()], rest[0], path
    return "train", first, path
