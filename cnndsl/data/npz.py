"""`.npz` files: `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.dataset import Dataset
from cnndsl.data.examples import InMemory, in_memory
from cnndsl.data.files import corrupt, reading
from cnndsl.data.loader import Loader, Wishes
from cnndsl.diagnostic import CnnError
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import ArraysMissing

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = (("x_train", "y_train"), ("x", "y"))
TESTS = ("x_test", "y_test")


class Npz(Loader):
    """Arrays that `numpy.savez` or `numpy.savez_compressed` wrote, Keras's `mnist.npz` among them.

    Arrays of bytes are images: they are scaled to 0..1, and grey ones (N, H, W) get a channel.
    Decimals are taken as they are. `class_names`, if there, names the classes. Nothing is unpickled.
    """

    form: ClassVar[str] = "FILE.npz"
    about: ClassVar[str] = "arrays x_train, y_train, x_test, y_test (or x and y) that numpy.savez wrote"

    @classmethod
    def sees(cls, path: Path) -> bool:
        return path.suffix.lower() == ".npz"

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:  # noqa: ARG003
        with reading(path):
            arrays = _read(path)
        asked = (wishes.x or "x", wishes.y or "y")
        names = next((pair for pair in (asked, *NAMES) if set(pair) <= set(arrays)), None)
        if names is None:
            raise _missing(path, "holds neither x_train and y_train nor x and y", arrays)
        if (TESTS[0] in arrays) != (TESTS[1] in arrays):
            raise _missing(path, f"holds only one of {TESTS[0]} and {TESTS[1]}", arrays)
        test = _part(path.name, arrays, TESTS) if TESTS[0] in arrays else None
        return Dataset(path.name, _part(path.name, arrays, names), test)


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of the file; those that are pickled are refused."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            start = file.read(6)
        said = "it is a single array (.npy)" if start == b"\x93NUMPY" else "it is no ZIP archive, or cut off"
        raise corrupt(path, "npz", said)
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: _array(path, file, name) for name in file.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as reason:
        raise corrupt(path, "npz", str(reason)) from None


def _array(path: Path, file: Any, name: str) -> NDArray[Any]:
    try:
        array = file[name]
    except ValueError as reason:
        if "pickle" not in str(reason) and "Object arrays" not in str(reason):
            raise corrupt(path, "npz", f"`{name}`: {reason}") from None
        problem = f"holds pickled Python objects in `{name}`, which are never loaded"
        raise ArraysMissing(NOWHERE, str(path), problem, tuple(file.files)).error() from None
    if not isinstance(array, np.ndarray):
        raise corrupt(path, "npz", f"`{name}` is no array")
    return array


def _part(name: str, arrays: dict[str, NDArray[Any]], names: tuple[str, str]) -> InMemory:
    """The examples and targets of those names."""
    return in_memory(name, arrays[names[0]], arrays[names[1]], tuple(map(str, arrays.get("class_names", ()))), names)


def _missing(path: Path, problem: str, arrays: dict[str, NDArray[Any]]) -> CnnError:
    return ArraysMissing(NOWHERE, str(path), problem, tuple(arrays)).error()
