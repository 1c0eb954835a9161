"""Where names live: values in frames, labels in places, and how nodes get their paths.

A frame is a pair of braces and holds values (`let`, parameters, loop variables). A place is a part
of the network with a path of its own (a net, a block call, a labelled pipeline) and holds labels
and the ordinals of what has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate.values import Ref, Series, Unknown
from cnndsl.source import Span


class Frame:
    """Values by name, inside another frame."""

    def __init__(self, parent: Frame | None = None) -> None:
        self.parent = parent
        self.values: dict[str, Any] = {}

    def find(self, name: str) -> Frame | None:
        """The innermost frame that has a value of this name."""
        frame: Frame | None = self
        while frame is not None and name not in frame.values:
            frame = frame.parent
        return frame

    def names(self) -> Iterable[str]:
        """All names that can be seen from here."""
        frame: Frame | None = self
        while frame is not None:
            yield from frame.values
            frame = frame.parent


class Announced:
    """A label that stands somewhere in a place's statements, found before they are expanded."""

    def __init__(self, span: Span, repeated: bool) -> None:
        self.span = span
        self.repeated = repeated


class Place:
    """A scope of labels and paths: `path` is its prefix, `parent` the place whose labels it sees too."""

    def __init__(self, path: str, statements: Iterable[syntax.Node] = (), parent: Place | None = None) -> None:
        self.path = path
        self.parent = parent
        self.labels: dict[str, list[Ref | Unknown]] = {}
        #: where the names that labels stand for were given, a repeated one's with their ordinals
        self.spans: dict[str, Span] = {}
        self.ordinals: dict[str, int] = {}
        self.taken: set[str] = set()
        self.announced: dict[str, Announced] = {}
        for statement in statements:
            _announce(statement, False, self.announced)

    def full(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def automatic(self, kind: str) -> str:
        """The name of an unlabelled thing: its kind and ordinal among all of that kind here.

        In a place where the kind's name is a label of a repetition, whose ordinals are all its own,
        something stands between: `relu_1`.
        """
        ordinal, stem = self.ordinals.get(kind, 0) + 1, kind
        while (label := self.announced.get(stem.rstrip("0123456789"))) and label.repeated:
            stem += "_"
        while (name := f"{stem}{ordinal}") in self.taken or name in self.announced:
            ordinal += 1
        self.ordinals[kind] = ordinal
        self.taken.add(name)
        return name

    def count(self, kind: str) -> None:
        """Counts a labelled thing among those of its kind."""
        self.ordinals[kind] = self.ordinals.get(kind, 0) + 1

    def named(self, label: str, repeated: bool) -> str:
        """The name of a labelled thing: the label, with an ordinal inside a repetition."""
        if not repeated:
            return label
        ordinal = len(self.labels.get(label, ())) + 1
        return f"{label}{ordinal}"

    def define(self, label: str, name: str, value: Ref | Unknown, span: Span) -> None:
        """Keeps what a label means and where it is; `name` is the label, with its ordinal in a repetition."""
        self.labels.setdefault(label, []).append(value)
        self.spans.setdefault(label, span)
        self.spans.setdefault(name, span)
        self.taken.add(name)

    def find(self, label: str) -> Ref | Series | Unknown | None:
        """What a label means, here or further out; a repeated one also by name and ordinal."""
        place: Place | None = self
        while place is not None:
            found = place.own(label)
            if found is not None:
                return found
            place = place.parent
        return None

    def own(self, label: str) -> Ref | Series | Unknown | None:
        """What a label of this very place means."""
        if not self.labels:
            return None
        items = self.labels.get(label)
        if items:
            announced = self.announced.get(label)
            return Series(tuple(items)) if announced and announced.repeated else items[-1]
        stem = label.rstrip("0123456789")
        items = self.labels.get(stem)
        if items and stem in self.announced and self.announced[stem].repeated and stem != label:
            ordinal = int(label[len(stem) :])
            return items[ordinal - 1] if 1 <= ordinal <= len(items) else None
        return None

    def foretold(self, label: str) -> Announced | None:
        """A label that stands in the source but does not exist (yet)."""
        place: Place | None = self
        while place is not None:
            if label in place.announced:
                return place.announced[label]
            place = place.parent
        return None

    def visible(self) -> Iterable[str]:
        place: Place | None = self
        while place is not None:
            yield from place.labels
            place = place.parent


def _announce(node: syntax.Node, repeated: bool, found: dict[str, Announced]) -> None:
    """Collects the labels that a statement or stage will give in the place where it stands."""
    match node:
        case syntax.Input(_, label, _, stages):
            _labelled(label, repeated, found)
            _announce_all(stages, repeated, found)
        case syntax.Pipeline(_, label, stages):
            _labelled(label, repeated, found)
            if label is None:
                _announce_all(stages, repeated, found)
        case syntax.Output(_, name, stages):
            if stages:
                _labelled(name, repeated, found)
        case syntax.For(_, _, _, body):
            _announce_all(body.statements, True, found)
        case syntax.Group(_, body, count):
            _announce_all(body.statements, repeated or count is not None, found)
        case syntax.Join(_, _, branches):
            for branch in branches:
                _announce_all(branch.statements, repeated, found)
        case syntax.Choice(_, _, then, otherwise):
            _announce_all(then.statements, repeated, found)
            _announce_all(otherwise.statements if otherwise else (), repeated, found)


def _announce_all(nodes: Iterable[syntax.Node], repeated: bool, found: dict[str, Announced]) -> None:
    for node in nodes:
        _announce(node, repeated, found)


def _labelled(name: syntax.Name | None, repeated: bool, found: dict[str, Announced]) -> None:
    if name is not None and name.text not in found:
        found[name.text] = Announced(name.span, repeated)
