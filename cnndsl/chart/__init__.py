"""Line charts for learning curves: a few panels, as SVG by itself and as PNG by Pillow (the extra `images`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cnndsl.chart.panel import Line, Panel
from cnndsl.chart.sheet import sheet
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.drawing import UnknownPictureFormat

__all__ = ["Line", "Panel", "draw", "form_of"]


def draw(panels: Sequence[Panel], form: str) -> bytes:
    """The bytes of a picture of some panels, `svg` or `png`: the same for the same numbers."""
    return _printers()[form](sheet(panels))


def form_of(path: Path) -> str:
    """The form that a file's suffix asks for. Raises CnnError: none that there is (E650), no Pillow for PNG (E517)."""
    form = path.suffix[1:].lower()
    if form not in _printers():
        raise UnknownPictureFormat(NOWHERE, str(path), path.stem or "curves", tuple(_printers())).error()
    if form == "png":
        from cnndsl.data.decoded import pillow

        pillow()
    return form


def _printers() -> dict[str, Callable[..., bytes]]:
    from cnndsl.chart import png, svg

    return {"svg": svg.printed, "png": png.printed}
