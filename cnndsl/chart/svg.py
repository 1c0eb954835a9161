"""A sheet as SVG: text stays text, and it turns dark where the reader's page is."""

from __future__ import annotations

from xml.sax.saxutils import escape

from cnndsl.chart.sheet import FAINT, INK, Sheet, Stroke, Words

STYLE = """\
svg { color: #1f2328; background: #fff } .faint { stroke: #d0d7de }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #0d1117 } .faint { stroke: #30363d } }
text { fill: currentColor; font-family: system-ui, sans-serif } polyline { fill: none }"""


def printed(sheet: Sheet) -> bytes:
    """The file, in UTF-8."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {sheet.width} {sheet.height}" width="{sheet.width}">'
    marks = [_stroke(mark) if isinstance(mark, Stroke) else _words(mark) for mark in sheet.marks]
    return "\n".join([head, f"<style>\n{STYLE}\n</style>", *marks, "</svg>", ""]).encode()


def _stroke(stroke: Stroke) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in stroke.points)
    colour = {INK: 'stroke="currentColor"', FAINT: 'class="faint"'}.get(stroke.colour, f'stroke="{stroke.colour}"')
    dashes = ' stroke-dasharray="5 4"' if stroke.dashed else ""
    return f'<polyline points="{points}" {colour} stroke-width="{stroke.width:g}"{dashes}/>'


def _words(words: Words) -> str:
    x, y = words.at
    weight = ' font-weight="bold"' if words.bold else ""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{words.anchor}" font-size="{words.size}"'
    return f"<text {place}{weight}>{escape(words.text)}</text>"
