"""Finding the modules of a package by their files, for everything here that needs no registry.

`pkgutil.iter_modules` does the same and imports `inspect` for it, 10 ms of the 150 that
`cnnc check` may take; it is used where a package is not a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable


def modules(path: Iterable[str]) -> list[str]:
    """The names of a package's modules and sub-packages, given its `__path__`; nothing is imported."""
    found: set[str] = set()
    for folder in path:
        if not os.path.isdir(folder):
            import pkgutil

            found.update(module.name for module in pkgutil.iter_modules([folder]))
            continue
        for entry in os.scandir(folder):
            name, suffix = os.path.splitext(entry.name)
            package = suffix == "" and os.path.isfile(os.path.join(entry.path, "__init__.py"))
            if name.isidentifier() and name != "__init__" and (package or suffix == ".py"):
                found.add(name)
    return sorted(found)
