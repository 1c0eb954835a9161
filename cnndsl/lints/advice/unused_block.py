"""W301: a block, function or value at the top of a file that no net comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl import syntax
from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Site
from cnndsl.lints._deletion import statement, without
from cnndsl.lints.base import Advice, Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class UnusedBlock(Advice):
    """No net of the file comes to a block, a function or a value at its top, not even through others.

    Why: nothing of it is in any net, so that nothing of it has been checked. It may be there for
    other files: those with a `##` comment are left alone, those that a file of the same folder
    imports, and all in a file without a net.

    Example:
        block unit(k) { conv(k, 3, pad=1) -> relu }
        net Digits {
            input 28x28x1
            conv(8, 3, pad=1) -> relu
        }

    Instead: call it (`unit(8)`), say in a `##` comment above it what it is for, or delete it.
    """

    code: ClassVar[str] = "W301"
    name: ClassVar[str] = "unused_block"
    title: ClassVar[str] = "no net uses the {what} `{block}`"
    label: ClassVar[str] = "nothing of it is in any net, or checked"
    help: ClassVar[str] = "use it, delete it, or move it to a file of its own if it is for others"

    what: str
    block: str
    whole: Span

    def fixes(self) -> Iterable[Fix]:
        return without(f"delete the {self.what} `{self.block}`", statement(self.whole), safe=False)

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        kinds = {syntax.Block: "block", syntax.Function: "function", syntax.Let: "value"}
        for item in names.file.items:
            what = kinds.get(type(item))
            if what and not isinstance(item, syntax.Import) and not names.comes_to(item.name.text):
                yield cls(Site(item.name.span), what=what, block=item.name.text, whole=item.span)
