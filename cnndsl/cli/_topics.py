"""What `cnnc explain` can explain, found by looking through the packages of errors, lints and layers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cnndsl.discover import modules
from cnndsl.errors.base import Problem
from cnndsl.layers import kinds, pages
from cnndsl.lints import every_lint

if TYPE_CHECKING:
    from cnndsl.layers import Called


def layers() -> dict[str, type[Called]]:
    """Every layer, `input`, and every named value such as `gabor`, by its name."""
    return pages()


def named_elsewhere(name: str) -> str | None:
    """What a layer is called here whose name in another framework this is (`Conv2d`)."""
    return next((kind for kind, layer in kinds().items() if name in layer.known_as), None)


def problems() -> dict[str, type[Problem]]:
    """Every message with a code, by its code."""
    found: dict[str, type[Problem]] = {}
    for module in modules(import_module("cnndsl.errors").__path__):
        for item in vars(import_module(f"cnndsl.errors.{module}")).values():
            if isinstance(item, type) and issubclass(item, Problem) and item.code:
                found[item.code] = item
    found.update({rule.code: rule for rule in every_lint()})
    return dict(sorted(found.items()))
