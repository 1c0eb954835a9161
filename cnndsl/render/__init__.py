"""How diagnostics are printed: one module a format, each with `render_all(diagnostics, color=, width=)`.

A module here is a format of that name, unless its name begins with `_`; adding one is all it takes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, cast

from cnndsl.diagnostic import Diagnostic


class Renderer(Protocol):
    """What a format's module offers."""

    def render_all(self, diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int | None = None) -> str:
        """The diagnostics as text without a final line end; `width` None means no terminal to fit."""


def formats() -> list[str]:
    """The names of all formats, found by file name; nothing is imported."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def load(name: str) -> Renderer:
    """The format of that name, one of `formats()`."""
    return cast(Renderer, import_module(f"{__name__}.{name}"))
