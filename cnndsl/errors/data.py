"""E50x: arrays that do not fit the net."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem
from cnndsl.volume import Volume


def sized(shape: tuple[int, ...]) -> str:
    """What examples of a shape are: `28x28x1` as volumes are written, `vectors of 784`, `single numbers`."""
    if len(shape) > 1:
        return str(Volume(shape))
    return f"vectors of {shape[0]}" if shape else "single numbers"


def numbers(shape: tuple[int, ...], kind: str = "number") -> str:
    """What one target of a shape is: `one number`, `10 numbers`, `4x5x10 numbers`."""
    return f"{Volume(shape)} {kind}s" if shape and shape != (1,) else f"one {kind}"


class InputShape(Problem):
    """The examples of an array have another shape than the net's input.

    Arrays hold one example after the other, and each example lies in memory as the net's `input`
    says: height, width, channels (the channels last, also for one channel). Frameworks that put the
    channels first need a transpose, images without a channel axis a further axis; the message gives
    the expression for your array when one does it.
    """

    code: ClassVar[str] = "E501"
    title: ClassVar[str] = "the examples of `{name}` are {found}, the net wants {expected}"
    label: ClassVar[str] = "the net's input is {expected}"
    note: ClassVar[str] = "`{name}` has the shape {shape}: {count}"
    help: ClassVar[str] = "{remedy}"

    name: str
    shape: tuple[int, ...]
    wanted: tuple[int, ...]
    remedy: str

    @property
    def found(self) -> str:
        return sized(self.shape[1:])

    @property
    def expected(self) -> str:
        return sized(self.wanted)

    @property
    def count(self) -> str:
        return f"{self.shape[0]} examples of {self.found}" if self.shape else "a single number"


class NotNumbers(Problem):
    """An array holds something that is no real number: Python objects, text, complex numbers.

    This happens when lists of different lengths, strings or `None` are turned into an array. Nets
    take arrays of decimals (float32 or float64), all examples of the same size.
    """

    code: ClassVar[str] = "E502"
    title: ClassVar[str] = "`{name}` holds {kind}, not numbers"
    help: ClassVar[str] = "{remedy}"

    name: str
    kind: str
    remedy: str


class WholeNumbers(Problem):
    """An input holds whole numbers beyond -1 to 1, which are nearly always pixels that nobody scaled.

    A net whose first layer sees values up to 255 trains badly or not at all, so nothing is guessed:
    scale the pixels yourself, or say by turning the array into decimals that its values are meant as
    they are. (What `cnndsl.data.load` gives is scaled to 0..1 already.)
    """

    code: ClassVar[str] = "E503"
    title: ClassVar[str] = (
        "`{name}` holds whole numbers ({dtype}, {low} to {high}), the net takes decimals of about 0 to 1"
    )

    name: str
    dtype: str
    low: int
    high: int

    def helps(self) -> Iterable[str]:
        if self.low >= 0 and self.high <= 255:
            yield f'for pixels: {self.name}.astype("float32") / 255'
        yield f'if the values are meant as they are: {self.name}.astype("float32")'


class NotFinite(Problem):
    """An array holds NaN or infinity, or a value too large for float32.

    One such value makes the loss NaN and with it every weight, so it is refused before anything runs.
    """

    code: ClassVar[str] = "E504"
    title: ClassVar[str] = "`{name}` holds {count} that {verb} not finite, the first ({value}) in example {first}"

    name: str
    bad: int
    value: float
    first: int
    axes: tuple[int, ...]

    @property
    def count(self) -> str:
        return f"{self.bad} value{'s' * (self.bad != 1)}"

    @property
    def verb(self) -> str:
        return "is" if self.bad == 1 else "are"

    def helps(self) -> Iterable[str]:
        kept = f"numpy.isfinite({self.name})" + (f".all(axis={self.axes})" if self.axes else "")
        yield f"keep the good examples: good = {kept}; x, y = x[good], y[good]"
        yield f"or put numbers in their place: numpy.nan_to_num({self.name})"


class LengthsDiffer(Problem):
    """Two arrays that belong together hold different numbers of examples.

    Every example needs its own target: the first axis of all arrays must be equally long.
    """

    code: ClassVar[str] = "E505"
    title: ClassVar[str] = "`{one}` has {count}, `{other}` has {other_count}"
    help: ClassVar[str] = "each example needs one entry in both: check that they come from the same part of the data"

    one: str
    length: int
    other: str
    other_length: int

    @property
    def count(self) -> str:
        return examples(self.length)

    @property
    def other_count(self) -> str:
        return examples(self.other_length)


class NoExamples(Problem):
    """An array holds no example at all.

    Often a filter let nothing through, or a slice was cut beyond the end.
    """

    code: ClassVar[str] = "E506"
    title: ClassVar[str] = "`{name}` holds no examples: its shape is {shape}"
    help: ClassVar[str] = "give at least one example; print the shapes of what it was cut from"

    name: str
    shape: tuple[int, ...]


class TargetShape(Problem):
    """The targets have another shape than the loss needs.

    `cross_entropy` and `hinge` want one whole number an example, the number of its class from 0 (for a
    net whose output is a map, one a position); one-hot rows are turned into such numbers with `argmax`.
    `mse` and the other losses want an array of exactly the output's shape.
    """

    code: ClassVar[str] = "E507"
    title: ClassVar[str] = "each target in `{name}` is {found}, `{loss}` on an output of {output} wants {wanted}"
    note: ClassVar[str] = "`{name}` has the shape {shape}"
    help: ClassVar[str] = "{remedy}"

    name: str
    shape: tuple[int, ...]
    loss: str
    output: str
    wanted: str
    remedy: str

    @property
    def found(self) -> str:
        return numbers(self.shape[1:])


class LabelType(Problem):
    """Labels for `cross_entropy` (or `hinge`) are not whole numbers.

    A label is the number of a class, from 0. Names of classes are turned into numbers with
    `numpy.unique(y, return_inverse=True)`, whole decimals with `astype(int)`; targets that are
    measurements rather than classes want `loss="mse"`.
    """

    code: ClassVar[str] = "E508"
    title: ClassVar[str] = "`{name}` holds {dtype} values such as {sample}; `{loss}` wants the whole number of a class"
    help: ClassVar[str] = "{remedy}"

    name: str
    loss: str
    dtype: str
    sample: str
    remedy: str


class LabelRange(Problem):
    """A label is below 0, or not below the number of classes that the net tells apart.

    With n classes the labels go from 0 to n - 1; n is the number of channels of the net's output.
    """

    code: ClassVar[str] = "E509"
    title: ClassVar[str] = (
        "`{name}` holds the label {label_value} (example {first}), the net's {classes} go from 0 to {last}"
    )
    note: ClassVar[str] = "the labels in `{name}` go from {low} to {high}"

    name: str
    label_value: int
    first: int
    low: int
    high: int
    channels: int

    @property
    def classes(self) -> str:
        return f"{self.channels} class{'es' * (self.channels != 1)}"

    @property
    def last(self) -> int:
        return self.channels - 1

    def helps(self) -> Iterable[str]:
        if self.low == 1 and self.high == self.channels:
            yield f"the labels count from 1: give {self.name} - 1"
        elif self.low < 0:
            yield f"labels count from 0; to drop the others: good = {self.name} >= 0; x, y = x[good], y[good]"
        else:
            yield f"give the net's last layer {self.high + 1} units, or map the labels to 0..{self.last}"


class NamesDiffer(Problem):
    """A net with several inputs or outputs is given arrays by name, and the names do not match.

    With one input an array alone will do; with several, a dict from the inputs' names to arrays.
    """

    code: ClassVar[str] = "E510"
    title: ClassVar[str] = "{problem}"
    help: ClassVar[str] = "give {name}={example}"

    problem: str
    name: str
    known: tuple[str, ...]

    @property
    def example(self) -> str:
        return "{" + ", ".join(f'"{known}": …' for known in self.known) + "}"


class MissingTargets(Problem):
    """Training or evaluation was asked for without targets, or with something else than (x, y).

    `fit(x, y)` and `evaluate(x, y)` take the examples and their targets; `validation_data` is a
    pair (x, y) of arrays; a `Dataset` from `cnndsl.data.load` holds both.
    """

    code: ClassVar[str] = "E511"
    title: ClassVar[str] = "{problem}"
    help: ClassVar[str] = "{remedy}"

    problem: str
    remedy: str


def examples(count: int) -> str:
    """`1 example`, `90 examples`."""
    return f"{count} example{'s' * (count != 1)}"
