"""HTML for notebooks: a net with its diagram and its table; everything in it is escaped."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from cnndsl.analysis.cost import cost
from cnndsl.graph import Graph
from cnndsl.render._cells import visible
from cnndsl.render.page import html
from cnndsl.render.summary import page


def net(graph: Graph, svg: bytes | None, headline: str) -> str:
    """A headline, the picture if there is one, and the table of layers, which is open where there is no picture."""
    found = cost(graph)
    parts = [f"<p><b>{escape(visible(graph.name))}</b> {escape(visible(headline))}</p>"]
    if svg is not None:
        source = f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
        parts.append(f'<img src="{source}" alt="diagram of {escape(visible(graph.name))}" style="max-width: 100%">')
    opened = " open" if svg is None else ""
    parts.append(f"<details{opened}><summary>{len(graph.nodes):,} layers</summary>{html(page(found))}</details>")
    return "\n".join(parts)
