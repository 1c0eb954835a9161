"""What the families of layers look like: a colour and a border each, safe for colour-blind eyes.

The colours are Okabe and Ito's ("Color universal design", 2008); the border's style and the shape
say the same once more, for prints without colour.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnndsl.record import Record

FONT = "Helvetica,Arial,sans-serif"
INK = "#1a1a1a"
FAINT = "#555555"
PAPER = "#ffffff"
#: frames are filled by depth, so that a block in a block stands out
FRAMES = ("#f6f6f6", "#ededed")
FRAME_BORDER = "#b0b0b0"


class Look(Record):
    """How a card is drawn: the border's and the fill's colour, and whatever Graphviz attributes set it apart."""

    border: str
    fill: str
    attributes: Mapping[str, str] = {}


LOOKS = {
    "conv": Look("#0072b2", "#d9ebf5"),
    "dense": Look("#d55e00", "#fae3d4", {"peripheries": "2"}),
    "pool": Look("#009e73", "#d6f0e8", {"style": "filled,diagonals"}),
    "norm": Look("#cc79a7", "#f7e9f1", {"style": "filled,rounded"}),
    "activation": Look("#857b00", "#fbf6bd", {"style": "filled,rounded", "penwidth": "2.2"}),
    "regularizer": Look("#555555", "#ffffff", {"style": "filled,dashed"}),
    "shape": Look("#000000", "#ffffff", {"shape": "note"}),
    "join": Look("#e69f00", "#fdf0d5", {"shape": "ellipse", "margin": "0.02,0.02"}),
    "input": Look("#56b4e9", "#e3f3fc", {"shape": "cylinder"}),
    "output": Look("#56b4e9", "#e3f3fc", {"shape": "cylinder"}),
}
#: a family that has no look of its own
PLAIN = Look("#000000", "#ffffff")


def look(family: str) -> Look:
    """The look of a family; a new family is drawn plainly."""
    return LOOKS.get(family, PLAIN)
