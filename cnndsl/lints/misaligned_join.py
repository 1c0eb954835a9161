"""W204: a join whose branches look at different places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.graph import Graph
from cnndsl.lints.base import Lint

if TYPE_CHECKING:
    from cnndsl.analysis.alignment import Misaligned


class MisalignedJoin(Lint):
    """At one position of a join its branches look at places of the input that are half a step or more apart.

    Why: a join combines what stands at the same position; if one branch is centred elsewhere, an edge
    meets its neighbour. It comes of `same` padding with a stride on an even size (a 3x3 window with
    stride 2 starts at cell 0 and is centred on cell 1, a 1x1 window on cell 0), of an even kernel
    beside an odd one, or of branches that shrink and grow by different steps. Padding that is written
    differently for the two ends, as in a causal convolution, is taken as meant.

    Example:
        net Shifted {
            input 32x32x8
            add { conv(8, 3, stride=2, pad=same) | conv(8, 1, stride=2) }
        }

    Instead: `pad=1` for the 3x3 window, which centres both on cell 0; kernels of 3 beside 1 and 5;
    `crop(to=…)`, which is centred.
    """

    code: ClassVar[str] = "W204"
    name: ClassVar[str] = "misaligned_join"
    title: ClassVar[str] = "the branches of `{path}` look at different places of the input"
    label: ClassVar[str] = "{first}"
    help: ClassVar[str] = "pad both sides alike (`pad=1` for a kernel of 3), so that the centres agree"

    path: str
    found: tuple[Misaligned, ...]

    @property
    def first(self) -> str:
        from cnndsl.analysis.amounts import fraction

        centres = " and ".join(map(fraction, self.found[0].centres))
        return f"the fields of its first position are centred at {centres} of the {self.found[0].axis}"

    def notes(self) -> Iterable[str]:
        return map(str, self.found)

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        joins = graph.families.get("join", ())
        if not joins:
            return
        from cnndsl.analysis.alignment import misaligned

        for node in joins:
            if found := misaligned(graph, node, chosen=False):
                yield cls(node.site, path=node.path, found=tuple(found))
