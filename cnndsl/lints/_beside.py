"""What the other files of a folder import from a file: looked up only before something is called unused."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache


@cache
def imports_beside(file: str) -> frozenset[str]:
    """The names that programs in the folder of a file import from it."""
    folder, own = os.path.split(file)
    pattern = re.compile(rf'from\s*"[^"\n]*{re.escape(own)}"\s*import\s+([\w,\s]+)')
    found = [names for text in _texts(folder, own) for names in pattern.findall(text)]
    return frozenset(name for names in found for name in re.findall(r"\w+", names))


def _texts(folder: str, own: str) -> Iterator[str]:
    """The other programs of a folder that can be read."""
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return
    for name in names:
        if name.endswith(".cnn") and name != own:
            try:
                with open(os.path.join(folder, name), encoding="utf-8") as stream:
                    yield stream.read()
            except (OSError, UnicodeDecodeError):
                continue
