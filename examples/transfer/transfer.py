"""What features of digits are worth for other digits, and for photographs, with 10 images a class.

    python examples/transfer/transfer.py --data mnist:FOLDER --far folder:CIFAR10

`Digits` of `digits.cnn` learns the digits 0 to 4. Then nets that take its first stages over learn a near task, the
digits 5 to 9, and a far one, the classes of CIFAR-10 in grey at 28x28: from scratch, and with 1 to 4 stages moved,
frozen or trained on, all from the same few images. Beside them stand a single layer on the pixels, and one on the
features of each layer of `Digits`. Numbers are means over several draws of the few images, with their standard
deviation, on all test images. The rate of each is the one of `RATES` that is best for the first draw on 1,000 other
training images. Beside this file, or in `--out FOLDER`, it leaves `results.md`, and log and curves of `Digits`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

import cnndsl
from cnndsl.data import load
from cnndsl.train.callbacks import CsvLog, Curves

HERE = Path(__file__).parent
NETS = HERE / "digits.cnn"
STAGES = 4
RATES = (0.0003, 0.001, 0.003)
HELD_OUT = 1000


def options(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="digits of 28x28x1, such as mnist:FOLDER")
    parser.add_argument("--far", required=True, help="images of other things, brought to 28x28x1")
    parser.add_argument("--out", type=Path, default=HERE, help="where the results go")
    parser.add_argument("--epochs", type=int, default=4, help="for the digits that are learned first")
    parser.add_argument("--few", type=int, default=10, help="images a class")
    parser.add_argument("--few-epochs", type=int, default=40, help="for what is learned from them")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--backend", default="numpy")
    return parser.parse_args(given)


class Task:
    """Labelled images: some draws of a few a class, others to choose by, and test images."""

    def __init__(self, train: tuple[Any, Any], test: tuple[Any, Any], chosen: argparse.Namespace) -> None:
        x, y = train
        self.classes, self.test, self.chosen = int(y.max()) + 1, test, chosen
        random = np.random.default_rng(0)
        order = random.permutation(len(x))
        held, rest = np.split(order, [min(HELD_OUT, len(x) // 4)])
        self.held = x[held], y[held]
        self.draws = [self._draw(x, y, random.permutation(rest)) for _ in range(chosen.draws)]

    def _draw(self, x: Any, y: Any, order: Any) -> tuple[Any, Any]:
        chosen = np.concatenate([order[y[order] == label][: self.chosen.few] for label in range(self.classes)])
        return x[chosen], y[chosen]

    def seen(self, look: Any) -> Task:
        """The same task on other features of its images: those that a function of them gives."""
        other = object.__new__(Task)
        other.classes, other.chosen = self.classes, self.chosen
        other.test, other.held = ((look(x), y) for x, y in (self.test, self.held))
        other.draws = [(look(x), y) for x, y in self.draws]
        return other

    def accuracy(self, net: Any, source: Any = None) -> tuple[float, float]:
        """Mean and standard deviation over the draws, in percent, of a net that may take `source`'s stages over."""
        rates = {rate: self._after(net, source, rate, self.draws[0], self.held) for rate in RATES}
        best = max(rates, key=lambda rate: rates[rate])
        found = [self._after(net, source, best, draw, self.test) for draw in self.draws]
        return 100 * float(np.mean(found)), 100 * float(np.std(found))

    def _after(self, net: Any, source: Any, rate: float, few: tuple[Any, Any], measured: tuple[Any, Any]) -> float:
        model = net.compile(backend=self.chosen.backend, optimizer="adam", rate=rate, seed=1)
        if source is not None:
            model.load(source, into="backbone", strict=False)
        model.fit(*few, epochs=self.chosen.few_epochs, batch_size=10, schedule="cosine", verbose=0)
        return float(model.evaluate(*measured)["accuracy"])


def moved(task: Task, source: Any, stages: int, frozen: bool) -> str:
    """A cell of the table: the first stages are those of `source`."""
    net = cnndsl.load(f"{NETS}:Moved", set={"moved": stages, "frozen": frozen, "classes": task.classes})
    return told(task.accuracy(net, source if stages else None))


def probed(task: Task, source: Any, layer: Any) -> str:
    """A cell of the table: one layer on what a layer of `source` gives, or on the pixels."""
    net = cnndsl.load(f"{NETS}:Probe", set={"classes": task.classes}, input=layer.volume.shape)
    return told(task.seen(lambda x: source.features(x, at=layer.path)).accuracy(net))


def told(found: tuple[float, float]) -> str:
    return f"{found[0]:.1f} ± {found[1]:.1f}"


def row(*cells: str) -> str:
    line = f"| {' | '.join(cells)} |"
    print(line, flush=True)
    return line


def first(images: tuple[Any, Any], low: int, stop: int) -> tuple[Any, Any]:
    """The images of the digits from `low` to below `stop`, with labels from 0."""
    x, y = images
    there = (y >= low) & (y < stop)
    return x[there], y[there] - low


def learned(data: Any, chosen: argparse.Namespace) -> Any:
    """`Digits` after the first task."""
    model = cnndsl.load(f"{NETS}:Digits").compile(backend=chosen.backend, optimizer="adam", rate=0.002, seed=0)
    log = [CsvLog(chosen.out / "digits.csv"), Curves(chosen.out / "digits.svg")]
    (x, y), test = first(data.train, 0, 5), first(data.test, 0, 5)
    settings = {"epochs": chosen.epochs, "batch_size": 64, "schedule": "one_cycle", "verbose": 2}
    model.fit(x, y, validation_data=test, callbacks=log, **settings)
    return model


def main(given: list[str] | None = None) -> None:
    chosen = options(given)
    chosen.out.mkdir(parents=True, exist_ok=True)
    start = process_time()
    data, photographs = load(chosen.data), load(chosen.far, shape=(28, 28, 1))
    source = learned(data, chosen)
    near = Task(first(data.train, 5, 10), first(data.test, 5, 10), chosen)
    far = Task(photographs.whole("train"), photographs.whole("test"), chosen)
    tasks = (near, far)

    heads = ["stages moved", "near, frozen", "near, trained on", "far, frozen", "far, trained on"]
    lines = [row(*heads), "|---|" + "---:|" * (len(heads) - 1)]
    scratch = [moved(task, source, 0, False) for task in tasks]
    lines.append(row("none: from scratch", "", scratch[0], "", scratch[1]))
    for stages in range(1, STAGES + 1):
        cells = [moved(task, source, stages, frozen) for task in tasks for frozen in (True, False)]
        lines.append(row(str(stages), *cells))

    lines += ["", row("one layer on", "near", "far"), "|---|---:|---:|"]
    for layer in source.net.layers[:-2]:
        name = "the pixels" if layer.path == "input" else f"`{layer.path}`, {layer.volume}"
        lines.append(row(name, *(probed(task, source, layer) for task in tasks)))
    lines += ["", f"Test accuracy in percent; {process_time() - start:.0f} s of CPU time for all.", ""]
    (chosen.out / "results.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
