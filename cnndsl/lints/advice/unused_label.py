"""W302: a label left out where others like it are referred to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.errors.base import Site
from cnndsl.lints.base import Advice, Lint

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class UnusedLabel(Advice):
    """Of labels that are counted (`c1`, `c2`, `c3`) some are referred to, later ones too, and this one is not.

    Why: labels also name parts in diagrams, summaries and weights, and one that nothing refers to is
    no fault. But where a series of them is joined further down, as in a U-Net, the one left out is
    mostly forgotten.

    Example:
        net Skips {
            input 32x32x4
            c1: conv(4, 3, pad=1) -> relu
            c2: conv(4, 3, pad=1) -> relu
            c3: conv(4, 3, pad=1) -> relu
            add { c1 | c3 }
        }

    Instead: join it as the others are, or give it a name that is not counted with theirs.
    """

    code: ClassVar[str] = "W302"
    name: ClassVar[str] = "unused_label"
    title: ClassVar[str] = "nothing refers to `{left_out}`, as to {others}"
    label: ClassVar[str] = "forgotten?"
    help: ClassVar[str] = "join it as the others are, or take a name that is not counted with theirs"

    left_out: str
    others: str

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        series: dict[tuple[str, str], list[tuple[Site, str, bool]]] = {}
        for declared, used in names.labels():
            text = declared.name.text
            stem = text.rstrip("0123456789")
            if stem != text:
                series.setdefault((declared.owner, stem), []).append((Site(declared.name.span), text, used))
        for labels in series.values():
            last = max((place for place, (_, _, used) in enumerate(labels) if used), default=0)
            others = ", ".join(f"`{text}`" for _, text, used in labels if used)
            yield from (cls(site, text, others) for site, text, used in labels[:last] if not used)
