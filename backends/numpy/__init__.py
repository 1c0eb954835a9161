"""NumPy: runs everywhere, on the CPU. Every derivative is written out, forward and backward side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnndsl.engine import Optimizer, Running
    from cnndsl.planned import Planned
    from cnndsl.program import Program

    from .engine import NumpyEngine


class NumpyBackend:
    """Builds engines that run on NumPy, as `cnndsl.engine.Backend` says."""

    name = "numpy"
    kind = "cpu"
    heeds = ("deterministic", "recompute", "memory_limit")

    def missing(self) -> str | None:
        try:
            import numpy  # noqa: F401
        except ImportError as error:
            return f"NumPy is not installed: {error}"
        return None

    def device(self) -> str:
        """`CPU, 2 threads`: as many as the library takes that multiplies matrices (OMP_NUM_THREADS)."""
        from .team import device

        return device()

    def exact_devices(self) -> tuple[NumpyBackend, ...]:
        """The CPU, which computes float32 with all its bits."""
        return (self,)

    def build(
        self,
        program: Program,
        *,
        optimizer: Optimizer | None = None,
        seed: int = 0,
        dtype: str = "float32",
        running: Running | None = None,
    ) -> NumpyEngine:
        """An engine; `float64` is for checking gradients. Raises CnnError (E603) for a primitive without a rule."""
        from .engine import NumpyEngine

        return NumpyEngine(program, optimizer, seed, dtype, running)

    def planned(
        self, program: Program, batch: int, *, optimizer: Optimizer | None = None, dtype: str = "float32"
    ) -> tuple[Planned, ...]:
        """The memory of an engine at a batch, for inference and, where there is a loss, training; nothing is built."""
        from .engine import NumpyEngine

        engine = NumpyEngine(program, optimizer, None, dtype)
        return tuple(
            engine.planned(batch, training=training) for training in ((False, True) if program.losses else (False,))
        )


def backend() -> NumpyBackend:
    """What `cnndsl.backends.load("numpy")` gives."""
    return NumpyBackend()
