"""How diagnostics are printed: one module a format, each with `render_all(diagnostics, color=, width=)`.

A module here that has such a function is a format of that name; adding one is all it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, cast

from cnndsl.diagnostic import Diagnostic
from cnndsl.discover import modules


class Renderer(Protocol):
    """What a format's module offers."""

    def render_all(self, diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int | None = None) -> str:
        """The diagnostics as text without a final line end; `width` None means no terminal to fit."""


def formats() -> list[str]:
    """The names of all formats."""
    return [name for name in modules(__path__) if hasattr(load(name), "render_all")]


def load(name: str) -> Renderer:
    """The format of that name, one of `formats()`."""
    return cast(Renderer, import_module(f"{__name__}.{name}"))
