"""W219: a comment to cnnc that it cannot follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix
from cnndsl.lints.base import Lint


class UnclearAllow(Lint):
    """A comment that begins with `cnnc:` allows nothing as it is written.

    Why: `# cnnc: allow(CODE) reason` keeps one lint from being said of one line. It names lints,
    by code or name with commas between them, and says why: without a reason nobody knows later
    whether it still holds, so that it allows nothing. Errors cannot be allowed.

    Example:
        net Two {
            input 28x28x1
            a: conv(8, 3)
            conv(8, 5)  # cnnc: allow(W201)
            a -> relu
        }

    Instead: `# cnnc: allow(W201) only to measure what a second branch costs`, at the end of the
    line or alone on the line above.
    """

    code: ClassVar[str] = "W219"
    name: ClassVar[str] = "unclear_allow"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "{advice}"
    help: ClassVar[str] = "for example: `# cnnc: allow(W201) only to measure what it costs`"

    what: str
    advice: str
    suggestion: str | None = None

    def fixes(self) -> Iterable[Fix]:
        if self.suggestion and self.where.span:
            yield Fix(f"write `{self.suggestion}`", (Edit(self.where.span, self.suggestion),))
