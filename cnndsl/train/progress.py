"""What training shows: a bar in a terminal, else a line an epoch."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

from cnndsl.train.callbacks.base import Callback, Run
from cnndsl.train.history import show

#: columns that the words beside the bar take: what is left of a terminal's width is the bar's
TEXT = 74


def progress(verbose: int, stream: TextIO | None = None) -> Callback:
    """What `verbose` asks for: 0 nothing, 1 a bar (a line an epoch where there is no terminal), 2 lines."""
    stream = stream or sys.stdout
    if not verbose:
        return Callback()
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    return Bar(stream) if verbose == 1 and terminal else Lines(stream)


def measures(run: Run) -> str:
    """The scores of a run, `loss 0.3120  accuracy 0.9012`."""
    return "  ".join(f"{name} {show(name, value)}" for name, value in run.scores.items())


class Lines(Callback):
    """A line an epoch: for files, pipes and notebooks."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def on_start(self, run: Run) -> None:
        if (run.epoch, run.step) != (run.first, 0) and run.epoch <= run.epochs and not run.stopping:
            after = f", after step {run.step}" if run.step else ""
            self.stream.write(f"going on with epoch {run.epoch} of {run.epochs}{after}\n")
            self.stream.flush()

    def on_epoch(self, run: Run) -> None:
        last = run.history.last
        speed = f"{last['seconds']:.1f} s  {run.images_per_second:,.0f} images/s"
        self.stream.write(f"epoch {run.epoch}/{run.epochs}  {measures(run)}  {speed}\n")
        self.stream.flush()

    def on_end(self, run: Run) -> None:
        if run.history.interrupted:
            steps = f" of {run.steps}" if run.steps else ""
            self.stream.write(f"interrupted in epoch {run.epoch}, after step {run.step}{steps}\n")
            self.stream.flush()


class Bar(Lines):
    """A bar an epoch, with loss, metrics, images per second and the time left."""

    shown: Any = None

    def on_epoch_start(self, run: Run) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(file=self.stream)
        # One display an epoch, cleared at its end: the line that stays is the same as without a terminal.
        self.shown = Progress(*_columns(console.width), console=console, transient=True)
        fields = {"steps": run.steps or "?", "loss": "", "measures": "", "speed": ""}
        self.task = self.shown.add_task(f"epoch {run.epoch}/{run.epochs}", total=run.steps or None, **fields)
        self.shown.start()

    def on_step(self, run: Run) -> None:
        speed = f"{run.images_per_second:,.0f} images/s"
        loss = f"loss {show('loss', run.scores['loss'])}"
        self.shown.update(self.task, completed=run.step, loss=loss, measures=measures(run), speed=speed)

    def close(self) -> None:
        """Takes the bar away."""
        if self.shown is not None:
            self.shown.stop()
            self.shown = None

    def on_epoch(self, run: Run) -> None:
        self.close()
        super().on_epoch(run)

    def on_end(self, run: Run) -> None:
        self.close()
        super().on_end(run)


def _columns(width: int) -> list[Any]:
    """What stands in the line; where it is narrow only the epoch, the step, the loss and the time left."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.table import Column

    def text(form: str) -> TextColumn:
        return TextColumn(form, table_column=Column(no_wrap=True))

    left = TimeRemainingColumn(table_column=Column(no_wrap=True))
    epoch, step = text("{task.description}"), text("{task.completed}/{task.fields[steps]}")
    if width < TEXT:
        return [epoch, step, text("{task.fields[loss]}"), left]
    bar = BarColumn(bar_width=max(4, min(24, width - TEXT)))
    return [epoch, bar, step, text("{task.fields[measures]}"), text("{task.fields[speed]}"), left]
