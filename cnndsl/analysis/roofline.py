"""The roofline: for every layer the least time a device needs, by its peak rate or by its memory's bandwidth.

S. Williams, A. Waterman, D. Patterson: Roofline: an insightful visual performance model for multicore
architectures, Communications of the ACM 52(4), 2009.
"""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

from cnndsl.analysis.bytes import width, written
from cnndsl.analysis.cost import cost
from cnndsl.analysis.devices import Device, rate
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.graph import Graph, Node
from cnndsl.lower import lower
from cnndsl.needs import Place
from cnndsl.program import Program
from cnndsl.record import Record


class LayerBound(Record):
    """One layer on a device, for a whole batch: operations, bytes moved, and the least seconds for each of them."""

    path: str
    operations: int
    bytes: int
    compute: float
    memory: float

    @property
    def intensity(self) -> float:
        """Operations for each byte moved; 0 where nothing is."""
        return self.operations / self.bytes if self.bytes else 0.0

    @property
    def seconds(self) -> float:
        return max(self.compute, self.memory)

    @property
    def bound(self) -> str:
        """What it waits for: `compute` or `memory`; nothing where it does nothing."""
        return "" if not self.bytes else "compute" if self.compute > self.memory else "memory"


class Roofline(Shown):
    """The layers of a network on a device, with totals: bounds, not measurements. Layers no output needs are absent."""

    #: what is counted, for whoever prints a time
    convention: ClassVar[str] = (
        "inference; two operations for each multiply-accumulate (as torchvision counts them); a layer reads its inputs "
        "and its arrays once and writes its output once, nothing stays in a cache between layers and nothing is fused; "
        "what only changes a shape moves nothing"
    )
    caution: ClassVar[str] = (
        "this is a bound and not a measurement: no run that works layer by layer is faster, and real ones are often "
        "several times slower"
    )

    net: str
    device: Device
    batch: int
    dtype: str
    layers: tuple[LayerBound, ...]

    @property
    def seconds(self) -> float:
        """The least time for the batch."""
        return sum(layer.seconds for layer in self.layers)

    @property
    def rate(self) -> float:
        """The most examples a second; infinite for a network that moves nothing."""
        return self.batch / self.seconds if self.seconds else float("inf")

    @property
    def ridge(self) -> float:
        """The operations for each byte from which on the peak is the bound."""
        return self.device.peak(self.dtype) / self.device.bandwidth

    def page(self) -> Page:
        right = ("FLOPs", "moved", "FLOP/byte", "bound", "least time")
        headings = (Heading("path"), *(Heading(name, "right") for name in right))
        rows = tuple(map(_row, self.layers))
        return Page(f"{self.net} on {self.device.name}", (Table(headings, rows), Facts(tuple(self.facts()))))

    def facts(self) -> list[Fact]:
        memory = sum(layer.seconds for layer in self.layers if layer.bound == "memory")
        share = f"{100 * memory / self.seconds:.0f} % of it" if self.seconds else "nothing"
        peak = self.device.peak(self.dtype)
        top = (
            f"{rate(peak)} {self.dtype}, " if self.device.peaks else "no peak is published, so bound by memory alone: "
        )
        ridge = f", the same from {self.ridge:.3g} FLOP/byte on" if self.device.peaks else ""
        return [
            Fact("device", f"{top}{self.device.bandwidth / 1e9:,.4g} GB/s{ridge} ({self.device.source})"),
            Fact("batch", f"{self.batch:,}"),
            Fact("least time", f"{duration(self.seconds)}, {share} waits for memory"),
            Fact("at most", f"{self.rate:,.{0 if self.rate >= 100 else 2}f} examples a second; {self.caution}"),
            Fact("counted as", self.convention),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Operations and bytes are exact; a peak that is not known and the ridge of such a device are None."""
        return {
            "schema": Graph.schema,
            "net": self.net,
            "device": self.device.to_dict(),
            "batch": self.batch,
            "dtype": self.dtype,
            "ridge": self.ridge if self.device.peaks else None,
            "seconds": self.seconds,
            "examples_per_second": self.rate if self.seconds else None,
            "layers": [_layer_dict(layer) for layer in self.layers],
        }


def _layer_dict(layer: LayerBound) -> dict[str, Any]:
    names = ("path", "operations", "bytes", "intensity", "compute", "memory", "bound")
    return {name: getattr(layer, name) for name in names}


def _row(layer: LayerBound) -> tuple[str, ...]:
    if not layer.bytes:
        return (layer.path, "", "", "", "", "")
    operations = f"{layer.operations:,}" if layer.operations else ""
    intensity = f"{layer.intensity:.3g}" if layer.operations else ""
    return (layer.path, operations, written(layer.bytes), intensity, layer.bound, duration(layer.seconds))


def duration(seconds: float) -> str:
    """A time in words: `1.23 ms`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:,.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def roofline(graph: Graph, device: Device, *, batch: int = 1, dtype: str = "float32") -> Roofline:
    """The bounds of a network for inference on a device.

    Raises CnnError: a `?` extent is left (E225), an unknown type (E521), one that the device has no peak
    for (E095), a batch that is no whole number from 1 (E523).
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise BadSetting(NOWHERE, "the roofline", "batch", batch, "a whole number of at least 1", 32).error()
    each, peak = width(dtype), device.peak(dtype)
    working = _working(lower(graph))
    bounds = []
    for node, layer in zip(graph, cost(graph).layers, strict=True):
        busy = node.path in working
        operations = 2 * batch * (layer.macs or 0) if busy else 0
        moved = each * _numbers(graph, node, batch) if busy else 0
        bounds.append(LayerBound(node.path, operations, moved, operations / peak, moved / device.bandwidth))
    return Roofline(graph.name, device, batch, dtype, tuple(bounds))


def _working(program: Program) -> set[str]:
    """The layers with a step that does something in inference."""
    steps = (step for step in program.steps if not step.primitive.training_only)
    return {step.path for step in steps if step.primitive.needs().place is not Place.SAME}


def _numbers(graph: Graph, node: Node, batch: int) -> int:
    """How many numbers a layer reads and writes: its inputs, its output, the arrays that it uses."""
    feeds = graph.feeds(node)
    flowing = sum(prod(volume.shape) for volume in (*feeds, node.volume))
    return batch * flowing + sum(prod(array.shape) for array in graph.uses(node))
