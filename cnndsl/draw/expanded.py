"""Which blocks `--expand` is about: those that are named, what lies in them, and what they lie in."""

from __future__ import annotations

from collections.abc import Iterable


class Expanded:
    """The paths that are expanded."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._named = frozenset(paths)
        self._around = frozenset(prefix for path in self._named for prefix in _prefixes(path))

    def holds(self, path: str) -> bool:
        """Whether a path is expanded itself, or lies in one that is."""
        return any(prefix in self._named for prefix in _prefixes(path))

    def reaches(self, path: str) -> bool:
        """Whether one of them is at a path or in it."""
        return path in self._around

    def opens(self, path: str) -> bool:
        """Whether a block has to be open for them to be seen."""
        return self.reaches(path) or self.holds(path)


def _prefixes(path: str) -> list[str]:
    words = path.split(".")
    return [".".join(words[: end + 1]) for end in range(len(words))] if path else []
