"""Pictures of networks: Graph -> parts -> Diagram -> DOT -> svg, png, pdf."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

from cnndsl.diagnostic import CnnWarning
from cnndsl.draw.address import address
from cnndsl.draw.detail import busiest, detailed, drawable, limits
from cnndsl.draw.diagram import Diagram
from cnndsl.draw.dot import nowhere, write
from cnndsl.draw.picture import Failed, Picture
from cnndsl.draw.renderers import find, where
from cnndsl.draw.rows import resolutions
from cnndsl.draw.view import U, View, view
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.drawing import (
    FoldedAllTheSame,
    LayoutTooSlow,
    NoRenderer,
    PictureNotWritten,
    RendererFailed,
    TooManyLayers,
    UnknownPictureFormat,
)
from cnndsl.graph import Graph
from cnndsl.replaced import replaced

__all__ = ["FORMATS", "dot", "draw", "picture", "where"]

FORMATS = ("svg", "png", "pdf", "dot")
#: how long a layout may take
SECONDS = 60.0


def draw(graph: Graph, path: str | os.PathLike[str], *, format: str | None = None, **options: Any) -> Path:
    """Draws a network to a file and gives its path; the format is the suffix's unless it is given.

    Formats: svg, png, pdf (laid out by Graphviz) and dot (its text). `options` are those of
    `cnndsl.draw.view.view`. The file is written beside and renamed. Raises CnnError: E054, E656, E657
    for options, E650 unknown format, E651 no Graphviz here (the DOT text is written beside), E652 too
    slow, E653 Graphviz failed, E654 too many layers, E655 file not written. Warns (W650) where more
    is folded than was asked for.
    """
    target = Path(path)
    kind = (format or target.suffix[1:]).lower()
    if kind not in FORMATS:
        raise UnknownPictureFormat(NOWHERE, path=str(target), stem=target.stem, formats=FORMATS).error()
    asked = complete(graph, view(graph, **options))
    shown = detailed(graph, asked) if kind == "dot" else _bounded(graph, asked, target.stem)
    text = write(shown, asked, address(graph, target.parent))
    if kind == "dot":
        return _write(target, text.encode())
    if find() is None:
        beside = _write(target.with_suffix(".dot"), text.encode())
        raise NoRenderer(NOWHERE, path=str(target), text=str(beside)).error()
    return _write(target, _render(text, kind, shown, target))


def dot(graph: Graph, **options: Any) -> str:
    """The DOT text of a network; `options` as for `draw`."""
    asked = complete(graph, view(graph, **options))
    return write(detailed(graph, asked), asked, nowhere)


def picture(graph: Graph, kind: str = "svg", **options: Any) -> bytes | None:
    """The picture of a network as bytes of `svg`, `png` or `pdf`; None where there is no Graphviz.

    Its links lead to its own elements. `options` and what is raised as for `draw`.
    """
    asked = complete(graph, view(graph, **options))
    shown = _bounded(graph, asked, graph.name)
    return _render(write(shown, asked, nowhere), kind, shown, Path(f"{graph.name}.{kind}")) if find() else None


def complete(graph: Graph, asked: View) -> View:
    """A view with the direction that suits the net and the style, unless it has one."""
    if asked.direction:
        return asked
    if resolutions(graph):
        return asked.replace(direction=U)
    return asked.replace(direction="lr" if asked.style == "sizes" else "tb")


def _bounded(graph: Graph, asked: View, stem: str) -> Diagram:
    """The diagram as it was asked for, or folded where it would be too large. Raises CnnError (E654)."""
    shown = detailed(graph, asked)
    if not drawable(shown) and (asked.expand or asked.depth is not None):
        said = FoldedAllTheSame(NOWHERE, len(shown.cards), busiest(shown), *limits())
        warnings.warn(CnnWarning(said.diagnostic()), stacklevel=4)
        shown = detailed(graph, asked.replace(depth=None, expand=()))
    if not drawable(shown):
        raise TooManyLayers(NOWHERE, stem, len(shown.cards), busiest(shown), *limits()).error()
    return shown


def _render(text: str, kind: str, shown: Diagram, target: Path) -> bytes:
    renderer = find()
    assert renderer is not None
    try:
        return Picture(text, kind).render(renderer, SECONDS)
    except subprocess.TimeoutExpired:
        slow = LayoutTooSlow(NOWHERE, stem=target.stem, boxes=len(shown.cards), seconds=SECONDS)
        raise slow.error() from None
    except Failed as failure:
        raise RendererFailed(
            NOWHERE,
            path=str(target),
            stem=target.stem,
            status=failure.status,
            renderer=renderer.name,
            words=failure.words,
        ).error() from failure


def _write(target: Path, data: bytes) -> Path:
    """Writes beside and renames, so that a file is there whole or as it was before."""
    try:
        with replaced(target) as beside:
            beside.write_bytes(data)
    except OSError as failure:
        raise PictureNotWritten(NOWHERE, path=str(target), reason=failure.strerror or str(failure)).error() from failure
    return target


class _CallablePackage(ModuleType):
    """`cnndsl.draw` is the function of `cnndsl.net` until this package is imported and takes the name: so be both."""

    def __call__(self, path: str | Path, to: str | Path, **options: Any) -> Path:
        """Draws the network of a `.cnn` file to a file."""
        from cnndsl.net import draw

        return draw(path, to, **options)


sys.modules[__name__].__class__ = _CallablePackage
