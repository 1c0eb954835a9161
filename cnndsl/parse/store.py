"""The built table, kept in a private folder of the user's cache so that only the first run pays for it.

What is read back is trusted only if the folder and the file belong to the user and nobody else can
write there, the checksum fits, and the grammar, Python and Lark are those of this run. Anything else
is as if there were no file: a cache never fails, it only misses.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import zlib
from importlib.util import find_spec
from typing import Any

from cnndsl import folders

FORMAT = 2
LARGEST = 1 << 22
KEPT = 8


def folder() -> str | None:
    """Where tables are kept; None without a home."""
    return folders.cache("grammar")


def read(grammar: str) -> tuple[Any, ...] | None:
    """The plain data of the table that was kept for this grammar, or None."""
    place = folder()
    if place is None:
        return None
    try:
        if not _private(os.lstat(place), stat.S_ISDIR):
            return None
        handle = os.open(os.path.join(place, _name(grammar)), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _BINARY)
        with os.fdopen(handle, "rb") as file:
            if not _private(os.fstat(handle), stat.S_ISREG):
                return None
            content = file.read(LARGEST)
        if zlib.crc32(content[4:]) != int.from_bytes(content[:4], "little"):
            return None
        kept, lark, data = marshal.loads(content[4:])
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return data if (kept, lark) == (grammar, _lark()) and isinstance(data, tuple) else None


def write(grammar: str, data: tuple[Any, ...]) -> None:
    """Keep the table for later runs, beside and then renamed; quietly not, where that is impossible."""
    place = folder()
    if place is None:
        return
    content = marshal.dumps((grammar, _lark(), data))
    beside = os.path.join(place, f"{_name(grammar)}.{os.getpid()}")
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if not os.path.isdir(place):
            os.mkdir(place, 0o700)
        if not _private(os.lstat(place), stat.S_ISDIR):
            return
        _forget(place)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zlib.crc32(content).to_bytes(4, "little") + content)
            os.replace(beside, os.path.join(place, _name(grammar)))
        except OSError:
            os.unlink(beside)
    except OSError:
        return


_BINARY = getattr(os, "O_BINARY", 0)


def _name(grammar: str) -> str:
    return f"{zlib.crc32(grammar.encode()):08x}-{sys.implementation.cache_tag}-{FORMAT}.table"


def _lark() -> int:
    """Which Lark would build the table: a checksum of the file that states its version."""
    spec = find_spec("lark")
    if spec is None or spec.origin is None:
        return 0
    with open(spec.origin, "rb") as file:
        return zlib.crc32(file.read())


def _private(status: os.stat_result, kind: Any) -> bool:
    """Whether it is of that kind, ours, and written by nobody else (Windows: the user's profile sees to that)."""
    if not kind(status.st_mode):
        return False
    return sys.platform == "win32" or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def _forget(place: str) -> None:
    """Remove all but the newest tables: those of other versions, and what crashed runs left beside."""
    paths = [os.path.join(place, name) for name in os.listdir(place) if ".table" in name]
    for path in sorted(paths, key=os.path.getmtime)[: -KEPT + 1]:
        os.unlink(path)
