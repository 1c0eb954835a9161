"""Loader, the base of what `load` can read; a subclass in a module of this package is found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from cnndsl.data.dataset import Dataset


class Loader(ABC):
    """A way to name data: by one word, by a prefix before a path, or by a path's suffix."""

    #: how it is written: `mnist:FOLDER`
    form: ClassVar[str] = ""
    #: what it is, in a few words
    about: ClassVar[str] = ""
    word: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    suffix: ClassVar[str] = ""

    @classmethod
    def takes(cls, spec: str) -> bool:
        """Whether a text names data that this loader reads."""
        small = spec.lower()
        return (
            (bool(cls.word) and small == cls.word)
            or (bool(cls.prefix) and small.startswith(cls.prefix))
            or (bool(cls.suffix) and small.endswith(cls.suffix))
        )

    @classmethod
    @abstractmethod
    def load(cls, path: str) -> Dataset:
        """Reads it; `path` is the text without the prefix."""
