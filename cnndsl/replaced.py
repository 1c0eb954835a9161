"""Writing a file so that at every moment either the old or the new one is there, whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it is flushed to the disk and takes the place of `path`.

    What may be done with the old file may be done with the new one. When anything goes wrong the new file is
    removed and the old one is as it was.
    """
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield beside
        with suppress(OSError):  # there may be no old one
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        _flush(beside)
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    # A rename is safe against a power cut only once the folder is written too; not all systems allow it.
    with suppress(OSError):
        _flush(target.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
