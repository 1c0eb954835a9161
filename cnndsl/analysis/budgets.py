"""What a net's asserts say of it as a whole: `assert params < 5M`, checked on its graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cnndsl.analysis.cost import Cost, cost
from cnndsl.claim import Claim, Quantity
from cnndsl.elaborate.worth import failures, truth
from cnndsl.errors.base import Problem, Refused
from cnndsl.errors.claims import BudgetExceeded, NotDecided
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
        """The number of a quantity; raises Undecided."""
        measures: dict[str, Callable[[Quantity], int | None]] = {
            "params": lambda _: self.cost.params,
            "macs": lambda _: self.cost.macs,
            "flops": lambda _: None if self.cost.macs is None else 2 * self.cost.macs,
        }
        found = measures[quantity.name](quantity)
        if found is None:
            raise Undecided(quantity)
        return found

    def largest(self, quantity: Quantity) -> str:
        """The layers that have most of a quantity, with their shares; nothing for one that does not add up."""
        counts = {"params": "params", "macs": "macs", "flops": "macs"}
        if quantity.name not in counts:
            return ""
        found = [(getattr(layer, counts[quantity.name]) or 0, layer.path) for layer in self.cost.layers]
        total = sum(count for count, _ in found)
        most = sorted((pair for pair in found if pair[0]), key=lambda pair: -pair[0])[:LARGEST]
        factor = 2 if quantity.name == "flops" else 1
        parts = [f"{path} {factor * count:,} ({100 * count / total:.1f} %)" for count, path in most]
        return f"most of `{quantity.span.text}`: {', '.join(parts)}" if parts else ""


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
