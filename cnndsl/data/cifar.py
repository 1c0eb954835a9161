"""CIFAR-10 and CIFAR-100 in their binary form: one or two bytes of label, then 32 x 32 of red, green and blue.

A. Krizhevsky, Learning multiple layers of features from tiny images, 2009; the layout is described on
its page, https://www.cs.toronto.edu/~kriz/cifar.html. The form "for Python" is made of pickles,
which can run any program: it is never read.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from cnndsl.data.dataset import Dataset
from cnndsl.data.examples import InMemory
from cnndsl.data.files import corrupt, reading, unreadable
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.normalization import PIXELS
from cnndsl.record import Record

PIXEL_BYTES = 3 * 32 * 32


class Form(Record):
    """One of the two: what its files are called, the bytes of label before an image (the last one counts), names."""

    called: str
    train: str
    test: str
    labels: int
    names: str
    below: str


FORMS = (
    Form("CIFAR-10", "data_batch_*.bin", "test_batch.bin", 1, "batches.meta.txt", "cifar-10-batches-bin"),
    Form("CIFAR-100", "train.bin", "test.bin", 2, "fine_label_names.txt", "cifar-100-binary"),
)
PICKLES = ("data_batch_1", "cifar-10-batches-py", "cifar-100-python")


class Cifar(Loader):
    """A folder with `data_batch_1.bin` … and `test_batch.bin`, or with `train.bin` and `test.bin`."""

    form: ClassVar[str] = "cifar:FOLDER"
    about: ClassVar[str] = "a folder with CIFAR-10's or CIFAR-100's binary files"
    prefix: ClassVar[str] = "cifar:"

    @classmethod
    def sees(cls, path: Path) -> bool:
        return path.is_dir() and (_found(path) is not None or bool(_pickles(path)))

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:  # noqa: ARG003
        with reading(path):
            list(path.iterdir())
        found = _found(path)
        if found is None:
            raise _nothing(path)
        folder, form = found
        classes = _names(folder / form.names)
        test = folder / form.test
        return Dataset(
            name,
            _part(name, form, sorted(folder.glob(form.train)), classes),
            _part(f"{name} (test)", form, [test], classes) if test.is_file() else None,
        )


def _found(path: Path) -> tuple[Path, Form] | None:
    """The folder that holds training files, this one or one of the known names below it, and their form."""
    for form in FORMS:
        for folder in (path, path / form.below):
            if any(folder.glob(form.train)):
                return folder, form
    return None


def _pickles(path: Path) -> str:
    return next((name for name in PICKLES if (path / name).exists()), "")


def _nothing(path: Path) -> Exception:
    if name := _pickles(path):
        reason = f"`{name}` in it is the form for Python, made of pickles, which can run any program"
        return unreadable(path, reason, "fetch the binary form, cifar-10-binary.tar.gz or cifar-100-binary.tar.gz")
    wanted = " or ".join(f"{form.train} ({form.called})" for form in FORMS)
    return unreadable(path, "no CIFAR files in it", f"it should hold {wanted}")


def _part(name: str, form: Form, files: list[Path], classes: tuple[str, ...]) -> InMemory:
    """Images (N, 32, 32, 3), bytes, and labels (N) of some files, in their order."""
    records = np.concatenate([_records(file, form) for file in files])
    x = records[:, form.labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    y = records[:, form.labels - 1].astype(np.int64)
    return InMemory(name, np.ascontiguousarray(x), y, classes, PIXELS)


def _records(file: Path, form: Form) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    with reading(file):
        content = np.fromfile(file, np.uint8)
    size = form.labels + PIXEL_BYTES
    if not len(content) or len(content) % size:
        raise corrupt(file, form.called, f"it has {len(content):,} bytes, no multiple of the {size:,} of an image")
    return content.reshape(-1, size)


def _names(file: Path) -> tuple[str, ...]:
    if not file.is_file():
        return ()
    with reading(file):
        return tuple(file.read_text(encoding="utf-8", errors="replace").split())
