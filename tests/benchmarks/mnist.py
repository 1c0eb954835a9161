"""LeNet-5 on the full MNIST: `python tests/benchmarks/mnist.py FOLDER` with the folder of the four IDX files.

Trains `examples/lenet5.cnn` with seeds 0 to 2 and prints the test accuracy after the last epoch, its
mean and range. Optimizer, rate, schedule and batch were chosen on a part of the training images
(`--validate`, which never looks at the test images).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np

import cnndsl
from cnndsl.data import load

NET = Path(__file__).parents[2] / "examples" / "lenet5.cnn"
HELD_OUT = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--optimizer", default="adam")
    parser.add_argument("--rate", type=float, default=0.001)
    parser.add_argument("--schedule", default="cosine")
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--validate", action="store_true", help="train on 50,000 images, measure on the other 10,000")
    chosen = parser.parse_args()

    data = load(f"mnist:{chosen.folder}")
    training, measured = (data.x, data.y), data.test
    if chosen.validate:
        training = data.x[:-HELD_OUT], data.y[:-HELD_OUT]
        measured = data.x[-HELD_OUT:], data.y[-HELD_OUT:]
    accuracies = []
    for seed in chosen.seeds:
        model = cnndsl.load(NET).compile(
            backend=chosen.backend, optimizer=chosen.optimizer, rate=chosen.rate, seed=seed
        )
        print(model)
        start = perf_counter()
        model.fit(*training, epochs=chosen.epochs, batch_size=chosen.batch_size, schedule=chosen.schedule, verbose=2)
        scores = model.evaluate(*measured)
        accuracies.append(scores["accuracy"])
        print(f"seed {seed}: {scores}, {perf_counter() - start:.0f} s")
    low, high = 100 * min(accuracies), 100 * max(accuracies)
    part = "held-out training images" if chosen.validate else "test images"
    print(f"accuracy on {part}: mean {100 * np.mean(accuracies):.2f} %, range {low:.2f} to {high:.2f} %")


if __name__ == "__main__":
    main()
