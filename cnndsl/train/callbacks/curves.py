"""Learning curves: a picture of the history, drawn anew after every epoch."""

from __future__ import annotations

from pathlib import Path

from cnndsl.chart import Line, Panel, draw, form_of
from cnndsl.train.callbacks.base import Callback, Run
from cnndsl.train.callbacks.logs import written
from cnndsl.train.history import PLACES, History

VALIDATION = "val_"


class Curves(Callback):
    """Draws the curves to a file, SVG or PNG by its suffix (PNG needs the extra `images`).

    Raises CnnError: another suffix (E650), Pillow missing (E517), the file cannot be written (E058).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        form_of(self.path)

    def on_epoch(self, run: Run) -> None:
        written(self.path, draw(curves(run.history), form_of(self.path)))


def curves(history: History) -> tuple[Panel, ...]:
    """A panel for each measure: solid where it was trained, dashed where it was validated."""
    names = [name for name in history.names if name not in PLACES]
    plain = dict.fromkeys(name.removeprefix(VALIDATION) for name in names)
    return tuple(
        Panel(name, "epoch", tuple(_line(history, each) for each in (name, VALIDATION + name) if each in names))
        for name in plain
    )


def _line(history: History, name: str) -> Line:
    validated = name.startswith(VALIDATION)
    points = tuple((epoch["epoch"], epoch[name]) for epoch in history.epochs if name in epoch)
    return Line("validation" if validated else "training", points, dashed=validated)
