"""Where the links in a picture lead: to the line of the source, as code hosts number them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from cnndsl.draw.dot import Address, nowhere
from cnndsl.graph import Graph
from cnndsl.source import Span


def address(graph: Graph, folder: Path) -> Address:
    """Addresses of places in the net's own file as seen from a folder: `lenet5.cnn#L4`; "" for other places."""
    file = Path(graph.source.name)
    if not file.is_file():
        return nowhere
    try:
        base = quote(Path(os.path.relpath(file, folder)).as_posix())
    except ValueError:  # on another drive
        base = file.resolve().as_uri()

    def of(place: Span | None) -> str:
        return f"{base}#L{place.position[0]}" if place and place.source is graph.source else ""

    return of
