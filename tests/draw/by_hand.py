"""Graphs built by hand, so that drawing is tested without the parser and without the layers' rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from cnndsl.errors.base import Site
from cnndsl.graph import Graph, Node, Scope
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.base import Layer, Weights
from cnndsl.layers.input import Input
from cnndsl.layers.scalars import Count, Flag
from cnndsl.program import Start
from cnndsl.source import Source, Span
from cnndsl.volume import Volume

SOURCE = Source("hand.cnn", "net Hand { input 8x8x1 }")


class Sketch(Layer, abstract=True):
    """A layer for pictures only: it keeps `learned` values and does nothing."""

    learned: ClassVar[int] = 0

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        return (Weights("weight", (self.learned,), Start("constant")),) if self.learned else ()


class Conv(Sketch):
    family: ClassVar[str] = "conv"
    learned: ClassVar[int] = 1234
    filters: int = argument(Count())
    kernel: Any = argument(Extents())
    stride: Any = argument(Extents(), 1)
    pad: Any = argument(Padding(), 0)
    bias: bool = argument(Flag(), True)

    def macs(self, *inputs: Volume) -> int:
        return 5_678_000


class Fc(Sketch):
    family: ClassVar[str] = "dense"
    learned: ClassVar[int] = 850
    units: int = argument(Count())


class Maxpool(Sketch):
    family: ClassVar[str] = "pool"
    kernel: Any = argument(Extents())
    stride: Any = argument(Extents(), None, shown="kernel")
    pad: Any = argument(Padding(), 0)


class Batchnorm(Sketch):
    family: ClassVar[str] = "norm"
    learned: ClassVar[int] = 128


class Relu(Sketch):
    family: ClassVar[str] = "activation"


class Softmax(Sketch):
    family: ClassVar[str] = "activation"


class Dropout(Sketch):
    family: ClassVar[str] = "regularizer"


class Flatten(Sketch):
    family: ClassVar[str] = "shape"


class Add(Sketch):
    family: ClassVar[str] = "join"
    joins: ClassVar[bool] = True


class Concat(Sketch):
    family: ClassVar[str] = "join"
    joins: ClassVar[bool] = True


def extents(size: str) -> tuple[int | None, ...]:
    return tuple(None if part == "?" else int(part) for part in size.split("x"))


class Build:
    """Adds nodes one by one: `build.add(Conv(6, 5), "24x24x6")` follows the last one."""

    def __init__(self, name: str = "Hand", doc: str = "", size: str = "8x8x1") -> None:
        self.name, self.doc = name, doc
        self.nodes: list[Node] = []
        self.scopes: dict[str, Scope] = {}
        self.open: tuple[str, ...] = ()
        self.counts: dict[tuple[str, str], int] = {}
        self.inputs = {"input": self.add(Input(extents(size)), size, path="input")}

    def add(self, layer: Layer, size: str, *inputs: int, path: str = "") -> int:
        if not inputs and self.nodes:
            inputs = (len(self.nodes) - 1,)
        path = path or self.name_of(layer.kind)
        site = Site(Span(SOURCE, 0, 0))
        node = Node(len(self.nodes), path, layer, inputs, Volume(extents(size)), site, path, scopes=self.open)
        self.nodes.append(node)
        return node.number

    def name_of(self, kind: str) -> str:
        within = self.open[-1] if self.open else ""
        self.counts[within, kind] = self.counts.get((within, kind), 0) + 1
        return f"{within}.{kind}{self.counts[within, kind]}".lstrip(".")

    @contextmanager
    def scope(self, own: str, kind: str = "block", name: str = "", arguments: str = "") -> Iterator[str]:
        path = f"{self.open[-1]}.{own}" if self.open else own
        self.scopes[path] = Scope(path, kind, name or own, arguments, Span(SOURCE, 0, 0))
        self.open = (*self.open, path)
        yield path
        self.open = self.open[:-1]

    def graph(self, **outputs: int) -> Graph:
        found = outputs or {"output": len(self.nodes) - 1}
        return Graph(self.name, tuple(self.nodes), self.inputs, found, self.scopes, SOURCE, self.doc)


def lenet() -> Graph:
    net = Build("LeNet5", "LeNet-5 as it is taught today.", "28x28x1")
    net.add(Conv(6, 5, pad=2), "28x28x6"), net.add(Relu(), "28x28x6"), net.add(Maxpool(2), "14x14x6")
    net.add(Conv(16, 5), "10x10x16"), net.add(Relu(), "10x10x16"), net.add(Maxpool(2), "5x5x16")
    net.add(Flatten(), "400"), net.add(Fc(120), "120"), net.add(Relu(), "120"), net.add(Dropout(), "120")
    net.add(Fc(10), "10"), net.add(Softmax(), "10")
    return net.graph()


def residual() -> Graph:
    net = Build("ResNet", "Deep residual learning (He et al., 2015): a block of two convolutions.", "224x224x3")
    with net.scope("stem", "label"):
        net.add(Conv(64, 7, stride=2, pad=3, bias=False), "112x112x64"), net.add(Batchnorm(), "112x112x64")
        net.add(Relu(), "112x112x64"), net.add(Maxpool(3, stride=2, pad=1), "56x56x64")
    for stride, arguments, own in ((1, "64", "basic1"), (2, "128, s=2", "basic2")):
        start = len(net.nodes) - 1
        size = f"{56 // stride}x{56 // stride}x{64 * stride}"
        with net.scope(own, "block", "basic", arguments):
            net.add(Conv(64 * stride, 3, stride=stride, pad=1, bias=False), size), net.add(Batchnorm(), size)
            net.add(Relu(), size), net.add(Conv(64 * stride, 3, pad=1, bias=False), size)
            branch = net.add(Batchnorm(), size)
            if stride == 2:
                net.add(Conv(128, 1, stride=2, bias=False), size, start)
                start = net.add(Batchnorm(), size)
            net.add(Add(), size, branch, start)
            net.add(Relu(), size)
    return net.graph()


def inception() -> Graph:
    net = Build("GoogLeNet", "Going deeper with convolutions (Szegedy et al., 2014): one module.", "28x28x192")
    with net.scope("inception1", "block", "inception", "64, 96, 128, 16, 32, 32"):
        ends = []
        for steps in ([Conv(64, 1)], [Conv(96, 1), Conv(128, 3, pad=1)], [Conv(16, 1), Conv(32, 5, pad=2)]):
            at = 0
            for conv in steps:
                at = net.add(conv, f"28x28x{conv.filters}", at)
                at = net.add(Relu(), f"28x28x{conv.filters}", at)
            ends.append(at)
        at = net.add(Maxpool(3, stride=1, pad=1), "28x28x192", 0)
        at = net.add(Conv(32, 1), "28x28x32", at)
        ends.append(net.add(Relu(), "28x28x32", at))
        net.add(Concat(), "28x28x256", *ends)
    return net.graph()
