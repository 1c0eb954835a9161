"""Layer, the base of every layer kind: its fields are the DSL's arguments, its methods the rules.

A kind is one class. Its docstring is its page (`cnnc explain conv`): a summary line, then sections
headed `Equation:`, `Shapes:`, `Goes wrong:`, `Example:` and `Source:`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, inf, prod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.joins import LoneBranch
from cnndsl.errors.limits import TooLarge
from cnndsl.errors.shapes import WrongRank
from cnndsl.layers.counted import Counted
from cnndsl.layers.derive import Step
from cnndsl.layers.links import Sight, plain_sight, window_sight
from cnndsl.layers.scalars import LARGEST
from cnndsl.program import Primitive, Start, Value
from cnndsl.record import Record
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments
    from cnndsl.layers.spread import Spread
    from cnndsl.layers.window import Window

#: volumes by their number of spatial axes: small, uneven, not to be divided by a stride of 2
SAMPLE_INPUTS = ((12,), (9, 4), (8, 7, 4), (6, 5, 7, 4))


#: the least and the largest that a value can be
Bounds = tuple[float, float]
ANYTHING: Bounds = (-inf, inf)


class Weights(Record):
    """One array of a layer before it has a path: `weight`, `bias`, `running_mean`, …

    `start` may be the recipe `auto`, which lowering turns into `he` before relu-like activations
    and `glorot` elsewhere. `role` is as in `program.Parameter`.
    """

    name: str
    shape: tuple[int, ...]
    start: Start
    role: str = "weight"

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def trained(self) -> bool:
        return self.role not in ("statistic", "constant")

    def learned(self) -> Weights:
        """The same array, trained if it holds given numbers."""
        return self.replace(role="bias" if self.name == "bias" else "weight") if self.role == "constant" else self


def bias_weights(bias: bool | float, *shape: int) -> tuple[Weights, ...]:
    """Offsets of a shape for an argument `bias=`: none, zeros, or the number they start from."""
    if bias is False:
        return ()
    return (Weights("bias", shape, Start("constant", 0.0 if bias is True else bias), "bias"),)


class Lowering(Protocol):
    """What a layer may do while it lowers itself; `frozen` says that its parameters are not trained."""

    frozen: bool

    def emit(self, primitive: Primitive, *inputs: Value, shape: tuple[int, ...]) -> Value:
        """Adds a step and gives its output."""

    def name(self, weights: str) -> str:
        """The full name of one of this layer's own arrays (`stem.conv1.weight`), shared ones resolved."""

    def stream(self) -> int:
        """The number of this layer's random stream (dropout masks), stable under edits elsewhere."""


class Layer(Counted, abstract=True):
    """Base of the kinds. A subclass with a `kind` (its name in lower case by default) is callable."""

    noun: ClassVar[str] = "layer"
    #: whether programs call it by its name; `input` is a word of the language instead
    called: ClassVar[bool] = True
    #: joins take several volumes, others one
    joins: ClassVar[bool] = False
    #: ranks (numbers of spatial axes) that it works on
    ranks: ClassVar[tuple[int, ...]] = (0, 1, 2, 3)
    #: whether it gives what it is given and is only there where a stage has to stand
    does_nothing: ClassVar[bool] = False
    #: whether weights before it should start with `he`
    rectifies: ClassVar[bool] = False
    #: whether it has weights that say what to look for: a factor or an offset a channel is none
    learns: ClassVar[bool] = False
    #: whether it is, once trained, a linear function of its input plus a constant
    linear: ClassVar[bool] = False
    #: whether, once trained, it gives the values that it is given, in the same order
    transparent: ClassVar[bool] = False
    #: whether a channel of its output depends on the same channel of its input alone
    by_channel: ClassVar[bool] = False
    #: whether it brings what it is given to mean 0 and variance 1
    normalizes: ClassVar[bool] = False
    #: whether its channels are probabilities, or their logarithms
    distributes: ClassVar[bool] = False
    #: whether it makes of every score by itself the probability of a yes
    decides: ClassVar[bool] = False
    #: what its output lies between, whatever it is given
    between: ClassVar[Bounds] = ANYTHING
    #: values between these it gives as they are
    unchanged: ClassVar[Bounds | None] = None
    #: whether it leaves cells out because it was told to
    discards: ClassVar[bool] = False
    #: whether the shapes of its arrays depend on the spatial extents of its input, not only on its channels
    sized: ClassVar[bool] = False
    #: names of the same thing elsewhere (Keras, PyTorch, Caffe, MLX), for "did you mean"
    known_as: ClassVar[tuple[str, ...]] = ()

    @property
    def given(self) -> bool:
        """Whether the numbers of its arrays come with the call; they are not trained unless `freeze=false`."""
        return False

    @property
    def gathers(self) -> str:
        """What a position makes of the cells of its window, for who shows it step by step; "" without a window.

        One of `weights` (their weighted sum), `distance` (to a prototype, squared), `max`, `min`, `mean`,
        `mean with padding`, `median`, `mode` and `norm P`.
        """
        return ""

    @property
    def disturbs(self) -> bool:
        """Whether its output varies more while training than otherwise."""
        return False

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        """The window that slides over each spatial axis; none for a layer without."""
        return ()

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        """For each input, which of its positions a position of the output reads; may raise StillOpen.

        By default the windows say it; without, it is the same position where the axes stay, else all.
        """
        if len(inputs) == 1 and (found := self.windows(*inputs)):
            return (window_sight(found, chosen=getattr(self, "pad", None) != "same"),)
        known = {volume.extents: volume for volume in inputs}  # of hundreds of branches few differ
        sights = {extents: plain_sight(volume, output) for extents, volume in known.items()}
        return tuple([sights[volume.extents] for volume in inputs])

    def brief(self) -> str:
        """A few characters for trails and diagrams: `conv 5`, `maxpool 2`."""
        return self.kind

    def spreads(self, volume: Volume) -> tuple[Spread, ...]:
        """What it paints on each spatial axis, for a layer that enlarges; none for others."""
        return ()

    def bounds(self, *given: Bounds) -> Bounds:
        """What its output lies between, while training and otherwise, if its inputs lie between `given`."""
        return self.between

    def centres(self, volume: Volume) -> bool:
        """Whether it takes the mean of every channel away, so that a constant added before it has no effect."""
        return False

    def moments(self, before: Before) -> Moments | None:
        """Mean and variance of its output before training, by what it is given and how its arrays start.

        None where they cannot be told. Pools and what pads or enlarges are taken to leave them as
        they are: neighbours in an image are alike.
        """
        from cnndsl.layers.moments import Moments, weighed

        if self.learns:
            return weighed(before) if self.linear else None
        if self.normalizes:
            return Moments().times(before.start("weight", 1.0), before.start("bias", 0.0))
        return before.given[0] if len(before.given) == 1 and not self.distributes else None

    def apart(self, *groups: int) -> int:
        """How many equal groups of its output's channels see one group of the input's each, of as many as given."""
        return gcd(*groups) if self.by_channel else 1

    def absorbed(self, before: Layer, volume: Volume) -> int | None:
        """The weights of one layer that does, given `volume`, what a linear layer and this one behind it do.

        None if there is no such layer; at the border, where this one pads, it may differ from the two.
        """
        return None

    def flattens(self, volume: Volume) -> bool:
        """Whether it makes a vector of such an input before it uses it."""
        return False

    def remark(self, *inputs: Volume) -> str:
        """What it does with such inputs beside its work, for the summary: `flattens 5x5x16`."""
        return ""

    def detectors(self, channel: int, *inputs: Volume) -> tuple[tuple[int, int], ...]:
        """Of which channels a channel of the output is the largest: each as an input's number and its channel."""
        return ()

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        """Emits the primitives that compute it and gives the output value."""
        raise NotImplementedError

    @classmethod
    def sample_calls(cls, rank: int) -> tuple[dict[str, Any], ...]:
        """Arguments that make a whole call, for a volume with so many spatial axes: one for each way to call it."""
        return ({name: item.samples(rank)[0] for name, item in cls.arguments.items() if item.required},)

    @classmethod
    def sample_input(cls, rank: int) -> Volume:
        """A volume that it takes with its arguments' samples."""
        return Volume(SAMPLE_INPUTS[rank])


def hull(*given: Bounds) -> Bounds:
    """What lies between any of the bounds."""
    return min(low for low, _ in given), max(high for _, high in given)


class SameSize(Layer, abstract=True):
    """Base of the kinds that give a volume of the size they are given."""

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        return volume

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step("output", "the size of the input")


def infer(layer: Layer, *volumes: Volume) -> Volume:
    """What a layer makes of its inputs, after checking that it can take them.

    Raises Refused: LoneBranch, WrongRank, TooLarge (an extent above 2**31), or what the kind
    itself has to say; without a place, which is the caller's to add.
    """
    if layer.joins and len(volumes) < 2:
        raise Refused(LoneBranch(NOWHERE, layer=layer.kind, count=len(volumes)))
    for volume in volumes:
        if volume.rank not in layer.ranks:
            raise Refused(WrongRank(NOWHERE, layer=layer.kind, volume=volume, ranks=layer.ranks))
    found = layer.output(*volumes)
    if any(extent is not None and extent > LARGEST for extent in found.extents):
        what = f"the output of `{layer.kind}` would be {found}"
        raise Refused(TooLarge(NOWHERE, what=what, limit=f"2**31 = {LARGEST:,} for an extent"))
    return found
