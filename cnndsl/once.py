"""What is told once on a machine: remembered as empty files in the user's cache."""

from __future__ import annotations

from pathlib import Path

from cnndsl import folders


def first(name: str) -> bool:
    """Whether this is the first time that it is asked for this name; where nothing can be kept, every time is."""
    place = folders.cache("told")
    if place is None:
        return True
    try:
        Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(place, name).touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        return True
    return True
