"""Where threads wait for each other."""

from __future__ import annotations

from threading import BrokenBarrierError, Lock


class Meeting:
    """A barrier with a lock for each thread, which wakes once; those of `threading.Barrier` wake several times.

    `abort` lets nobody wait any more: who does, or comes, raises BrokenBarrierError until `reset`.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.door = Lock()
        self.beds = [Lock() for _ in range(size)]
        self.asleep: list[int] = []
        self.reset()

    def wait(self, seat: int) -> None:
        """Returns when all have come."""
        with self.door:
            if self.broken:
                raise BrokenBarrierError
            last = len(self.asleep) == self.size - 1
            woken, self.asleep = (self.asleep, []) if last else ([], [*self.asleep, seat])
        self._wake(woken)
        if not last:
            self.beds[seat].acquire()  # whoever takes a seat out of `asleep` releases it
        if self.broken:
            raise BrokenBarrierError

    def _wake(self, seats: list[int]) -> None:
        for seat in seats:
            self.beds[seat].release()

    def abort(self) -> None:
        with self.door:
            self.broken = True
            woken, self.asleep = self.asleep, []
        self._wake(woken)

    def reset(self) -> None:
        """Begins anew, when nobody waits: who was interrupted has left its bed open."""
        for bed in self.beds:
            bed.acquire(blocking=False)
        self.asleep = []
        self.broken = False
