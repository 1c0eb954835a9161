"""Single convolutions of the NumPy engine in every way that it has: `python -m tests.benchmarks.ways [NAME …]`.

Forward and backward (both gradients; of a first layer the weights' alone), all ways by turns in one process on 2
threads, the fastest of blocks of calls: milliseconds, and billions of multiplications and additions a second that the
definition takes, so that a way which needs fewer shows more. The way that the engine's table takes has a star.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any
from unittest.mock import patch

import numpy as np

from cnndsl.backends import load
from cnndsl.record import Record
from cnndsl.train.optimizers import SGD
from tests.backends.build import Build
from tests.benchmarks.engine import THREADS
from tests.benchmarks.sizes import by_turns

rule, ways, band, shards = (
    import_module(f"cnndsl.backends.numpy.{name}") for name in ("rules.convolution", "ways", "band", "shards")
)
columns, winograd = (import_module(f"cnndsl.backends.numpy.ways.{name}") for name in ("columns", "winograd"))
HUGE = 1 << 60


class Shape(Record):
    """A convolution: the batch, the input's height and width, channels, filters, kernel, stride, groups."""

    images: int
    extent: int
    depth: int
    filters: int
    kernel: int = 3
    stride: int = 1
    groups: int = 1

    @property
    def first(self) -> bool:
        """Whether it reads the images themselves, so that nobody wants the gradient of its input."""
        return self.depth <= 3

    @property
    def products(self) -> int:
        """Multiplications of the definition, of one direction."""
        outputs = self.images * (self.extent // self.stride) ** 2 * self.filters
        return outputs * self.kernel**2 * self.depth // self.groups


SHAPES = {
    "32x32, 64 -> 64": Shape(32, 32, 64, 64),
    "16x16, 128 -> 128": Shape(32, 16, 128, 128),
    "8x8, 256 -> 256": Shape(32, 8, 256, 256),
    "56x56, 64 -> 64": Shape(4, 56, 64, 64),
    "14x14, 256 -> 256": Shape(4, 14, 256, 256),
    "7x7, 512 -> 512": Shape(4, 7, 512, 512),
    "32x32, 16 -> 16": Shape(32, 32, 16, 16),
    "first of LeNet-5": Shape(64, 28, 1, 6, kernel=5),
    "first of ResNet": Shape(4, 224, 3, 64, kernel=7, stride=2),
    "first of MobileNet": Shape(4, 224, 3, 32, stride=2),
    "1x1, 56x56, 64 -> 256": Shape(4, 56, 64, 256, kernel=1),
    "1x1, 14x14, 256 -> 256": Shape(4, 14, 256, 256, kernel=1),
    "depthwise, 112x112x32": Shape(4, 112, 32, 32, groups=32),
    "depthwise, 28x28x192": Shape(4, 28, 192, 192, groups=192),
}
#: ways as they were tried otherwise: what is set in which module
VARIANTS: dict[str, tuple[type[Any], Any, str, Any]] = {
    "Winograd F(2, 3)": (winograd.Winograd, winograd, "TILE", 2),
    "columns of the whole batch": (columns.Columns, columns, "BLOCK", HUGE),
    "columns, outputs one by one": (columns.Columns, band, "choose", lambda *_: 1),
    "columns, one part, threads of the BLAS": (columns.Columns, shards, "EXAMPLES", HUGE),
}


class Candidate:
    """A shape computed in one way, or in the engine's own, by all threads."""

    def __init__(self, shape: Shape, way: type[Any] | None, name: str = "") -> None:
        with patch.object(rule, "choose", partial(_chosen, way)):
            net = Build()
            x = net.input(shape.extent, shape.extent, shape.depth)
            pads = shape.kernel // 2
            y = net.conv(
                x if shape.first else net.batchnorm(x),
                shape.filters,
                shape.kernel,
                shape.stride,
                ((pads, pads - (shape.stride > 1)),) * 2,
                groups=shape.groups,
            )
            net.squared_error(net.global_average(y))
            program = net.program()
            self.engine: Any = load("numpy").build(program, optimizer=SGD(rate=0.01), seed=0)
            given = {**program.inputs, **program.targets}
            zeros = {name: np.zeros((shape.images, *value.shape), np.float32) for name, value in given.items()}
            self.engine.step(zeros, zeros)
        (self.parts,) = self.engine.shards.values()
        self.rules = [rule for plan in self.parts.plans for rule in plan.rules if hasattr(rule, "way")]
        self.name = name or type(self.rules[0].way).__name__.lower()

    def fill(self, *names: str) -> None:
        """Random numbers where steps that do not run now would have written."""
        rng = np.random.default_rng(0)
        for one in self.rules:
            for buffer in (one.x[0], one.dy) if "dy" in names else (one.x[0],):
                buffer.array[...] = rng.normal(size=buffer.shape)

    def forward(self) -> None:
        self.parts.team.run([one.forward for one in self.rules])

    def backward(self) -> None:
        self.parts.team.run([one.backward for one in self.rules])


def _chosen(way: type[Any] | None, step: Any, backward: bool) -> Any:
    return way(step, backward) if way else ways.choose(step, backward)


def candidates(shape: Shape) -> Iterator[Candidate]:
    """Each way that suits the shape, the engine's own choice with a star, then variants."""
    own = Candidate(shape, None)
    for way in ways.possible(own.rules[0]):
        star = "*" if way is type(own.rules[0].way) else ""
        yield Candidate(shape, way, way.__name__.lower() + star)
    for name, (way, module, attribute, value) in VARIANTS.items() if shape.groups == 1 else ():
        if way.suits(own.rules[0]):
            with patch.object(module, attribute, value):
                made = Candidate(shape, way, name)
            yield made


def measure(name: str, shape: Shape, seconds: float) -> None:
    sides = list(candidates(shape))
    for side in sides:
        side.fill("x")
    ahead = by_turns([side.forward for side in sides], seconds)
    for side in sides:
        side.fill("x", "dy")
    back = by_turns([side.backward for side in sides], seconds)
    for side, *taken in zip(sides, ahead, back, strict=True):
        forth, home = (1e3 * each for each in taken)
        speed = [shape.products * 2 / 1e6 / forth, shape.products * (2 if shape.first else 4) / 1e6 / home]
        print(f"| {name} | {side.name} | {forth:.2f} | {speed[0]:.0f} | {home:.2f} | {speed[1]:.0f} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {'; '.join(SHAPES)}; all by default")
    parser.add_argument("--seconds", type=float, default=4.0, help="about what each direction is measured (4)")
    chosen = parser.parse_args(arguments)
    from threadpoolctl import threadpool_limits

    print("| | way | forward, ms | GFLOP/s | backward, ms | GFLOP/s |\n|---|---|---:|---:|---:|---:|")
    with threadpool_limits(THREADS, user_api="blas"):
        for name in chosen.names or SHAPES:
            measure(name, SHAPES[name], chosen.seconds)


if __name__ == "__main__":
    main()
