"""What a program means, kept beside its text: the nodes that must come out, in order, and what the names stand for.

Nothing here looks at the compiler. A writer executes what it writes on a Model; what does not fit raises
Unfit and is taken back, so that only valid text remains.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from tests.random_programs import reference
from tests.random_programs.unfit import Full, Unfit, need

MOST_NODES = 48
MOST_VALUES = 2500
MOST_WEIGHTS = 30_000


class Node:
    """A layer that must come out: kind, arguments, where it reads, its shape, and whose arrays it uses."""

    def __init__(self, kind: str, args: dict[str, Any], inputs: tuple[int, ...], shape: tuple[int, ...]) -> None:
        self.kind, self.args, self.inputs, self.shape = kind, args, inputs, shape
        self.arrays: reference.Arrays = {}
        self.owner = -1
        self.frozen = self.thawed = self.given = False
        self.start: Any = None


class Volume:
    """A volume in the flow; `place` holds the labels behind its dot, `call` the block call that made it."""

    def __init__(self, number: int, shape: tuple[int, ...]) -> None:
        self.number, self.shape = number, shape
        self.single = True
        self.place: Place | None = None
        self.call: tuple[Any, int, int] | None = None
        self.outputs: dict[str, Volume] | None = None

    def but(self, **changes: Any) -> Volume:
        other = Volume(self.number, self.shape)
        other.__dict__.update({**self.__dict__, **changes})
        return other


Flow = Volume | None


class Place:
    """Labels of a net, of a block call or of a labelled pipeline; `repeated` are those in a repetition."""

    def __init__(self, parent: Place | None = None) -> None:
        self.labels: dict[str, list[Volume]] = {}
        self.repeated: set[str] = set()
        self.parent = parent

    def find(self, name: str) -> list[Volume]:
        if name in self.labels:
            return self.labels[name]
        if self.parent is None:
            raise Unfit(f"no label {name}")
        return self.parent.find(name)

    def visible(self) -> dict[str, tuple[list[Volume], bool]]:
        outer = self.parent.visible() if self.parent else {}
        return outer | {name: (items, name in self.repeated) for name, items in self.labels.items()}


class Stop(Exception):
    """The label of `until=` is reached."""

    def __init__(self, place: Place, volume: Volume) -> None:
        super().__init__()
        self.place, self.volume = place, volume


class Env:
    """What a piece of program sees: values, labels, `in`, and what its caller asked for."""

    def __init__(self, values: dict[str, Any], place: Place, given: Flow) -> None:
        self.values, self.place, self.given = values, place, given
        self.frozen = self.repeating = False
        self.shared: int | None = None
        self.until: tuple[Place, str, int] | None = None
        self.outputs: dict[str, Volume] | None = None
        self.inputs: dict[str, Volume] | None = None

    def inner(self, **changes: Any) -> Env:
        """The same within another pair of braces."""
        other = Env(dict(self.values), self.place, self.given)
        other.__dict__.update({**self.__dict__, "values": dict(self.values), **changes})
        return other

    def define(self, model: Model, name: str, volume: Volume) -> None:
        place = self.place
        if self.repeating and name not in place.repeated:
            place.repeated.add(name)
            model.undo.append(lambda: place.repeated.discard(name))
        items = place.labels.setdefault(name, [])
        need(self.repeating or not items, "a label once")
        items.append(volume)

        def back() -> None:
            items.pop()
            if not items:
                del place.labels[name]

        model.undo.append(back)
        if self.until and self.until[0] is place and self.until[1] == name and len(items) == self.until[2]:
            raise Stop(place, volume)


class Callee:
    """A layer, block or net as a value, with the arguments that it has so far."""

    def __init__(self, target: Any, positional: tuple[Any, ...] = (), named: dict[str, Any] | None = None) -> None:
        self.target, self.positional, self.named = target, positional, named or {}

    def more(self, positional: tuple[Any, ...], named: dict[str, Any]) -> Callee:
        need(not set(named) & set(self.named), "an argument once")
        return Callee(self.target, (*self.positional, *positional), {**self.named, **named})


class Model:
    """The nodes so far, and the way back."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.undo: list[Callable[[], Any]] = []
        self.notes: list[str] = []
        self.depth = 0

    def note(self, what: str) -> None:
        """That a construct of the language is in the program."""
        self.notes.append(what)
        self.undo.append(self.notes.pop)

    def attempt(self, action: Callable[[], Any]) -> Any:
        """What an action gives; after Unfit all is as it was, and the exception goes on."""
        mark, depth = len(self.undo), self.depth
        try:
            return action()
        except (Unfit, Full):
            self.back(mark)
            self.depth = depth
            raise

    def back(self, mark: int) -> None:
        while len(self.undo) > mark:
            self.undo.pop()()

    def _append(self, node: Node) -> Volume:
        if len(self.nodes) >= MOST_NODES:
            raise Full
        need(prod(node.shape) <= MOST_VALUES and max(node.shape[:-1], default=1) <= 14, "small volumes")
        node.owner = len(self.nodes) if node.owner < 0 else node.owner
        self.nodes.append(node)
        self.undo.append(self.nodes.pop)
        return Volume(len(self.nodes) - 1, node.shape)

    def input(self, shape: tuple[int, ...]) -> Volume:
        return self._append(Node("input", {"size": shape}, (), shape))

    def layer(self, kind: str, args: dict[str, Any], feeds: list[Volume], env: Env, common: dict[str, Any]) -> Volume:
        """A layer on volumes, with `freeze`, `init` and `share`."""
        need(all(feed.outputs is None for feed in feeds), "one volume")
        shapes = [feed.shape for feed in feeds]
        own = {name: value for name, value in args.items() if name not in ("freeze", "init", "share")}
        own = reference.counted(own)
        thawed = common.get("freeze") is False
        kept = reference.arrays(kind, own, shapes[0], thawed)
        need(sum(prod(shape) for shape, _ in kept.values()) <= MOST_WEIGHTS, "few weights")
        node = Node(kind, own, tuple(feed.number for feed in feeds), reference.output(kind, own, shapes, kept))
        need(0 not in node.shape, "something is left")
        node.arrays = kept
        node.given = own.get("weights") is not None or kind == "normalize"
        node.frozen = common.get("freeze", False) or env.frozen
        node.thawed, node.start = thawed, common.get("init")
        need(not (node.start is not None and node.given), "given numbers start as given")
        shared: Node | None = None
        if "share" in common:
            target = common["share"]
            need(isinstance(target, Volume) and target.single and target.call is None, "one layer")
            shared = self.nodes[target.number]
        elif env.shared is not None:
            need(len(self.nodes) + env.shared < len(self.nodes), "an earlier call")
            shared = self.nodes[len(self.nodes) + env.shared]
        if shared is not None:
            again = "share" not in common
            need("init" not in common or (again and node.start == shared.start), "the owner decides its start")
            same = node.frozen <= shared.frozen and thawed == shared.thawed
            need("freeze" not in common or (again and same), "the owner decides what is trained")
            need(not node.given or (again and own == shared.args), "the owner's numbers")
            need(shared.kind == kind and node.given == shared.given, "a layer of the kind")
            need({n: s for n, (s, _) in shared.arrays.items()} == {n: s for n, (s, _) in kept.items()}, "arrays agree")
            node.owner = shared.owner
        return self._append(node)
