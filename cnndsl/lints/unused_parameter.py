"""W212: a parameter that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.errors.base import Site
from cnndsl.lints.base import Lint

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class UnusedParameter(Lint):
    """A net, block or function takes a parameter and never asks for it.

    Why: whoever gives it a value changes nothing, and does not learn that. A block that is itself
    handed on as a value (`unit=basic`) may have to take what others like it take, and is left alone;
    so are blocks that other files may hand on: with a `##` comment, or in a file without a net.

    Example:
        block unit(k, s = 1) { conv(k, 3, pad=1) -> relu }
        net Digits {
            input 28x28x1
            unit(8, s=2)
        }

    Instead: use it (`conv(k, 3, stride=s, pad=1)`), or delete it here and where it is given.
    """

    code: ClassVar[str] = "W212"
    name: ClassVar[str] = "unused_parameter"
    title: ClassVar[str] = "`{owner}` takes `{parameter}` and never uses it"
    label: ClassVar[str] = "whatever it is given, nothing changes"
    help: ClassVar[str] = "use it where it was meant, or delete it here and where it is given"

    owner: str
    parameter: str

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        for declared in names.of("parameter"):
            if not declared.uses and not names.shaped_by_others(declared.owner):
                yield cls(Site(declared.name.span), owner=declared.owner, parameter=declared.name.text)
