"""Parts -> Diagram: which box every layer is in, what the boxes say, and the arrows between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property

from cnndsl.analysis.amounts import numbers, sizes
from cnndsl.analysis.cost import Number, cost, total
from cnndsl.draw.diagram import Card, Diagram, Frame, Link
from cnndsl.draw.fold import title
from cnndsl.draw.kinds import Group, Part, Repeat, Run
from cnndsl.draw.wiring import Wiring
from cnndsl.draw.words import SUMS, amount, broken, call, counted, facts, followers, holds
from cnndsl.graph import Graph
from cnndsl.layers.base import Layer
from cnndsl.source import Span

#: whether a group or repeat that lies so deep is opened
Opens = Callable[[Group | Repeat, int], bool]


class Boxes:
    """Which box every layer is in; `echoes` are layers of the later times of an open repeat, `closed` whole boxes."""

    def __init__(self) -> None:
        self.of: dict[int, str] = {}
        self.echoes: set[int] = set()
        self.closed: set[str] = set()

    def put(self, part: Part) -> None:
        """Puts the layers of a part into one box."""
        self.of.update((node.number, part.path) for node in part.nodes)

    def echo(self, repeat: Repeat) -> None:
        """Puts the layers of the later times into the boxes of the first."""
        for at, node in enumerate(repeat.nodes[repeat.period :]):
            self.of[node.number] = self.of[repeat.nodes[at % repeat.period].number]
            self.echoes.add(node.number)


class Builder:
    """Makes diagrams of one net; `extras` are what boxes say besides, in lines of about `width`."""

    def __init__(self, graph: Graph, wiring: Wiring, extras: tuple[str, ...], width: int = SUMS) -> None:
        self.graph, self.wiring, self.extras, self.width = graph, wiring, extras, width
        self.costs = cost(graph)

    def build(self, parts: Iterable[Part], opens: Opens) -> Diagram:
        """The diagram in which the groups are open that `opens` says."""
        boxes = Boxes()
        shown = tuple(self._part(part, 0, opens, boxes) for part in parts)
        outputs = tuple(self._output(name, number) for name, number in self.graph.outputs.items())
        links = _roles([*self._links(boxes), *self._ends(boxes)])
        return Diagram(self.graph.name, self._subtitle(), (*shown, *outputs), links, boxes.of)

    def _subtitle(self) -> str:
        sums = [
            f"{count:,} {what}"
            for count, what in ((self.costs.params, "parameters"), (self.costs.macs, "multiply-accumulates"))
            if count
        ]
        return "\n".join(line for line in (self.graph.doc, ", ".join(sums)) if line)

    def _part(self, part: Part, level: int, opens: Opens, boxes: Boxes) -> Card | Frame:
        if isinstance(part, Run):
            boxes.put(part)
            return self._run(part)
        if not part.content or not opens(part, level):
            boxes.put(part)
            boxes.closed.add(part.path)
            return self._closed(part)
        inner = tuple(self._part(item, level + 1, opens, boxes) for item in part.content)
        if isinstance(part, Repeat):
            boxes.echo(part)
        return Frame(_frame_id(part), _title(part), self._scope_facts(part), inner, _place(part))

    def _run(self, run: Run) -> Card:
        first, last = run.nodes[0], run.nodes[-1]
        name = run.name or {number: name for name, number in self.graph.inputs.items()}.get(first.number, "")
        headline = call(_without_bias(run, first.layer))
        short: tuple[str, ...] = (first.layer.brief(),)
        if name and name != first.layer.kind:
            headline, short = (f"{name}: {headline[0]}", *headline[1:]), (f"{name}: {short[0]}",)
        lines = (*followers(node.layer for node in run.nodes[1:]), *self._extra(run, self.extras))
        tooltip = facts([self.costs.layers[node.number] for node in run.nodes])
        place, sums = first.site.span, self._sums(run)
        return Card(run.path, first.layer.family, headline, short, lines, tooltip, *sums, last.volume, place)

    def _closed(self, part: Group | Repeat) -> Card:
        """A block that is not opened, or equal parts in one card: what is in it, its totals."""
        family, headline, short, content = _called(part)
        layers, params, macs = self._sums(part)
        once = frozenset(layers[: part.period] if isinstance(part, Repeat) else layers)
        around = f"shortcut around {_title(part)}" if self.wiring.shortcut(once) else ""
        sums = ", ".join(self._extra(part, ("params", "macs")))
        others = self._extra(part, [extra for extra in self.extras if extra not in ("params", "macs")])
        lines = (*content, *broken(sums, self.width), *others)
        volume = part.nodes[-1].volume
        tooltip = self._scope_facts(part)
        return Card(
            part.path, family, headline, short, lines, tooltip, layers, params, macs, volume, _place(part), around, True
        )

    def _sums(self, part: Part) -> tuple[tuple[int, ...], Number, Number]:
        """The numbers of a part's layers, their parameters and multiply-accumulates."""
        layers = [self.costs.layers[node.number] for node in part.nodes]
        params, macs = total(layer.params for layer in layers), total(layer.macs for layer in layers)
        return tuple(node.number for node in part.nodes), params, macs

    def _scope_facts(self, part: Group | Repeat) -> str:
        layers = [self.costs.layers[node.number] for node in part.nodes]
        path = f"{part.path} to {part.last}" if isinstance(part, Repeat) else part.path
        return "\n".join([_title(part), path, f"{len(layers):,} layers", *counted(layers)])

    def _extra(self, part: Part, wanted: Iterable[str]) -> list[str]:
        """The lines that options ask for."""
        _, params, macs = self._sums(part)
        said = []
        for word in dict.fromkeys(wanted):
            if word == "rf":
                said.append(self._field(part.nodes[-1].number))
            elif word == "params":
                said.append(f"{amount(params)} parameters" if params != 0 else "")
            else:
                said.append(f"{amount(macs)} MACs" if macs != 0 else "")
        return [line for line in said if line]

    @cached_property
    def _fields(self) -> tuple[object, ...]:
        from cnndsl.analysis.receptive_field import receptive_field

        return tuple(
            f"sees {size}, jump {jump}" if (jump := numbers(axis.jump for axis in field.axes)) else f"sees {size}"
            for field in receptive_field(self.graph)
            for size in (sizes(field.axes),)
        )

    def _field(self, number: int) -> str:
        return str(self._fields[number])

    def _output(self, name: str, number: int) -> Card:
        node = self.graph.nodes[number]
        tooltip = f"output {name}: {node.volume} from {node.path}"
        headline = f"output {node.volume}" if name == "output" else f"{name}: output {node.volume}"
        return Card(_output_id(name), "output", (headline,), (name,), (), tooltip, (), 0, 0, node.volume)

    def _links(self, boxes: Boxes) -> list[Link]:
        found: list[Link] = []
        seen: set[tuple[str, int, int]] = set()
        counts: Counter[str] = Counter()
        for number, feeds in self.wiring.feeds.items():
            head = boxes.of[number]
            for place, feed in enumerate(feeds if number not in boxes.echoes else ()):
                tail = boxes.of[feed]
                key = (head, feed, 0 if head in boxes.closed else place)
                if tail != head and key not in seen:
                    seen.add(key)
                    found.append(Link(f"{head}-{counts[head]}", tail, head, str(self.graph.nodes[feed].volume), ""))
                    counts[head] += 1
        return found

    def _ends(self, boxes: Boxes) -> Iterable[Link]:
        for name, number in self.graph.outputs.items():
            head = _output_id(name)
            yield Link(f"{head}-0", boxes.of[self.wiring.source(number)], head, "", "")


def _roles(links: list[Link]) -> tuple[Link, ...]:
    """The links with their roles, by how many leave their tail and reach their head."""
    leaving, reaching = Counter(link.tail for link in links), Counter(link.head for link in links)
    words = {(False, False): "next", (True, False): "branch", (False, True): "join", (True, True): "skip"}
    return tuple(link.replace(role=words[leaving[link.tail] > 1, reaching[link.head] > 1]) for link in links)


def _called(part: Group | Repeat) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The family of a closed box, its headline, the same at a volume, and what it holds."""
    inside = (part.single or part) if isinstance(part, Repeat) else part
    if not isinstance(inside, Run):
        headline = broken(_title(part))
        held = ((item.word, getattr(item, "times", 1)) for item in inside.parts)
        return "block", headline, headline, broken(holds(held))
    layer = inside.nodes[0].layer
    *rest, last = call(_without_bias(inside, layer))
    short = f"{layer.brief()} {_title(part)}"
    after = followers(node.layer for node in inside.nodes[1:])
    return layer.family, (*rest, f"{last} {_title(part)}"), (short,), after


def _without_bias(run: Run, layer: Layer) -> Layer:
    """The first layer as its box shows it: that it adds no bias goes without saying where a mean is taken away."""
    cancelled = len(run.nodes) > 1 and run.nodes[1].layer.centres(run.nodes[0].volume)
    bias = type(layer).arguments.get("bias")
    return layer.replace(bias=bias.default) if cancelled and bias and getattr(layer, "bias", None) is False else layer


def _title(part: Group | Repeat) -> str:
    return title(part) if isinstance(part, Repeat) else part.title


def _frame_id(part: Group | Repeat) -> str:
    return part.path if isinstance(part, Group) or part.single else f"{part.path} × {part.times}"


def _place(part: Part) -> Span | None:
    if isinstance(part, Group):
        return part.span
    return _place(part.parts[0]) if isinstance(part, Repeat) else part.nodes[0].site.span


def _output_id(name: str) -> str:
    """`output` is a word of the language, so that no layer's path begins with it."""
    return f"output.{name}"
