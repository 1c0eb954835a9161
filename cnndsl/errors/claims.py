"""E240, E241, E350 and W290: what an `assert` says when it does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem


class AssertFailed(Problem):
    """A condition that the program states with `assert` does not hold for the values that it has here.

    `assert in.channels % groups == 0, "groups must divide the channels"` is checked where it stands,
    in each call of a block with the values of that call. The message shows what both sides of the
    comparison are, and what the names in them mean.
    """

    code: ClassVar[str] = "E240"
    title: ClassVar[str] = "{said}"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "give it other values, or change what the assert demands"

    said: str
    why: str
    values: tuple[str, ...] = ()

    def notes(self) -> Iterable[str]:
        if self.values:
            yield f"here {', '.join(self.values)}"


class WholeNetOnly(Problem):
    """`params`, `macs` and their like are numbers of a whole net, so only the net's own `assert` can use them.

    They are known when the whole net is built: not in a block, which is only a part of it, and not
    within a function. Conditions on values (`in.channels`, parameters, `let`) may stand in a block.
    """

    code: ClassVar[str] = "E241"
    title: ClassVar[str] = "`{name}` is a number of a whole net and means nothing here"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "{advice}"

    name: str
    why: str
    advice: str


class BudgetExceeded(Problem):
    """The net as a whole does not keep what an `assert` in it demands: `assert params < 5M`.

    What can be asked: `params` (learnable values, frozen ones included), `macs` (multiply-accumulates
    of one example, as torchvision counts them), `flops` (twice as many), `activations` (values of the
    input and of what convolutions, pools and fully connected layers give), `rf(LABEL)` (cells of the
    input that one position of a layer sees, on the axis where they are fewest) and
    `memory(batch=1, dtype="float32")` (bytes at the peak of inference). Numbers may end in K, M, G or
    T for powers of 1,000, and in KiB, MiB, … for powers of 1,024. The message shows both numbers, the
    difference, and the layers that have most of it. A net that is used as a layer of another is not
    asked for its budget again.
    """

    code: ClassVar[str] = "E350"
    title: ClassVar[str] = "{said}"
    label: ClassVar[str] = "{why}"

    said: str
    why: str
    #: the largest contributors of each quantity in the condition
    largest: tuple[str, ...] = ()
    advice: str = "change the net, or what the assert demands"

    def notes(self) -> Iterable[str]:
        return self.largest

    def helps(self) -> Iterable[str]:
        yield self.advice


class NotDecided(Problem):
    """An `assert` depends on an extent that is not fixed (`?`), so it can be neither kept nor broken yet.

    It is checked as soon as the size is known: in the source, or with `--input 224x224x3`.
    """

    code: ClassVar[str] = "W290"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "this assert cannot be decided: {why}"
    label: ClassVar[str] = "not checked"
    help: ClassVar[str] = "fix the input's size: in the source, or with `--input {example}`"

    why: str
    example: str = "224x224x3"
