"""Reading ahead on a thread, with a bounded queue: the next blocks are ready when the engine wants them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any, TypeVar

#: blocks that wait; each one costs its memory
DEPTH = 3
#: seconds after which a wait looks whether it is still wanted (an endless one cannot be interrupted on Windows)
PATIENCE = 0.2
#: seconds that a thread may take to end; only one that hangs inside foreign code takes longer
FAREWELL = 10.0

T = TypeVar("T")


def prefetch(items: Iterator[T], depth: int = DEPTH) -> Generator[T, None, None]:
    """The items, made on a thread that is at most `depth` ahead.

    What the thread raises is raised here, in its place. Closing the generator, or an exception
    (Ctrl-C) while it waits, ends the thread before it returns.
    """
    ready: Queue[tuple[Any, BaseException | None]] = Queue(depth)
    stopped = Event()
    thread = Thread(target=_work, args=(items, ready, stopped), name="cnndsl loader", daemon=True)
    thread.start()
    try:
        while True:
            item, error = _next(ready)
            if isinstance(error, _End):
                return
            if error is not None:
                raise error
            yield item
    finally:
        stopped.set()
        thread.join(FAREWELL)


class _End(Exception):
    """There are no more items."""


def _work(items: Iterator[Any], ready: Queue[Any], stopped: Event) -> None:
    """What the thread does: makes items until there are no more, or nobody wants them."""
    end: BaseException = _End()
    try:
        for item in items:
            if not _put(ready, (item, None), stopped):
                break
    except BaseException as error:
        end = error
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
    _put(ready, (None, end), stopped)


def _put(ready: Queue[Any], entry: Any, stopped: Event) -> bool:
    """Waits for room; False if nobody wants it any more."""
    while not stopped.is_set():
        try:
            ready.put(entry, timeout=PATIENCE)
            return True
        except Full:
            continue
    return False


def _next(ready: Queue[Any]) -> Any:
    while True:
        try:
            return ready.get(timeout=PATIENCE)
        except Empty:
            continue
