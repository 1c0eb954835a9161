"""E068, E069, E074 to E076: runs that are asked for, and what is asked of a trained net."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem
from cnndsl.suggest import closest


class NoRun(Problem):
    """A command was asked for a run, and there is none of that name.

    `cnnc train` keeps each training in a folder, `runs/NAME`; `cnnc runs` lists them. Commands look for
    them in the folder `runs` of the current folder, or in the one that `--runs` names.
    """

    code: ClassVar[str] = "E068"
    title: ClassVar[str] = "there is no run {name} in `{folder}`"

    name: str
    folder: str
    known: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        meant = closest(self.name.strip("`"), self.known)
        if meant:
            yield f"did you mean `{meant}`?"
        elif self.known:
            yield f"there are {', '.join(self.known[:8])}{', …' if len(self.known) > 8 else ''}"
        else:
            yield "train a net first: cnnc train FILE --data sample"


class RunExists(Problem):
    """A new training was to have the name of a run that is there; nothing of that run has been changed."""

    code: ClassVar[str] = "E069"
    title: ClassVar[str] = "the run `{path}` is there already"
    help: ClassVar[str] = "go on with it (`cnnc train --resume {name}`), or choose another name"

    path: str
    name: str


class RunUntrained(Problem):
    """A command wanted the weights of a run that has none yet: they are saved after each epoch."""

    code: ClassVar[str] = "E074"
    title: ClassVar[str] = "the run `{path}` has no weights yet"
    help: ClassVar[str] = "let it end its first epoch: cnnc train --resume {name}"

    path: str
    name: str


class NoImages(Problem):
    """A folder was given to `cnnc predict`, and there is no image in it or below it."""

    code: ClassVar[str] = "E075"
    title: ClassVar[str] = "there is no image in the folder `{folder}`"
    help: ClassVar[str] = "images are files that end in {listed}"

    folder: str
    endings: tuple[str, ...]

    @property
    def listed(self) -> str:
        return ", ".join(self.endings)


class NotForImages(Problem):
    """`cnnc predict` reads images and names classes: for a net with one input of 1 or 3 channels and one output.

    Every other net is used from Python: `model.predict(x)` takes arrays, by name where there are several.
    """

    code: ClassVar[str] = "E076"
    title: ClassVar[str] = "`{net}` does not take an image and tell its class: inputs {inputs}, {outputs} output{s}"
    help: ClassVar[str] = "use it from Python: model.predict(x)"

    net: str
    inputs: str
    outputs: int

    @property
    def s(self) -> str:
        return "" if self.outputs == 1 else "s"
