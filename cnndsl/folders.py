"""Where cnndsl keeps what is the user's: in the folders that each system has for it."""

from __future__ import annotations

import os
import sys


def cache(name: str) -> str | None:
    """For what can be made again: `$CNNDSL_CACHE_DIR/name`, else in the user's cache; None without a home."""
    chosen = os.environ.get("CNNDSL_CACHE_DIR")
    if chosen:
        return os.path.join(os.path.abspath(chosen), name)
    return _own("LOCALAPPDATA", "~/Library/Caches", "XDG_CACHE_HOME", "~/.cache", name)


def settings(name: str) -> str | None:
    """For what is to stay: in the user's settings; None without a home."""
    return _own("APPDATA", "~/Library/Application Support", "XDG_CONFIG_HOME", "~/.config", name)


def _own(windows: str, mac: str, variable: str, usual: str, name: str) -> str | None:
    """A name in cnndsl's folder of the one that a variable of Windows, a path of macOS, or elsewhere XDG's says."""
    if sys.platform == "win32":
        base = os.environ.get(windows, "")
    elif sys.platform == "darwin":
        base = os.path.expanduser(mac)
    else:
        base = os.environ.get(variable, "")
        if not os.path.isabs(base):
            base = os.path.expanduser(usual)
    return os.path.join(base, "cnndsl", name) if os.path.isabs(base) else None
