"""Net: a checked network, as Python sees it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from cnndsl.asked import Size, sizes_of, split_name
from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.files import read_source, source_of
from cnndsl.graph import Graph, Node
from cnndsl.pictured import Pictured
from cnndsl.pipeline import check, rebuilding
from cnndsl.record import Record
from cnndsl.source import Source
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

    from cnndsl.analysis.connections import Connections
    from cnndsl.analysis.cost import Cost
    from cnndsl.analysis.derivation import Derivation
    from cnndsl.analysis.memory import Memory
    from cnndsl.analysis.receptive_field import ReceptiveField, ReceptiveFields
    from cnndsl.analysis.region import Influence, Region
    from cnndsl.analysis.roofline import Roofline
    from cnndsl.analysis.sizes import Sizes
    from cnndsl.engine import Backend
    from cnndsl.program import Program
    from cnndsl.train.model import Model


class Net(Pictured, Record):
    """A network that checks: volumes, parameters and cost are known, nothing has run yet.

    `graph` holds its layers in order, `diagnostics` the warnings, `settings` the parameters it was
    given, `imports` the texts of the files of its folder that it imports, by their paths from there.
    """

    graph: Graph
    diagnostics: tuple[Diagnostic, ...]
    settings: Mapping[str, Any]
    imports: Mapping[str, str] = {}

    @property
    def _shown(self) -> Graph:
        return self.graph

    @property
    def name(self) -> str:
        return self.graph.name

    @property
    def source(self) -> Source:
        return self.graph.source

    @property
    def layers(self) -> tuple[Node, ...]:
        """The layers in order of execution; each has `path`, `layer`, `inputs`, `volume`."""
        return self.graph.nodes

    @property
    def inputs(self) -> dict[str, Volume]:
        """The volumes of the inputs by name."""
        return {name: self.graph.nodes[number].volume for name, number in self.graph.inputs.items()}

    @property
    def outputs(self) -> dict[str, Volume]:
        """The volumes of the outputs by name."""
        return {name: self.graph.nodes[number].volume for name, number in self.graph.outputs.items()}

    def cost(self, *, count: str = "torchvision", params: str = "pytorch") -> Cost:
        """Parameters and multiply-accumulates of every layer, with totals: exact whole numbers.

        `count` is how operations are counted (torchvision, macs, flops, timm, fvcore, torchinfo), `params` how
        parameters are (pytorch, keras). It prints, shows itself in a notebook, and has `to_dict()`.
        Raises CnnError (E054) for other words.
        """
        from cnndsl.analysis.conventions import named
        from cnndsl.analysis.cost import cost

        return cost(self.graph, named("count", count).name, named("params", params).name)

    @overload
    def receptive_field(self) -> ReceptiveFields: ...

    @overload
    def receptive_field(self, path: str) -> ReceptiveField: ...

    def receptive_field(self, path: str | None = None) -> ReceptiveFields | ReceptiveField:
        """What of the input every layer's positions see, or those of the layer of that path.

        Size, jump (effective stride) and first centre for each axis. Raises CnnError (E063) for an
        unknown path.
        """
        from cnndsl.analysis.paths import layer_at
        from cnndsl.analysis.receptive_field import receptive_field, with_unread

        found = receptive_field(self.graph)
        return with_unread(found, self.graph) if path is None else found.layers[layer_at(self.graph, path).number]

    def explain(self, path: str) -> Derivation:
        """One layer taken apart: each formula of its sizes and counts with this net's numbers put in.

        Raises CnnError (E063) if there is no layer of that path.
        """
        from cnndsl.analysis.derivation import derivation

        return derivation(self.graph, path)

    def region(self, path: str, position: tuple[int, ...]) -> Region:
        """The cells of the inputs that a position of a layer reads, exactly. Raises CnnError: E063 to E066."""
        from cnndsl.analysis.region import region

        return region(self.graph, path, tuple(position))

    def connections(self, path: str) -> Connections:
        """How often a layer uses a weight, and how densely it is connected. Raises CnnError: E063, E065, E066."""
        from cnndsl.analysis.connections import connections

        return connections(self.graph, path)

    def influence(self, path: str, position: tuple[int, ...]) -> Influence:
        """The positions of later layers that one of a layer has a part in. Raises CnnError: E063 to E066."""
        from cnndsl.analysis.region import influence

        return influence(self.graph, path, tuple(position))

    def sizes(self) -> Sizes:
        """The sizes that the inputs can have: without a shape error, with nothing lost, with exact divisions."""
        from cnndsl.analysis.sizes import sizes

        return sizes(self.graph, rebuilding(self.source, self.name, self.settings, self.imports))

    @property
    def params(self) -> int | None:
        """Learnable values, frozen layers included; None while an extent is open."""
        return self.cost().params

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of one example (torchvision's convention); None while an extent is open."""
        return self.cost().macs

    def summary(self, *parts: str) -> None:
        """Prints the table of layers: volumes, parameters, multiply-accumulates.

        `parts` are what else it shows, the options of `cnnc summary`: "sharing", ….
        Raises CnnError for a part that there is not.
        """
        from cnndsl.render.summary import print_summary
        from cnndsl.train.optimizers import optimizer

        print_summary(self.graph, parts, {"optimizer": optimizer("adam")})

    def memory(
        self,
        *,
        batch: int = 1,
        dtype: str = "float32",
        optimizer: Any = "adam",
        loss: str | Mapping[str, str] = "cross_entropy",
    ) -> Memory:
        """What it holds and needs at its peak, for inference and for a training step: exact bytes.

        `dtype` is float32, float64, float16 or bfloat16; `optimizer` is as for `compile`, `loss` a name
        for every output, or names by output. Its `fits("16GB")` gives the largest batches. Raises CnnError:
        a `?` extent is left (E225), an unknown type, optimizer, loss or output (E521), a bad batch (E523).
        """
        from cnndsl.analysis.memory import memory
        from cnndsl.train.optimizers import optimizer as update_rule

        return memory(self.graph, update_rule(optimizer), batch=batch, dtype=dtype, loss=loss)

    def roofline(self, device: str, *, batch: int = 1, dtype: str = "float32") -> Roofline:
        """The least time of each layer on a device for inference: a bound, not a measurement.

        `device` is a name of `cnnc roofline --devices`, or "this" for the machine that `cnnc calibrate` has
        measured. Raises CnnError: a `?` extent is left (E225), an unknown device (E092) or type (E521), a
        device without a peak for that type (E095), a machine not measured (E093, E094).
        """
        from cnndsl.analysis.devices import device as named
        from cnndsl.analysis.roofline import roofline

        return roofline(self.graph, named(device), batch=batch, dtype=dtype)

    def program(self, losses: Mapping[str, str] | None = None) -> Program:
        """The network as few primitives; `losses` by output name make it a training program."""
        from cnndsl.lower import lower

        return lower(self.graph, losses)

    def compile(
        self,
        *,
        backend: str | Backend = "auto",
        optimizer: Any = "adam",
        loss: Any = "cross_entropy",
        seed: int = 0,
        **options: Any,
    ) -> Model:
        """A model that can be trained: `fit`, `evaluate`, `predict`, `save`, `load`.

        `backend` is "auto", "numpy" or "mlx"; `optimizer` and `loss` are names or instances (`SGD(rate=0.1)`,
        `CrossEntropy(smoothing=0.1)`; a loss for each output by name). One seed fixes every number.
        Further options are the optimizer's settings (`rate=0.01`), `loss_weights`, `metrics`, `class_names`,
        penalties (`l1`, `l2`, `lp`), `clip_norm`, `clip_value`, `accumulate`, `ema` and `rates` by layer,
        `distributed=True` to train on several machines
        (`cnndsl.train.build.compile_model` says what each is). A last activation that does not go with the
        loss is warned of (`CnnWarning`).
        """
        from cnndsl.train.build import compile_model
        from cnndsl.train.warned import warn_of_losses

        model = compile_model(self, backend=backend, optimizer=optimizer, loss=loss, seed=seed, **options)
        warn_of_losses(self.graph, model.task, stacklevel=2)
        return model

    def __repr__(self) -> str:
        ends = ", ".join(map(str, self.outputs.values()))
        return f"Net({self.name}: {', '.join(map(str, self.inputs.values()))} -> {ends}, {len(self.layers)} layers)"


def load(
    path: str | os.PathLike[str],
    *,
    set: Mapping[str, Any] | None = None,
    input: Size | Mapping[str, Size] | None = None,
) -> Net:
    """The network of a `.cnn` file: its last net, or `file.cnn:NAME` that one.

    `set` gives parameters of the net, `input` replaces the size of its input ("64x64x3" or
    (64, 64, 3); by name where it has several). Raises CnnError, whose text is the rendered message.
    """
    file, name = split_name(os.fspath(path))
    return _load(read_source(file), None, name, set, input, None)


def loads(
    text: str,
    *,
    name: str = "<string>",
    net: str | None = None,
    set: Mapping[str, Any] | None = None,
    input: Size | Mapping[str, Size] | None = None,
    folder: str | os.PathLike[str] = ".",
    imports: Mapping[str, str] | None = None,
) -> Net:
    """The network of a text in the language; imports are looked for in `imports` (texts), `folder` and the zoo.

    Raises CnnError, whose text is the rendered message.
    """
    return _load(source_of(text, name), os.fspath(folder), net, set, input, imports)


def compile(path: str | os.PathLike[str], **options: Any) -> Model:
    """`load(path).compile(**options)`."""
    return load(path).compile(**options)


def summary(path: str | os.PathLike[str]) -> None:
    """`load(path).summary()`."""
    load(path).summary()


def draw(path: str | os.PathLike[str], to: str | os.PathLike[str], **options: Any) -> Path:
    """`load(path).draw(to, **options)`."""
    return load(path).draw(to, **options)


def _load(
    source: Source,
    folder: str | None,
    name: str | None,
    settings: Mapping[str, Any] | None,
    sizes: Size | Mapping[str, Size] | None,
    imports: Mapping[str, str] | None,
) -> Net:
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in (settings or {}).items()}
    checked = check(
        source, folder=folder, net=name, settings=given, sizes=sizes_of(sizes), all_nets=False, imports=imports
    )
    if checked.failed or not checked.nets or checked.nets[0].graph is None:
        raise CnnError(checked.diagnostics)
    net = checked.nets[0]
    assert net.graph is not None and checked.module is not None
    return Net(net.graph, checked.diagnostics, net.settings, dict(checked.module.imports))
