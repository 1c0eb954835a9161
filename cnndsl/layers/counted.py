"""What is counted of a layer, and how: defaults that follow from its arrays and its output."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnndsl.layers import derive
from cnndsl.layers.called import Called
from cnndsl.layers.derive import CONNECTIONS, UNSHARED, Step
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.layers.base import Weights


class Counted(Called, abstract=True):
    """The part of every layer kind that is about counts. A kind gives what it computes and reads; the rest follows."""

    #: what it is drawn and grouped as: conv, dense, pool, norm, activation, regularizer, shape, join
    family: ClassVar[str] = ""

    @property
    def stored(self) -> bool:
        """Whether its output is counted when a network's activations are: the input, conv, pool and fc layers."""
        return self.family in ("input", "conv", "pool", "dense")

    @property
    def follows(self) -> bool:
        """Whether diagrams write it into the box of the layer before it: it only adjusts what that one gives."""
        return self.family in ("norm", "activation", "regularizer")

    def output(self, *inputs: Volume) -> Volume:
        """The volume that comes out. Raises Refused with a shape problem; `?` extents pass through."""
        raise NotImplementedError

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        """The arrays it keeps, learned ones first; raises StillOpen if they depend on a `?`."""
        return ()

    def macs(self, *inputs: Volume) -> int:
        """Multiply-accumulates with learned weights, those of biases and factors aside; may raise StillOpen."""
        return 0

    def beside(self, tool: str, *inputs: Volume) -> int:
        """What a tool counts for it beside its multiply-accumulates; may raise StillOpen.

        The tools are those of `cnndsl.analysis.conventions`. torchinfo counts every learned value once.
        """
        if tool != "torchinfo":
            return 0
        return sum(array.count for array in self.arrays(*inputs) if array.role in ("bias", "norm"))

    def reads(self, *inputs: Volume) -> int:
        """Cells that all its units read through a weight or a pooling window; may raise StillOpen.

        A weight of a convolution reads a padded zero as well; the windows of a pool skip padding.
        """
        return 0

    def connections(self, *inputs: Volume) -> int:
        """The cells that its units read, and one connection for each bias; factors and activations have none.

        So Y. LeCun et al. count in Gradient-based learning applied to document recognition, 1998.
        May raise StillOpen.
        """
        biased = any(array.role == "bias" for array in self.arrays(*inputs))
        return self.reads(*inputs) + (prod(self.output(*inputs).shape) if biased else 0)

    def unshared(self, *inputs: Volume) -> int:
        """Weights and biases if every output position had its own, given numbers included; may raise StillOpen."""
        arrays = [array for array in self.arrays(*inputs) if array.role != "statistic"]
        return sum(array.count for array in arrays) * prod(self.output(*inputs).shape[:-1]) if arrays else 0

    def connected(self, *inputs: Volume) -> int:
        """What a fully connected layer in its place would hold, inputs x outputs + outputs; 0 if it reads nothing."""
        if not self.reads(*inputs):
            return 0
        return (sum(prod(volume.shape) for volume in inputs) + 1) * prod(self.output(*inputs).shape)

    # What `cnnc explain net.cnn PATH` shows: each formula with this layer's numbers. They may raise StillOpen.

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        """How the extents of the output come about."""
        return ()

    def weighing(self, *inputs: Volume) -> Iterable[Step]:
        """What each of its arrays holds."""
        for array in self.arrays(*inputs):
            yield Step(array.name.replace("_", " "), "C", "", array.count)

    def unsharing(self, *inputs: Volume) -> Iterable[Step]:
        """Weights and biases if every output position had its own."""
        held = [array.count for array in self.arrays(*inputs) if array.role != "statistic"]
        positions = derive.spatial(self.output(*inputs), "2")
        if held and positions:
            names, numbers = zip(*positions, strict=True)
            letters = derive.times((*names, "values that are shared"))
            yield Step(UNSHARED, letters, derive.times((*numbers, sum(held))), self.unshared(*inputs))

    def linking(self, *inputs: Volume) -> Iterable[Step]:
        """How its connections are counted."""
        count = self.connections(*inputs)
        if count:
            what = "one per weight and bias of every unit" if self.reads(*inputs) else "one per bias and output value"
            yield Step(CONNECTIONS, what, "", count)

    def working(self, *inputs: Volume) -> Iterable[Step]:
        """How its multiply-accumulates are counted."""
        return ()
