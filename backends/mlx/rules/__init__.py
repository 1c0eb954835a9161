"""The rules: what each primitive computes, found by the primitive's class. MLX differentiates them.

To add a primitive is to add one function here, in whichever module fits, under `@rule(Primitive)`.
Arrays have the batch first and the channels last.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from cnndsl.program import Primitive

from .base import TABLE, Rule

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def find(primitive: Primitive) -> Rule | None:
    """The rule of a primitive, if there is one."""
    return TABLE.get((type(primitive), getattr(primitive, "function", "")))
