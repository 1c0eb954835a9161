"""MNIST and what has its form (Fashion-MNIST, KMNIST): a folder with four IDX files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data import idx
from cnndsl.data.dataset import Dataset
from cnndsl.data.examples import InMemory
from cnndsl.data.files import corrupt, reading, unreadable
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.normalization import PIXELS
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.data import LengthsDiffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: where the files may lie below the folder that is named (torchvision puts them into MNIST/raw)
BELOW = ("", "raw", "MNIST/raw")
PARTS = {"training": ("train",), "test": ("t10k", "test")}
EXAMPLE = "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz"


class Mnist(Loader):
    """Images of one channel with labels from 0."""

    form: ClassVar[str] = "mnist:FOLDER"
    about: ClassVar[str] = "a folder with MNIST's (or Fashion-MNIST's) IDX files, gzip or not"
    prefix: ClassVar[str] = "mnist:"

    @classmethod
    def sees(cls, path: Path) -> bool:
        return path.is_dir() and bool(_found(path))

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:  # noqa: ARG003
        return read_folder(path, name)


def read_folder(folder: Path, name: str) -> Dataset:
    """The training and, if they are there, the test images of a folder. Raises CnnError (E505, E513, E514)."""
    files = _files(folder)
    x, y = _pair(folder, files, "training", required=True)
    classes = tuple(str(label) for label in range(int(y.max()) + 1)) if len(y) else ()
    test = _pair(folder, files, "test", required=False)
    tests = InMemory(f"{name} (test)", test[0], test[1], classes, PIXELS) if test else None
    return Dataset(name, InMemory(name, x, y, classes, PIXELS), tests)


def _files(folder: Path) -> list[Path]:
    """The IDX files of the folder, or of the first of its known subfolders that has any."""
    with reading(folder):
        list(folder.iterdir())
    found = _found(folder)
    if not found:
        raise unreadable(folder, "no IDX files in it", f"it should hold {EXAMPLE}")
    return found


def _found(folder: Path) -> list[Path]:
    for below in BELOW:
        there = folder / below
        found = sorted(item for item in there.iterdir() if _looks_right(item.name)) if there.is_dir() else []
        if found:
            return found
    return []


def _looks_right(name: str) -> bool:
    small = name.lower().removesuffix(".gz")
    return ("images" in small or "labels" in small) and ("idx" in small or "ubyte" in small)


def _pair(folder: Path, files: list[Path], part: str, required: bool) -> tuple[NDArray[Any], NDArray[Any]] | Any:
    """Images (N, H, W, 1), bytes, and labels (N) of a part; None if both are missing and may be."""
    images, labels = (_file(folder, files, part, kind) for kind in ("images", "labels"))
    if images is None and labels is None and not required:
        return None
    for path, kind in ((images, "images"), (labels, "labels")):
        if path is None:
            raise unreadable(folder, f"no file of {part} {kind} in it", f"it should hold {EXAMPLE}")
    assert images is not None and labels is not None
    x, y = idx.read(images), idx.read(labels)
    if x.ndim not in (3, 4) or x.dtype != np.uint8:
        raise corrupt(images, "MNIST", f"it holds {x.dtype} values on {x.ndim} axes, not bytes on 3")
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise corrupt(labels, "MNIST", f"it holds {y.dtype} values on {y.ndim} axes, not whole numbers on 1")
    if len(x) != len(y):
        raise LengthsDiffer(NOWHERE, images.name, len(x), labels.name, len(y)).error()
    return x if x.ndim == 4 else x[..., None], y.astype(np.int64)


def _file(folder: Path, files: list[Path], part: str, kind: str) -> Path | None:
    """The file of a part and kind; of one that lies there plain and gzip, the plain one."""
    names = PARTS[part]
    found = [item for item in files if kind in item.name.lower() and any(name in item.name.lower() for name in names)]
    plain = {item.name.lower().removesuffix(".gz"): item for item in sorted(found, reverse=True)}
    if len(plain) > 1:
        several = ", ".join(sorted(item.name for item in plain.values()))
        raise unreadable(
            folder, f"several files of {part} {kind} in it ({several})", "keep one set of four in a folder"
        )
    return next(iter(plain.values()), None)
