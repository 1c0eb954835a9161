"""Weights as safetensors files that hold all it takes to use them: arrays by path, and what they were made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.weights import WeightsMismatch, WeightsUnreadable, WeightsUnwritten
from cnndsl.program import Parameter
from cnndsl.record import Record
from cnndsl.replaced import replaced
from cnndsl.suggest import closest
from cnndsl.train import tensors
from cnndsl.train.metadata import Metadata, installed

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

#: the key of the file's metadata that is ours
KEY = "cnndsl"
#: what messages call that which holds weights
THE_FILE, THE_MODEL = "the file", "the other model"
PICKLED = {".pt", ".pth", ".h5", ".hdf5", ".keras", ".pkl", ".pickle", ".ckpt", ".bin"}


class Loaded(Record):
    """What `model.load` did: how many arrays, what the file says of itself, and what is worth knowing.

    With `strict=False`: `missing` parameters kept what they had, as did `mismatched` ones, whose shapes
    differ; `unused` arrays of the file fit nothing.
    """

    path: str
    arrays: int
    metadata: Metadata | None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"loaded {self.arrays} arrays from {self.path}"]
        lines += [f"note: {note}" for note in self.notes]
        for what in ("missing", "mismatched", "unused"):
            lines += [f"{what}: {name}" for name in getattr(self, what)]
        return "\n".join(lines)


def save(path: str | Path, arrays: Mapping[str, Array], metadata: Metadata) -> None:
    """Writes weights, the same bytes for the same weights. Raises CnnError (E543); the old file is then unchanged."""
    path = Path(path)
    if path.is_dir():
        raise _unwritten(path, "it is a folder", f"name a file in it, such as {path / 'weights.safetensors'}")
    if not path.resolve().parent.is_dir():
        raise _unwritten(path, "its folder does not exist", f"make it first: mkdir -p {path.parent}")
    try:
        with replaced(path) as beside, beside.open("wb") as file:
            decimals = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
            tensors.write(file, decimals, {KEY: metadata.replace(version=installed()).to_json()})
    except OSError as reason:
        size = sum(array.nbytes for array in arrays.values())
        advice = f"the file takes {size / 1e6:,.1f} MB: look at the free space and the permissions of {path.parent}"
        raise _unwritten(path, reason.strerror or str(reason), advice) from None


def _unwritten(path: Path, reason: str, advice: str) -> Exception:
    return WeightsUnwritten(NOWHERE, str(path), reason, advice).error()


def load(path: str | Path) -> tuple[dict[str, Array], Metadata | None]:
    """The arrays by name (float32), and the metadata unless another program wrote the file. Raises CnnError (E541)."""
    with _opened(Path(path)) as file:
        arrays: dict[str, Array] = {}
        for name in file.keys():  # noqa: SIM118 - it is no mapping
            array = file.get_tensor(name)
            if array.dtype.kind != "f":
                raise ValueError(f"`{name}` holds {array.dtype}, not decimals")
            arrays[name] = array.astype(np.float32)
        return arrays, _metadata(file)


def read_metadata(path: str | Path) -> Metadata:
    """What a file of weights was made with, without reading the arrays. Raises CnnError (E541)."""
    with _opened(Path(path)) as file:
        found = _metadata(file)
    if found is None:
        raise _unreadable(Path(path), "it holds no word about the net: another program wrote it")
    return found


def _metadata(file: Any) -> Metadata | None:
    text = (file.metadata() or {}).get(KEY)
    return None if text is None else Metadata.from_json(text)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A safetensors file; whatever goes wrong in reading it becomes a diagnostic."""
    from safetensors import SafetensorError, safe_open

    try:
        if path.suffix.lower() in PICKLED:
            raise ValueError(f"`{path.suffix}` is another program's format, and safetensors is the only one read")
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        with safe_open(path, framework="numpy") as file:
            yield file
    except FileNotFoundError:
        there = sorted(item.name for item in path.parent.glob("*.safetensors")) if path.parent.is_dir() else []
        meant = closest(path.name, there)
        advice = f"did you mean `{path.with_name(meant)}`?" if meant else "train the net first: cnnc train … -o FILE"
        raise _unreadable(path, "there is no such file", advice) from None
    except OSError as reason:
        raise _unreadable(path, reason.strerror or str(reason), "look at the file and its permissions") from None
    except SafetensorError as reason:
        raise _unreadable(path, f"it is no whole safetensors file ({reason})") from None
    except KeyError as reason:
        raise _unreadable(path, f"its metadata lack {reason}") from None
    except (ValueError, TypeError, AttributeError) as reason:
        raise _unreadable(path, str(reason)) from None


def _unreadable(path: Path, reason: str, *advice: str) -> Exception:
    return WeightsUnreadable(NOWHERE, str(path), reason, *advice).error()


def check(
    path: str | Path,
    net: str,
    parameters: Iterable[Parameter],
    arrays: Mapping[str, Array],
    made: Metadata | None,
    place: str = THE_FILE,
) -> None:
    """Refuses arrays that are not exactly the net's. Raises CnnError (E542) that names every difference.

    `place` is what messages call the holder of the arrays.
    """
    wanted = {parameter.name: parameter.shape for parameter in parameters}
    extra = [name for name in arrays if name not in wanted]
    missing = [name for name in wanted if name not in arrays]
    found = [
        f"`{name}` is {sized(arrays[name].shape)} in {place}, the net wants {sized(shape)}"
        for name, shape in wanted.items()
        if name in arrays and arrays[name].shape != shape
    ]
    found += [_missing(place, name, wanted[name], extra) for name in missing]
    found += [_extra(place, name, arrays[name].shape, missing) for name in extra]
    if found:
        saved_from = made.net if made and place == THE_FILE else ""
        raise WeightsMismatch(NOWHERE, str(path), net, tuple(found), saved_from).error()


def _missing(place: str, name: str, shape: tuple[int, ...], extra: list[str]) -> str:
    meant = closest(name, extra)
    return f"{place} lacks `{name}`, {sized(shape)}" + (f"; it has `{meant}`" if meant else "")


def _extra(place: str, name: str, shape: tuple[int, ...], missing: list[str]) -> str:
    meant = closest(name, missing)
    return f"{place} has `{name}`, {sized(shape)}, the net does not" + (f"; did you mean `{meant}`?" if meant else "")


def sized(shape: tuple[int, ...]) -> str:
    """`6x5x5x1`; `one number` for a shape without axes."""
    return "x".join(map(str, shape)) or "one number"
