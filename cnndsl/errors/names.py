"""E20x: names that mean nothing, mean two things, or mean something too early."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix, Label
from cnndsl.errors.base import Problem, meant, respell
from cnndsl.source import Span


class UnknownName(Problem):
    """A name that is no value, label, definition or layer here.

    Names are looked up as a value (`let`, a parameter, a loop's variable), then as a label, a
    definition of the file, a builtin function, and a layer. Layers have the field's own names in
    lower case: `Conv2D`, `nn.Linear`, `MaxPooling2D` of other tools are `conv`, `fc`, `maxpool`.
    `cnnc explain` lists every layer. A layer is used elsewhere by its label, `conv1: conv(64, 3)`: the
    numbered names that `cnnc summary` gives the others change when a line is added.
    """

    code: ClassVar[str] = "E201"
    title: ClassVar[str] = "there is no {what} called `{name}`"
    label: ClassVar[str] = "{hint}"

    name: str
    what: str = "layer, block or label"
    suggestion: str | None = None
    known: tuple[str, ...] = ()
    #: of a numbered name without a label, the layer's kind
    kind: str = ""
    #: what to do where no other name will do alone, and the repair that does it
    advice: str = ""
    repair: Fix | None = None

    @property
    def hint(self) -> str:
        return meant(self.suggestion, "no layer has this label" if self.kind else "not known here")

    def helps(self) -> Iterable[str]:
        if self.advice:
            yield self.advice
        elif not self.suggestion and self.kind:
            yield f"give the layer that label: `{self.name}: {self.kind}(…)`"
        elif not self.suggestion and self.known:
            yield f"known here: {', '.join(self.known)}"
        elif not self.suggestion and self.what == "label":
            yield f"label a pipeline so, `{self.name}: …`, or write the pipeline behind it: `output {self.name}: …`"
        elif not self.suggestion and self.what.startswith("value"):
            yield "a value gets its name as a parameter, as in `net NAME(classes = 10)`, or by `let NAME = …`"
        elif not self.suggestion:
            yield "`cnnc explain` lists every layer; a block is defined with `block NAME(…) { … }`"

    def fixes(self) -> Iterable[Fix]:
        return (self.repair,) if self.repair else respell(self.where, self.suggestion)


class UnknownArgument(Problem):
    """A named argument that the layer, block or function does not have.

    The message shows its signature. The textbook letters K F S P are accepted for `conv`'s filters,
    kernel, stride and pad. Every layer also takes `freeze=`, `init=`, `share=`, `l1=`, `l2=` and `lp=`; every block
    `freeze=`, `share=` and `until=`.
    """

    code: ClassVar[str] = "E202"
    title: ClassVar[str] = "`{callee}` has no argument `{name}`"
    label: ClassVar[str] = "{hint}"
    note: ClassVar[str] = "it is {signature}"

    callee: str
    name: str
    signature: str
    suggestion: str | None = None
    advice: str = "leave it out"

    @property
    def hint(self) -> str:
        return meant(self.suggestion and f"{self.suggestion}=", f"not an argument of `{self.callee}`")

    def helps(self) -> Iterable[str]:
        if not self.suggestion:
            yield self.advice

    def fixes(self) -> Iterable[Fix]:
        return respell(self.where, self.suggestion and f"{self.suggestion}=")


class UsedBeforeDefined(Problem):
    """A label is used where it does not exist (yet).

    A label exists from the end of the pipeline that it names. A label on the side of an `if` that
    is not taken does not exist at all; a label inside a loop that runs 0 times neither. Before the
    first round of its loop, `len(unit)` is 0, and `unit[0..0]`, none of its volumes, is no branch.
    """

    code: ClassVar[str] = "E203"
    title: ClassVar[str] = "the label `{name}` does not exist here"
    label: ClassVar[str] = "used here"
    help: ClassVar[str] = "use it after the pipeline that it names, on every path that leads there"

    name: str
    defined: Span

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        start = self.where.span.start if self.where.span else 0
        later = self.defined.start > start
        yield Label(self.defined, "it is defined only here" if later else "this was not reached, or is not finished")


class DefinedTwice(Problem):
    """One name for two things in one scope.

    Labels, parameters, blocks, nets and functions share one space of names within a scope, so that
    a name always means one thing. Labels in a repetition get ordinals and may repeat.
    """

    code: ClassVar[str] = "E204"
    title: ClassVar[str] = "`{name}` is already the name of {what}"
    label: ClassVar[str] = "used again here"
    help: ClassVar[str] = "give one of them another name"

    name: str
    what: str
    first: Span | None = None

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.first:
            yield Label(self.first, "first here")


class NameOfLayer(Problem):
    """A net, block, fn or label has the name of a layer.

    A layer's name always means the layer where a pipeline is written, so nothing that is applied
    or referred to there may hide it. A parameter, `let` or `for` variable may.
    """

    code: ClassVar[str] = "E205"
    title: ClassVar[str] = "`{name}` is the name of a layer and cannot name a {what}"
    label: ClassVar[str] = "`{name}` is a layer"
    help: ClassVar[str] = "call it `{name}_1` or `my_{name}`, say"

    name: str
    what: str


class UnknownMember(Problem):
    """What stands behind the dot does not exist.

    A volume has `channels`, and `height` and `width` (images), `depth` (clips) or `length`
    (series); a labelled block or pipeline has the labels inside it (`backbone.c4`).
    """

    code: ClassVar[str] = "E206"
    title: ClassVar[str] = "{owner} has no `{name}`"
    label: ClassVar[str] = "{hint}"
    help: ClassVar[str] = "it has: {shown}"

    owner: str
    name: str
    known: tuple[str, ...]
    suggestion: str | None = None

    @property
    def hint(self) -> str:
        return meant(self.suggestion, "not found")

    @property
    def shown(self) -> str:
        return ", ".join(self.known) or "nothing to refer to"

    def fixes(self) -> Iterable[Fix]:
        return respell(self.where, self.suggestion)


class UnknownSetting(Problem):
    """A setting that the net does not have: `--set NAME=VALUE` sets a parameter of the net.

    `--input` names an input of the net, where it has several.
    """

    code: ClassVar[str] = "E207"
    title: ClassVar[str] = "the net `{net}` has no {what} called `{name}`"
    help: ClassVar[str] = "it has: {shown}{hint}"

    net: str
    name: str
    what: str
    known: tuple[str, ...]
    suggestion: str | None = None

    @property
    def shown(self) -> str:
        return ", ".join(self.known) or "none"

    @property
    def hint(self) -> str:
        return f"; did you mean `{self.suggestion}`?" if self.suggestion else ""


class UnknownNet(Problem):
    """`file.cnn:NAME` asks for a net that the file does not define, or the file defines no net."""

    code: ClassVar[str] = "E208"
    title: ClassVar[str] = "{file} defines no net{called}"
    label: ClassVar[str] = "the file ends without a net"
    help: ClassVar[str] = "{advice}"

    file: str
    name: str | None
    known: tuple[str, ...]
    suggestion: str | None = None

    @property
    def called(self) -> str:
        return f" called `{self.name}`" if self.name else ""

    @property
    def advice(self) -> str:
        if self.suggestion:
            return f"did you mean `{self.suggestion}`?"
        if self.known:
            return f"it defines: {', '.join(self.known)}"
        return "write `net NAME { input 28x28x1 ; … }`"


class ImportNotFound(Problem):
    """An imported file or name does not exist.

    `from "file.cnn" import a` looks beside the file that says it, then in the zoo that ships with
    the package (`from "zoo/resnet.cnn" import bottleneck`).
    """

    code: ClassVar[str] = "E209"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "{hint}"
    help: ClassVar[str] = "{advice}"

    what: str
    advice: str
    suggestion: str | None = None

    @property
    def hint(self) -> str:
        return meant(self.suggestion, "not found")

    def fixes(self) -> Iterable[Fix]:
        if self.suggestion and self.where.span:
            written = f'"{self.suggestion}"' if self.where.span.text.startswith('"') else self.suggestion
            yield Fix(f"write `{written}`", (Edit(self.where.span, written),))


class ImportRefused(Problem):
    """An import that leaves the folder of the file given to the compiler, or leads back to itself.

    A program is a folder: nothing outside it is read, so that a `.cnn` file from elsewhere can be
    checked safely. Two files that import each other have no order in which to be read.
    """

    code: ClassVar[str] = "E210"
    title: ClassVar[str] = "{what}"
    label: ClassVar[str] = "imported here"
    help: ClassVar[str] = "{advice}"

    what: str
    advice: str


class CannotShare(Problem):
    """`share=` must name an earlier layer (or call of the same block) with arrays of the same shapes.

    The sharer uses the other's parameters and statistics as they are: it can neither start them
    (`init=`) nor freeze them (`freeze=`) for itself.
    """

    code: ClassVar[str] = "E211"
    title: ClassVar[str] = "`{path}` cannot share: {why}"
    label: ClassVar[str] = "asked for here"
    help: ClassVar[str] = "{advice}"

    path: str
    why: str
    advice: str

    def fault(self) -> str:
        return "share"
