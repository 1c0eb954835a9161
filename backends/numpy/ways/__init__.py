"""The ways to compute a convolution, one class each; found by looking through this package.

To add a way is to add one class here: a subclass of `Way`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from .base import Way

if TYPE_CHECKING:
    from ..rules.convolution import Convolution

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def possible(step: Convolution) -> list[type[Way]]:
    """The ways that can compute a step, by name."""
    return sorted((way for way in Way.all() if way.suits(step)), key=lambda way: way.__name__)


def choose(step: Convolution, backward: bool) -> Way:
    """The way that should take the least time, forward and back if the step has a way back in any run."""
    both = step.workspace.goes_back
    return min(possible(step), key=lambda way: way.cost(step, both))(step, backward)
