"""Reading data files: what the system refuses becomes a diagnostic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnndsl.diagnostic import CnnError
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import DataCorrupt, DataUnreadable


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns an OSError in its body into a diagnostic (E513) that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise unreadable(path, "there is no such file or folder", "look for a slip in the path") from None
    except OSError as reason:
        raise unreadable(path, reason.strerror or str(reason), "look at its permissions and its kind") from None


def unreadable(path: Path, reason: str, advice: str) -> CnnError:
    """The error for a file or folder that cannot be read (E513)."""
    return DataUnreadable(NOWHERE, str(path), reason, advice).error()


def corrupt(path: Path, form: str, reason: str) -> CnnError:
    """The error for a file that is damaged or of another kind (E514)."""
    return DataCorrupt(NOWHERE, str(path), form, reason).error()
