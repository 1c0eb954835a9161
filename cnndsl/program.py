"""The Program: a network as few primitives with everything static.

A Program knows no framework. Its steps are in order of execution; a value is written once. Shapes
are of one example (the batch comes first in the arrays), channels last. Every primitive is a class
here; a backend is a table from these classes to rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import ClassVar

from cnndsl.needs import OVER, Kept, Needs, Place, index_bytes
from cnndsl.record import Record

Pads = tuple[tuple[int, int], ...]
Shape = tuple[int, ...]


class Value(Record):
    """A volume that flows: its number and its shape without the batch, channels last."""

    number: int
    shape: tuple[int, ...]


class Start(Record):
    """How a parameter starts: a recipe's name, its constant, and the fans that scale it.

    Recipes: `constant` (amount), `he`, `glorot`, `lecun`, `orthogonal`, `normal` (amount = std),
    `uniform` (amount = limit), `given` (the numbers are in `table`, in row-major order).
    """

    recipe: str
    amount: float = 0.0
    fan_in: int = 1
    fan_out: int = 1
    table: tuple[float, ...] = ()


class Parameter(Record):
    """An array that a network keeps: `PATH.weight`.

    `role` is `weight`, `bias`, `norm` (a normalization's factor), `statistic` (a running mean or
    variance: never trained, updated while training) or `constant` (given numbers).
    """

    name: str
    shape: tuple[int, ...]
    start: Start
    role: str
    trained: bool = True
    #: of a weight, each (p, amount), as its layer says; None where it says nothing
    penalties: tuple[tuple[float, float], ...] | None = None


class Primitive(Record):
    """Base of what a backend must know how to do; a field that names a parameter is a str."""

    #: what its gradient needs of the run forward, and where results may stand; `needs` says it of one
    gradient: ClassVar[Needs] = Needs()
    #: whether it is the identity but while training, and which inputs are labels (whole numbers)
    training_only: ClassVar[bool] = False
    #: whether it is linear in its `weight` (filters first) and has a `bias`: a normalization behind it is one with it
    scalable: ClassVar[bool] = False
    labels: ClassVar[tuple[int, ...]] = ()

    def needs(self) -> Needs:
        """What its gradient needs; one class may have functions that differ in that."""
        return type(self).gradient

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        """What its gradient needs besides its inputs and its output, for one example of these shapes."""
        return ()


class Convolve(Primitive):
    """Cross-correlation over 1 to 3 axes: weight (K, *kernel, C/groups), bias (K,).

    y[n, o, k] = b[k] + sum over f, c of x_padded[n, o*stride + f*dilation, c] w[k, f, c]

    With `connect` filter k sees the input channels connect[k] alone, and the weight is
    (connections, *kernel): those of the first filter, then of the second, and so on.
    """

    gradient: ClassVar[Needs] = Needs(inputs=True)
    scalable: ClassVar[bool] = True

    weight: str
    bias: str | None
    stride: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]
    groups: int
    connect: tuple[tuple[int, ...], ...] = ()


class Dense(Primitive):
    """y = x W^T + b on a vector: weight (units, inputs), bias (units,)."""

    gradient: ClassVar[Needs] = Needs(inputs=True)
    scalable: ClassVar[bool] = True

    weight: str
    bias: str | None


class MaxPool(Primitive):
    """The largest of each window; padding is minus infinity; of equals the first in reading order.

    `pads` already hold what a ceil window overhangs; the output's extents follow from them.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        return (Kept("winning cells", prod(output), index_bytes(prod(self.kernel))),)


class AveragePool(Primitive):
    """The mean of each window.

    `pads` as in MaxPool; `counted` is the part of each pad whose zeros count in the divisor (the
    declared padding with count_pad, else 0): overhang beyond it never counts.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]
    counted: Pads


class GlobalAverage(Primitive):
    """The mean over all spatial axes, which stay with extent 1."""


class Unary(Primitive):
    """A function of each element, with the numbers that some take.

    relu, relu6, leaky_relu (slope), elu (alpha), selu, celu (alpha), gelu, gelu_tanh, silu, mish,
    softplus, sigmoid, hardsigmoid, hardswish, tanh, lecun_tanh, abs, exp, negative, multiply (factor),
    power (exponent). Alpha is positive. Where a derivative is not finite (a root at 0)
    the gradient is 0, as is that of abs at 0; at a kink it is that of the flatter side (relu, relu6).
    """

    #: functions whose slope is told from their value, and those whose slope is a constant
    from_value: ClassVar[frozenset[str]] = frozenset(
        ["relu", "relu6", "leaky_relu", "hardsigmoid", "exp", "sigmoid", "tanh", "lecun_tanh", "softplus"]
    ) | {"elu", "selu", "celu"}
    straight: ClassVar[frozenset[str]] = frozenset({"multiply", "negative"})

    function: str
    amounts: tuple[float, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether it makes of every score by itself the probability of a yes."""
        return self.function == "sigmoid"

    def needs(self) -> Needs:
        return OVER.replace(output=self.function in self.from_value)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        if self.function == "leaky_relu" and self.amounts[0] <= 0:  # its value does not tell the sign
            return (Kept("signs", prod(output), 1),)
        if self.function in self.from_value | self.straight:
            return ()
        return (Kept("slopes", prod(output)),)


class Softmax(Primitive):
    """exp(x) / sum exp(x) over the channels, shifted by the maximum."""

    gradient: ClassVar[Needs] = OVER.replace(output=True)


class BatchNorm(Primitive):
    """Batch normalization over batch and positions (Ioffe and Szegedy, 2015).

    Training: by this batch's mean and biased variance, running <- (1 - momentum) running +
    momentum batch (the variance unbiased). Otherwise, and while training too if the layer is
    `frozen`, by the running statistics, which then stay as they are.
    `factor` and `offset` are none without affine. The mean and the deviation of each channel, which
    the gradient needs as well, are not of an example and are not planned for.
    """

    gradient: ClassVar[Needs] = OVER.replace(inputs=True)

    factor: str | None
    offset: str | None
    mean: str
    variance: str
    momentum: float
    eps: float
    frozen: bool = False


class LocalResponseNorm(Primitive):
    """y = x / (k + alpha * sum of squares over `size` neighbouring channels) ** beta.

    Channel i sees i - size//2 … i + (size-1)//2 clipped (Krizhevsky et al., 2012: alpha undivided).
    """

    gradient: ClassVar[Needs] = Needs(inputs=True)

    size: int
    alpha: float
    beta: float
    k: float


class Dropout(Primitive):
    """Training: zero with probability `rate`, the rest divided by 1 - rate. Otherwise the identity.

    The mask is `cnndsl.random`'s stream number `stream` at the step's counter: the same everywhere.
    `whole` says what is dropped together: each `element`, a `channel` of an example, an `example`.
    """

    gradient: ClassVar[Needs] = OVER
    training_only: ClassVar[bool] = True

    rate: float
    stream: int
    whole: str = "element"

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        cells = {"channel": output[-1], "example": 1}.get(self.whole, prod(output))
        return (Kept("mask", cells, 1),)


class Reshape(Primitive):
    """The same values in reading order with another shape."""

    gradient: ClassVar[Needs] = Needs(place=Place.SAME, gradient_place=Place.SAME)


class Combine(Primitive):
    """Element by element over two or more inputs: `add`, `mul`, `sub`, `maximum`, `average`.

    Extents of 1 broadcast; `sub` takes the others from the first; of equals the first is the maximum.
    """

    gradient: ClassVar[Needs] = Needs(place=Place.OVER)
    #: two of its functions by what they give
    SUM: ClassVar[str] = "add"
    PRODUCT: ClassVar[str] = "mul"
    #: where the gradients of an input may stand, if not in memory of their own
    gradient_places: ClassVar[dict[str, Place]] = {"add": Place.SAME, "sub": Place.OVER, "average": Place.OVER}

    function: str

    def needs(self) -> Needs:
        place = self.gradient_places.get(self.function, Place.OWN)
        return self.gradient.replace(inputs=self.function == "mul", gradient_place=place)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        if self.function != "maximum":
            return ()
        return (Kept("winning inputs", prod(output), index_bytes(len(inputs))),)


class Concat(Primitive):
    """The inputs one behind the other along the channels."""


class Step(Record):
    """One primitive applied: inputs, output, and the path of the layer it came from."""

    primitive: Primitive
    inputs: tuple[Value, ...]
    output: Value
    path: str


class Program(Record):
    """A network, ready for a backend.

    With losses, `targets` are further inputs, and the loss to minimize is the mean over the batch
    of the sum of the values in `losses` (one per trained output, shape ()).
    """

    name: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value]
    steps: tuple[Step, ...]
    parameters: tuple[Parameter, ...]
    targets: Mapping[str, Value] = {}
    losses: tuple[Value, ...] = ()

    @property
    def parts(self) -> dict[str, Value]:
        """The losses by `loss:OUTPUT` where there are several: what each adds to the whole, for an example."""
        return {f"loss:{name}": value for name, value in zip(self.targets, self.losses)} if len(self.losses) > 1 else {}
