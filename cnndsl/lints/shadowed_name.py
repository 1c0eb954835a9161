"""W215: a value that hides another one of the same net, block or function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl import syntax
from cnndsl.diagnostic import Label
from cnndsl.errors.base import Site
from cnndsl.lints._names import parts
from cnndsl.lints.base import Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Declared, Frame, Names


class ShadowedName(Lint):
    """A `let` in inner braces seems to change a value around them, or the variable of a loop hides one.

    Why: no statement changes a value. The inner one lives to the end of its braces; behind them, and
    in the next repetition, the name means the outer value again. What was meant to grow with every
    repetition, or to be chosen by an `if`, stays as it was. A `let` that is used in its own braces,
    and not made anew in every repetition, does what it says and is left alone.

    Example:
        net Doubling(k = 8) {
            input 32x32x3
            for i in 0..3 {
                let k = k * 2
                conv(k, 3, pad=1) -> relu
            }
        }

    Instead: compute it from the loop variable (`let wide = k * 2 ** i`), write a choice as a value
    (`let s = 2 if first else 1`), or take another name.
    """

    code: ClassVar[str] = "W215"
    name: ClassVar[str] = "shadowed_name"
    title: ClassVar[str] = "`{shadow}` hides the `{shadow}` of line {line}"
    label: ClassVar[str] = "another value of this name, to the end of these braces"

    shadow: str
    hidden: Span
    #: whether every repetition makes it from the hidden one
    renewed: bool
    variable: bool

    @property
    def line(self) -> int:
        return self.hidden.position[0]

    def labels(self) -> Iterable[Label]:
        return (*super().labels(), Label(self.hidden, "this one is hidden"))

    def notes(self) -> Iterable[str]:
        if self.renewed:
            yield f"every repetition starts from the outer `{self.shadow}`: it is the same each time, and never grows"
        elif not self.variable:
            yield f"a `let` changes no outer value: behind the braces `{self.shadow}` is what it was before"

    def helps(self) -> Iterable[str]:
        if self.renewed:
            yield "compute it from the loop's variable, such as `k * 2 ** i`, under another name"
        elif self.variable:
            yield "take another name"
        else:
            yield f"choose by value where it is first given (`let {self.shadow} = a if c else b`), or take another name"

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        for declared in names.declared:
            if declared.hides:
                variable = declared.what == "variable"
                renewed = not variable and _renewed(declared, declared.hides)
                if renewed or variable or not declared.uses:
                    where, hidden = Site(declared.name.span), declared.hides.name.span
                    yield cls(where, declared.name.text, hidden, renewed, variable)


def _renewed(declared: Declared, hidden: Declared) -> bool:
    """Whether every repetition makes the same of the hidden value, and of nothing that a repetition changes."""
    between = []
    frame: Frame | None = declared.frame
    while frame is not None and frame is not hidden.frame:
        between.append(frame)
        frame = frame.parent
    asked = _asked(declared.node.value)
    changing = asked is None or any(name in frame.values for frame in between for name in asked - {declared.name.text})
    return any(frame.repeated for frame in between) and not changing and declared.name.text in (asked or ())


def _asked(value: syntax.Expression) -> set[str] | None:
    """The names that a value is made of; None if there is the size of a volume among them."""
    found: set[str] = set()
    waiting: list[syntax.Node] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, syntax.Attribute):
            return None
        if isinstance(node, syntax.Name):
            found.add(node.text)
        waiting += parts(node)
    return found
