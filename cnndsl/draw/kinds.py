"""The kinds of parts of a picture: a run of layers in one box, a group in a frame, a repeat of equal parts."""

from __future__ import annotations

from cnndsl.graph import Node
from cnndsl.record import Record
from cnndsl.source import Span


class Run(Record):
    """Layers that are drawn in one box: the first, and what follows it; `name` is the user's label."""

    nodes: tuple[Node, ...]
    name: str = ""

    @property
    def path(self) -> str:
        return self.nodes[0].path

    @property
    def word(self) -> str:
        """What it is called where things are counted: `conv`."""
        return self.nodes[0].layer.kind


class Group(Record):
    """A scope with its parts; `name` is its definition's name or its label, `title` what heads its frame."""

    path: str
    name: str
    title: str
    span: Span
    parts: tuple[Run | Group | Repeat, ...]
    nodes: tuple[Node, ...]

    @property
    def word(self) -> str:
        return self.name

    @property
    def content(self) -> tuple[Run | Group | Repeat, ...]:
        """What is seen of it when it is opened."""
        return self.parts


class Repeat(Record):
    """Equal parts, `times` times one after another: `parts` are the first of them, `nodes` those of all."""

    parts: tuple[Run | Group | Repeat, ...]
    times: int
    nodes: tuple[Node, ...]
    #: the path of the first part of the last time
    last: str

    @property
    def path(self) -> str:
        return self.parts[0].path

    @property
    def word(self) -> str:
        return self.parts[0].word

    @property
    def period(self) -> int:
        """How many layers are repeated."""
        return len(self.nodes) // self.times

    @property
    def single(self) -> Run | Group | Repeat | None:
        """The one part that is repeated, None if they are several."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def content(self) -> tuple[Run | Group | Repeat, ...]:
        """What is seen of it when it is opened: nothing of a single box."""
        single = self.single
        if single is None:
            return self.parts
        return () if isinstance(single, Run) else single.content


Part = Run | Group | Repeat
