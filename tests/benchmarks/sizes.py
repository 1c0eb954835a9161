"""The NumPy engine's time per image over batch, image size and depth: `python -m tests.benchmarks.sizes [SWEEP …]`.

Beside PyTorch where it can be imported, both in one process by turns, 2 threads each, the fastest of at least 3. For
each sweep `cost_SWEEP.svg` is drawn and its break-even points are told: where a step's fixed part costs as much as
what grows with the size (time = fixed + slope * size, the least squares of relative errors), and where sides cross.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from math import exp, log
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from cnndsl.chart import Line, Panel, draw
from cnndsl.net import Net, load, loads
from cnndsl.record import Record
from tests.benchmarks.engine import ASLEEP, THREADS, Ours, Row, Torch
from tests.benchmarks.nets import zoo

Points = tuple[tuple[float, float], ...]  # size, ms an image
EQUAL = 0.1  # log of a ratio that is nearer to 1 than measurements repeat
PYRAMID = """
block unit(k) {{ conv(k, 3, pad=1) -> batchnorm -> relu }}
net Pyramid {{
    input {0}x{0}x3
    unit(16) -> maxpool(2) -> unit(32) -> maxpool(2) -> unit(64)
    global_avgpool -> flatten -> fc(10) -> softmax
}}
"""
TOWER = """
net Tower {{
    input 16x16x32
    {{ conv(32, 3, pad=1) -> batchnorm -> relu }} * {}
    global_avgpool -> flatten -> fc(10) -> softmax
}}
"""


class Sweep(Record):
    """Nets that differ in one size: `net` makes that of a size, `work` says how much of it grows, of one image."""

    net: Callable[[int], Net]
    batch: Callable[[int], int]
    work: Callable[[int], float]
    across: str
    sizes: tuple[int, ...]


SWEEPS = {
    "batch": Sweep(
        lambda size: load(zoo("lenet.cnn:LeNet5"), input="28x28x1"),
        lambda size: size,
        lambda size: size,
        "batch of LeNet-5",
        (1, 2, 4, 8, 16, 32, 64, 128, 256),
    ),
    "extent": Sweep(
        lambda size: loads(PYRAMID.format(size)),
        lambda size: 8,
        lambda size: size**2,
        "extent of images, 3 convolutions, batch 8",
        (8, 16, 32, 64, 128, 224),
    ),
    "depth": Sweep(
        lambda size: loads(TOWER.format(size)),
        lambda size: 16,
        lambda size: size,
        "convolutions in a row, batch 16",
        (1, 2, 4, 8, 16, 32, 64),
    ),
}


class Measured(Record):
    """The milliseconds of a step of each side, by size."""

    sweep: Sweep
    training: bool
    steps: dict[str, Points]

    @property
    def title(self) -> str:
        return "training" if self.training else "inference"

    def panel(self) -> Panel:
        """Time per image, both axes logarithmic."""
        batch = self.sweep.batch
        lines = (
            Line(side, tuple((size, taken / batch(int(size))) for size, taken in points))
            for side, points in self.steps.items()
        )
        return Panel(self.title, f"{self.sweep.across} (up: ms an image)", tuple(lines), True)

    def facts(self) -> Iterator[str]:
        """The break-even points in sentences."""
        for side, points in self.steps.items():
            fixed, slope = line([(self.sweep.work(int(size)), taken) for size, taken in points])
            largest = 2 * int(points[-1][0])
            even = next((size for size in range(1, largest + 1) if slope * self.sweep.work(size) >= fixed), None)
            where = f"even beyond {largest:,}" if even is None else f"even at {even:,}"
            yield f"{self.title}, {side}: {fixed:.2f} ms a step whatever the size, {where}"
        ours, *peers = self.steps
        for peer in peers:
            yield f"{self.title}: {ours} {compared(self.steps[ours], self.steps[peer])} {peer}"


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(fixed, slope) of t = fixed + slope x with the least squares of relative errors; neither is below 0."""
    import numpy as np

    x, t = np.array(points).T
    rows = np.stack([1 / t, x / t], axis=1)
    fixed, slope = np.linalg.lstsq(rows, np.ones(len(t)), rcond=None)[0]
    if fixed < 0:
        fixed, slope = 0.0, float((x / t).sum() / (x / t).dot(x / t))
    return float(fixed), float(max(slope, 0))


def crossings(ours: Points, peer: Points) -> list[float]:
    """The sizes where two lines cross, straight between the points where they are apart, on logarithmic axes."""
    pairs = ((log(size), log(mine / theirs)) for (size, mine), (_, theirs) in zip(ours, peer, strict=True))
    gaps = [(size, gap) for size, gap in pairs if abs(gap) >= EQUAL]
    return [
        exp(x0 + (x1 - x0) * before / (before - after))
        for (x0, before), (x1, after) in pairwise(gaps)
        if before * after < 0
    ]


def compared(ours: Points, peer: Points) -> str:
    """Where ours takes less time: `takes less time up to 12, more from there on than`."""
    apart = [mine < theirs for (_, mine), (_, theirs) in zip(ours, peer) if abs(log(mine / theirs)) >= EQUAL]
    if not apart:
        return "takes at every size about as much time as"
    words = ["less", "more"] if apart[0] else ["more", "less"]
    places = [f"{size:,.0f}" for size in crossings(ours, peer)]
    if not places:
        return f"takes {words[0]} time at {'every size' if len(apart) == len(ours) else 'most sizes'} than"
    parts = [f"takes {words[0]} time up to {places[0]}"]
    parts += [f"{words[number % 2]} from {place}" for number, place in enumerate(places, start=1)]
    return ", ".join(parts) + " than"


def measured(sweep: Sweep, sizes: Sequence[int], *, training: bool, seconds: float) -> Measured:
    steps: dict[str, list[tuple[float, float]]] = {}
    for size in sizes:
        ours = Ours(Row(str(size), lambda size=size: sweep.net(size), sweep.batch(size), training))
        sides: dict[str, Callable[[], Any]] = {"cnndsl": ours}
        if find_spec("torch"):
            sides |= {"PyTorch": Torch(ours, False), "channels_last": Torch(ours, True)}
        for (name, _), taken in zip(sides.items(), by_turns(list(sides.values()), seconds), strict=True):
            steps.setdefault(name, []).append((size, 1e3 * taken))
    return Measured(sweep, training, {name: tuple(points) for name, points in steps.items()})


def by_turns(sides: Sequence[Callable[[], Any]], seconds: float) -> list[float]:
    """The least seconds of a call of each side, of as many blocks of calls as fit into `seconds`, three at least."""
    once = [min(_block(side, 1) for _ in range(2)) for side in sides]
    count = max(1, int(0.01 / max(once)))
    turns = max(3, min(15, int(seconds / (count * sum(once) + ASLEEP * len(sides)))))
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(turns):
        for side, times in zip(sides, taken, strict=True):
            sleep(ASLEEP)
            _block(side, 1)
            times.append(_block(side, count))
    return [min(times) for times in taken]


def _block(side: Callable[[], Any], count: int) -> float:
    began = perf_counter()
    for _ in range(count):
        side()
    return (perf_counter() - began) / count


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweeps", nargs="*", metavar="SWEEP", help=f"some of {', '.join(SWEEPS)}; all by default")
    parser.add_argument("--sizes", help="only these, as 1,2,4")
    parser.add_argument("--seconds", type=float, default=1.0, help="about what is measured of each size (1)")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="the folder of the pictures")
    chosen = parser.parse_args(arguments)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(THREADS, user_api="blas"):
        for name in chosen.sweeps or SWEEPS:
            sweep = SWEEPS[name]
            sizes = tuple(map(int, chosen.sizes.split(","))) if chosen.sizes else sweep.sizes
            found = [measured(sweep, sizes, training=kind, seconds=chosen.seconds) for kind in (True, False)]
            (chosen.to / f"cost_{name}.svg").write_bytes(draw([each.panel() for each in found], "svg"))
            for each in found:
                print(*each.facts(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
