"""NumPy: runs everywhere, on the CPU. Every derivative is written out, forward and backward side by side."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnndsl.program import Optimizer, Program

    from .engine import NumpyEngine


class NumpyBackend:
    """Builds engines that run on NumPy, as `cnndsl.program.Backend` says."""

    name = "numpy"

    def missing(self) -> str | None:
        try:
            import numpy  # noqa: F401
        except ImportError as error:
            return f"NumPy is not installed: {error}"
        return None

    def device(self) -> str:
        """`CPU, 2 threads`: those of the library that multiplies matrices."""
        count = threads()
        return f"CPU, {count} thread{'' if count == 1 else 's'}"

    def build(
        self, program: Program, *, optimizer: Optimizer | None = None, seed: int = 0, dtype: str = "float32"
    ) -> NumpyEngine:
        """An engine; `float64` is for checking gradients. Raises CnnError (E603) for a primitive without a rule."""
        from .engine import NumpyEngine

        return NumpyEngine(program, optimizer, seed, dtype)


def threads() -> int:
    """How many threads NumPy's matrix products use."""
    import numpy  # noqa: F401  (its library is loaded by this, so that it is found)
    from threadpoolctl import threadpool_info

    found = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
    return max(found, default=os.cpu_count() or 1)


def backend() -> NumpyBackend:
    """What `cnndsl.backends.load("numpy")` gives."""
    return NumpyBackend()
