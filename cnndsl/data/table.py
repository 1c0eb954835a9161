"""Tables of images: a CSV file with a path and a label in each row."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.data.dataset import Dataset
from cnndsl.data.files import corrupt, reading
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.pictures import pictures
from cnndsl.data.tree import PARTS, is_image, numbered
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import ColumnMissing

if TYPE_CHECKING:
    from cnndsl.data.examples import Array

    Rows = list[tuple[str, str]]

PATHS = ("path", "file", "filename", "file_name", "filepath", "image", "image_path", "img", "x")
LABELS = ("label", "class", "target", "category", "labels", "y")
SPLITS = ("split", "part", "set", "subset")
SEPARATORS = ",;\t"


class Table(Loader):
    """Columns of paths (beside the file, or absolute), of labels, and perhaps of parts (`train`, `val`, `test`).

    Without a heading the first column is the path and the second the label. Labels that are all whole
    numbers from 0 are taken as they are, words as classes in alphabetical order, other numbers as measurements.
    """

    form: ClassVar[str] = "FILE.csv"
    about: ClassVar[str] = "a table with a column of image paths and one of labels (and one of parts, if you like)"

    @classmethod
    def sees(cls, path: Path) -> bool:
        return path.suffix.lower() in (".csv", ".tsv")

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:  # noqa: ARG003
        parts = _parts(path, wishes)
        labels = [label for label, _ in parts["train"]]
        counted = all(re.fullmatch(r"0|[1-9]\d{0,5}", label) for label in labels)
        measured = not counted and all(map(_is_decimal, labels))
        classes = tuple(map(str, range(max(map(int, labels)) + 1))) if counted else tuple(sorted(set(labels)))
        found = {}
        for part, rows in parts.items():
            called = path.name if part == "train" else f"{path.name} ({part})"
            y = _measures(path, rows) if measured else numbered(called, rows, classes)
            names = () if measured else classes
            found[part] = pictures(
                called, [file for _, file in rows], lambda file: (path.parent / file).read_bytes(), y, names, wishes
            )
        return Dataset(path.name, **found)


def _parts(path: Path, wishes: Wishes) -> dict[str, Rows]:
    """Label and path of each row, by part. Raises CnnError (E513, E514, E552)."""
    heading, rows = _rows(path)
    x = _column(path, heading, wishes.x, PATHS, "x")
    y = _column(path, heading, wishes.y, LABELS, "y")
    split = next((place for place, title in enumerate(heading) if title.lower() in SPLITS), None)
    parts: dict[str, Rows] = {}
    for row in rows:
        said = "train" if split is None else row[split].strip().lower()
        parts.setdefault(PARTS.get(said, said), []).append((row[y].strip(), row[x].strip()))
    if not set(parts) <= set(PARTS.values()) or "train" not in parts:
        raise corrupt(path, "CSV", f"its parts are {', '.join(parts) or 'none'}, not train, validation and test")
    return parts


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """The heading, made up if there is none, and the rows. Raises CnnError (E513, E514)."""
    try:
        with reading(path), path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            separator = max(SEPARATORS, key=first.count)
            rows = [row for row in csv.reader(file, delimiter=separator) if any(cell.strip() for cell in row)]
    except (csv.Error, UnicodeDecodeError) as reason:
        raise corrupt(path, "CSV", str(reason)) from None
    if not rows:
        raise corrupt(path, "CSV", "it has no rows")
    heading = [title.strip() for title in rows[0]]
    if any(is_image(cell.replace("\\", "/")) for cell in heading):
        heading = ["path", "label", *map(str, range(3, len(heading) + 1))][: len(heading)]
    else:
        del rows[0]
    for number, row in enumerate(rows, 1):
        if len(row) != len(heading):
            raise corrupt(path, "CSV", f"row {number} has {len(row)} cells, the heading has {len(heading)}")
    return heading, rows


def _column(path: Path, heading: list[str], asked: str | None, known: Sequence[str], argument: str) -> int:
    """The number of a column: the one asked for, else the first of a known name. Raises CnnError (E552)."""
    for name in (asked,) if asked else known:
        for place, title in enumerate(heading):
            if title == name or (not asked and title.lower() == name):
                return place
    what = {"x": "image paths", "y": "labels"}[argument]
    raise ColumnMissing(NOWHERE, str(path), asked or "", what, argument, tuple(heading)).error()


def _measures(path: Path, rows: Rows) -> Array:
    """Labels that are measurements, (N, 1)."""
    for label, file in rows:
        if not _is_decimal(label):
            raise corrupt(path, "CSV", f"the label of `{file}` is `{label}`, those of the training part are numbers")
    return np.array([[float(label)] for label, _ in rows], np.float32)


def _is_decimal(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False
