"""Loader, the base of what `open` can read; a subclass in a module of this package is found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from cnndsl.data.dataset import Dataset
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting, UnknownSetting
from cnndsl.record import Record
from cnndsl.suggest import closest

FATAL, SKIP = "fatal", "skip"


class Wishes(Record):
    """How data is to be opened; each loader looks at those that mean something to it.

    `shape` (H, W, C): decoded images are scaled to cover it and cut to it, grey for C = 1. `corrupt`:
    `fatal`, or `skip` to leave unreadable images out. `x`, `y`: names of columns or arrays, where
    there are several.
    """

    shape: tuple[int, int, int] | None = None
    corrupt: str = FATAL
    x: str | None = None
    y: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Wishes:
        """Checked. Raises CnnError (E522, E523)."""
        for name in given:
            if name not in cls.fields:
                raise UnknownSetting(
                    NOWHERE, "function `open`", name, cls.fields, closest(name, cls.fields) or ""
                ).error()
        wishes = cls(**given)
        if wishes.corrupt not in (FATAL, SKIP):
            raise BadSetting(NOWHERE, "open", "corrupt", wishes.corrupt, f"`{FATAL}` or `{SKIP}`", SKIP).error()
        shape = tuple(wishes.shape or (1, 1, 1))
        if len(shape) != 3 or min(shape) < 1 or shape[2] not in (1, 3):
            wanted = "height, width and 1 or 3 channels"
            raise BadSetting(NOWHERE, "open", "shape", wishes.shape, wanted, (224, 224, 3)).error()
        return wishes


class Loader(ABC):
    """A format: what it takes, and how that becomes a dataset."""

    #: how it is written: `mnist:FOLDER`
    form: ClassVar[str] = ""
    #: what it is, in a few words
    about: ClassVar[str] = ""
    #: texts that name it: one word, or what stands before a path
    word: ClassVar[str] = ""
    #: whether a text can name it; else it is an object from Python
    text: ClassVar[bool] = True
    prefix: ClassVar[str] = ""

    @classmethod
    def takes(cls, given: Any) -> bool:
        """Whether a text names, or an object is, what this loader reads."""
        if not isinstance(given, str | Path):
            return False
        text = str(given).lower()
        if cls.word and text == cls.word:
            return True
        return (bool(cls.prefix) and text.startswith(cls.prefix)) or cls.sees(_path(given))

    @classmethod
    def sees(cls, path: Path) -> bool:  # noqa: ARG003
        """Whether a bare path, which need not exist, leads to this format."""
        return False

    @classmethod
    def open(cls, given: Any, wishes: Wishes) -> Dataset:
        """The data that is named or given. Raises CnnError."""
        text = str(given)
        bare = text[len(cls.prefix) :] if cls.prefix and text.lower().startswith(cls.prefix) else text
        return cls.read(_path(bare), text, wishes)

    @classmethod
    @abstractmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:
        """Reads what lies at a path; `name` is what messages call it. Raises CnnError."""


def _path(text: str | Path) -> Path:
    return Path(text).expanduser()
