"""W303: a value with the name of a layer, a function of the language, or something of the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl import syntax
from cnndsl.elaborate.operators import BUILTINS
from cnndsl.errors.base import Site
from cnndsl.layers import kinds
from cnndsl.lints.base import Advice, Lint

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class HiddenName(Advice):
    """A parameter, `let` or loop variable has the name of a layer, of a function such as `max`, or of
    something that the file defines or imports.

    Why: that is allowed, and until the end of its braces the name means the value. Whoever adds a
    line there that wants the layer gets the value.

    Example:
        block unit(k, pad = 1) { conv(k, 3, pad=pad) -> relu }
        net Digits { input 28x28x1 ; unit(8) }

    Instead: take another name (`border`), unless it is meant to stand for the layer, as in
    `let relu = leaky_relu(0.2)`.
    """

    code: ClassVar[str] = "W303"
    name: ClassVar[str] = "hidden_name"
    title: ClassVar[str] = "`{hiding}` hides {what}"
    label: ClassVar[str] = "to the end of these braces it is a value"
    help: ClassVar[str] = "take another name, unless it is meant to stand for what it hides"

    hiding: str
    what: str

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        own = {item.name.text for item in names.file.items if not isinstance(item, syntax.Import)}
        own |= {declared.name.text for declared in names.of("import")}
        for declared in names.declared:
            text = declared.name.text
            if declared.what not in ("parameter", "let", "variable"):
                continue
            if text in kinds():
                yield cls(Site(declared.name.span), text, f"the layer `{text}`")
            elif text in BUILTINS:
                yield cls(Site(declared.name.span), text, f"the function `{text}`")
            # a parameter often takes its default from the value of the same name: `net A(k = k)`
            elif text in own and declared.what != "parameter" and not names.at_top(declared):
                yield cls(Site(declared.name.span), text, f"the `{text}` of this file")
