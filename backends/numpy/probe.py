"""What NumPy does to be measured: products with all threads of the BLAS, copies with as many threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .team import Team, threads

TYPES = ("float32", "float64")


def product(size: int, dtype: str) -> Callable[[], object]:
    """The product of two square matrices."""
    one, other = (np.full((size, size), value, dtype) for value in (0.5, 0.25))
    return partial(np.matmul, one, other, out=np.zeros_like(one))


def copy(size: int) -> Callable[[], object]:
    """A copy of so many bytes, a part of them in each thread."""
    source, target, team = np.ones(size, np.uint8), np.zeros(size, np.uint8), Team(threads())
    ends = [size * i // team.size for i in range(team.size + 1)]
    parts = [slice(*ends[i : i + 2]) for i in range(team.size)]
    jobs = [partial(np.copyto, target[part], source[part]) for part in parts]
    return partial(team.run, jobs)
