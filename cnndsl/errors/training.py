"""E52x and E53x: training that is asked for in a way that cannot work, or that went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem, among


class UnknownChoice(Problem):
    """There is no optimizer, loss, metric or schedule of that name.

    The message lists those that exist. Instead of a name an instance may be given too, for example
    `optimizer=SGD(rate=0.1, momentum=0.9)` with `SGD` from `cnndsl.train.optimizers`.
    """

    code: ClassVar[str] = "E521"
    title: ClassVar[str] = "there is no {what} called `{name}`"

    what: str
    name: str
    known: tuple[str, ...]
    meant: str = ""

    def helps(self) -> Iterable[str]:
        return among(self.known, self.meant)


class UnknownSetting(Problem):
    """A setting was given that the optimizer, schedule or option does not have.

    Each optimizer has settings of its own: `sgd` has a momentum, `adam` has two betas. The message
    lists those of the one that was asked for, and which other one has the setting.
    """

    code: ClassVar[str] = "E522"
    title: ClassVar[str] = "the {owner} has no setting called `{name}`"

    owner: str
    name: str
    known: tuple[str, ...]
    meant: str = ""
    same: str = ""
    others: tuple[str, ...] = ()

    def helps(self) -> Iterable[str]:
        if self.meant:
            yield f"did you mean `{self.meant}`?"
        elif self.others:
            yield f"`{self.same}` is a setting of {', '.join(self.others)}"
        yield f"its settings: {', '.join(self.known) or 'none'}"


class BadSetting(Problem):
    """A setting of training has a value that cannot work.

    The message says which values do: a learning rate above 0, a momentum of at least 0 and below 1,
    a batch of at least one example, and so on.
    """

    code: ClassVar[str] = "E523"
    title: ClassVar[str] = "`{setting}` of {owner} is {value!r}; it must be {wanted}"
    help: ClassVar[str] = "for example {setting}={example!r}"

    owner: str
    setting: str
    value: object
    wanted: str
    example: object


class LossDoesNotFit(Problem):
    """The loss and the output that it is asked for on do not go together.

    `cross_entropy` tells classes apart, so the output needs a channel for each class, at least two.
    For a single number an example use `mse`.
    """

    code: ClassVar[str] = "E524"
    title: ClassVar[str] = "`{loss}` does not fit the output `{output}`, {volume}: {reason}"
    label: ClassVar[str] = "this output is {volume}"
    help: ClassVar[str] = "{remedy}"

    loss: str
    output: str
    volume: str
    reason: str
    remedy: str


class MetricDoesNotFit(Problem):
    """A metric cannot be computed for an output trained with that loss.

    Metrics count classes that were found: they want a loss that tells classes apart, or `mse` with
    one-hot targets or targets of 0 and 1. `top_k` wants more than k classes; a confusion matrix
    one class for each example, not a yes or no for each channel.
    """

    code: ClassVar[str] = "E525"
    title: ClassVar[str] = "the metric `{metric}` does not fit the loss `{loss}` on the output `{output}`, {volume}"

    metric: str
    loss: str
    output: str
    volume: str

    def helps(self) -> Iterable[str]:
        yield f'leave it out; with several outputs name metrics for each: metrics={{"{self.output}": …}}'


class LossNotFinite(Problem):
    """The loss became NaN or infinite, so training has stopped: every further step would be lost.

    Nearly always the steps are too large: the weights run away until a value no longer fits into
    float32. The message names the step, and the first layer whose weights or output are not finite
    if that can be told. In float16 values end at 65,504: `precision="bfloat16"` has the range of float32.

    Lower the learning rate, scale the inputs to about 0..1, or put `batchnorm` behind the
    convolutions.
    """

    code: ClassVar[str] = "E526"
    title: ClassVar[str] = "the loss is {loss} {at}"

    loss: float
    epoch: int
    step: int
    steps: int
    before: float | None
    rate: float
    optimizer: str
    suspect: str
    largest: float

    @property
    def at(self) -> str:
        """The place in a training; a step by itself (epoch 0) has none."""
        of = f" of {self.steps}" if self.steps else ""
        return f"at step {self.step}{of}, epoch {self.epoch}" if self.epoch else "for this batch"

    def notes(self) -> Iterable[str]:
        if self.suspect:
            yield f"first not finite: {self.suspect}"
        if self.epoch:
            yield (
                f"the loss one step before: {self.before:.6g}" if self.before is not None else "this was the first step"
            )

    def helps(self) -> Iterable[str]:
        if self.largest > 16:
            yield f"the inputs of this step reach {self.largest:.4g}: scale them to about 0..1"
        yield f"take smaller steps: rate={self.rate / 10:.2g} (now {self.optimizer} with rate={self.rate:g})"
        yield "put batchnorm behind the convolutions, or start from smaller weights with init="


class GradientNotFinite(LossNotFinite):
    """A gradient became NaN or infinite while the loss still was a number, so training has stopped.

    The way back multiplies by the weights of all layers behind: where they are large, a number no longer fits
    into float32 though the outputs did. The message names the layer where that happened first on the way back, the
    nearest to the loss. The weights are those from before the step.

    Lower the learning rate, or start from smaller weights. Clipping does not help: what is infinite has no direction.
    """

    code: ClassVar[str] = "E528"
    title: ClassVar[str] = "a gradient is not finite {at}, though the loss is {loss:.6g}"


class TargetRange(Problem):
    """Targets for `binary_cross_entropy` or `soft_cross_entropy` are not between 0 and 1.

    Each target says how much of an answer is a yes: 0 no, 1 yes. Labels -1 and 1 become 0 and 1 with
    `(y + 1) / 2`, bytes of a mask with `y / 255`; the number of a class among several wants
    `cross_entropy`, a measurement `mse`.
    """

    code: ClassVar[str] = "E533"
    title: ClassVar[str] = "`{name}` goes from {low:g} to {high:g}, `{loss}` wants targets from 0 to 1"

    name: str
    loss: str
    low: float
    high: float

    def helps(self) -> Iterable[str]:
        if (self.low, self.high) == (-1, 1):
            yield f"if -1 is no and 1 yes: ({self.name} + 1) / 2"
        elif self.low == 0 and self.high == 255:
            yield f"for the bytes of a mask: {self.name} / 255"
        yield 'for numbers of classes take loss="cross_entropy", for measurements loss="mse"'


class NoTensorBoard(Problem):
    """Events for TensorBoard are written by tensorboardX, which is not installed.

    The logs in CSV and JSON lines and the curves need nothing more.
    """

    code: ClassVar[str] = "E527"
    title: ClassVar[str] = "events for TensorBoard need tensorboardX, which is not installed"
    help: ClassVar[str] = 'pip install "cnndsl[tensorboard]"'


class UnknownLayers(Problem):
    """A net has no layer, label or block of that name, or a range of layers runs backwards.

    Layers are named by their paths, as the summary shows them: `conv1`, `stage2.conv3`; the name of a
    label or block means all layers in it; `conv1..pool2` all from the first to the last, in the order in
    which they run.
    """

    code: ClassVar[str] = "E534"
    title: ClassVar[str] = "`{net}` has no layers `{name}`{why}"

    net: str
    name: str
    reason: str
    meant: str = ""
    known: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        return f": {self.reason}" if self.reason else ""

    def helps(self) -> Iterable[str]:
        if self.meant:
            yield f"did you mean `{self.meant}`?"
        if self.reason:
            yield "name the layer that runs first first"
        elif self.known:
            more = ", …" * (len(self.known) > 12)
            yield f"its layers: {', '.join(self.known[:12])}{more}"
