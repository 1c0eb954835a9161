"""Joins: several branches become one volume."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnndsl import program
from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.joins import JoinMismatch
from cnndsl.layers import derive
from cnndsl.layers.base import Bounds, Layer, Lowering, hull
from cnndsl.layers.derive import Step
from cnndsl.layers.links import Sight, Taps, sight
from cnndsl.program import Value
from cnndsl.volume import Extent, Volume, axis_names, known

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments


class Join(Layer, abstract=True):
    """Base of the kinds that take several volumes; `rule` says what they ask of them."""

    family: ClassVar[str] = "join"
    joins: ClassVar[bool] = True
    rule: ClassVar[str] = ""

    def same_rank(self, volumes: tuple[Volume, ...]) -> None:
        """Refuses branches with another number of axes than the first."""
        for number, volume in enumerate(volumes):
            if volume.rank != volumes[0].rank:
                raise self._mismatch("axes", 0, number, volumes)

    def agree(self, axis: int, volumes: tuple[Volume, ...], branches: list[int]) -> Extent:
        """The extent that some of the branches share on an axis; `?` goes with any."""
        fixed = [number for number in branches if volumes[number].extents[axis] is not None]
        for number in fixed:
            if volumes[number].extents[axis] != volumes[fixed[0]].extents[axis]:
                name = (*axis_names(volumes[0].rank), "channels")[axis]
                raise self._mismatch(name, fixed[0], number, volumes)
        return volumes[fixed[0]].extents[axis] if fixed else None

    def _mismatch(self, axis: str, one: int, other: int, volumes: tuple[Volume, ...]) -> Refused:
        return Refused(JoinMismatch(NOWHERE, self.kind, axis, one + 1, other + 1, volumes, self.rule))


class ElementwiseJoin(Join, abstract=True):
    """Base of the kinds that combine values of the same place; the function has the kind's name.

    A branch that is 1x1xC serves every position, one that is HxWx1 every channel.
    """

    by_channel: ClassVar[bool] = True
    rule: ClassVar[str] = "extents agree, or a branch is 1x1xC or HxWx1 and is repeated"

    def output(self, *inputs: Volume) -> Volume:
        self.same_rank(inputs)
        return Volume(tuple(self._extent(axis, inputs) for axis in range(inputs[0].rank + 1)))

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        """A branch of one position serves all of them."""
        same = sight(*(Taps(extent, extent) for extent in output.spatial))
        repeated = [_repeats(volume, 0) and volume.spatial != output.spatial for volume in inputs]
        everywhere = [(None,) * volume.rank for volume in inputs]
        return tuple(Sight(axes, axes) if all_of_it else same for axes, all_of_it in zip(everywhere, repeated))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step("output", f"that of the branches: {self.rule}")

    def _extent(self, axis: int, volumes: tuple[Volume, ...]) -> Extent:
        repeated = [_repeats(volume, axis) for volume in volumes]
        full = [number for number in range(len(volumes)) if not repeated[number]]
        return self.agree(axis, volumes, full) if full else 1

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        shape = self.output(*(Volume(value.shape) for value in inputs)).shape
        return lowering.emit(program.Combine(self.kind), *inputs, shape=shape)


def _repeats(volume: Volume, axis: int) -> bool:
    """Whether a volume has extent 1 there and is repeated to what the others have."""
    part = volume.spatial if axis < volume.rank else (volume.channels,)
    return all(extent == 1 for extent in part)


class Add(ElementwiseJoin):
    """Sum of the branches, value by value: the end of a residual block.

    Equation:
        y = a + b + …

    Shapes:
        equal volumes -> the same; a branch that is 1x1xC is added at every position, one that is
        HxWx1 to every channel.

    Goes wrong:
        The branches differ in an extent (E305): a stride or missing padding in one of them, or
        another number of filters. One branch alone is not a join (E306).

    Example:
        net Example { input 8x8x4 ; add { id | conv(4, 3, pad=1) -> relu -> conv(4, 3, pad=1) } }

    Source:
        K. He et al., Deep residual learning for image recognition, 2015.
    """

    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Add", "Eltwise", "sum", "plus", "residual")

    def bounds(self, *given: Bounds) -> Bounds:
        return sum(low for low, _ in given), sum(high for _, high in given)

    def moments(self, before: Before) -> Moments | None:
        mean, variance = sum(one.mean for one in before.given), sum(one.variance for one in before.given)
        return before.given[0].replace(mean=mean, variance=variance)


class Mul(ElementwiseJoin):
    """Product of the branches, value by value: gates and attention.

    Equation:
        y = a * b * …

    Shapes:
        equal volumes -> the same; a branch that is 1x1xC weighs the channels, one that is HxWx1
        the positions.

    Goes wrong:
        The branches differ in an extent (E305). One branch alone is not a join (E306).

    Example:
        net Example { input 8x8x16 ; mul { id | global_avgpool -> conv(16, 1) -> sigmoid } }

    Source:
        J. Hu, L. Shen and G. Sun, Squeeze-and-excitation networks, 2017.
    """

    known_as: ClassVar[tuple[str, ...]] = ("Multiply", "multiply", "times", "Hadamard")

    def bounds(self, *given: Bounds) -> Bounds:
        return (0.0, prod(high for _, high in given)) if all(low >= 0 < high for low, high in given) else self.between

    def moments(self, before: Before) -> Moments | None:
        mean = prod(one.mean for one in before.given)
        return before.given[0].replace(mean=mean, variance=prod(one.square for one in before.given) - mean**2)


class Sub(ElementwiseJoin):
    """Difference: the first branch less the others, value by value.

    Equation:
        y = a - b - …

    Shapes:
        equal volumes -> the same; a branch that is 1x1xC is taken from every position, one that is
        HxWx1 from every channel.

    Goes wrong:
        The branches differ in an extent (E305). One branch alone is not a join (E306).

    Example:
        net Example {
            input 28x28x1
            sub { conv(1, 7, pad=3, weights=gaussian(1)) | conv(1, 7, pad=3, weights=gaussian(2)) }
        }

    Source:
        The difference of Gaussians: D. Marr and E. Hildreth, Theory of edge detection, 1980.
    """

    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Subtract", "subtract", "minus", "difference")

    def moments(self, before: Before) -> Moments | None:
        first, *others = before.given
        return first.replace(
            mean=first.mean - sum(one.mean for one in others), variance=sum(one.variance for one in before.given)
        )


class Maximum(ElementwiseJoin):
    """The largest of the branches, value by value; of equal ones the first gets the gradient.

    Equation:
        y = max(a, b, …)

    Shapes:
        equal volumes -> the same; a branch that is 1x1xC serves every position, one that is HxWx1
        every channel.

    Goes wrong:
        The branches differ in an extent (E305). One branch alone is not a join (E306).

    Example:
        net Example { input 8x8x4 ; maximum { conv(4, 3, pad=1) | conv(4, 5, pad=2) } }

    Source:
        Z. Liao and G. Carneiro, Competitive multi-scale convolution, 2015.
    """

    known_as: ClassVar[tuple[str, ...]] = ("Maximum", "elementwise_max")

    def bounds(self, *given: Bounds) -> Bounds:
        return max(low for low, _ in given), max(high for _, high in given)

    def moments(self, before: Before) -> Moments | None:
        from cnndsl.layers.moments import largest

        return largest(before.given)

    def detectors(self, channel: int, *inputs: Volume) -> tuple[tuple[int, int], ...]:
        return tuple((number, channel if volume.channels != 1 else 0) for number, volume in enumerate(inputs))


class Average(ElementwiseJoin):
    """Mean of the branches, value by value: an ensemble's vote.

    Equation:
        y = (a + b + …) / n

    Shapes:
        equal volumes -> the same; a branch that is 1x1xC serves every position, one that is HxWx1
        every channel.

    Goes wrong:
        The branches differ in an extent (E305). One branch alone is not a join (E306).

    Example:
        net Example { input 100 ; average { fc(10) -> softmax | fc(10) -> softmax } }

    Source:
        L. Hansen and P. Salamon, Neural network ensembles, 1990.
    """

    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Average", "mean")

    def bounds(self, *given: Bounds) -> Bounds:
        return hull(*given)

    def moments(self, before: Before) -> Moments | None:
        count = len(before.given)
        mean, variance = sum(one.mean for one in before.given), sum(one.variance for one in before.given)
        return before.given[0].replace(mean=mean / count, variance=variance / count**2)


class Concat(Join):
    """The branches' channels one behind the other, in the order of the branches.

    Equation:
        y[h, w] = (a[h, w], b[h, w], …)

    Shapes:
        HxWxC1, HxWxC2, … -> HxWx(C1 + C2 + …).

    Goes wrong:
        The branches differ in a spatial extent (E305): a stride or missing padding in one of them.
        One branch alone is not a join (E306).

    Example:
        net Example { input 28x28x192 ; concat { conv(64, 1) | conv(32, 5, pad=2) } }

    Source:
        C. Szegedy et al., Going deeper with convolutions, 2014.
    """

    rule: ClassVar[str] = "the channels are put one behind the other, so the other extents agree"
    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Concat", "Concatenate", "concatenate", "cat", "stack", "merge")

    def output(self, *inputs: Volume) -> Volume:
        self.same_rank(inputs)
        everyone = list(range(len(inputs)))
        spatial = (self.agree(axis, inputs, everyone) for axis in range(inputs[0].rank))
        channels = [volume.channels for volume in inputs]
        fixed = [count for count in channels if count is not None]
        return Volume((*spatial, sum(fixed) if len(fixed) == len(channels) else None))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step("output", self.rule)
        letters = derive.added(*(f"C_{number}" for number in range(1, len(inputs) + 1)))
        counts = [known(volume.channels) for volume in inputs]
        yield Step("channels", letters, derive.added(*counts), sum(counts))

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        shape = self.output(*(Volume(value.shape) for value in inputs)).shape
        return lowering.emit(program.Concat(), *inputs, shape=shape)

    def bounds(self, *given: Bounds) -> Bounds:
        return hull(*given)

    def moments(self, before: Before) -> Moments | None:
        shares = before.channels
        mean = sum(share * one.mean for share, one in zip(shares, before.given)) / sum(shares)
        square = sum(share * one.square for share, one in zip(shares, before.given)) / sum(shares)
        return before.given[0].replace(mean=mean, variance=max(square - mean**2, 0.0))
