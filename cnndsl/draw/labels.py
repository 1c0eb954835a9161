"""The HTML-like labels of DOT: what boxes, volumes and the whole picture say."""

from __future__ import annotations

from cnndsl.draw.diagram import Card, Diagram, Frame
from cnndsl.draw.escape import html
from cnndsl.draw.looks import Look, Theme
from cnndsl.draw.measures import TEXT, Scale, heading_lines, text_width

_GAP = '<font point-size="4"> </font>'


def box(card: Card, theme: Theme) -> str:
    """The text in a box: headline lines, then the others small."""
    rows = [f"<b>{html(line)}</b>" for line in card.headline] + [_small(line, theme) for line in card.lines]
    return f"<{'<br/>'.join(rows)}>"


def heading(picture: Diagram, theme: Theme) -> str:
    """The net's name, and what is under it in lines that are not wider than most pictures."""
    lines = heading_lines(picture)
    rows = [f"<b>{html(picture.title)}</b>", *([_GAP] if lines else []), *(_small(line, theme) for line in lines)]
    return f"<{'<br/>'.join([*rows, _GAP])}>"


def frame(part: Frame, horizontal: bool, on_right: bool) -> str:
    """The title of a frame; where arrows enter from above, as much room beside it, for them to enter there."""
    room = "" if horizontal else f'<td width="{round(text_width(part.title, TEXT))}"></td>'
    said = f"<td>{html(part.title)}</td>"
    row = f"<tr>{room + said if on_right else said + room}</tr>"
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{row}</table>>'


def volume(card: Card, look: Look, theme: Theme, scale: Scale, horizontal: bool) -> str:
    """A volume as a box to scale, with the words under it or beside it."""
    across, along = scale.sides(card.volume)
    width, height = (along, across) if horizontal else (across, along)
    drawn = (
        f'<td port="box" fixedsize="true" width="{width}" height="{height}" bgcolor="{look.fill}" '
        f'border="1" color="{look.border}"></td>'
    )
    words = [*(f"<b>{html(line)}</b>" for line in card.short), *map(html, (*card.lines, str(card.volume)))]
    said = f'<td border="0"><font point-size="{TEXT}" color="{theme.ink}">{"<br/>".join(words)}</font></td>'
    rows = f"<tr>{drawn}</tr><tr>{said}</tr>" if horizontal else f"<tr>{drawn}{said}</tr>"
    return f'<<table border="0" cellborder="0" cellspacing="2" cellpadding="0">{rows}</table>>'


def _small(line: str, theme: Theme) -> str:
    return f'<font point-size="{TEXT}" color="{theme.faint}">{html(line)}</font>'
