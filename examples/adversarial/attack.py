"""What small changes of an image do to LeNet-5, and what training against them helps.

    python examples/adversarial/attack.py --data mnist:FOLDER

Trains the net as usual and against FGSM, with half of each batch attacked (`--trainings pgd`: against PGD). Each is
measured on the test images as they are, moved by FGSM and moved by PGD, every pixel by at most 0.3. Beside this file,
or in `--out FOLDER`, it leaves `results.md`, a log and the learning curves of each training.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time
from typing import Any

import cnndsl
from cnndsl.data import load
from cnndsl.train.attacks import FGSM, PGD, Attack
from cnndsl.train.callbacks import CsvLog, Curves

HERE = Path(__file__).parent
NET = HERE.parent / "lenet5.cnn"
EPSILON = 0.3
TRAININGS: dict[str, Attack | None] = {"usual": None, "fgsm": FGSM(EPSILON), "pgd": PGD(EPSILON, steps=5)}
ATTACKS = {"FGSM": FGSM(EPSILON), "PGD, 20 steps": PGD(EPSILON, steps=20)}


def options(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="images of 28x28x1, such as mnist:FOLDER")
    parser.add_argument("--out", type=Path, default=HERE, help="where the results go")
    parser.add_argument("--trainings", nargs="+", default=["usual", "fgsm"], choices=TRAININGS)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--attacked", type=int, default=2000, help="test images that are attacked by PGD, the first")
    parser.add_argument("--validation", type=float, default=0.0, help="measure on this part of the training images")
    parser.add_argument("--backend", default="numpy")
    return parser.parse_args(given)


def trained(data: Any, name: str, chosen: argparse.Namespace) -> Any:
    """LeNet-5 after a training, with its log and curves written down."""
    model = cnndsl.load(NET).compile(backend=chosen.backend, optimizer="adam", rate=0.002, seed=0)
    model.fit(
        data.train,
        epochs=chosen.epochs,
        batch_size=64,
        schedule="one_cycle",
        adversarial=TRAININGS[name],
        callbacks=[CsvLog(chosen.out / f"{name}.csv"), Curves(chosen.out / f"{name}.svg")],
        verbose=2,
    )
    return model


def accuracies(model: Any, x: Any, y: Any, few: int) -> list[float]:
    """On images as they are, and on those that each attack has moved; by PGD the first few."""
    found = [model.evaluate(x, y)["accuracy"]]
    for attack in ATTACKS.values():
        count = few if isinstance(attack, PGD) else len(x)
        found.append(model.evaluate(model.attack(x[:count], y[:count], attack), y[:count])["accuracy"])
    return found


def table(rows: list[str]) -> str:
    heads = ["training", "clean", *ATTACKS, "CPU time"]
    return "\n".join([f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1), *rows, ""])


def main(given: list[str] | None = None) -> None:
    chosen = options(given)
    chosen.out.mkdir(parents=True, exist_ok=True)
    data = load(chosen.data, validation=chosen.validation)
    x, y = data.validation if chosen.validation else data.test
    rows = []
    for name in chosen.trainings:
        start = process_time()
        model = trained(data, name, chosen)
        row = accuracies(model, x, y, chosen.attacked)
        seconds = process_time() - start
        cells = [name, *(f"{100 * value:.2f} %" for value in row), f"{seconds:.0f} s"]
        rows.append(f"| {' | '.join(cells)} |")
        print(rows[-1], flush=True)
        (chosen.out / "results.md").write_text(table(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
