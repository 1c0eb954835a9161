"""Train a net on data and keep the weights.

Examples:
  cnnc train lenet5.cnn --data sample --epochs 3 -o lenet5.safetensors
  cnnc train lenet5.cnn --data mnist:data/mnist --optimizer sgd --rate 0.05 --schedule cosine --seed 1

`sample` are 5,000 digits that come with the package. Where the data has test examples, every epoch
ends with their loss and accuracy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN, INTERRUPTED
from cnndsl.cli._options import Parser, count, positive
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten

if TYPE_CHECKING:
    from cnndsl.net import Net
    from cnndsl.train.model import Model


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument("--data", metavar="DATA", required=True, help="what to train on: a name, or a path")
    parser.add_argument("--epochs", metavar="N", type=count(1), default=1, help="times to go through it (1)")
    parser.add_argument("--batch-size", metavar="N", type=count(1), default=64, help="examples in a step (64)")
    parser.add_argument("--optimizer", metavar="NAME", default="adam", help="how the weights are updated (adam)")
    parser.add_argument("--rate", metavar="RATE", type=positive, help="the learning rate; else the optimizer's own")
    parser.add_argument(
        "--schedule", metavar="NAME", default="constant", help="how the rate changes as it goes (constant)"
    )
    parser.add_argument("--loss", metavar="NAME", default="cross_entropy", help="what is minimized (cross_entropy)")
    parser.add_argument("--backend", metavar="NAME", default="auto", help="what computes (auto)")
    parser.add_argument("--seed", metavar="N", type=count(0), default=0, help="fixes every random number (0)")
    parser.add_argument("-o", "--output", metavar="WEIGHTS", help="where to save the weights, a .safetensors file")


def choices() -> dict[str, tuple[str, ...]]:
    """What options can be, for the help."""
    from cnndsl.data import loaders
    from cnndsl.train.choices import choices
    from cnndsl.train.losses import Loss
    from cnndsl.train.optimizers import Rule
    from cnndsl.train.schedules import Schedule

    return {
        "--data": tuple(loader.form for loader in loaders() if loader.text),
        "--optimizer": tuple(choices(Rule)),
        "--schedule": tuple(choices(Schedule)),
        "--loss": tuple(choices(Loss)),
        "--backend": ("auto", *import_module("cnndsl.backends").names()),
    }


def run(options: Any, terminal: Terminal) -> int:
    if options.output:
        _refuse(Path(options.output))
    net = _net.load(options)
    errors = Terminal(sys.stderr, color=not options.no_color)
    _net.warn(net, errors)
    with _net.warnings_to(errors):
        return _train(net, options, terminal)


def _train(net: Net, options: Any, terminal: Terminal) -> int:
    from cnndsl import data

    dataset = data.open(options.data)
    model = net.compile(
        backend=options.backend,
        optimizer=options.optimizer,
        loss=options.loss,
        seed=options.seed,
        class_names=dataset.class_names,
        normalization=dataset.normalization,
        **({} if options.rate is None else {"rate": options.rate}),
    )
    terminal.print(f"{net.name} on {model.backend.name} ({model.backend.device()})")
    tests = 0 if dataset.test is None else len(dataset.test)
    terminal.print(f"{dataset.name}: {len(dataset.train):,} training examples, {tests:,} test examples")
    terminal.flush()
    history = model.fit(
        dataset,
        epochs=options.epochs,
        batch_size=options.batch_size,
        schedule=options.schedule,
        validation_data=dataset.test,
    )
    if options.output and history.epochs:
        _save(model, options.output, terminal)
    return INTERRUPTED if history.interrupted else CLEAN


def _refuse(path: Path) -> None:
    """Says before the training, not behind it, that its result could not be saved there."""
    reason = ""
    if path.is_dir():
        reason = "it is a folder"
    elif not path.parent.is_dir():
        reason = f"there is no folder `{path.parent}`"
    if reason:
        raise NotWritten(NOWHERE, what=f"`{path}`", reason=reason).error()


def _save(model: Model, path: str, terminal: Terminal) -> None:
    model.save(path)
    terminal.print(f"saved {model.parameters:,} trained parameters to {path}")
