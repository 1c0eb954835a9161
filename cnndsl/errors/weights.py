"""E54x: files of weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem

SHOWN = 8


class WeightsUnreadable(Problem):
    """A file of weights cannot be read: it is missing, cut off, damaged, or of another kind.

    Weights are safetensors files, written by `model.save` or `cnnc train -o`. Pickled weights (`.pt`,
    `.pth`, `.h5`, `.pkl`) are never read, because loading them can run any program.
    """

    code: ClassVar[str] = "E541"
    title: ClassVar[str] = "cannot read the weights in `{path}`: {reason}"
    help: ClassVar[str] = "{remedy}"

    path: str
    reason: str
    remedy: str = "save them again with model.save, or copy the file again and compare its size"


class WeightsMismatch(Problem):
    """The arrays in a file of weights, or of another model, are not those of the net: other names or other shapes.

    Nothing has been loaded. With `strict=False` those that fit are taken. Names are the paths of the
    layers, so a file fits the net that it was saved from, and every net whose layers have the same paths
    and sizes. The file holds the source of its net: build that net to use the weights as they are.
    """

    code: ClassVar[str] = "E542"
    title: ClassVar[str] = "`{path}` does not fit the net `{net}`: {count}"

    path: str
    net: str
    found: tuple[str, ...]
    saved_from: str = ""

    @property
    def count(self) -> str:
        number = len(self.found)
        return f"{number} array{'s' * (number != 1)} differ{'s' * (number == 1)}"

    def notes(self) -> Iterable[str]:
        yield from self.found[:SHOWN]
        if len(self.found) > SHOWN:
            yield f"and {len(self.found) - SHOWN} more"

    def helps(self) -> Iterable[str]:
        if self.saved_from:
            yield f"the file was saved from the net `{self.saved_from}`, whose source it holds"
        yield "load it into the net that it was saved from, or train this one"


class WeightsUnwritten(Problem):
    """Weights could not be written: no such folder, no permission, a full disk.

    They are written beside the file and renamed at the end, so what was there before is still whole.
    """

    code: ClassVar[str] = "E543"
    title: ClassVar[str] = "cannot write the weights to `{path}`: {reason}"
    note: ClassVar[str] = "what was there before is unchanged"
    help: ClassVar[str] = "{remedy}"

    path: str
    reason: str
    remedy: str
