"""View: how a picture of a network is to look, as the options of `cnnc draw` and `net.draw` say."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.drawing import BadDepth, UnknownBlock
from cnndsl.errors.usage import UnknownWord
from cnndsl.graph import Graph
from cnndsl.record import Record

STYLES = ("plain", "sizes")
DIRECTIONS = ("tb", "lr")
#: the direction of nets that are drawn as a U, see `rows.py`
U = "u"
EXTRAS = ("params", "macs", "rf")


class View(Record):
    """What is shown, and how.

    `depth` is how many frames deep blocks are opened, None as deep as a page can show; `expand` are
    paths of blocks that are opened with all that is in them, nothing folded. `style` is `plain` or
    `sizes`; `direction` is `tb` (top to bottom), `lr` (left to right), or "" for what suits the style.
    `extras` are what boxes say besides: `params`, `macs`, `rf`.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    style: str = "plain"
    direction: str = ""
    extras: tuple[str, ...] = ()
    dark: bool = False

    @property
    def horizontal(self) -> bool:
        """Whether it runs from left to right."""
        return self.direction == "lr"


def view(
    graph: Graph,
    *,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    style: str = "plain",
    direction: str | None = None,
    extras: str | Iterable[str] = (),
    dark: bool = False,
) -> View:
    """A view of a network, its words checked; lists may be written as `params,macs`.

    Raises CnnError: E054 unknown word, E656 unknown block, E657 no depth.
    """
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 0):
        raise BadDepth(NOWHERE, str(depth)).error()
    _one_of("style", (style,), STYLES)
    _one_of("direction", () if direction is None else (direction,), DIRECTIONS)
    shown, opened = _words(extras), _words(expand)
    _one_of("with", shown, EXTRAS)
    for path in opened:
        if path not in graph.scopes:
            layers = tuple(node.path for node in graph)
            raise UnknownBlock(NOWHERE, graph.name, path, tuple(graph.scopes), layers).error()
    return View(depth, opened, style, direction or "", tuple(word for word in EXTRAS if word in shown), bool(dark))


def _words(given: str | Iterable[str]) -> tuple[str, ...]:
    """The words of a list, or of one that is written with commas."""
    texts = [given] if isinstance(given, str) else list(given)
    words = (word.strip() for text in texts for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _one_of(option: str, words: Iterable[str], allowed: tuple[str, ...]) -> None:
    for word in words:
        if word not in allowed:
            raise UnknownWord(NOWHERE, option=option, word=str(word), words=allowed).error()
