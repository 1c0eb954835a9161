"""How fast MLX multiplies matrices on the CPU, and what the BLAS that was loaded gains over its wheel's own."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from time import perf_counter

from . import blas

SIZE, RUNS = 512, 5
WAIT = 60  # seconds for the other process
OTHER = "from cnndsl.backends.mlx import gain; print(gain.rate())"


def rate() -> float:
    """GFLOP/s of a float32 product of square matrices on the CPU, in this process; the median of some."""
    blas.prepare()
    import mlx.core as mx

    with mx.stream(mx.Device(mx.DeviceType.cpu, 0)):
        one = mx.full((SIZE, SIZE), 0.5, mx.float32)
        mx.eval(one @ one)
        times = []
        for _ in range(RUNS):
            start = perf_counter()
            mx.eval(one @ one)
            times.append(perf_counter() - start)
    return 2e-9 * SIZE**3 / max(median(times), 1e-9)


def without() -> float | None:
    """That of MLX's own BLAS, in a process that loads no other; None if it cannot be had."""
    variables = {**os.environ, blas.VARIABLE: "none"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", OTHER], env=variables, capture_output=True, text=True, timeout=WAIT
        )
        return float(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def note() -> str:
    """Which BLAS it is, measured: what it gains, or what is slow and what to install. Takes about a second."""
    said = blas.note()
    try:
        choice = blas.prepare()
        here = rate()
    except (ImportError, OSError):
        return said
    if sys.platform != "linux" or not choice.library:
        return f"{said}: {here:,.3g} GFLOP/s"
    own = without()
    return f"{said}, {here:,.3g} GFLOP/s" + (f", {here / own:,.3g} times the {own:,.3g} of MLX's own" if own else "")
