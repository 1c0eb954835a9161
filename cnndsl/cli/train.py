"""Train a net on data and keep all that comes of it in a folder, `runs/NAME`.

Examples:
  cnnc train lenet5.cnn --data sample --epochs 3 -o lenet5.safetensors
  cnnc train lenet5.cnn --data mnist:data/mnist --optimizer "sgd(momentum=0.9)" --rate 0.05 --schedule cosine --seed 1
  cnnc train lenet5.cnn --data sample --epochs 50 --validation 0.1 --stop-early 5
  cnnc train --config runs/LeNet5-1/settings.toml --rate 0.01
  cnnc train --resume LeNet5-1
  mlx.launch --backend ring --hosts 10.0.0.1,10.0.0.2 -- cnnc train lenet5.cnn --data sample --distributed

`sample` are 5,000 digits that come with the package. Every epoch ends with the loss and accuracy of the
validation part, else of the test examples. The folder holds the net's source with what it imports, the settings, the
log (CSV and JSON lines), the learning curves, the weights (the last, and the best by the validation part), and
checkpoints: after Ctrl-C, or when the machine died, `--resume` goes on as if nothing had happened, to the same bits
with NumPy.
With `--distributed` every rank reads its part of each batch, which is that of all of them; rank 0 alone prints and
writes, and says what is trained. The others need the file and the data, too, and `--resume` takes any number of them.
A file for `--config` holds options by their names (`batch-size = 32`); options on the command line come after it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _data, _net, _ranks, _runs, _settings
from cnndsl.cli._exit import CLEAN, INTERRUPTED
from cnndsl.cli._options import Parser
from cnndsl.cli._runs import Run
from cnndsl.cli._settings import Settings
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage, NotWritten

if TYPE_CHECKING:
    from cnndsl.cli._ranks import Texts
    from cnndsl.data.dataset import Dataset
    from cnndsl.engine import Backend, Ranks
    from cnndsl.net import Net
    from cnndsl.train.attacks import Attack
    from cnndsl.train.history import History
    from cnndsl.train.model import Model
    from cnndsl.train.schedules import Schedule

NEWEST = ""


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a .cnn file; FILE:NET picks one of its nets, else the last"
    )
    _net.declare_changes(parser)
    _settings.declare(parser)
    parser.add_argument("--config", metavar="TOML", help="a file with settings")
    parser.add_argument(
        "--resume", metavar="RUN", nargs="?", const=NEWEST, help="go on with a run, by itself the newest"
    )
    parser.add_argument("--name", metavar="NAME", help="the run's name; else that of the net and a number")
    _runs.declare(parser)
    _ranks.declare(parser)
    parser.add_argument("-o", "--output", metavar="WEIGHTS", help="where to save the weights too, a .safetensors file")


def choices() -> dict[str, tuple[str, ...]]:
    """What options can be, for the help."""
    from cnndsl.data import loaders
    from cnndsl.data.augment import Augment
    from cnndsl.data.loader import FATAL, SKIP
    from cnndsl.engine import PRECISIONS
    from cnndsl.train.attacks import Attack
    from cnndsl.train.choices import choices
    from cnndsl.train.losses import Loss
    from cnndsl.train.optimizers import Rule
    from cnndsl.train.schedules import Schedule

    return {
        "--data": tuple(loader.form for loader in loaders() if loader.text),
        "--optimizer": tuple(choices(Rule)),
        "--schedule": tuple(choices(Schedule)),
        "--loss": tuple(choices(Loss)),
        "--augment": tuple(choices(Augment)),
        "--corrupt": (FATAL, SKIP),
        "--adversarial": tuple(choices(Attack)),
        "--backend": ("auto", *import_module("cnndsl.backends").names()),
        "--precision": PRECISIONS,
    }


def run(options: Any, terminal: Terminal) -> int:
    errors = Terminal(sys.stderr, color=not options.no_color)
    backend = _ranks.joined(options)
    ranks = _ranks.ranks_of(backend)
    if backend and ranks and ranks.rank:
        return _follow(backend, ranks, errors)
    if options.output:
        _refuse(Path(options.output))
    going_on = _runs.find(options.runs, options.resume) if options.resume is not None else None
    settings = _wanted(options, going_on)
    texts = _texts(going_on) if going_on else None
    if backend:
        settings["backend"] = backend.name
    if ranks:
        _ranks.tell(ranks, settings, texts)
    net = _source(settings, texts)
    _net.warn(net, errors)
    with _net.warnings_to(errors):
        kept = going_on or _runs.new(options.runs, options.name, net.name)
        return _train(net, settings, backend, kept, going_on is not None, options.output, terminal)


def _follow(backend: Backend, ranks: Ranks, errors: Terminal) -> int:
    """Trains what rank 0 does, with it, and leaves the rest to it."""
    settings, texts = _ranks.hear(ranks)
    with _net.warnings_to(Terminal(None)):  # rank 0 says them
        net = _source(settings, texts)
        dataset = _data.opened(settings, net)
        model = _model(net, settings, dataset, backend)
    with _net.warnings_to(errors):
        return INTERRUPTED if _fit(model, settings, dataset, _ways(settings)).interrupted else CLEAN


def _wanted(options: Any, going_on: Run | None) -> Settings:
    """The settings that count. Raises CnnError (E053) for what is missing."""
    layers = [going_on.settings()] if going_on else []
    layers += [_settings.read(options.config)] if options.config else []
    settings = _settings.effective(*layers, _settings.given(options))
    missing = "FILE" if not settings.get("net") else "--data" if not settings["data"] else ""
    if missing:
        said, usage = (
            f"{missing} is missing: what to train{' on' * (missing != 'FILE')}",
            "cnnc train FILE --data sample",
        )
        raise BadUsage(NOWHERE, command="cnnc train", message=said, usage=usage).error()
    if settings["stop-early"] and not settings["validation"]:
        said = "--stop-early needs a validation part: the test examples are not there to choose by"
        raise BadUsage(NOWHERE, command="cnnc train", message=said, usage="--validation 0.1 --stop-early 5").error()
    return settings


def _texts(going_on: Run) -> Texts:
    """The text that a run was begun with, and those that it imports, whatever became of the files."""
    from cnndsl.files import read_source

    return read_source(str(going_on.source)).text, dict(going_on.imports)


def _source(settings: Settings, texts: Texts | None) -> Net:
    """The net: of its file, or of a run's texts."""
    import cnndsl
    from cnndsl.asked import split_name

    changes = {"set": _net.settings(settings.get("set", ())), "input": _net.sizes(settings.get("input", ()))}
    if texts is None:
        return cnndsl.load(settings["net"], **changes)
    file, name = split_name(settings["net"])
    text, imports = texts
    return cnndsl.loads(text, name=file, net=name, folder=Path(file).parent, imports=imports, **changes)


def _train(
    net: Net,
    settings: Settings,
    backend: Backend | None,
    kept: Run,
    resume: bool,
    output: str | None,
    terminal: Terminal,
) -> int:
    from cnndsl.train.checkpoints import Checkpoints

    dataset = _data.opened(settings, net)
    model, ways = _model(net, settings, dataset, backend), _ways(settings)
    callbacks = kept.callbacks(settings, dataset.validation is not None)
    kept.keep(net, settings)
    _introduce(model, dataset, kept, terminal)
    before = len(kept.history())
    checkpoints = Checkpoints(kept.checkpoints, steps=settings["save-steps"])
    history = _fit(model, settings, dataset, ways, callbacks=callbacks, checkpoints=checkpoints, resume=resume)
    if resume and len(history.epochs) == before and not history.interrupted:
        terminal.print(f"nothing was left to do: {before} epochs are done; --epochs {2 * before} goes on")
    return _conclude(model, history, kept, output, terminal)


def _fit(
    model: Model, settings: Settings, dataset: Dataset, ways: tuple[Schedule, Attack | None], **kept: Any
) -> History:
    schedule, attack = ways
    return model.fit(
        dataset,
        epochs=settings["epochs"],
        batch_size=settings["batch-size"],
        schedule=schedule,
        validation_data=dataset.test if dataset.validation is None else dataset.validation,
        augment=settings["augment"],
        adversarial=attack,
        **kept,
    )


def _model(net: Net, settings: Settings, dataset: Dataset, backend: Backend | None) -> Model:
    from cnndsl.cli._chosen import chosen
    from cnndsl.train.losses import Loss
    from cnndsl.train.optimizers import Rule

    rate = {} if settings["rate"] is None else {"rate": settings["rate"]}
    others = {name.replace("-", "_"): settings[name] for name in _settings.COMPILED if settings[name]}
    return net.compile(
        backend=backend or settings["backend"],
        optimizer=chosen(Rule, settings["optimizer"], **rate),
        loss=chosen(Loss, settings["loss"]),
        **others,
        seed=settings["seed"],
        class_names=dataset.class_names,
        normalization=dataset.normalization,
    )


def _ways(settings: Settings) -> tuple[Schedule, Attack | None]:
    """The schedule, and the attack that is trained against, if there is one."""
    from cnndsl.cli._chosen import chosen
    from cnndsl.train.attacks import Attack
    from cnndsl.train.schedules import Schedule

    attack = settings["adversarial"]
    return chosen(Schedule, settings["schedule"]), chosen(Attack, attack) if attack else None


def _introduce(model: Model, dataset: Dataset, kept: Run, terminal: Terminal) -> None:
    several = f", {model.ranks.size} ranks" if model.ranks else ""
    on = f"{model.backend.name} ({model.backend.device()}{several})"
    terminal.print(f"{model.net.name} on {on}, kept in {kept.path}")
    counts = [f"{len(part):,} {name} examples" for name, part in _spoken(dataset).items()]
    terminal.print(f"{dataset.name}: {', '.join(counts)}")
    terminal.flush()


def _spoken(dataset: Dataset) -> dict[str, Any]:
    return {name.replace("train", "training"): part for name, part in dataset.parts.items()}


def _conclude(model: Model, history: History, kept: Run, output: str | None, terminal: Terminal) -> int:
    if output and history.epochs:
        with model.averaged():
            model.save(output)
        terminal.print(f"saved {model.parameters:,} trained parameters to {output}")
    elif history.epochs:
        terminal.print(f"its weights: {kept.weights}")
    if history.interrupted:
        terminal.print(f"go on with it: cnnc train --resume {kept.name}")
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
