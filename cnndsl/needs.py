"""What the gradient of a primitive needs of the run forward, and where its results may stand.

Memory is planned by this: what nothing needs any more makes room for what comes next. It is the least
that a backend can do with; one that keeps more (the columns of a convolution, say) pays for it itself.
"""

from __future__ import annotations

from enum import Enum, auto

from cnndsl.record import Record


class Place(Enum):
    """Where a result may stand: in memory of its own, over what it is made from, or as that very memory.

    OVER is for what reads each element before it writes it; SAME for what changes none.
    """

    OWN = auto()
    OVER = auto()
    SAME = auto()


class Needs(Record):
    """What a gradient reads again, the `inputs` or the `output`, and where results may stand.

    `place` is that of the output with respect to the first input, `gradient_place` that of each input's
    gradient with respect to the output's.
    """

    inputs: bool = False
    output: bool = False
    place: Place = Place.OWN
    gradient_place: Place = Place.OWN


#: an output over its input, a gradient over a gradient
OVER = Needs(place=Place.OVER, gradient_place=Place.OVER)


class Kept(Record):
    """Something of a primitive's own that its gradient needs, for one example.

    `count` numbers of `bytes` bytes each; None is the width of the numbers that flow.
    """

    what: str
    count: int
    bytes: int | None = None


def index_bytes(numbers: int) -> int:
    """Bytes that hold one of so many numbers from 0: one up to 256, else four."""
    return 1 if numbers <= 256 else 4
