"""What training went through, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PLACES = {"epoch": "d", "seconds": ".1f", "images_per_second": ",.0f"}


class History(Mapping[str, list[float]]):
    """A list of numbers for each measure, one an epoch: `history["loss"]`, `history["val_accuracy"]`.

    `epochs` holds the same as one dict an epoch; `interrupted` says whether Ctrl-C ended it early.
    Printing it shows a table.
    """

    def __init__(self) -> None:
        self.epochs: list[dict[str, float]] = []
        self.interrupted = False

    def add(self, epoch: Mapping[str, float]) -> None:
        """Appends the measures of an epoch."""
        self.epochs.append(dict(epoch))

    @property
    def last(self) -> dict[str, float]:
        """The measures of the last epoch; empty before one is done."""
        return dict(self.epochs[-1]) if self.epochs else {}

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.names:
            raise KeyError(f"no measure is called {name!r}; there are {', '.join(self.names) or 'none yet'}")
        return [epoch[name] for epoch in self.epochs if name in epoch]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The measures there are, in the order of the table's columns."""
        return tuple(dict.fromkeys(name for epoch in self.epochs for name in epoch))

    def to_dict(self) -> dict[str, Any]:
        """Lists by name and `interrupted`, ready for JSON."""
        return {**{name: self[name] for name in self}, "interrupted": self.interrupted}

    def __repr__(self) -> str:
        if not self.epochs:
            return "History: interrupted before the first epoch was done" if self.interrupted else "History: no epochs"
        rows = [self._heads(), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(lines + ["interrupted"] * self.interrupted)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The table for Jupyter, as text and as HTML."""
        from cnndsl.analysis.shown import Heading, Page, Table
        from cnndsl.render.page import html

        headings = tuple(Heading(name, "right") for name in self._heads())
        title = f"{len(self.epochs)} epochs{', interrupted' if self.interrupted else ''}"
        table = Table(headings, tuple(map(tuple, self._rows())))
        shown = html(Page(title, (table,) if self.epochs else ()))
        return {"text/plain": repr(self), "text/html": f"{shown}\n{self._curves()}"}

    def _curves(self) -> str:
        """The learning curves as an image for HTML, once there are two points to join."""
        if len(self.epochs) < 2:
            return ""
        from base64 import b64encode

        from cnndsl.chart import draw
        from cnndsl.train.callbacks.curves import curves

        source = b64encode(draw(curves(self), "svg")).decode()
        return f'<img src="data:image/svg+xml;base64,{source}" alt="learning curves">'

    def _heads(self) -> list[str]:
        return [name.replace("images_per_second", "images/s") for name in self.names]

    def _rows(self) -> list[list[str]]:
        return [[show(name, epoch[name]) if name in epoch else "" for name in self.names] for epoch in self.epochs]


class Scores(dict[str, float]):
    """What `evaluate` measured, by name; prints itself on one line.

    `details` holds what metrics found for each class (an array) or pair of classes (a confusion matrix, its
    rows what is wanted), by name; `report()` shows it as tables.
    """

    def __init__(
        self,
        scores: Mapping[str, float],
        examples: int,
        details: Mapping[str, Any] | None = None,
        class_names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(scores)
        self.examples = examples
        self.details = dict(details or {})
        self.class_names = class_names

    def report(self) -> str:
        """The scores on a line, and below it a table of what was found for each class, and of confusions."""
        from cnndsl.train.report import tables

        return "\n\n".join([repr(self), *tables(self.details, self.class_names)])

    def __repr__(self) -> str:
        return f"{spoken(self)} ({self.examples:,} examples)"


def show(name: str, value: float) -> str:
    """A measure with as many places as it deserves."""
    if name in PLACES:
        return format(value, PLACES[name])
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.3e}"


def spoken(scores: Mapping[str, float]) -> str:
    """`loss 0.1023, accuracy 0.9701`."""
    return ", ".join(f"{name} {show(name, value)}" for name, value in scores.items())
