"""The MLX engine beside the same networks written by hand with mlx.nn: `python -m tests.benchmarks.mlx [ROW …]`.

Both sides in one process, some steps of each in turn, from the same weights on the same batches that lie in
NumPy's arrays; the medians are compared, and the losses and outputs of the first step must agree. On a GPU both
are compiled and not; on a CPU, where compiling gains nothing, not, unless `--compiled` says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

if not __package__:  # run as a file: its own folder, where it is called mlx, must not be searched
    sys.path[0] = str(Path(__file__).parents[2])

import numpy as np

from cnndsl import backends
from cnndsl.net import Net, load
from cnndsl.train.optimizers import SGD
from tests.benchmarks.nets import vgg_like, zoo

#: by name: ours, and the batch on a CPU and on a GPU
ROWS: dict[str, tuple[Callable[[], Net], tuple[int, int]]] = {
    "LeNet-5": (lambda: load(zoo("lenet.cnn:LeNet5")), (64, 256)),
    "VGG-like": (vgg_like, (32, 128)),
    "ResNet-18": (lambda: load(zoo("resnet.cnn:ResNet18")), (4, 64)),
}


class Sides:
    """A row on both sides, with its batches."""

    def __init__(self, name: str, *, gpu: bool, compiled: bool) -> None:
        from tests.benchmarks import mlx_nets

        make, batches = ROWS[name]
        net, batch = make(), batches[gpu]
        program = net.program(dict.fromkeys(net.outputs, "cross_entropy"))
        self.ours = backends.load("mlx").build(program, optimizer=SGD(rate=0.01, momentum=0.9), compile=compiled)
        hand = getattr(mlx_nets, name.replace("-", "").replace("like", "Like").replace("VGG", "Vgg"))
        self.hand = mlx_nets.ByHand(hand(), self.ours.arrays(), compiled=compiled)
        rng = np.random.default_rng(0)
        ((self.source, value),) = program.inputs.items()
        (self.target,), (self.output,) = program.targets, program.outputs
        self.x = [rng.normal(size=(batch, *value.shape)).astype(np.float32) for _ in range(2)]
        classes = program.outputs[self.output].shape[-1]
        self.y = [rng.integers(0, classes, batch).astype(np.int32) for _ in range(2)]

    def steps(self) -> tuple[Callable[[int], Any], ...]:
        """A step of training on a batch, ours and by hand."""
        return (
            lambda i: self.ours.step({self.source: self.x[i]}, {self.target: self.y[i]})[0],
            lambda i: self.hand.step(self.x[i], self.y[i]),
        )

    def inferences(self) -> tuple[Callable[[int], Any], ...]:
        """The outputs for a batch, ours and by hand."""
        return (
            lambda i: self.ours.predict({self.source: self.x[i]})[self.output],
            lambda i: self.hand.predict(self.x[i]),
        )


def compare(name: str, *, gpu: bool, compiled: bool, seconds: float) -> None:
    sides = Sides(name, gpu=gpu, compiled=compiled)
    how = "compiled" if compiled else "not compiled"
    for what, pair in (("inference", sides.inferences()), ("training", sides.steps())):
        _same(f"{name} {what}", *(np.asarray(side(0)) for side in pair))
        ours, hand = (1e3 * taken for taken in by_turns(pair, seconds))
        print(f"{name:10} {what:10} {how:13} {ours:9.2f} ms {hand:9.2f} ms {ours / hand:6.2f}", flush=True)


def _same(what: str, ours: Any, hand: Any) -> None:
    """Exits unless a loss, or outputs, agree."""
    if not np.allclose(ours, hand, rtol=2e-2, atol=2e-3):
        sys.exit(f"{what}: {ours.ravel()[:4]} here, {hand.ravel()[:4]} by hand")


def by_turns(sides: tuple[Callable[[int], Any], ...], seconds: float) -> list[float]:
    """The median seconds of one call of each side, of blocks that end when their last result is there."""
    once = max(_block(side, 1) for side in sides for _ in range(2))  # the first of these compiles
    count = max(1, min(20, round(seconds / 20 / once)))
    blocks = max(3, min(15, round(seconds / (2 * count * once))))
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(blocks):
        for side, times in zip(sides, taken, strict=True):
            times.append(_block(side, count) / count)
    return [median(times) for times in taken]


def _block(side: Callable[[int], Any], count: int) -> float:
    began = perf_counter()
    for i in range(count):
        result = side(i % 2)
    np.asarray(result)
    return perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {', '.join(ROWS)}; all by default")
    parser.add_argument("--seconds", type=float, default=6.0, help="about what a comparison takes (6)")
    parser.add_argument("--compiled", action="store_true", help="on a CPU, too: minutes, and it wants a C++ compiler")
    chosen = parser.parse_args()
    backend = backends.load("mlx")
    device = backend.device()
    gpu = not device.startswith("CPU")
    print(f"mlx on {device}\n{'':35}{'ours':>9}    {'by hand':>9}     ratio", flush=True)
    for name in chosen.rows or ROWS:
        for compiled in (True, False) if gpu or chosen.compiled else (False,):
            compare(name, gpu=gpu, compiled=compiled, seconds=chosen.seconds)


if __name__ == "__main__":
    main()
