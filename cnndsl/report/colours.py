"""Colours for a dark page: those of a dark picture, and for any other the same hue, light and dark exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from colorsys import hls_to_rgb, rgb_to_hls
from functools import cache

from cnndsl.draw.looks import COLOURS, DARK, LIGHT

#: the lightness that white becomes, and that black becomes
DARKEST, LIGHTEST = 0.11, 0.93


def darkened(colour: str) -> str:
    """The colour for dark paper; one that is no `#rrggbb` stays."""
    return _pairs().get(colour) or (_turned(colour) if len(colour) == 7 else colour)


@cache
def _pairs() -> dict[str, str]:
    """The colours of light pictures with those that dark pictures have in their place."""
    found = {getattr(LIGHT, name): getattr(DARK, name) for name in ("ink", "faint", "paper", "arrow", "skip")}
    found |= dict(zip(LIGHT.frames, DARK.frames)) | {LIGHT.frame_border: DARK.frame_border}
    for family in COLOURS:
        light, dark = LIGHT.look(family), DARK.look(family)
        found |= {light.border: dark.border, light.fill: dark.fill}
    return found


def _turned(colour: str) -> str:
    hue, light, strength = rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    return "#" + "".join(
        f"{round(part * 255):02x}" for part in hls_to_rgb(hue, DARKEST + (1 - light) * (LIGHTEST - DARKEST), strength)
    )


def families() -> str:
    """The colours of the families of layers as variables of a style sheet, light and dark."""
    return f":root{{{''.join(_variables(False))}}}\n.dark{{{''.join(_variables(True))}}}\n"


def _variables(dark: bool) -> Iterator[str]:
    for family in COLOURS:
        look = (DARK if dark else LIGHT).look(family)
        yield f"--{family}:{look.border};--{family}-fill:{look.fill};"
