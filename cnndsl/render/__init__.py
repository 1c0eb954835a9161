"""How diagnostics are printed: one module a format, each with `render_all(diagnostics, color=, width=)`.

A module here that has such a function is a format of that name; adding one is all it takes. One that
has `document(diagnostics, files)`, too, prints a whole document also when there is nothing to say, and is
given the names of the files that were checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from cnndsl.diagnostic import Diagnostic
from cnndsl.discover import modules


class Renderer(Protocol):
    """What a format's module offers."""

    def render_all(self, diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int | None = None) -> str:
        """The diagnostics as text without a final line end; `width` None means no terminal to fit."""


def render(name: str, diagnostics: Sequence[Diagnostic], files: Iterable[str], **looks: Any) -> str | None:
    """The diagnostics in the format of that name; None if it prints nothing when there are none."""
    module = load(name)
    if document := getattr(module, "document", None):
        return cast(str, document(diagnostics, files))
    return module.render_all(diagnostics, **looks) if diagnostics else None


def formats() -> list[str]:
    """The names of all formats."""
    return [name for name in modules(__path__) if hasattr(load(name), "render_all")]


def load(name: str) -> Renderer:
    """The format of that name, one of `formats()`."""
    return cast(Renderer, import_module(f"{__name__}.{name}"))
