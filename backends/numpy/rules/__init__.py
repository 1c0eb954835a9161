"""The rules: what each primitive does, forward and backward side by side; found by the primitive's class.

To add a primitive is to add one class here, in whichever module fits, under `@rule(Primitive)`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from cnndsl.program import Primitive

from .base import TABLE, Rule, key

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def find(primitive: Primitive) -> type[Rule[Any]] | None:
    """The rule of a primitive, if there is one."""
    return TABLE.get(key(type(primitive), getattr(primitive, "function", "")))
