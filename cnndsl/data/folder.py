"""Folders of images: one folder a class, in `train`, `val` and `test` or without them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import ClassVar

from cnndsl.data.dataset import Dataset
from cnndsl.data.files import reading, unreadable
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.tree import dataset, in_classes

#: files that are looked at to tell whether a folder holds images
LOOK = 2000


class Folder(Loader):
    """`FOLDER/CLASS/*.jpg`, or `FOLDER/train/CLASS/*.jpg` with `val` and `test` beside `train`.

    Images are decoded while the net trains, on a thread; those that take little room are kept.
    """

    form: ClassVar[str] = "folder:FOLDER"
    about: ClassVar[str] = "a folder of images, one folder a class (in train, val, test or without)"
    prefix: ClassVar[str] = "folder:"

    @classmethod
    def sees(cls, path: Path) -> bool:
        return path.is_dir() and any(in_classes(found) for found in islice(_files(path), LOOK))

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:
        with reading(path):
            list(path.iterdir())
            found = dataset(name, list(_files(path)), lambda file: (path / file).read_bytes(), wishes)
        if found is None:
            raise unreadable(path, "no images in folders in it", "give each class a folder: FOLDER/cat/1.jpg")
        return found


def _files(folder: Path) -> Iterator[str]:
    """All files below a folder, relative to it, with `/` between the parts, in a fixed order."""
    for at, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        below = Path(at).relative_to(folder).as_posix()
        yield from (file if below == "." else f"{below}/{file}" for file in sorted(files))
