"""MLX: Apple's GPUs, CUDA, and the CPU elsewhere. Rules say what a primitive computes; MLX differentiates."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from . import blas

if TYPE_CHECKING:
    from cnndsl.engine import Optimizer, Running
    from cnndsl.program import Program

    from .engine import MlxEngine
    from .ranks import Ranks


TF32 = "MLX_ENABLE_TF32"  # read by MLX at its first product: 0 has GPUs multiply float32 with all its bits


class MlxBackend:
    """Builds engines that run on MLX, as `cnndsl.engine.Backend` says; on its default device unless it has a kind."""

    name = "mlx"
    heeds = ("precision",)

    def __init__(self, kind: str = "", ranks: Ranks | None = None) -> None:
        self.kind = kind
        self.ranks = ranks

    def missing(self) -> str | None:
        """Why MLX cannot be used here and the command that installs it; None when it can."""
        if find_spec("mlx") is None:
            return f"MLX is not installed: {_command()}"
        try:
            blas.prepare()
            import_module("mlx.core")
        except OSError as error:
            return f"{blas.VARIABLE} cannot be used: {error}"
        except ImportError as error:
            if sys.platform == "linux":
                return f"`mlx` alone has no library to run on under Linux ({_first_line(error)}): {_command()}"
            return f"MLX cannot be imported ({_first_line(error)}): {_command()}"
        return None

    def device(self) -> str:
        """`Apple M3 GPU`, `NVIDIA H200 GPU`, or `CPU` with what multiplies its matrices."""
        blas.prepare()
        from .device import words

        return words(self.kind)

    def slow(self) -> str | None:
        """What is slow on this machine and how to mend it, in a sentence; None where nothing is."""
        from .device import on_gpu

        choice = blas.prepare()
        if sys.platform != "linux" or choice.library or on_gpu(self.kind):
            return None
        return f"MLX multiplies matrices with the slow BLAS of its wheel ({choice.reason})"

    def exact_devices(self) -> tuple[MlxBackend, ...]:
        """MLX's GPU, if there is one, and its CPU stream. On some GPUs products keep 10 bits of float32 otherwise."""
        os.environ.setdefault(TF32, "0")
        blas.prepare()
        from .device import kinds

        return tuple(map(MlxBackend, kinds()))

    def joined(self, seconds: float) -> MlxBackend:
        """This backend with engines that train together with those of the other ranks; as it is where it is alone.

        Raises CnnError: who they are is not known (E605), one does not answer within so many seconds (E606).
        """
        blas.prepare()
        from .ranks import join

        return MlxBackend(self.kind, join(seconds))

    def build(
        self,
        program: Program,
        *,
        optimizer: Optimizer | None = None,
        seed: int = 0,
        dtype: str = "float32",
        compile: bool | None = None,
        running: Running | None = None,
    ) -> MlxEngine:
        """An engine. `compile` fuses kernels with `mx.compile`: by default on a GPU only, as it gains nothing else.

        Raises CnnError for a primitive without a rule (E603) and a dtype other than float32 (E604).
        """
        blas.prepare()
        from .engine import MlxEngine

        return MlxEngine(program, optimizer, seed, dtype, compile, self.kind, running, self.ranks)


def _command() -> str:
    """What to type to get an MLX that works on this machine."""
    if sys.platform == "darwin":
        return "pip install mlx (macOS 14 or later on Apple silicon)"
    if sys.platform == "linux":
        return 'pip install "mlx[cpu]", or on an NVIDIA GPU pip install "mlx[cuda13]" (or "mlx[cuda12]")'
    return 'there is none for this system; under WSL 2: pip install "mlx[cpu]"'


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def backend() -> MlxBackend:
    """What `cnndsl.backends.load("mlx")` gives."""
    return MlxBackend()
