"""What data is like: sizes, balance of the classes, range, mean and deviation of each channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.data.dataset import SPOKEN, Dataset
from cnndsl.data.examples import Examples, Some
from cnndsl.record import Record
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.data.examples import Array
    from cnndsl.data.part import Part

#: examples that are looked at together
ROWS = 256
#: classes that a page lists; the others are counted
LISTED = 40


class Values(Record):
    """The values of some examples: how many were read, least, greatest, and mean and deviation by channel."""

    examples: int
    low: float
    high: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


class Inspection(Shown):
    """What there is to say of a data set. `counts` are the examples of each class, by part.

    `values` are those of the training examples as a net gets them (bytes scaled to 0..1); `shape` is that
    of one, `faults` the files that could not be read.
    """

    name: str
    shape: tuple[int, ...]
    sizes: dict[str, int]
    classes: tuple[str, ...]
    counts: dict[str, tuple[int, ...]]
    values: Values
    faults: dict[str, str]

    @property
    def line(self) -> str:
        """The layer that gives each channel mean 0 and deviation 1, as a program has it."""
        mean, std = (_listed(each) for each in (self.values.mean, self.values.std))
        return f"normalize(mean={mean}, std={std})"

    def page(self) -> Page:
        sizes = ", ".join(f"{size:,} {SPOKEN[part]}" for part, size in self.sizes.items())
        return Page(f"{self.name}: {sizes} examples of {Volume(self.shape)}", tuple(self._blocks()))

    def _blocks(self) -> Iterator[Facts | Table]:
        values = self.values
        facts = [
            Fact("values", f"{values.low:g} to {values.high:g} (as the net gets them)"),
            Fact("mean", _listed(values.mean)),
            Fact("deviation", _listed(values.std)),
        ]
        if min(values.std) > 0:
            facts.append(Fact("in a net", self.line))
        if values.examples < self.sizes["train"]:
            facts.append(Fact("looked at", f"{values.examples:,} of the training examples"))
        facts += [Fact("unreadable", f"{path}: {reason}") for path, reason in self.faults.items()]
        if self.counts:
            facts.append(Fact("balance", self.balance))
        yield Facts(tuple(facts))
        if self.counts:
            yield self._table()

    @property
    def balance(self) -> str:
        """How far the sizes of the classes lie apart."""
        counts = self.counts["train"]
        low, high = min(counts), max(counts)
        if low == high:
            return f"{len(counts)} classes of {low:,} examples each"
        empty = counts.count(0)
        if empty:
            return f"{len(counts)} classes of up to {high:,} examples, {empty} of them without any"
        return f"{len(counts)} classes of {low:,} to {high:,} examples, the largest {high / low:.3g} times the smallest"

    def _table(self) -> Table:
        heads = [Heading("label", "right"), Heading("class"), Heading("training", "right"), Heading("share", "right")]
        others = [part for part in self.counts if part != "train"]
        heads += [Heading(SPOKEN[part], "right") for part in others]
        total = sum(self.counts["train"])
        rows = []
        for label, count in enumerate(self.counts["train"][:LISTED]):
            name = self.classes[label] if label < len(self.classes) else ""
            share = f"{100 * count / total:.1f} %"
            rows.append((str(label), name, f"{count:,}", share, *(f"{self.counts[part][label]:,}" for part in others)))
        left = len(self.counts["train"]) - LISTED
        if left > 0:
            rows.append(("…", f"{left:,} more", f"{sum(self.counts['train'][LISTED:]):,}", *[""] * (1 + len(others))))
        return Table(tuple(heads), tuple(rows))

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "name": self.name,
            "shape": list(self.shape),
            "examples": self.sizes,
            "classes": list(self.classes),
            "counts": {part: list(counts) for part, counts in self.counts.items()},
            "low": self.values.low,
            "high": self.values.high,
            "mean": list(self.values.mean),
            "std": list(self.values.std),
            "looked_at": self.values.examples,
            "unreadable": self.faults,
        }


def inspect(data: Dataset, limit: int | None = None) -> Inspection:
    """Reads the training examples, at most `limit` of them, evenly spread. Raises CnnError for what cannot be read."""
    train = data.train
    some: Part = train
    if limit is not None and isinstance(train, Examples) and limit < len(train):
        some = Some(train, np.linspace(0, len(train) - 1, limit).astype(np.int64), train.name)
    values, shape = measured(some)
    sizes = {name: len(part) or values.examples for name, part in data.parts.items()}
    faults = {path: reason for part in data.parts.values() for path, reason in getattr(part, "faults", {}).items()}
    return Inspection(data.name, shape, sizes, data.class_names, _counts(data), values, faults)


def measured(part: Part) -> tuple[Values, tuple[int, ...]]:
    """The values of all examples of a part, in one pass, and the shape of one.

    Sums are kept in float64 as distances from the first block's mean, so that the deviation loses no digits.
    """
    count, low, high = 0, np.inf, -np.inf
    shape: tuple[int, ...] = ()
    first: Any = None
    total: Any = 0.0
    squares: Any = 0.0
    for block in part.blocks(ROWS):
        x = np.asarray(block.x)
        shape, count = x.shape[1:], count + len(x)
        low, high = min(low, float(x.min())), max(high, float(x.max()))
        cells = x.reshape(-1, shape[-1] if shape else 1).astype(np.float64)
        first = cells.mean(axis=0) if first is None else first
        cells -= first
        total, squares = total + cells.sum(axis=0), squares + np.square(cells).sum(axis=0)
    cells_in_all = count * int(np.prod(shape[:-1]))
    mean = total / cells_in_all
    std = np.sqrt(np.maximum(squares / cells_in_all - mean**2, 0))
    return Values(count, low, high, tuple((first + mean).tolist()), tuple(std.tolist())), shape


def _counts(data: Dataset) -> dict[str, tuple[int, ...]]:
    """Examples of each class by part; empty where the targets are not labels that are known beforehand."""
    labels = {name: part.y for name, part in data.parts.items() if isinstance(part, Examples)}
    if len(labels) < len(data.parts) or not all(_are_labels(y) for y in labels.values()):
        return {}
    classes = max(len(data.class_names), *(int(y.max()) + 1 for y in labels.values()))
    return {name: tuple(np.bincount(y, minlength=classes).tolist()) for name, y in labels.items()}


def _are_labels(y: Array) -> bool:
    return y.ndim == 1 and y.dtype.kind in "iu" and len(y) > 0 and int(y.min()) >= 0


def _listed(numbers: tuple[float, ...]) -> str:
    """`0.1307`, or `(0.4914, 0.4822, 0.4465)`."""
    texts = [f"{number:.4g}" for number in numbers]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
