"""Called: what programs call by a name with declared arguments, a layer or a value such as `gabor(…)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, dataclass_transform

from cnndsl.layers.arguments import Declared, argument, show_value
from cnndsl.record import Record

#: an argument that is longer is a table, of which a line shows the beginning
LONGEST = 40


@dataclass_transform(frozen_default=True, field_specifiers=(argument,))
class Called(Record):
    """A call by name. A subclass has its name in lower case as its `kind`, unless it is abstract.

    Its arguments come behind those of its bases, or before them if it says `first=True`.
    """

    #: the name in the language; an abstract base sets it to ""
    kind: ClassVar[str] = ""
    #: what it is called in messages
    noun: ClassVar[str] = "value"
    #: the declarations of the arguments, in order
    arguments: ClassVar[Mapping[str, Declared]] = {}

    def __init_subclass__(cls, abstract: bool = False, first: bool = False, **kwargs: Any) -> None:
        own = {name: item for name, item in cls.__dict__.items() if isinstance(item, Declared)}
        for name, item in own.items():
            if item.required:
                delattr(cls, name)
            else:
                setattr(cls, name, item.default)
        super().__init_subclass__(**kwargs)
        cls.arguments = {**own, **cls.arguments} if first else {**cls.arguments, **own}
        cls.fields = (*cls.arguments, *(name for name in cls.fields if name not in cls.arguments))
        if "kind" not in cls.__dict__:
            cls.kind = "" if abstract else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def signature(cls) -> str:
        """`conv(filters, kernel, stride=1, …)` as it is written."""
        shown = (
            name if item.required else f"{name}={item.shown or show_value(item.default)}"
            for name, item in cls.arguments.items()
        )
        return f"{cls.kind}({', '.join(shown)})" if cls.arguments else cls.kind

    def written(self) -> str:
        """The call with the arguments that are not at their defaults: `conv(64, 7, stride=2)`; tables are cut."""
        values = ((name, item, getattr(self, name)) for name, item in self.arguments.items())
        shown = [
            _cut(value) if item.required else f"{name}={_cut(value)}"
            for name, item, value in values
            if item.required or value != item.default
        ]
        return f"{self.kind}({', '.join(shown)})" if shown else self.kind

    def __str__(self) -> str:
        return self.written()


def _cut(value: Any) -> str:
    shown = show_value(value)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
