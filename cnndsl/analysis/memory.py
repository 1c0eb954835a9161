"""Memory: what a network holds and needs at its peak, for inference and for a step of training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any, ClassVar

from cnndsl.analysis.bytes import read, width, written
from cnndsl.analysis.fits import Fits
from cnndsl.analysis.liveness import Block, lives
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.analysis.usage import Usage, described
from cnndsl.engine import Optimizer
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.flow import PREDICT, TRAIN, is_learned
from cnndsl.graph import Graph
from cnndsl.lower import lower
from cnndsl.program import Parameter
from cnndsl.record import Record


class LayerMemory(Record):
    """One layer, in bytes: its parameters, and what of it is kept from the run forward to the run backward."""

    path: str
    parameters: int
    kept: int


class Memory(Shown):
    """The memory of a network at a batch, a type of numbers and an optimizer; all in bytes, exact.

    `parameters` are learnable values and given numbers, frozen ones included, `statistics` running means and
    variances; `gradients` and `state` (the optimizer's) are those of what is trained. `kept` is what the
    run forward keeps for the run backward.
    """

    convention: ClassVar[str] = (
        "everything in {dtype}, parameters and optimizer state too; masks and winning cells in a byte (four for "
        "windows above 256 cells), labels in eight; a result stands over its input where nothing reads that any more. "
        "What a backend needs besides comes on top: columns of convolutions, workspace, the framework itself"
    )

    net: str
    batch: int
    dtype: str
    optimizer: str
    slots: tuple[str, ...]
    loss: Mapping[str, str]
    parameters: int
    statistics: int
    gradients: int
    state: int
    layers: tuple[LayerMemory, ...]
    inference: Usage
    training: Usage

    @property
    def kept(self) -> int:
        """What the run forward keeps for the run backward."""
        return sum(map(self.training.size, self.training.lives.kept()))

    def fits(self, room: str | int) -> Fits:
        """The largest batches that fit into so much memory: `16GB`, `8GiB`, or bytes. Raises CnnError (E091)."""
        number = isinstance(room, int) and not isinstance(room, bool)
        size = read(f"{room}B" if number else str(room))
        return Fits(
            self.net, self.setting, written(size) if number else str(room), size, (self.inference, self.training)
        )

    def page(self) -> Page:
        headings = (Heading("path"), Heading("parameters", "right"), Heading("kept", "right"))
        rows = tuple((layer.path, *map(_or_nothing, (layer.parameters, layer.kept))) for layer in self.layers)
        return Page(f"{self.net}: {self.title}", (Table(headings, rows), Facts(self.facts())))

    @property
    def title(self) -> str:
        """What the numbers are for: `memory at batch 32, float32, adam, cross_entropy`."""
        return f"memory at batch {self.batch:,}, {self.setting}"

    @property
    def setting(self) -> str:
        return ", ".join([self.dtype, self.optimizer, *dict.fromkeys(self.loss.values())])

    def facts(self) -> tuple[Fact, ...]:
        """What there is to say of the whole network."""
        lines = [("parameters", written(self.parameters))]
        lines += [("statistics", written(self.statistics))] if self.statistics else []
        lines += [
            ("gradients", written(self.gradients)),
            ("optimizer", f"{written(self.state)} of state ({', '.join(self.slots) or 'none'})"),
            ("kept", f"{written(self.kept)} from the run forward to the run backward"),
            ("inference", described(self.inference)),
            ("training", described(self.training)),
            ("counted as", self.convention.format(dtype=self.dtype)),
        ]
        return tuple(Fact(name, text) for name, text in lines)

    def to_dict(self) -> dict[str, Any]:
        """All of it in bytes, with both timelines."""
        names = ("net", "batch", "dtype", "optimizer", "slots", "loss", "parameters", "statistics", "gradients")
        return {
            "schema": Graph.schema,
            **{name: getattr(self, name) for name in (*names, "state", "kept")},
            "inference": self.inference.to_dict(),
            "training": self.training.to_dict(),
            "layers": [dict(zip(layer.fields, layer.as_tuple())) for layer in self.layers],
        }


def memory(
    graph: Graph,
    optimizer: Optimizer,
    *,
    batch: int = 1,
    dtype: str = "float32",
    loss: str | Mapping[str, str] = "cross_entropy",
) -> Memory:
    """The memory of a network, of its lowered program; layers that no output needs are left out.

    `loss` is a name for every output, or names by output. Raises CnnError: a `?` extent is left (E225), an
    unknown type, loss or output (E521), a batch that is no whole number from 1 (E523).
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise BadSetting(NOWHERE, "memory", "batch", batch, "a whole number of at least 1", 32).error()
    each = width(dtype)
    losses = dict.fromkeys(graph.outputs, loss) if isinstance(loss, str) else loss
    program = lower(graph, losses)
    statistics = sum(_count(item) for item in program.parameters if item.role == "statistic") * each
    parameters = sum(map(_count, program.parameters)) * each - statistics
    gradients = sum(_count(item) for item in program.parameters if is_learned(item)) * each
    state = len(optimizer.slots) * gradients
    held = parameters + statistics
    predicting, training = lives(program, PREDICT), lives(program, TRAIN)
    return Memory(
        graph.name,
        batch,
        dtype,
        optimizer.kind,
        optimizer.slots,
        losses,
        parameters,
        statistics,
        gradients,
        state,
        _layers(graph, program.parameters, training.kept(), each, batch),
        Usage("inference", held, predicting, each, batch),
        Usage("training", held + gradients + state, training, each, batch),
    )


def _count(parameter: Parameter) -> int:
    return prod(parameter.shape)


def _layers(
    graph: Graph, parameters: Iterable[Parameter], kept: Iterable[Block], width: int, batch: int
) -> tuple[LayerMemory, ...]:
    """What each layer holds; a block counts for the layer that made it, a target for that of its output."""
    held: dict[str, int] = {}
    for parameter in parameters:
        path = parameter.name.rpartition(".")[0]
        held[path] = held.get(path, 0) + _count(parameter) * width
    stays: dict[str, int] = {}
    for block in kept:
        ends = {"input": graph.inputs, "target": graph.outputs}.get(block.role)
        path = graph.nodes[ends[block.what]].path if ends else block.paths[0]
        stays[path] = stays.get(path, 0) + batch * block.size(width)
    return tuple(LayerMemory(node.path, held.get(node.path, 0), stays.get(node.path, 0)) for node in graph)


def _or_nothing(size: int) -> str:
    return written(size) if size else ""
