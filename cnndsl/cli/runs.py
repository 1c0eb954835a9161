"""List the runs of `cnnc train`, or compare some.

Examples:
  cnnc runs
  cnnc runs LeNet5-1 LeNet5-2
  cnnc runs --json

One run alone is shown epoch by epoch; several side by side, with the settings that differ and what came of them.
"""

from __future__ import annotations

import json
from typing import Any

from cnndsl.analysis.shown import Heading, Page, Table
from cnndsl.cli import _runs, _settings
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._runs import Run
from cnndsl.cli._terminal import Terminal

TIMES = ("seconds", "images_per_second")


def arguments(parser: Parser) -> None:
    parser.add_argument("names", metavar="RUN", nargs="*", help="runs to look at; else all are listed")
    _runs.declare(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.render.page import text

    found = [_runs.find(options.runs, name) for name in options.names] or _runs.every(options.runs)
    if options.json:
        terminal.print(json.dumps({"schema": 1, "runs": [_document(each) for each in found]}, indent=2))
        return CLEAN
    if not found:
        terminal.print(f"no runs in `{options.runs}` yet: cnnc train FILE --data sample")
        return CLEAN
    page = _list(found) if not options.names else _epochs(found[0]) if len(found) == 1 else _compared(found)
    terminal.print(text(page, color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    return CLEAN


def _document(run: Run) -> dict[str, Any]:
    return {"name": run.name, "path": str(run.path), "settings": run.settings(), "epochs": run.history()}


def _list(runs: list[Run]) -> Page:
    """A line a run: what was trained on what, how far it is, and what came of it."""
    rows = []
    for each in runs:
        settings, history = _settings.effective(each.settings()), each.history()
        done = f"{len(history)}/{settings['epochs']}"
        seconds = f"{sum(epoch['seconds'] for epoch in history):,.0f}"
        rows.append((each.name, settings["data"], done, seconds, _outcome(history)))
    headings = (
        Heading("run"),
        Heading("data"),
        Heading("epochs", "right"),
        Heading("s", "right"),
        Heading("last epoch"),
    )
    return Page(f"{len(runs)} run{'s' * (len(runs) != 1)}, the oldest first", (Table(headings, tuple(rows)),))


def _outcome(history: list[dict[str, Any]]) -> str:
    """The measures of the last epoch, those of the validation if there are any."""
    if not history:
        return "none is done"
    last = _measures(history[-1])
    validated = {name: value for name, value in last.items() if name.startswith("val_")}
    return ", ".join(f"{name} {value}" for name, value in (validated or last).items())


def _measures(epoch: dict[str, Any]) -> dict[str, str]:
    from cnndsl.train.history import show

    return {
        name: "not finite" if value is None else show(name, value)
        for name, value in epoch.items()
        if name not in ("epoch", *TIMES)
    }


def _epochs(run: Run) -> Page:
    """The history of one run."""
    history = run.history()
    names = list(dict.fromkeys(name for epoch in history for name in _measures(epoch)))
    headings = tuple(Heading(name, "right") for name in ("epoch", *names, "s"))
    rows = tuple(
        (str(epoch["epoch"]), *(_measures(epoch).get(name, "") for name in names), f"{epoch['seconds']:,.1f}")
        for epoch in history
    )
    return Page(f"{run.name}, kept in {run.path}", (Table(headings, rows),))


def _compared(runs: list[Run]) -> Page:
    """A column a run: the settings in which they differ, then what came of each."""
    settings = [_settings.effective(each.settings()) for each in runs]
    names = dict.fromkeys([_settings.NET, *(name for each in settings for name in each)])
    rows = [(name, *(_shown(each.get(name)) for each in settings)) for name in names]
    rows = [row for row in rows if len(set(row[1:])) > 1]
    histories = [each.history() for each in runs]
    rows.append(("epochs done", *(str(len(history)) for history in histories)))
    lasts = [_measures(history[-1]) if history else {} for history in histories]
    measures = list(dict.fromkeys(name for last in lasts for name in last))
    rows += [(name, *(last.get(name, "") for last in lasts)) for name in measures]
    rows.append(("seconds", *(f"{sum(epoch['seconds'] for epoch in history):,.1f}" for history in histories)))
    headings = (Heading(""), *(Heading(each.name, "right") for each in runs))
    return Page(f"{len(runs)} runs: the settings that differ, then the last epoch", (Table(headings, tuple(rows)),))


def _shown(value: Any) -> str:
    return "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
