"""Measuring this machine: the peak rate of matrix products and the bandwidth of copies, as a device of its own."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Protocol

from cnndsl.analysis.devices import THIS, Device, rate

#: runs whose median is taken, after one that is not counted
RUNS = 5
#: rows of the square matrices: each has eight times the work of the one before
SIZES = (128, 256, 512, 1024, 2048, 4096, 8192)
#: seconds that the runs of one size may take
MOST = 2.5
#: bytes that are copied: more than any cache holds
COPIED = 1 << 28


class Probe(Protocol):
    """What a backend does to be measured, its module `probe`: each function gives what to run, again and again."""

    #: the types of numbers that it multiplies
    TYPES: tuple[str, ...]

    def product(self, size: int, dtype: str) -> Callable[[], object]:
        """The product of two square matrices; it comes back when the product is there."""

    def copy(self, size: int) -> Callable[[], object]:
        """A copy of so many bytes, all of them read once and written once."""


def measure(
    probe: Probe, name: str, when: str, say: Callable[[str], object], clock: Callable[[], float] = perf_counter
) -> Device:
    """This machine as a device: `name` is what was measured, `when` the day, `say` is told of each step.

    A product's rate is the best over rising sizes, each the median of five runs.
    """
    peaks, largest = {}, {}
    for dtype in probe.TYPES:
        say(f"products of {dtype}")
        largest[dtype], peaks[dtype] = _peak(probe, dtype, clock)
    say("copies")
    bandwidth = 2 * COPIED / _seconds(probe.copy(COPIED), clock)
    products = ", ".join(f"{dtype} at {size}" for dtype, size in largest.items())
    source = (
        f"measured by cnnc calibrate on {when}: medians of {RUNS}, the best product ({products}), copies of 256 MiB"
    )
    say("")
    return Device(THIS, name, bandwidth, peaks, source)


def _peak(probe: Probe, dtype: str, clock: Callable[[], float]) -> tuple[int, float]:
    """The size with the best rate, and that rate; sizes whose runs would take too long are not tried."""
    best = 0, 0.0
    for size in SIZES:
        seconds = _seconds(probe.product(size, dtype), clock)
        best = max(best, (size, 2 * size**3 / seconds), key=lambda pair: pair[1])
        if 8 * seconds * (RUNS + 1) > MOST:
            break
    return best


def _seconds(run: Callable[[], object], clock: Callable[[], float]) -> float:
    """The median time of a run, the first one aside; a tick of the clock at least."""
    run()
    times = []
    for _ in range(RUNS):
        start = clock()
        run()
        times.append(clock() - start)
    return max(median(times), 1e-9)


def told(made: Device) -> list[str]:
    """The measured rates in words, a line for each."""
    lines = [f"{dtype:<12}{rate(peak)}" for dtype, peak in made.peaks.items()]
    return [*lines, f"{'memory':<12}{made.bandwidth / 1e9:,.4g} GB/s"]
