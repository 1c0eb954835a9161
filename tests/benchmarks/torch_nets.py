"""A graph as a PyTorch module with the same weights: what `engine.py` measures ours against.

Each layer is the `torch.nn` module that a PyTorch programmer would write for it; the module runs them in order, as
`nn.Sequential` does. Volumes are NCHW, so the weights of what stands behind a `flatten` are permuted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from cnndsl.graph import Graph, Node
from cnndsl.layers.base import Layer
from cnndsl.volume import Volume

Made = tuple[nn.Module, Mapping[str, Any]]
Arrays = Mapping[str, np.ndarray[Any, Any]]


class Net(nn.Module):
    """The layers of a graph in order; a final softmax is left out, as `nn.CrossEntropyLoss` holds it."""

    def __init__(self, graph: Graph, arrays: Arrays) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        self.calls: list[tuple[int, tuple[int, ...], Callable[..., Any]]] = []
        last = self._unsoftened(graph, next(iter(graph.outputs.values())))
        self.start, self.last = next(iter(graph.inputs.values())), last
        readers = {node.number: max((reader.number for reader in of), default=0) for node, of in _readers(graph)}
        #: values that nothing reads after a step, as Python frees what a forward method no longer names
        self.finished = [[n for n in node.inputs if readers[n] == node.number] for node in graph.nodes[: last + 1]]
        for node in graph.nodes[: last + 1]:
            if node.inputs:
                call = self._call(graph, node, arrays)
                self.calls.append((node.number, node.inputs, call))

    def _unsoftened(self, graph: Graph, number: int) -> int:
        node = graph.nodes[number]
        return node.inputs[0] if node.layer.kind == "softmax" else number

    def _call(self, graph: Graph, node: Node, arrays: Arrays) -> Callable[..., Any]:
        kind = node.layer.kind
        if kind in JOINS:
            return JOINS[kind]
        module = MODULES[kind](node.layer, graph.feeds(node)[0])
        own = {name: arrays[f"{node.owner}.{name}"] for name in _names(arrays, node.owner)}
        _fill(module, own, _before_flatten(graph, node))
        self.layers.append(module)
        return module

    def forward(self, x: Any) -> Any:
        values = {self.start: x}
        for number, inputs, call in self.calls:
            values[number] = call(*(values[i] for i in inputs))
            for old in self.finished[number]:
                del values[old]
        return values[self.last].flatten(1)


def _readers(graph: Graph) -> list[tuple[Node, list[Node]]]:
    consumers = graph.consumers()
    return [(node, consumers[node.number]) for node in graph.nodes]


def _names(arrays: Arrays, owner: str) -> list[str]:
    return [name[len(owner) + 1 :] for name in arrays if name.rpartition(".")[0] == owner]


def _before_flatten(graph: Graph, node: Node) -> Volume:
    """The volume whose cells are the inputs of a fully connected layer, before anything flattened it."""
    feed = graph.nodes[node.inputs[0]]
    while not feed.volume.rank and feed.inputs and feed.layer.kind != "fc":
        feed = graph.nodes[feed.inputs[0]]
    return feed.volume


def _fill(module: nn.Module, own: Arrays, volume: Volume) -> None:
    """Copies weights: channels last to channels first."""
    names = {"running_mean": "running_mean", "running_variance": "running_var"}
    state = dict(module.named_parameters()) | dict(module.named_buffers())
    with torch.no_grad():
        for name, array in own.items():
            found = torch.from_numpy(np.ascontiguousarray(array))
            if isinstance(module, nn.Linear) and name == "weight" and volume.rank:
                found = found.unflatten(1, volume.shape).movedim(-1, 1).flatten(1)
            elif found.dim() > 2:
                found = found.movedim(-1, 1)
                found = found.transpose(0, 1) if isinstance(module, nn.ConvTranspose2d) else found
            state[names.get(name, name)].copy_(found)


def _pads(layer: Layer, volume: Volume) -> list[int]:
    found = layer.windows(volume)
    if any(window.low != window.high for window in found):
        raise ValueError(f"{layer}: PyTorch's modules pad both sides alike")
    return [window.low for window in found]


def _conv(layer: Any, volume: Volume) -> nn.Module:
    found = layer.windows(volume)
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[volume.rank - 1]
    sizes = [[getattr(window, name) for window in found] for name in ("kernel", "stride", "dilation")]
    return kind(
        volume.shape[-1],
        layer.filters,
        sizes[0],
        sizes[1],
        _pads(layer, volume),
        sizes[2],
        groups=layer.groups,
        bias=layer.offset is not False,
    )


def _maxpool(layer: Any, volume: Volume) -> nn.Module:
    found = layer.windows(volume)
    kind = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[volume.rank - 1]
    kernel, stride = [window.kernel for window in found], [window.stride for window in found]
    return kind(kernel, stride, _pads(layer, volume), ceil_mode=layer.ceil)


def _batchnorm(layer: Any, volume: Volume) -> nn.Module:
    kind = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[volume.rank]
    return kind(volume.shape[-1], layer.eps, layer.momentum, layer.affine)


def _deconv(layer: Any, volume: Volume) -> nn.Module:
    return nn.ConvTranspose2d(volume.shape[-1], layer.filters, layer.kernel, layer.stride)


class Flat(nn.Linear):
    """A fully connected layer on a volume."""

    def forward(self, x: Any) -> Any:
        return super().forward(x.flatten(1))


class Crop(nn.Module):
    """The middle of a volume."""

    def __init__(self, margins: Any) -> None:
        super().__init__()
        self.margins = margins

    def forward(self, x: Any) -> Any:
        for axis, (low, high) in enumerate(self.margins):
            x = x.narrow(axis + 2, low, x.shape[axis + 2] - low - high)
        return x


POOLS = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)

JOINS: dict[str, Callable[..., Any]] = {
    "add": lambda first, *others: sum(others, first),
    "mul": lambda one, other: one * other,
    "concat": lambda *parts: torch.cat(parts, 1),
}

MODULES: dict[str, Callable[[Any, Volume], nn.Module]] = {
    "conv": _conv,
    "fc": lambda layer, volume: Flat(volume.elements, layer.units, layer.bias is not False),
    "maxpool": _maxpool,
    "global_avgpool": lambda layer, volume: POOLS[volume.rank - 1](1),
    "batchnorm": _batchnorm,
    "relu": lambda layer, volume: nn.ReLU(),
    "relu6": lambda layer, volume: nn.ReLU6(),
    "silu": lambda layer, volume: nn.SiLU(),
    "sigmoid": lambda layer, volume: nn.Sigmoid(),
    "dropout": lambda layer, volume: nn.Dropout(layer.rate),
    "flatten": lambda layer, volume: nn.Flatten(),
    "id": lambda layer, volume: nn.Identity(),
    "crop": lambda layer, volume: Crop(layer.margins(volume)),
    "deconv": _deconv,
}
