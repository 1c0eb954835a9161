"""The Program: a network as few primitives with everything static, and what a backend must offer.

A Program knows no framework. Its steps are in order of execution; a value is written once. Shapes
are of one example (the batch comes first in the arrays), channels last. Every primitive is a class
here; a backend is a table from these classes to rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, SupportsFloat

from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy import ndarray

    Arrays = Mapping[str, ndarray[Any, Any]]

Pads = tuple[tuple[int, int], ...]


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


class Primitive(Record):
    """Base of what a backend must know how to do; a field that names a parameter is a str."""


class Convolve(Primitive):
    """Cross-correlation over 1 to 3 axes: weight (K, *kernel, C/groups), bias (K,).

    y[n, o, k] = b[k] + sum over f, c of x_padded[n, o*stride + f*dilation, c] w[k, f, c]

    With `connect` filter k sees the input channels connect[k] alone, and the weight is
    (connections, *kernel): those of the first filter, then of the second, and so on.
    """

    weight: str
    bias: str | None
    stride: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]
    groups: int
    connect: tuple[tuple[int, ...], ...] = ()


class Dense(Primitive):
    """y = x W^T + b on a vector: weight (units, inputs), bias (units,)."""

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

    function: str
    amounts: tuple[float, ...] = ()


class Softmax(Primitive):
    """exp(x) / sum exp(x) over the channels, shifted by the maximum."""


class BatchNorm(Primitive):
    """Batch normalization over batch and positions (Ioffe and Szegedy, 2015).

    Training: by this batch's mean and biased variance, running <- (1 - momentum) running +
    momentum batch (the variance unbiased). Otherwise, and while training too if the layer is
    `frozen`, by the running statistics, which then stay as they are.
    `factor` and `offset` are none without affine.
    """

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

    size: int
    alpha: float
    beta: float
    k: float


class Dropout(Primitive):
    """Training: zero with probability `rate`, the rest divided by 1 - rate. Otherwise the identity.

    The mask is `cnndsl.random`'s stream number `stream` at the step's counter: the same everywhere.
    `whole` says what is dropped together: each `element`, a `channel` of an example, an `example`.
    """

    rate: float
    stream: int
    whole: str = "element"


class Reshape(Primitive):
    """The same values in reading order with another shape."""


class Combine(Primitive):
    """Element by element over two or more inputs: `add`, `mul`, `sub`, `maximum`, `average`.

    Extents of 1 broadcast; `sub` takes the others from the first; of equals the first is the maximum.
    """

    function: str


class Concat(Primitive):
    """The inputs one behind the other along the channels."""


class CrossEntropy(Primitive):
    """Per example: logsumexp(z) - z[label], averaged over positions if there are any.

    Inputs: logits z, labels (whole numbers, one per position). Output: shape ().
    """


class SquaredError(Primitive):
    """Per example: the mean of (x - target)^2. Inputs: x, target of the same shape. Output: ()."""


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


class Optimizer(Protocol):
    """An update rule that knows no framework: arithmetic on whatever arrays the backend has.

    `slots` names the arrays kept for each parameter (zeros at first); `update` is given them in
    that order and returns the new parameter and the new slots. `count` is the number of this
    update from 1; `xp` offers `sqrt`, `maximum`, `sign`, `abs`.
    """

    @property
    def rate(self) -> float: ...

    @property
    def slots(self) -> tuple[str, ...]: ...

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: tuple[Any, ...], *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, tuple[Any, ...]]: ...


class Engine(Protocol):
    """A program on a backend, with its parameters. Arrays at this border are NumPy's, float32."""

    def arrays(self) -> dict[str, ndarray[Any, Any]]:
        """Parameters and statistics by name, copied out."""

    def load(self, arrays: Arrays) -> None:
        """Replaces the parameters and statistics that are named; shapes are the caller's to check."""

    def predict(self, inputs: Arrays) -> dict[str, ndarray[Any, Any]]:
        """The outputs, in inference mode. Shapes (N, *output shape)."""

    def evaluate(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, ndarray[Any, Any]]]:
        """Mean loss of the batch and the outputs, in inference mode."""

    def step(
        self, inputs: Arrays, targets: Arrays, rate: float | None = None
    ) -> tuple[SupportsFloat, Mapping[str, Any]]:
        """One training step: loss before the update and outputs (training mode); updates everything.

        Both may still be on their way: `float` and `numpy.asarray` wait for them.
        """

    def gradients(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, ndarray[Any, Any]]]:
        """Loss and the gradient of every trained parameter, in training mode; changes nothing.

        Gradients with respect to the inputs are under the names `input:NAME`.
        """


class Backend(Protocol):
    """What `cnndsl.backends.load(name)` gives: a framework that can run programs."""

    name: str

    def missing(self) -> str | None:
        """Why it cannot run here and what to install, in a sentence; None when it can."""

    def device(self) -> str:
        """The device in words: `CPU, 2 threads`, `Apple M3 GPU`."""

    def build(
        self, program: Program, *, optimizer: Optimizer | None = None, seed: int = 0, dtype: str = "float32"
    ) -> Engine:
        """An engine with freshly started parameters (`cnndsl.random.start`, the same in every backend)."""
