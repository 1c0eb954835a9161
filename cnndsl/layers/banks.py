"""Filters that have a name: Sobel's, Laplace's, Gauss's, Gabor's, for `conv(weights=…)`."""

from __future__ import annotations

from itertools import product
from math import cos, exp, fsum, pi, sin, sqrt
from typing import ClassVar

from cnndsl.layers.arguments import argument
from cnndsl.layers.called import Called
from cnndsl.layers.scalars import Count, Real

Cells = tuple[float, ...]


class Bank(Called, abstract=True):
    """Base of the named filters: a value that programs call, and each of its filters as cells in reading order."""

    noun: ClassVar[str] = "filter"

    def misfit(self, filters: int, kernel: tuple[int, ...]) -> tuple[str, str] | None:
        """What a layer with so many filters of that kernel would need instead, and what to do; None if it fits."""
        return None

    def cells(self, number: int, kernel: tuple[int, ...]) -> Cells:
        """Filter `number` over a kernel, the same for every channel."""
        raise NotImplementedError


class Fixed(Bank, abstract=True):
    """Base of the 3x3 filters."""

    table: ClassVar[Cells] = ()

    def misfit(self, filters: int, kernel: tuple[int, ...]) -> tuple[str, str] | None:
        if kernel == (3, 3):
            return None
        return f"which is 3x3, and the kernel is {'x'.join(map(str, kernel))}", "use a kernel of 3 on height and width"

    def cells(self, number: int, kernel: tuple[int, ...]) -> Cells:
        return self.table


class SobelX(Fixed):
    """Sobel's filter for vertical edges: how the values change from left to right.

    Equation:
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]

    Shapes:
        3x3, for every filter and every channel.

    Goes wrong:
        Another kernel than 3 (E315). Channels are summed: apply it to one, or with `groups=`.

    Example:
        net Example { input 28x28x1 ; conv(1, 3, pad=1, weights=sobel_x) }

    Source:
        I. Sobel and G. Feldman, A 3x3 isotropic gradient operator for image processing, 1968.
    """

    table: ClassVar[Cells] = (-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0)


class SobelY(Fixed):
    """Sobel's filter for horizontal edges: how the values change from top to bottom.

    Equation:
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]

    Shapes:
        3x3, for every filter and every channel.

    Goes wrong:
        Another kernel than 3 (E315). Channels are summed: apply it to one, or with `groups=`.

    Example:
        net Example { input 28x28x1 ; conv(1, 3, pad=1, weights=sobel_y) }

    Source:
        I. Sobel and G. Feldman, A 3x3 isotropic gradient operator for image processing, 1968.
    """

    table: ClassVar[Cells] = (-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0)


class Laplacian(Fixed):
    """The discrete Laplacian: the sum of the second derivatives, in either direction.

    Equation:
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]]

    Shapes:
        3x3, for every filter and every channel.

    Goes wrong:
        Another kernel than 3 (E315). It amplifies noise: smooth with `gaussian` before.

    Example:
        net Example { input 28x28x1 ; conv(1, 5, pad=2, weights=gaussian(1)) -> conv(1, 3, weights=laplacian) }

    Source:
        J. Prewitt, Object enhancement and extraction, 1970; D. Marr and E. Hildreth, Theory of edge
        detection, 1980.
    """

    table: ClassVar[Cells] = (0.0, 1.0, 0.0, 1.0, -4.0, 1.0, 0.0, 1.0, 0.0)


class Edge(Fixed):
    """The outline filter: a cell against its eight neighbours, 0 where all are equal.

    Equation:
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]

    Shapes:
        3x3, for every filter and every channel.

    Goes wrong:
        Another kernel than 3 (E315).

    Example:
        net Example { input 28x28x1 ; conv(1, 3, pad=1, weights=edge) }

    Source:
        R. Gonzalez and R. Woods, Digital image processing, 1992.
    """

    table: ClassVar[Cells] = (-1.0, -1.0, -1.0, -1.0, 8.0, -1.0, -1.0, -1.0, -1.0)


def _offsets(kernel: tuple[int, ...]) -> list[tuple[float, ...]]:
    """How far each cell is from the middle, in reading order."""
    return list(product(*([place - (size - 1) / 2 for place in range(size)] for size in kernel)))


class Gaussian(Bank):
    """A smoothing filter: weights that fall off with the distance as a normal distribution.

    Equation:
        w[d] = exp(-|d|^2 / (2 sigma^2)) / their sum, with d the distance from the middle in cells

    Shapes:
        any kernel on 1, 2 or 3 axes, for every filter and every channel.

    Goes wrong:
        A kernel of less than about 6 sigma cells cuts its tails off; the sum is 1 all the same.

    Example:
        net Example { input 28x28x1 ; conv(1, 7, pad=3, weights=gaussian(1.5)) }

    Source:
        D. Marr and E. Hildreth, Theory of edge detection, 1980; T. Lindeberg, Scale-space theory in
        computer vision, 1994.
    """

    sigma: float = argument(Real(0, open_minimum=True), sample=1.0)

    def cells(self, number: int, kernel: tuple[int, ...]) -> Cells:
        squares = [fsum(d * d for d in offset) for offset in _offsets(kernel)]
        nearest = min(squares)  # taken out, so that a narrow bell over an even kernel is not 0 everywhere
        bell = [exp(-(square - nearest) / self.sigma / self.sigma / 2) for square in squares]
        total = fsum(bell)
        return tuple(value / total for value in bell)


class Gabor(Bank):
    """Oriented edge and bar detectors, as simple cells of the visual cortex are modelled.

    The orientations are the filters: filter i looks for edges at an angle of i * 180 / orientations
    degrees. Every filter has mean 0 and squares that add up to 1.

    Equation:
        w = exp(-(X^2 + gamma^2 Y^2) / (2 sigma^2)) cos(2 pi X / wavelength), with
        X = x cos a + y sin a, Y = -x sin a + y cos a, a = i pi / orientations; then normalized

    Shapes:
        any kernel with height and width of 2 or more, for `orientations` filters, the same for
        every channel.

    Goes wrong:
        The layer has another number of filters than there are orientations (E315). A kernel of
        less than about 4 sigma cells cuts the waves off.

    Example:
        net Example { input 128x128x1 ; conv(4, 11, weights=gabor(4, 5.6, 4.5)) -> maxpool(8, stride=4) }

    Source:
        J. Daugman, Uncertainty relation for resolution in space, spatial frequency, and
        orientation, 1985; T. Serre et al., Robust object recognition with cortex-like mechanisms,
        2007.
    """

    orientations: int = argument(Count(), sample=4)
    wavelength: float = argument(Real(1), sample=3.0)
    sigma: float = argument(Real(0, open_minimum=True), sample=1.0)
    gamma: float = argument(Real(0, open_minimum=True), 0.3)

    def misfit(self, filters: int, kernel: tuple[int, ...]) -> tuple[str, str] | None:
        if len(kernel) != 2 or min(kernel) < 2:
            shown = "x".join(map(str, kernel))
            return f"which needs height and width of 2 or more, and the kernel is {shown}", "use a kernel such as 7"
        if filters != self.orientations:
            needs = f"which has {self.orientations} orientations, and there are {filters} filters"
            return needs, "the orientations are the filters: give both the same number"
        return None

    def cells(self, number: int, kernel: tuple[int, ...]) -> Cells:
        angle = number * pi / self.orientations
        wave = [self._wave(x, y, angle) for y, x in _offsets(kernel)]
        mean = fsum(wave) / len(wave)
        length = sqrt(fsum((value - mean) ** 2 for value in wave)) or 1.0
        return tuple((value - mean) / length for value in wave)

    def _wave(self, x: float, y: float, angle: float) -> float:
        across, along = x * cos(angle) + y * sin(angle), -x * sin(angle) + y * cos(angle)
        bell = exp(-(across**2 + (self.gamma * along) ** 2) / self.sigma / self.sigma / 2)
        return bell * cos(2 * pi * across / self.wavelength)
