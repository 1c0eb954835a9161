"""E23x: layers, labels, inputs and outputs that do not stand where they can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix, Label
from cnndsl.errors.base import Problem, meant, respell
from cnndsl.source import Span


class LabelInTheMiddle(Problem):
    """A label (or `in`) stands in the middle of a pipeline.

    `a -> c1 -> b` would throw away what `a` computed: a pipeline that starts from a label is a line
    of its own. To combine the two, join them: `add { | a | c1 }`.
    """

    code: ClassVar[str] = "E230"
    title: ClassVar[str] = "`{name}` in the middle of a pipeline would discard what comes before it"
    label: ClassVar[str] = "a volume can only start a pipeline"
    help: ClassVar[str] = "start a new line with `{name} -> …`, or join the two: `concat {{ | … | {name} }}`"

    name: str


class NoVolume(Problem):
    """A layer stands where there is nothing to apply it to.

    A net begins with `input`; the flow runs from there from line to line. Inside a block it begins
    at `in`.
    """

    code: ClassVar[str] = "E231"
    title: ClassVar[str] = "{what} has no input"
    label: ClassVar[str] = "nothing flows in here"
    help: ClassVar[str] = "{advice}"

    what: str
    advice: str = "begin the net with `input 28x28x1` (height x width x channels)"


class ManyOutputs(Problem):
    """A net with several outputs is used as if it had one.

    Label it and continue from the output you mean: `seg: UNet()` and then `seg.mask -> …`.
    """

    code: ClassVar[str] = "E232"
    title: ClassVar[str] = "`{net}` has {count} outputs: {names}"
    label: ClassVar[str] = "which of them?"
    help: ClassVar[str] = "label the net (`m: {net}(…)`) and continue from one: `m.{first} -> …`"

    net: str
    outputs: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.outputs)

    @property
    def names(self) -> str:
        return ", ".join(self.outputs)

    @property
    def first(self) -> str:
        return self.outputs[0]


class MisplacedStatement(Problem):
    """`input` and `output` belong to a net, not to a block; several inputs must be labelled.

    A block takes the volume that it is given (`in`) and gives its last one.
    """

    code: ClassVar[str] = "E233"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "{advice}"

    what: str
    why: str
    advice: str


class NotAJoin(Problem):
    """Only a join takes branches in braces: `add { | a | b }`."""

    code: ClassVar[str] = "E234"
    title: ClassVar[str] = "`{name}` is not a join and takes no branches"
    label: ClassVar[str] = "{hint}"
    help: ClassVar[str] = "the joins are {joins}; layers in sequence stand in braces of their own, `{{ … }}`"

    name: str
    joins: str
    suggestion: str | None = None

    @property
    def hint(self) -> str:
        return meant(self.suggestion, "not a join")

    def fixes(self) -> Iterable[Fix]:
        return respell(self.where, self.suggestion)


class JoinNeedsBranches(Problem):
    """A join's name stands alone, or with values: it needs branches in braces, `add { | a | b }`."""

    code: ClassVar[str] = "E235"
    title: ClassVar[str] = "`{name}` needs branches to join"
    label: ClassVar[str] = "joins nothing"
    help: ClassVar[str] = "`{name} {{ | … | … }}`; `id` is a branch that changes nothing"

    name: str
    #: what it was given in parentheses, if these are volumes
    branches: tuple[str, ...] = ()

    def fixes(self) -> Iterable[Fix]:
        if self.branches and self.where.span:
            text = f"{self.name} {{ {' | '.join(self.branches)} }}"
            yield Fix(f"write `{text}`", (Edit(self.where.span, text),))


class NetMismatch(Problem):
    """A net with several inputs, used as a layer, is given the wrong ones: `Net(left=a, right=b)`."""

    code: ClassVar[str] = "E236"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "{advice}"

    what: str
    advice: str


class EmptyNet(Problem):
    """A net without an input, or with nothing behind it, computes nothing."""

    code: ClassVar[str] = "E237"
    title: ClassVar[str] = "the net `{net}` has no {what}"
    label: ClassVar[str] = "this net"
    help: ClassVar[str] = "begin with `input 28x28x1`, then layers: `conv(6, 5) -> relu`"

    net: str
    what: str


class CannotFreeze(Problem):
    """`freeze=`, `init=`, `share=`, `l1=`, `l2=`, `lp=` or `until=` with a value that it cannot take.

    `l1=`, `l2=` and `lp=(p, amount)` penalize large weights while training (biases never): amount / p times
    the sum of |w|^p is added to what is minimized. They go before what `compile(l2=…)` says for all.
    """

    code: ClassVar[str] = "E238"
    title: ClassVar[str] = "`{argument}=` of `{callee}` must be {allowed}; it is {value}"
    label: ClassVar[str] = "this is {value}"
    help: ClassVar[str] = "{advice}"

    callee: str
    argument: str
    allowed: str
    value: str
    advice: str
    other: Span | None = None

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.other:
            yield Label(self.other, "defined here")
