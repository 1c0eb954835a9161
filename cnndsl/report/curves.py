"""The learning curves of a run: a panel for each measure, training and validation together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnndsl.train.callbacks.curves import curves as panels
from cnndsl.train.history import History


def curves(name: str, epochs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the page shows of a training, by the measures of its epochs; a measure that is not finite is None.

    `lines` are the name, whether it was validated, and its points as [epoch, value].
    """
    history = History()
    for epoch in epochs:
        history.add(epoch)
    return {
        "run": name,
        "epochs": len(history.epochs),
        "panels": [
            {"name": panel.title, "lines": [[line.name, line.dashed, line.points] for line in panel.lines]}
            for panel in panels(history)
        ],
    }
