"""A generator of digits and a discriminator that learn in turn, and what the discriminator's features are good for.

    python examples/gan/gan.py --data mnist:FOLDER

The two nets of `dcgan28.cnn` (A. Radford et al., 2015, at 28x28) are compiled once each: the discriminator, and the
generator with a frozen copy of it behind, whose verdict the generator learns to sway. No label is looked at. Then the
discriminator's features, frozen, serve a classifier that is given 1,000 labels, beside the same features untrained and
the pixels themselves. Beside this file, or in `--out FOLDER`, it leaves `samples.png` (needs Pillow), a log, the
curves and `results.md`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

import cnndsl
from cnndsl.chart import draw
from cnndsl.data import load
from cnndsl.data.examples import in_memory
from cnndsl.data.sheet import sheet
from cnndsl.train.callbacks.curves import curves
from cnndsl.train.history import History

HERE = Path(__file__).parent
NETS = HERE / "dcgan28.cnn"
NUMBERS = 64  # that the generator makes an image of
SHOWN = 60
RATES = {"Discriminator": 0.0002, "Adversary": 0.001}  # with one rate for both the discriminator is far ahead
REAL = 0.9  # what the discriminator is told of real images (T. Salimans et al., 2016)


def options(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="images of 28x28x1, such as mnist:FOLDER")
    parser.add_argument("--out", type=Path, default=HERE, help="where the results go")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--every", type=int, default=100, help="steps between two lines of the log")
    parser.add_argument("--labels", type=int, default=100, help="labelled images of each class for the classifier")
    parser.add_argument("--backend", default="numpy")
    return parser.parse_args(given)


def compiled(name: str, chosen: argparse.Namespace, **settings: Any) -> Any:
    """One of the nets, with DCGAN's Adam."""
    return cnndsl.load(f"{NETS}:{name}").compile(
        backend=chosen.backend, optimizer="adam", rate=RATES[name], beta1=0.5, seed=0, **settings
    )


def play(discriminator: Any, adversary: Any, x: Any, chosen: argparse.Namespace) -> History:
    """Trains the two in turn, a step each; the means of what they scored, a line every so many steps."""
    random, history, size = np.random.default_rng(0), History(), chosen.batch_size
    truth = np.repeat(np.float32([REAL, 0]), size)[:, None]
    scores = []
    for step in range(1, chosen.steps + 1):
        real = x[random.integers(len(x), size=size)]
        fake = adversary.predict(normal(random, size))["image"]
        told = discriminator.train_on_batch(np.concatenate([real, fake]), truth)
        adversary.load(discriminator, into="discriminator")
        swayed = adversary.train_on_batch(normal(random, size), np.ones((size, 1), np.float32))
        scores.append((told["loss"], swayed["loss"]))
        if step % chosen.every == 0:
            losses = np.mean(scores[-chosen.every :], axis=0).tolist()
            history.add({"epoch": step, "discriminator_loss": losses[0], "generator_loss": losses[1]})
            print(f"step {step}: discriminator {losses[0]:.3f}, generator {losses[1]:.3f}", flush=True)
    return history


def normal(random: np.random.Generator, count: int) -> Any:
    return random.normal(size=(count, NUMBERS)).astype(np.float32)


def few(x: Any, y: Any, count: int) -> tuple[Any, Any]:
    """The first `count` examples of each class."""
    chosen = np.sort(np.concatenate([np.flatnonzero(y == label)[:count] for label in np.unique(y)]))
    return x[chosen], y[chosen]


def classified(net: Any, data: Any, chosen: argparse.Namespace, discriminator: Any = None) -> float:
    """The accuracy of one layer on some features after it was given a few labels."""
    model = net.compile(backend=chosen.backend, optimizer="adam", rate=0.001, seed=1)
    if discriminator is not None:
        model.load(discriminator, into="backbone", strict=False)
    model.fit(*few(data.x, data.y, chosen.labels), epochs=30, batch_size=50, schedule="cosine", verbose=0)
    return float(model.evaluate(data)["accuracy"])


def main(given: list[str] | None = None) -> None:
    chosen = options(given)
    chosen.out.mkdir(parents=True, exist_ok=True)
    data = load(chosen.data)
    start = process_time()
    discriminator = compiled("Discriminator", chosen, loss="binary_cross_entropy", metrics=())
    adversary = compiled("Adversary", chosen, loss={"verdict": "binary_cross_entropy"}, metrics=())
    history = play(discriminator, adversary, data.x, chosen)
    seconds = process_time() - start
    (chosen.out / "curves.svg").write_bytes(draw(curves(history), "svg"))
    (chosen.out / "log.txt").write_text(f"{history!r}\n", encoding="utf-8")
    samples = adversary.predict(normal(np.random.default_rng(1), SHOWN))["image"]
    sheet(in_memory("samples", samples, np.zeros((SHOWN, 1))), chosen.out / "samples.png")

    features, pixels = cnndsl.load(f"{NETS}:Classifier"), cnndsl.load(f"{NETS}:Linear")
    rows = {
        "of the discriminator": classified(features, data, chosen, discriminator),
        "of an untrained one": classified(features, data, chosen),
        "the pixels": classified(pixels, data, chosen),
    }
    lines = [f"| {name} | {100 * value:.2f} % |" for name, value in rows.items()]
    head = [f"| one layer on the features | test accuracy after {chosen.labels} labels a class |", "|---|---:|"]
    told = f"{chosen.steps:,} steps of {chosen.batch_size} images in {seconds:.0f} s of CPU time."
    text = "\n".join([*head, *lines, "", told, ""])
    (chosen.out / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
