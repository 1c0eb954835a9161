"""W213: a name that is imported for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Site
from cnndsl.lints._deletion import statement, with_comma, without
from cnndsl.lints.base import Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class UnusedImport(Lint):
    """A name is imported from another file, and nothing in this file asks for it.

    Why: the other file is read for nothing, and a reader takes the net to be made of what it does
    not use. A file without a net may import to pass on, and is not looked at.

    Example:
        from "zoo/resnet.cnn" import basic, bottleneck
        net Small {
            input 32x32x3
            conv(16, 3, pad=1)
            basic(16)
        }

    Instead: delete the name, or use it.
    """

    code: ClassVar[str] = "W213"
    name: ClassVar[str] = "unused_import"
    title: ClassVar[str] = "nothing uses `{imported}`"
    label: ClassVar[str] = "imported for nothing"
    help: ClassVar[str] = "delete it, or use it"

    imported: str
    #: the whole import if it imports nothing else
    whole: Span | None

    def fixes(self) -> Iterable[Fix]:
        assert self.where.span
        deleted = statement(self.whole) if self.whole else with_comma(self.where.span)
        return without(f"delete the import of `{self.imported}`", deleted, safe=True)

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        for declared in names.of("import"):
            if not names.asked_for(declared.name.text):
                whole = declared.node.span if len(declared.node.names) == 1 else None
                yield cls(Site(declared.name.span), imported=declared.name.text, whole=whole)
