"""What the families of layers look like: a colour and a border each, safe for colour-blind eyes.

The colours are Okabe and Ito's ("Color universal design", 2008); the border's style and the shape
say the same once more, for prints without colour.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnndsl.record import Record

FONT = "Helvetica,Arial,sans-serif"
#: the colour of each family, on white and on black paper, and the attributes that set it apart without colour
COLOURS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "conv": ("#0072b2", "#4aa8de", {}),
    "dense": ("#d55e00", "#f08a3c", {"peripheries": "2"}),
    "pool": ("#009e73", "#2cc79c", {"style": "filled,diagonals"}),
    "norm": ("#cc79a7", "#e39cc4", {"style": "filled,rounded"}),
    "activation": ("#6b6200", "#e6da4a", {"style": "filled,rounded", "penwidth": "2.2"}),
    "regularizer": ("#555555", "#b0b0b0", {"style": "filled,dashed"}),
    "shape": ("#000000", "#ffffff", {"shape": "note"}),
    "join": ("#e69f00", "#f0b840", {"shape": "ellipse", "margin": "0.02,0.02"}),
    "input": ("#56b4e9", "#7cc8f2", {"shape": "parallelogram", "margin": "0,0.02"}),
    "output": ("#56b4e9", "#7cc8f2", {"shape": "parallelogram", "margin": "0,0.02"}),
    "connector": ("#333333", "#d0d0d0", {"shape": "circle", "fixedsize": "true", "width": "0.25", "height": "0.25"}),
    "block": ("#4d4d4d", "#c8c8c8", {"shape": "tab"}),
}
#: a family that has no look of its own
PLAIN: tuple[str, str, Mapping[str, str]] = ("#000000", "#ffffff", {})


class Look(Record):
    """How a card is drawn: the border's and the fill's colour, and whatever Graphviz attributes set it apart."""

    border: str
    fill: str
    attributes: Mapping[str, str] = {}


class Theme(Record):
    """The colours of a picture: text, smaller text, paper, arrows, shortcuts, frames by their depth, their border."""

    ink: str
    faint: str
    paper: str
    arrow: str
    skip: str
    frames: tuple[str, str]
    frame_border: str
    dark: bool = False

    def look(self, family: str) -> Look:
        """The look of a family; a new family is drawn plainly."""
        light, dark, attributes = COLOURS.get(family, PLAIN)
        border = dark if self.dark else light
        return Look(border, mixed(border, self.paper, 0.24 if self.dark else 0.14), attributes)


LIGHT = Theme("#1a1a1a", "#4d4d4d", "#ffffff", "#444444", "#a66f00", ("#f6f6f6", "#ededed"), "#b0b0b0")
DARK = Theme("#f2f2f2", "#c8c8c8", "#14171c", "#a8adb5", "#f0b840", ("#1c2027", "#252a33"), "#596170", dark=True)


def mixed(colour: str, paper: str, part: float) -> str:
    """A part of a colour on a paper, both written `#rrggbb`."""
    pairs = ((int(colour[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part * one + (1 - part) * other):02x}" for one, other in pairs)
