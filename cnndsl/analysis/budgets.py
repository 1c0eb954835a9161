"""What a net's asserts say of it as a whole: `assert params < 5M`, checked on its graph."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnndsl.analysis.cost import Cost, LayerCost, cost
from cnndsl.claim import Claim, Quantity
from cnndsl.diagnostic import CnnError
from cnndsl.elaborate.values import described
from cnndsl.elaborate.worth import failures, truth
from cnndsl.errors.base import Problem, Refused, Site
from cnndsl.errors.claims import BudgetExceeded, NotDecided
from cnndsl.errors.values import BadArgument, WrongType
from cnndsl.graph import Graph
from cnndsl.volume import Volume

#: layers that are named as the largest contributors
LARGEST = 3
#: what stands for an open extent in an example
EXAMPLE = 224


class Undecided(Exception):
    """Raised where a quantity depends on an extent that is not fixed."""

    def __init__(self, quantity: Quantity) -> None:
        super().__init__(quantity)
        self.quantity = quantity


def broken(graph: Graph) -> Iterator[Problem]:
    """A problem for each claim that does not hold, or that cannot be decided; in source order."""
    gauge = Gauge(graph)
    for claim in graph.claims:
        try:
            if not truth(claim.condition, gauge.measure):
                yield _exceeded(claim, gauge)
        except Refused as refused:
            yield refused.problem
        except Undecided as undecided:
            yield _undecided(claim, undecided.quantity, graph)


class Gauge:
    """Measures quantities of a graph, each analysis made once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._cost: Cost | None = None

    @property
    def cost(self) -> Cost:
        if self._cost is None:
            self._cost = cost(self.graph)
        return self._cost

    def measure(self, quantity: Quantity) -> int:
        """The number of a quantity. Raises Undecided, and Refused for options that it cannot have."""
        found = self._measured(quantity)
        if found is None:
            raise Undecided(quantity)
        return found

    def _measured(self, quantity: Quantity) -> int | None:
        match quantity.name:
            case "flops":
                return None if self.cost.macs is None else 2 * self.cost.macs
            case "rf":
                return self._field(quantity.node)
            case "memory":
                return self._memory(quantity)
        return getattr(self.cost, quantity.name)  # type: ignore[no-any-return]

    def _field(self, number: int) -> int | None:
        """The size of the receptive field of a node, the smallest of its axes."""
        from cnndsl.analysis.fields import fields

        sizes = [axis.size for axes in fields(self.graph)[number].values() for axis in axes]
        known = [size for size in sizes if size is not None]
        return min(known, default=0) if len(known) == len(sizes) else None

    def _memory(self, quantity: Quantity) -> int | None:
        """The bytes at the peak of inference, parameters and statistics included."""
        batch, dtype = quantity.options["batch"], quantity.options["dtype"]
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise Refused(
                BadArgument(Site(quantity.span), "memory", "batch", described(batch), "1 or more", example="32")
            )
        try:
            return peak(self.graph, batch, dtype)
        except CnnError as error:
            said = error.diagnostics[0]
            what, advice = said.title, said.helps[0] if said.helps else "use float32"
            raise Refused(WrongType(Site(quantity.span), what, described(dtype), advice)) from None

    def largest(self, quantity: Quantity) -> str:
        """The layers that have most of a quantity, with their shares; nothing for one that does not add up."""
        count = {"flops": "macs"}.get(quantity.name, quantity.name)
        if not hasattr(LayerCost, count) and count not in LayerCost.fields:
            return ""
        found = [(getattr(layer, count) or 0, layer.path) for layer in self.cost.layers]
        total = sum(amount for amount, _ in found)
        most = sorted((pair for pair in found if pair[0]), key=lambda pair: -pair[0])[:LARGEST]
        factor = 2 if quantity.name == "flops" else 1
        parts = [f"{path} {factor * amount:,} ({100 * amount / total:.1f} %)" for amount, path in most]
        return f"most of `{quantity.span.text}`: {', '.join(parts)}" if parts else ""


def peak(graph: Graph, batch: int = 1, dtype: str = "float32") -> int | None:
    """The bytes at the peak of inference, with what is held all the time; None while an extent is open.

    Raises CnnError (E521) for a type of numbers that there is not.
    """
    from cnndsl.analysis.bytes import width

    each = width(dtype)
    known: dict[int, tuple[int, int] | None] = graph.kept.setdefault("peaks", {})
    if each not in known:
        known[each] = _usage(graph, each)
    found = known[each]
    return None if found is None else found[0] + batch * found[1]


def _usage(graph: Graph, width: int) -> tuple[int, int] | None:
    """The bytes that are held all the time of inference, and those that an example adds to the peak."""
    from cnndsl.analysis.liveness import lives
    from cnndsl.flow import PREDICT
    from cnndsl.lower import lower

    if not all(node.volume.fixed for node in graph):
        return None
    program = lower(graph)
    held = width * sum(prod(array.shape) for array in program.parameters)
    return held, max(lives(program, PREDICT).timeline(width))


def _exceeded(claim: Claim, gauge: Gauge) -> BudgetExceeded:
    text = claim.condition.span.text
    why = "; ".join(failures(claim.condition, gauge.measure))
    asked = {each.name: each for each in claim.condition.quantities() if each.span.text in why}
    largest = tuple(filter(None, map(gauge.largest, asked.values())))
    return BudgetExceeded(claim.where, claim.message or f"`{text}` does not hold", why, largest)


def _undecided(claim: Claim, quantity: Quantity, graph: Graph) -> NotDecided:
    volumes = [graph.nodes[number].volume for number in graph.inputs.values()]
    first = next((volume for volume in volumes if not volume.fixed), volumes[0])
    fixed = Volume(tuple(EXAMPLE if extent is None else extent for extent in first.extents))
    why = f"`{quantity.span.text}` depends on extents that are not fixed in {first}"
    return NotDecided(claim.where, why, str(fixed))
