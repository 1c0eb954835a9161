"""Where cnndsl keeps what it can make again: the user's cache."""

from __future__ import annotations

import os
import sys


def folder(name: str) -> str | None:
    """`$CNNDSL_CACHE_DIR/name`, else `name` in cnndsl's folder of the user's cache; None without a home."""
    chosen = os.environ.get("CNNDSL_CACHE_DIR")
    if chosen:
        return os.path.join(os.path.abspath(chosen), name)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "cnndsl", name) if os.path.isabs(base) else None
