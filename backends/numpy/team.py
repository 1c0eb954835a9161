"""Threads that run the parts of a batch side by side.

NumPy's loops and matrix products let other threads run, so two parts take little more than half the time
of the whole; only that way are copies, pools and activations spread over the cores, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from functools import cache, reduce
from threading import BrokenBarrierError
from typing import TYPE_CHECKING, Any

import numpy as np

from .meeting import Meeting

if TYPE_CHECKING:
    from .memory import Array


@cache
def _blas() -> Any:
    """The libraries that multiply matrices."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def threads() -> int:
    """How many threads matrix products use, and so the engine; 1 where that cannot be told."""
    return max((library.num_threads for library in _blas().lib_controllers), default=1)


def device() -> str:
    """`CPU, 2 threads`."""
    count = threads() if _blas().lib_controllers else os.cpu_count() or 1
    return f"CPU, {count} thread{'' if count == 1 else 's'}"


@contextmanager
def alone() -> Iterator[None]:
    """Within it a matrix product takes one thread: there is a thread already for each core."""
    libraries = _blas().lib_controllers  # its own `limit` asks each library for all it knows of itself, 40 µs
    before = [library.num_threads for library in libraries]
    try:
        for library in libraries:
            library.set_num_threads(1)
        yield
    finally:
        for library, count in zip(libraries, before):
            library.set_num_threads(count)


class Team:
    """As many threads as parts; the caller's is the first. Within `single` a team of one multiplies in one thread, too.

    How many threads multiply a matrix changes the last bits of the product.
    """

    def __init__(self, size: int, single: bool = False) -> None:
        self.size, self.single = size, single
        self.others = ThreadPoolExecutor(size - 1, "cnndsl") if size > 1 else None
        self.barrier = Meeting(size)
        self.meet = self.barrier.wait
        self.given: list[list[Array]] = [[np.zeros(())] * size for _ in range(2)]
        self.turns = [0] * size

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Runs one job in each thread and waits for all. Raises what the first that failed raised."""
        self.turns = [0] * self.size
        if self.others is None:
            with alone() if self.single else nullcontext():
                self._guarded(jobs[0])
            return
        with alone():
            futures: list[Future[None]] = [self.others.submit(self._guarded, job) for job in jobs[1:]]
            try:
                self._guarded(jobs[0])
            except BrokenBarrierError:
                pass  # another thread's fault, which is raised below
            finally:
                wait(futures)
                self.barrier.reset()
        for error in filter(None, (future.exception() for future in futures)):
            if not isinstance(error, BrokenBarrierError):
                raise error

    def _guarded(self, job: Callable[[], None]) -> None:
        """A job that lets nobody wait for it in vain, without NumPy's warnings: the caller looks for NaN."""
        try:
            with np.errstate(all="ignore"):
                job()
        except BaseException:
            self.barrier.abort()
            raise

    def total(self, seat: int, part: Array) -> Array:
        """The sum of what all threads give, each its own `seat`; the same bits for all.

        There are two places in turn: nobody comes to one again before all have come to the other, so all have
        read it.
        """
        if self.size == 1:
            return part
        given = self.given[self.turns[seat]]
        self.turns[seat] ^= 1
        given[seat] = part
        self.barrier.wait(seat)
        return reduce(np.add, given)  # np.sum would first make one array of all
