"""Programs written by hand: each method adds a step and returns its value."""

from __future__ import annotations

from math import prod

from cnndsl.objectives import CrossEntropy, Objective, SquaredError
from cnndsl.program import (
    AveragePool,
    BatchNorm,
    Combine,
    Concat,
    Convolve,
    Dense,
    Dropout,
    GlobalAverage,
    LocalResponseNorm,
    MaxPool,
    Parameter,
    Primitive,
    Program,
    Reshape,
    Softmax,
    Start,
    Step,
    Unary,
    Value,
)

Sizes = int | tuple[int, ...]


def per_axis(size: Sizes, rank: int) -> tuple[int, ...]:
    return (size,) * rank if isinstance(size, int) else size


def pads_of(pads: int | tuple[tuple[int, int], ...], rank: int) -> tuple[tuple[int, int], ...]:
    return ((pads, pads),) * rank if isinstance(pads, int) else pads


def positions(shape, kernel, stride, pads, dilation) -> tuple[int, ...]:
    """floor((W + lo + hi - D(F-1) - 1) / S) + 1 on each axis."""
    return tuple(
        (w + lo + hi - d * (f - 1) - 1) // s + 1 for w, f, s, (lo, hi), d in zip(shape, kernel, stride, pads, dilation)
    )


class Build:
    """A Program in the making. `program()` gives it; without `output` the last value is `y`."""

    def __init__(self, name: str = "test") -> None:
        self.name = name
        self.inputs: dict[str, Value] = {}
        self.outputs: dict[str, Value] = {}
        self.targets: dict[str, Value] = {}
        self.parameters: dict[str, Parameter] = {}
        self.steps: list[Step] = []
        self.losses: list[Value] = []
        self.count = 0

    def value(self, shape: tuple[int, ...]) -> Value:
        self.count += 1
        return Value(self.count, shape)

    def input(self, *shape: int, name: str = "x") -> Value:
        self.inputs[name] = self.value(shape)
        return self.inputs[name]

    def output(self, value: Value, name: str = "y") -> Value:
        self.outputs[name] = value
        return value

    def parameter(self, name: str, shape: tuple[int, ...], start: Start, role: str, trained: bool = True) -> str:
        """Declares a parameter, or uses one of that name again (shared)."""
        known = self.parameters.setdefault(name, Parameter(name, shape, start, role, trained))
        assert known.shape == shape
        return name

    def apply(self, primitive: Primitive, *inputs: Value, shape: tuple[int, ...]) -> Value:
        kind = type(primitive).__name__.lower()
        output = self.value(shape)
        self.steps.append(Step(primitive, inputs, output, f"{kind}{len(self.steps) + 1}"))
        return output

    def named(self, name: str | None, kind: str) -> str:
        return name or f"{kind}{len(self.steps) + 1}"

    def conv(
        self, x, filters, kernel, stride=1, pads=0, dilation=1, groups=1, bias=True, name=None, trained=True
    ) -> Value:
        rank, name = len(x.shape) - 1, self.named(name, "conv")
        kernel, stride, dilation = per_axis(kernel, rank), per_axis(stride, rank), per_axis(dilation, rank)
        pads, depth = pads_of(pads, rank), x.shape[-1] // groups
        start = Start("he", fan_in=prod(kernel) * depth, fan_out=prod(kernel) * filters // groups)
        weight = self.parameter(f"{name}.weight", (filters, *kernel, depth), start, "weight", trained)
        offset = self.offset(name, filters, trained) if bias else None
        shape = (*positions(x.shape, kernel, stride, pads, dilation), filters)
        return self.apply(Convolve(weight, offset, stride, pads, dilation, groups), x, shape=shape)

    def offset(self, name: str, size: int, trained: bool = True) -> str:
        return self.parameter(f"{name}.bias", (size,), Start("normal", 0.1), "bias", trained)

    def dense(self, x, units, bias=True, name=None, trained=True) -> Value:
        name = self.named(name, "fc")
        start = Start("glorot", fan_in=x.shape[-1], fan_out=units)
        weight = self.parameter(f"{name}.weight", (units, x.shape[-1]), start, "weight", trained)
        return self.apply(Dense(weight, self.offset(name, units, trained) if bias else None), x, shape=(units,))

    def maxpool(self, x, kernel, stride=None, pads=0, dilation=1) -> Value:
        rank = len(x.shape) - 1
        kernel, dilation, pads = per_axis(kernel, rank), per_axis(dilation, rank), pads_of(pads, rank)
        stride = kernel if stride is None else per_axis(stride, rank)
        shape = (*positions(x.shape, kernel, stride, pads, dilation), x.shape[-1])
        return self.apply(MaxPool(kernel, stride, pads, dilation), x, shape=shape)

    def averagepool(self, x, kernel, stride=None, pads=0, dilation=1, counted=0) -> Value:
        rank = len(x.shape) - 1
        kernel, dilation, pads = per_axis(kernel, rank), per_axis(dilation, rank), pads_of(pads, rank)
        stride = kernel if stride is None else per_axis(stride, rank)
        shape = (*positions(x.shape, kernel, stride, pads, dilation), x.shape[-1])
        return self.apply(AveragePool(kernel, stride, pads, dilation, pads_of(counted, rank)), x, shape=shape)

    def global_average(self, x) -> Value:
        return self.apply(GlobalAverage(), x, shape=(*[1] * (len(x.shape) - 1), x.shape[-1]))

    def unary(self, x, function) -> Value:
        return self.apply(Unary(function), x, shape=x.shape)

    def relu(self, x) -> Value:
        return self.unary(x, "relu")

    def softmax(self, x) -> Value:
        return self.apply(Softmax(), x, shape=x.shape)

    def batchnorm(self, x, momentum=0.1, eps=1e-5, affine=True, frozen=False, name=None) -> Value:
        name, shape = self.named(name, "batchnorm"), (x.shape[-1],)
        factor = self.parameter(f"{name}.weight", shape, Start("uniform", 1.0), "norm") if affine else None
        offset = self.offset(name, x.shape[-1]) if affine else None
        mean = self.parameter(f"{name}.mean", shape, Start("constant", 0.0), "statistic", False)
        variance = self.parameter(f"{name}.variance", shape, Start("constant", 1.0), "statistic", False)
        return self.apply(BatchNorm(factor, offset, mean, variance, momentum, eps, frozen), x, shape=x.shape)

    def lrn(self, x, size=5, alpha=1e-4, beta=0.75, k=2.0) -> Value:
        return self.apply(LocalResponseNorm(size, alpha, beta, k), x, shape=x.shape)

    def dropout(self, x, rate=0.5, stream=0) -> Value:
        return self.apply(Dropout(rate, stream), x, shape=x.shape)

    def reshape(self, x, *shape) -> Value:
        return self.apply(Reshape(), x, shape=shape)

    def flatten(self, x) -> Value:
        return self.reshape(x, prod(x.shape))

    def combine(self, function, *inputs) -> Value:
        shape = tuple(max(extents) for extents in zip(*(value.shape for value in inputs)))
        return self.apply(Combine(function), *inputs, shape=shape)

    def concat(self, *inputs) -> Value:
        shape = (*inputs[0].shape[:-1], sum(value.shape[-1] for value in inputs))
        return self.apply(Concat(), *inputs, shape=shape)

    def target(self, shape: tuple[int, ...], name: str) -> Value:
        self.targets[name] = self.value(shape)
        return self.targets[name]

    def loss(self, objective: Objective, x, name="y") -> Value:
        """A loss against targets called `name`."""
        target = self.target(objective.target(x.shape), name)
        self.losses.append(self.apply(objective, x, target, shape=()))
        return self.losses[-1]

    def cross_entropy(self, logits, name="y") -> Value:
        return self.loss(CrossEntropy(), logits, name)

    def squared_error(self, x, name="y") -> Value:
        return self.loss(SquaredError(), x, name)

    def program(self) -> Program:
        if not self.outputs:
            losses = {loss.number for loss in self.losses}
            self.output([step.output for step in self.steps if step.output.number not in losses][-1])
        return Program(
            self.name,
            self.inputs,
            self.outputs,
            tuple(self.steps),
            tuple(self.parameters.values()),
            self.targets,
            tuple(self.losses),
        )


def lenet5() -> Program:
    """LeNet-5 as it is taught today, 28x28x1, with logits `logits`, probabilities `y` and cross-entropy."""
    net = Build("LeNet5")
    x = net.input(28, 28, 1)
    x = net.maxpool(net.relu(net.conv(x, 6, 5, pads=2)), 2)
    x = net.maxpool(net.relu(net.conv(x, 16, 5)), 2)
    x = net.relu(net.dense(net.flatten(x), 120))
    x = net.relu(net.dense(x, 84))
    logits = net.output(net.dense(x, 10), "logits")
    net.output(net.softmax(logits))
    net.cross_entropy(logits)
    return net.program()
