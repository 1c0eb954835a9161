"""The layer kinds, found by looking through this package: adding a class is all it takes."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from cnndsl.discover import modules
from cnndsl.layers.base import Layer

__all__ = ["Layer", "foreign_names", "kinds"]


@cache
def kinds() -> dict[str, type[Layer]]:
    """Every layer kind that programs call, by its name in the language, in alphabetical order."""
    found: dict[str, type[Layer]] = {}
    for module in modules(__path__):
        for item in vars(import_module(f"{__name__}.{module}")).values():
            if isinstance(item, type) and issubclass(item, Layer) and item.kind and item.called:
                found[item.kind] = item
    return dict(sorted(found.items()))


@cache
def foreign_names() -> dict[str, str]:
    """Layer kinds by the names that Keras, PyTorch, Caffe and MLX have for them, in lower case."""
    return {name.lower(): kind for kind, layer in kinds().items() for name in layer.known_as}
