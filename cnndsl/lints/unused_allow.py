"""W216: an allow that keeps nothing from being said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix
from cnndsl.lints.base import Lint
from cnndsl.source import Span


class UnusedAllow(Lint):
    """`# cnnc: allow(…)` names a lint that finds nothing at its line.

    Why: what it was about has been mended or has moved, and the comment would hide the next one.

    Example:
        net One {
            input 28x28x1
            conv(8, 3)  # cnnc: allow(W201) kept to compare the cost
        }

    Instead: delete the comment, or put it at the line that the lint points at.
    """

    code: ClassVar[str] = "W216"
    name: ClassVar[str] = "unused_allow"
    title: ClassVar[str] = "`allow({word})` allows nothing"
    label: ClassVar[str] = "line {line} gives no such warning"
    help: ClassVar[str] = "delete it, or put it at the end of the line that the warning points at"

    word: str
    line: int
    #: what goes when it is deleted
    deleted: Span

    def fixes(self) -> Iterable[Fix]:
        yield Fix(f"delete `allow({self.word})`", (Edit(self.deleted, ""),), safe=True)
