"""Pictures of networks: Graph -> Diagram -> DOT -> svg, png, pdf."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

from cnndsl.draw.dot import dot
from cnndsl.draw.picture import Failed, Picture
from cnndsl.draw.renderers import Renderer, find, where
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.drawing import (
    LayoutTooSlow,
    NoRenderer,
    PictureNotWritten,
    RendererFailed,
    TooManyLayers,
    UnknownPictureFormat,
)
from cnndsl.graph import Graph
from cnndsl.replaced import replaced

__all__ = ["FORMATS", "draw", "where"]

FORMATS = ("svg", "png", "pdf", "dot")
#: more boxes than this are no picture, and may keep Graphviz busy for hours
MOST_LAYERS = 1_500
#: how long a layout may take
SECONDS = 60.0


def draw(graph: Graph, path: str | Path, *, format: str | None = None) -> Path:
    """Draws a network to a file and gives its path; the format is the suffix's unless it is given.

    Formats: svg, png, pdf (laid out by Graphviz) and dot (its text). The file is written beside and
    renamed. Raises CnnError: E650 unknown format, E651 no Graphviz here (the DOT text is written
    beside), E652 too slow, E653 Graphviz failed, E654 too many layers, E655 file not written.
    """
    target = Path(path)
    kind = (format or target.suffix[1:]).lower()
    if kind not in FORMATS:
        raise UnknownPictureFormat(NOWHERE, path=str(path), stem=target.stem, formats=FORMATS).error()
    if kind == "dot":
        return _write(target, dot(graph).encode())
    if len(graph.nodes) > MOST_LAYERS:
        raise TooManyLayers(NOWHERE, stem=target.stem, layers=len(graph.nodes), limit=MOST_LAYERS).error()
    renderer = find()
    if renderer is None:
        beside = _write(target.with_suffix(".dot"), dot(graph).encode())
        raise NoRenderer(NOWHERE, path=str(target), text=str(beside)).error()
    return _write(target, _render(graph, target, kind, renderer))


def _render(graph: Graph, target: Path, kind: str, renderer: Renderer) -> bytes:
    try:
        return Picture(dot(graph), kind).render(renderer, SECONDS)
    except subprocess.TimeoutExpired:
        slow = LayoutTooSlow(NOWHERE, stem=target.stem, layers=len(graph.nodes), seconds=SECONDS)
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

    def __call__(self, path: str | Path, to: str | Path) -> Path:
        """Draws the network of a `.cnn` file to a file."""
        from cnndsl.net import draw

        return draw(path, to)


sys.modules[__name__].__class__ = _CallablePackage
