"""W214: a value that nothing asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Site
from cnndsl.lints._deletion import statement, without
from cnndsl.lints.base import Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class UnusedLet(Lint):
    """A `let` gives a name to a value, and nothing between it and the end of its braces asks for it.

    Why: it does nothing, and a reader looks for what it does. Often another name was written where
    this one was meant. One at the top of a file may be there for other files (see unused_block).

    Example:
        net Digits {
            input 28x28x1
            let width = 32
            conv(6, 5)
        }

    Instead: use it (`conv(width, 5)`), or delete it.
    """

    code: ClassVar[str] = "W214"
    name: ClassVar[str] = "unused_let"
    title: ClassVar[str] = "nothing uses `{let}`"
    label: ClassVar[str] = "a value for nothing"
    help: ClassVar[str] = "use it where it was meant, or delete it"

    let: str
    whole: Span

    def fixes(self) -> Iterable[Fix]:
        return without(f"delete `let {self.let}`", statement(self.whole), safe=True)

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        for declared in names.of("let"):
            # of one that hides another, that is said
            if not (declared.uses or declared.hides or names.at_top(declared)):
                yield cls(Site(declared.name.span), let=declared.name.text, whole=declared.node.span)
