"""The layer kinds, found by looking through this package: adding a class is all it takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from cnndsl.discover import modules
from cnndsl.layers.base import Layer
from cnndsl.layers.called import Called

__all__ = ["Called", "Layer", "foreign_names", "kinds", "named_values", "pages"]


@cache
def kinds() -> dict[str, type[Layer]]:
    """Every layer kind that programs call, by its name in the language, in alphabetical order."""
    return {kind: item for kind, item in pages().items() if issubclass(item, Layer) and item.called}


@cache
def named_values() -> dict[str, type[Called]]:
    """Every value that programs call by a name, such as the filter `gabor(…)`; not the layers."""
    return {kind: item for kind, item in pages().items() if not issubclass(item, Layer)}


@cache
def pages() -> dict[str, type[Called]]:
    """What there is a page of: the kinds, `input`, and the named values, in alphabetical order."""
    return {item.kind: item for item in sorted(_found(), key=lambda item: item.kind)}


def _found() -> Iterator[type[Called]]:
    for module in modules(__path__):
        for item in vars(import_module(f"{__name__}.{module}")).values():
            if isinstance(item, type) and issubclass(item, Called) and item.kind:
                yield item


@cache
def foreign_names() -> dict[str, str]:
    """Layer kinds by the names that Keras, PyTorch, Caffe and MLX have for them, in lower case."""
    return {name.lower(): kind for kind, layer in kinds().items() for name in layer.known_as}
