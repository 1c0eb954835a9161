"""Share: the rows of every batch that one of several processes takes."""

from __future__ import annotations

from cnndsl.record import Record


class Share(Record):
    """What process number `rank` of `size` takes: consecutive rows, as many as each other takes, or one more."""

    rank: int = 0
    size: int = 1

    def rows(self, count: int) -> slice:
        """Its rows of so many; those of all processes are all of them, each once."""
        least, more = divmod(count, self.size)
        start = self.rank * least + min(self.rank, more)
        return slice(start, start + least + (self.rank < more))


WHOLE = Share()
