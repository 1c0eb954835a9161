"""E08x: what can be wrong with the settings of a project or a training, and the choice of lints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Problem, meant, respell
from cnndsl.errors.claims import NotDecided


class UnknownLint(Problem):
    """A lint is chosen by its code (`W201`), the beginning of codes (`W2`), its name
    (`unused_output`), a group (`defects`, `advice`, `training`), or `all`.

    `--select`, `--ignore` and `--error` take several, with commas between them; in `pyproject.toml`
    they are lists. `cnnc explain` lists every lint with its code, `cnnc explain W201` shows one.
    """

    code: ClassVar[str] = "E080"
    title: ClassVar[str] = "`{option}`: there is no lint `{word}`"
    label: ClassVar[str] = "{advice}"

    word: str
    option: str
    suggestion: str | None

    @property
    def elsewhere(self) -> str:
        """Who says a message that is no lint's, and what to do about it; "" for what is no code."""
        if self.word == NotDecided.code:
            return f"`{self.word}` is said of an `assert`: fix the size that it waits for, or take the assert out"
        return (
            f"`{self.word}` is an error's code, and no error is left unsaid"
            if self.word[:1] == "E" and self.word[1:].isdigit()
            else ""
        )

    @property
    def advice(self) -> str:
        return meant(self.suggestion, "not a code, name or group of lints")

    def helps(self) -> Iterable[str]:
        if self.elsewhere:
            yield f"{self.elsewhere}; `cnnc explain {self.word}` says more"
            return
        if self.suggestion and not self.where.span:
            yield f"did you mean `{self.suggestion}`?"
        yield "`cnnc explain` lists every lint with its code and name"

    def fixes(self) -> Iterable[Fix]:
        return respell(self.where, self.suggestion)


class UnreadableSettings(Problem):
    """`cnnc check` reads the table `[tool.cnnc]` of the nearest `pyproject.toml` that has one, in the
    folder of the checked file or above, and that file is not valid TOML.

    Everything that reads this file refuses it, not only cnnc.
    """

    code: ClassVar[str] = "E081"
    title: ClassVar[str] = "cannot read the settings in {file}: {reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = 'mend the file; strings stand in double quotes, lists in `[ ]`: `select = ["advice"]`'

    file: str
    reason: str


class _BadEntry(Problem):
    """Base of what is wrong with an entry of a file of settings."""

    label: ClassVar[str] = "{advice}"

    file: str
    what: str
    advice: str
    suggestion: str | None = None

    def helps(self) -> Iterable[str]:
        if not self.where.span:
            yield self.advice

    def fixes(self) -> Iterable[Fix]:
        return respell(self.where, self.suggestion)


class BadSetting(_BadEntry):
    """`[tool.cnnc]` in `pyproject.toml` has a key that is none, or a value of the wrong type.

    It may have `select`, `ignore` and `error`, lists of lints, and `strict` and `error-on-warning`,
    which are `true` or `false`. They mean what the options of `cnnc check` mean; options on the
    command line come after them.

        [tool.cnnc]
        select = ["advice"]
        ignore = ["W202"]
        error = ["unused_output"]
        strict = false
        error-on-warning = true
    """

    code: ClassVar[str] = "E082"
    title: ClassVar[str] = "[tool.cnnc] in {file}: {what}"


class UnreadableConfig(Problem):
    """The file of settings that `cnnc train --config` was given cannot be read, or is not valid TOML.

    A run keeps its settings in such a file, `runs/NAME/settings.toml`: one to begin with.
    """

    code: ClassVar[str] = "E083"
    title: ClassVar[str] = "cannot read the settings in {file}: {reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = 'a line is `epochs = 10` or `optimizer = "sgd(momentum=0.9)"`: texts stand in double quotes'

    file: str
    reason: str


class BadConfig(_BadEntry):
    """A file of settings for `cnnc train --config` has a key that is none, or a value that cannot be one.

    The keys are the names of the options, `-` or `_` between their words; `net` is the file of the net,
    `set` a table of its parameters.

    Such a file has, a line each, `net = "lenet5.cnn"`, `data = "sample"`, `epochs = 10`, `batch-size = 32`,
    `optimizer = "sgd(momentum=0.9)"`, `schedule = "cosine"`, `set = { classes = 10 }`, or some of them.

    Options on the command line come after the file.
    """

    code: ClassVar[str] = "E084"
    title: ClassVar[str] = "the settings in {file}: {what}"
