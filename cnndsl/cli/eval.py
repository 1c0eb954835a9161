"""Measure a trained net on data: its loss, its accuracy.

Examples:
  cnnc eval
  cnnc eval -w LeNet5-1
  cnnc eval -w lenet5.safetensors --data mnist:data/mnist --json

Without `--weights` the newest run is taken, without `--data` what that run was trained on: the test examples where
the data has some, else the validation part, else the training examples; the line says which.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _data, _net, _settings, _weights
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, count
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage

if TYPE_CHECKING:
    from cnndsl.cli._runs import Run

PREFERRED = ("test", "validation", "train")


def arguments(parser: Parser) -> None:
    _weights.declare(parser)
    parser.add_argument("--data", metavar="DATA", help="what to measure on; else what the run was trained on")
    parser.add_argument("--batch-size", metavar="N", type=count(1), default=256, help="examples at a time (256)")


def run(options: Any, terminal: Terminal) -> int:
    path, of = _weights.find(options)
    errors = Terminal(sys.stderr, color=not options.no_color)
    with _net.warnings_to(errors):
        settings = _wanted(options, of)
        model = _weights.load(path, options)
        dataset = _data.opened(settings, model.net)
        name = next(name for name in PREFERRED if name in dataset.parts)
        scores = model.evaluate(dataset.parts[name], batch_size=options.batch_size)
    if options.json:
        found = {"schema": 1, "weights": str(path), "data": dataset.name, "part": name, "examples": scores.examples}
        terminal.print(json.dumps({**found, "scores": dict(scores)}, indent=2))
    else:
        terminal.print(f"{path} on {dataset.name}, {name} examples: {scores!r}")
    return CLEAN


def _wanted(options: Any, of: Run | None) -> _settings.Settings:
    """The data that is asked for, or that of the run, set apart as it was. Raises CnnError (E053)."""
    if options.data:
        return _settings.effective({"data": options.data})
    if of is None:
        said = "--data is missing: a file of weights does not say what to measure on"
        raise BadUsage(NOWHERE, command="cnnc eval", message=said, usage="cnnc eval -w WEIGHTS --data DATA").error()
    return _settings.effective(of.settings())
