"""The grammar of `.cnn` files, handed out as text: `cnn.lark` is the language on one page."""

from __future__ import annotations

from typing import Any


def text() -> str:
    """The text of `cnn.lark`, wherever the package is installed (a zip file included)."""
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(f"{__path__[0]}/cnn.lark")
    return data.decode("utf-8").replace("\r\n", "\n")
