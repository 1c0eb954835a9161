"""Any text as Graphviz shows it: nothing of it becomes markup, an escape or an entity."""

from __future__ import annotations

import re
from html import escape

#: what XML cannot hold, and so no SVG
_CONTROL = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def html(text: str) -> str:
    """A text in an HTML-like label."""
    return escape(_CONTROL.sub("\ufffd", text), quote=False).replace('"', "&quot;")


def plain(text: str) -> str:
    """A text as the value of an attribute."""
    return html(text).replace("\\", "\\\\")
