"""Pictured: what a net looks like, in a file or in a notebook."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, overload

from cnndsl.errors.base import NOWHERE
from cnndsl.record import Record

if TYPE_CHECKING:
    from pathlib import Path

    from cnndsl.graph import Graph


class Drawing(Record):
    """A diagram in memory: `svg` is its text. A notebook shows it."""

    net: str
    svg: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.svg}

    def __repr__(self) -> str:
        return f"Drawing({self.net}: {len(self.svg):,} characters of SVG)"


class Pictured:
    """Base of what has a graph that can be drawn."""

    @property
    def _shown(self) -> Graph:
        """The graph to draw."""
        raise NotImplementedError

    @overload
    def draw(
        self,
        path: str | os.PathLike[str],
        *,
        format: str | None = None,
        depth: int | None = None,
        expand: str | Iterable[str] = (),
        style: str = "plain",
        direction: str | None = None,
        extras: str | Iterable[str] = (),
        dark: bool = False,
    ) -> Path: ...

    @overload
    def draw(
        self,
        path: None = None,
        *,
        depth: int | None = None,
        expand: str | Iterable[str] = (),
        style: str = "plain",
        direction: str | None = None,
        extras: str | Iterable[str] = (),
        dark: bool = False,
    ) -> Drawing: ...

    def draw(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        format: str | None = None,
        depth: int | None = None,
        expand: str | Iterable[str] = (),
        style: str = "plain",
        direction: str | None = None,
        extras: str | Iterable[str] = (),
        dark: bool = False,
    ) -> Path | Drawing:
        """Draws the network to a file: svg, png, pdf or dot, by its suffix or as asked; without one, for a notebook.

        `depth` is how many frames deep blocks are opened (as deep as a page can show), `expand` the paths
        of blocks to show with all that is in them; `style` is "plain" or "sizes" (boxes to scale),
        `direction` "tb" or "lr"; `extras` are of "params", "macs", "rf". Raises CnnError where it cannot be
        drawn (without Graphviz the DOT text is left beside, with what to install).
        """
        from cnndsl.draw import draw, picture

        shown: dict[str, Any] = {"depth": depth, "expand": expand, "style": style, "direction": direction}
        shown |= {"extras": extras, "dark": dark}
        if path is not None:
            return draw(self._shown, os.fspath(path), format=format, **shown)
        found = picture(self._shown, "svg", **shown)
        if found is None:
            from cnndsl.errors.reports import NoPicture

            raise NoPicture(NOWHERE).error()
        return Drawing(self._shown.name, found.decode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For Jupyter: the diagram, and below it, folded away, the table of layers."""
        from cnndsl.render.notebook import net

        return {"text/plain": repr(self), "text/html": net(self._shown, svg(self._shown), repr(self))}


def svg(graph: Graph) -> bytes | None:
    """The diagram of a graph; None where it cannot be drawn."""
    from cnndsl.diagnostic import CnnError
    from cnndsl.draw import picture

    try:
        return picture(graph)
    except CnnError:
        return None
