"""Activations without a corner: sigmoids and what was made of them, each a function of every value."""

from __future__ import annotations

from math import erf, exp, inf, log1p, sqrt, tanh
from typing import ClassVar

from cnndsl.layers.activations import Elementwise
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds
from cnndsl.layers.scalars import Flag
from cnndsl.program import Unary


class Sigmoid(Elementwise):
    """Logistic function: squashes every value into 0 to 1.

    Equation:
        y = 1 / (1 + exp(-x))

    Shapes:
        any volume -> the same.

    Goes wrong:
        Far from 0 its slope vanishes, so deep stacks of it learn slowly.

    Example:
        net Example { input 100 ; fc(10) -> sigmoid }

    Source:
        P.-F. Verhulst, 1845; in networks: D. Rumelhart, G. Hinton and R. Williams, 1986.
    """

    decides: ClassVar[bool] = True
    between: ClassVar[Bounds] = (0.0, 1.0)
    known_as: ClassVar[tuple[str, ...]] = ("Sigmoid", "logistic")

    def at(self, x: float) -> float:
        return (1 + tanh(x / 2)) / 2


class Tanh(Elementwise):
    """Hyperbolic tangent: squashes every value into -1 to 1.

    Equation:
        y = tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Shapes:
        any volume -> the same.

    Goes wrong:
        Far from 0 its slope vanishes, so deep stacks of it learn slowly.

    Example:
        net Example { input 32x32x1 ; conv(6, 5) -> tanh }

    Source:
        Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient backprop, 1998.
    """

    between: ClassVar[Bounds] = (-1.0, 1.0)
    known_as: ClassVar[tuple[str, ...]] = ("Tanh", "TanH")

    def at(self, x: float) -> float:
        return tanh(x)


class LecunTanh(Elementwise):
    """Hyperbolic tangent, stretched so that it gives 1 for 1 and -1 for -1.

    Between the two its slope is largest, so targets of -1 and 1 are not at its flat ends.

    Equation:
        y = 1.7159 tanh(2x / 3)

    Shapes:
        any volume -> the same.

    Goes wrong:
        Far from 0 its slope vanishes, so deep stacks of it learn slowly.

    Example:
        net Example { input 32x32x1 ; conv(6, 5) -> lecun_tanh }

    Source:
        Y. LeCun, Generalization and network design strategies, 1989; Y. LeCun et al., 1998.
    """

    between: ClassVar[Bounds] = (-1.7159, 1.7159)
    known_as: ClassVar[tuple[str, ...]] = ("scaled_tanh", "stanh")

    def at(self, x: float) -> float:
        return 1.7159 * tanh(2 * x / 3)


class Hardsigmoid(Elementwise):
    """A sigmoid of three straight pieces: cheap to compute.

    Equation:
        y = min(max(x + 3, 0), 6) / 6

    Shapes:
        any volume -> the same.

    Goes wrong:
        Beyond -3 and 3 there is no gradient. Keras had max(0, min(1, 0.2x + 0.5)) until version 3.

    Example:
        net Example { input 8x8x16 ; mul { id | global_avgpool -> conv(16, 1) -> hardsigmoid } }

    Source:
        M. Courbariaux, Y. Bengio and J.-P. David, BinaryConnect, 2015; A. Howard et al., Searching for
        MobileNetV3, 2019.
    """

    between: ClassVar[Bounds] = (0.0, 1.0)
    known_as: ClassVar[tuple[str, ...]] = ("HardSigmoid", "hard_sigmoid")

    def at(self, x: float) -> float:
        return min(max(x + 3, 0.0), 6.0) / 6


class Gelu(Elementwise):
    """Gaussian error linear unit: each value weighed by how likely a normal one is to be below it.

    With `approximate=true` by a formula with tanh, as in the first programs that used it.

    Equation:
        y = x Phi(x), with Phi the normal distribution; approximately
        0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))

    Shapes:
        any volume -> the same.

    Goes wrong:
        The two differ by up to 0.0005: trained weights want the one they were trained with.

    Example:
        net Example { input 56x56x96 ; conv(384, 1) -> gelu }

    Source:
        D. Hendrycks and K. Gimpel, Gaussian error linear units, 2016.
    """

    rectifies: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("GELU",)

    approximate: bool = argument(Flag(), False)

    def at(self, x: float) -> float:
        return x * (1 + erf(x / sqrt(2))) / 2

    def function(self) -> Unary:
        return Unary("gelu_tanh" if self.approximate else "gelu")


class Silu(Elementwise):
    """Sigmoid linear unit, also called swish: each value weighed by its own sigmoid.

    Equation:
        y = x / (1 + exp(-x))

    Shapes:
        any volume -> the same.

    Goes wrong:
        It is not monotonic: below -1.28 it rises to 0 again.

    Example:
        net Example { input 32x32x3 ; conv(32, 3) -> batchnorm -> silu }

    Source:
        D. Hendrycks and K. Gimpel, 2016; S. Elfwing, E. Uchibe and K. Doya, 2017; P. Ramachandran, B. Zoph
        and Q. Le, Searching for activation functions, 2017.
    """

    rectifies: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("SiLU", "Swish")

    def at(self, x: float) -> float:
        return x * (1 + tanh(x / 2)) / 2


class Hardswish(Elementwise):
    """Swish with straight pieces for its sigmoid: cheap to compute.

    Equation:
        y = x min(max(x + 3, 0), 6) / 6

    Shapes:
        any volume -> the same.

    Goes wrong:
        Below -3 there is no gradient.

    Example:
        net Example { input 32x32x3 ; conv(16, 3, stride=2) -> batchnorm -> hardswish }

    Source:
        A. Howard et al., Searching for MobileNetV3, 2019.
    """

    rectifies: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Hardswish", "hard_swish", "h_swish")

    def at(self, x: float) -> float:
        return x * min(max(x + 3, 0.0), 6.0) / 6


class Mish(Elementwise):
    """A smooth relu that lets a little of the negative values through.

    Equation:
        y = x tanh(log(1 + exp(x)))

    Shapes:
        any volume -> the same.

    Goes wrong:
        Nothing by itself; it costs an exponential, a logarithm and a tanh for every value.

    Example:
        net Example { input 32x32x3 ; conv(32, 3) -> batchnorm -> mish }

    Source:
        D. Misra, Mish: a self regularized non-monotonic activation function, 2019.
    """

    rectifies: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Mish",)

    def at(self, x: float) -> float:
        return x * tanh(max(x, 0.0) + log1p(exp(-abs(x))))


class Softplus(Elementwise):
    """A smooth relu: always above 0.

    It is computed as max(x, 0) + log(1 + exp(-|x|)), which does not overflow.

    Equation:
        y = log(1 + exp(x))

    Shapes:
        any volume -> the same.

    Goes wrong:
        It gives 0.69 for 0 and never 0: as a last layer it fits what must be positive.

    Example:
        net Example { input 100 ; fc(1) -> softplus }

    Source:
        C. Dugas et al., Incorporating second-order functional knowledge for better option pricing, 2000.
    """

    rectifies: ClassVar[bool] = True
    between: ClassVar[Bounds] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("Softplus",)

    def at(self, x: float) -> float:
        return max(x, 0.0) + log1p(exp(-abs(x)))
