"""The graph: layers with their volumes and paths, in order of execution. The one IR of the compiler."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from cnndsl.errors.base import Site
from cnndsl.layers.base import Layer, Weights
from cnndsl.program import Start
from cnndsl.record import Record
from cnndsl.source import Source, Span
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.claim import Claim
    from cnndsl.layers.links import Sight
    from cnndsl.layers.window import Window


class Scope(Record):
    """A labelled pipeline or a block call that holds nodes: a cluster in a diagram.

    `path` is the prefix of its nodes' paths; `kind` is `block`, `net` or `label`; `name` is the
    definition's name (or the label), and `arguments` how it was called, for equal blocks to fold.
    """

    path: str
    kind: str
    name: str
    arguments: str
    span: Span


class Node(Record):
    """One layer at one place of the network.

    `inputs` are numbers of earlier nodes. `owner` is the path whose arrays it uses: its own, or
    another's with `share=`. `frozen` arrays are not trained; `start` replaces the weights' recipe.
    `thawed` says that given numbers are only where training starts (`freeze=false`). `targets` are
    the arguments of the layer that are the volume of another node (`crop(to=c1)`), by its number. Each of
    `penalties` (p, amount) is for its weights (`l2=0.01`); None where the call says nothing.
    """

    number: int
    path: str
    layer: Layer
    inputs: tuple[int, ...]
    volume: Volume
    site: Site
    owner: str
    label: str = ""
    scopes: tuple[str, ...] = ()
    frozen: bool = False
    start: Start | None = None
    thawed: bool = False
    targets: Mapping[str, int] = {}
    penalties: tuple[tuple[float, float], ...] | None = None

    def arrays(self, feeds: tuple[Volume, ...]) -> tuple[Weights, ...]:
        """The arrays of its layer on such inputs; raises StillOpen while they depend on a `?`."""
        return self.learned(self.layer.arrays(*feeds))

    def learned(self, arrays: tuple[Weights, ...]) -> tuple[Weights, ...]:
        """Arrays of its layer as they are here: given numbers are learned ones if it is thawed."""
        return tuple(array.learned() for array in arrays) if self.thawed else arrays

    def __repr__(self) -> str:
        return f"Node({self.path}: {self.layer.brief()} -> {self.volume})"


class Case:
    """A layer with the volumes that it is given and the one that it gives: what follows from these, worked out once.

    The nodes of a loop that are alike share one.
    """

    def __init__(self, layer: Layer, feeds: tuple[Volume, ...], volume: Volume) -> None:
        self.layer, self.feeds, self.volume = layer, feeds, volume
        #: whether every extent that it is given is known
        self.fed = all(feed.fixed for feed in feeds)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The window on each spatial axis; none for a layer without, or with several inputs."""
        return self.layer.windows(*self.feeds) if len(self.feeds) == 1 else ()

    @cached_property
    def sights(self) -> tuple[Sight, ...]:
        """How it reads each of its inputs; raises StillOpen where that depends on an extent that is not fixed."""
        return self.layer.sights(self.volume, *self.feeds)

    @cached_property
    def arrays(self) -> tuple[Weights, ...]:
        """The arrays that it computes with; raises StillOpen while they depend on a `?`."""
        return self.layer.arrays(*self.feeds)


class Graph(Record):
    """A whole network: nodes in order of execution, its inputs and outputs by name, its scopes by path."""

    schema: ClassVar[int] = 1

    name: str
    nodes: tuple[Node, ...]
    inputs: Mapping[str, int]
    outputs: Mapping[str, int]
    scopes: Mapping[str, Scope]
    source: Source
    doc: str = ""
    #: what the net's own asserts say of it as a whole
    claims: tuple[Claim, ...] = ()
    #: the nodes and axes whose extents the program used as numbers, so that others would make another graph
    reads: tuple[tuple[int, int], ...] = ()

    def __getitem__(self, path: str) -> Node:
        return self._by_path[path]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    @cached_property
    def _by_path(self) -> dict[str, Node]:
        return {node.path: node for node in self.nodes}

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What an analysis found in it, by the analysis' name, for the next one that asks for the same."""
        return {}

    @cached_property
    def ends(self) -> frozenset[int]:
        """The numbers of the nodes that are outputs."""
        return frozenset(self.outputs.values())

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """By the number of a node, what there is to know of its layer on such volumes."""
        known: dict[tuple[object, ...], Case] = {}
        found = []
        for node in self.nodes:
            feeds = tuple([self.nodes[number].volume for number in node.inputs])
            key = (id(node.layer), node.volume.extents, *[volume.extents for volume in feeds])
            case = known.get(key)
            if case is None:
                case = known[key] = Case(node.layer, feeds, node.volume)
            found.append(case)
        return tuple(found)

    def case(self, node: Node) -> Case:
        """What there is to know of a node's layer on the volumes that it is given."""
        return self.cases[node.number]

    def feeds(self, node: Node) -> tuple[Volume, ...]:
        """The volumes that a node is given."""
        return self.cases[node.number].feeds

    def uses(self, node: Node) -> tuple[Weights, ...]:
        """The arrays that a node computes with, another's too; raises StillOpen while they depend on a `?`."""
        return node.learned(self.cases[node.number].arrays)

    def arrays(self, node: Node) -> tuple[Weights, ...]:
        """The arrays that a node keeps itself: none if it uses another's, or while a volume is open."""
        return self.uses(node) if node.owner == node.path and self.cases[node.number].fed else ()

    def consumers(self) -> Mapping[int, Sequence[Node]]:
        """For every node's number, the nodes that read it."""
        return self._consumers

    def sources(self, numbers: Iterable[int]) -> set[int]:
        """The numbers of the nodes that some nodes are computed from, themselves included."""
        found: set[int] = set()
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting.extend(self.nodes[number].inputs)
        return found

    @cached_property
    def _consumers(self) -> dict[int, list[Node]]:
        readers: dict[int, list[Node]] = {node.number: [] for node in self.nodes}
        for node in self.nodes:
            for number in node.inputs:
                readers[number].append(node)
        return readers

    @cached_property
    def families(self) -> Mapping[str, Sequence[Node]]:
        """The nodes by their layers' family, in order of execution."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            found.setdefault(node.layer.family, []).append(node)
        return found
