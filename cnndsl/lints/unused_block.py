"""W211: a block or function that no net comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl import syntax
from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Site
from cnndsl.lints._deletion import statement, without
from cnndsl.lints.base import Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class UnusedBlock(Lint):
    """A block or function that no net of the file calls, not even through others.

    Why: none of its layers is in any net, so that nothing of it has been checked. Blocks for other
    files are left alone: those with a `##` comment, those that a file of the same folder imports,
    and all in a file without a net.

    Example:
        block unit(k) { conv(k, 3, pad=1) -> relu }
        net Digits {
            input 28x28x1
            conv(8, 3, pad=1) -> relu
        }

    Instead: call it (`unit(8)`), say in a `##` comment above it what it is for, or delete it.
    """

    code: ClassVar[str] = "W211"
    name: ClassVar[str] = "unused_block"
    title: ClassVar[str] = "no net uses the {what} `{block}`"
    label: ClassVar[str] = "nothing in it is in any net, or checked"
    help: ClassVar[str] = "call it, delete it, or say in a `##` comment above it what other files may use it for"

    what: str
    block: str
    whole: Span

    def fixes(self) -> Iterable[Fix]:
        return without(f"delete the {self.what} `{self.block}`", statement(self.whole), safe=False)

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        for item in names.file.items:
            if isinstance(item, syntax.Block | syntax.Function) and not names.comes_to(item.name.text):
                what = "block" if isinstance(item, syntax.Block) else "function"
                yield cls(Site(item.name.span), what=what, block=item.name.text, whole=item.span)
