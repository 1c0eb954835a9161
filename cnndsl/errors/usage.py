"""E05x: what can be wrong with a command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem
from cnndsl.suggest import closest


class UnknownCommand(Problem):
    """The first word behind `cnnc` is the command, and there is none of that name.

    `cnnc` alone lists the commands; `cnnc help COMMAND` tells about one.
    """

    code: ClassVar[str] = "E051"
    title: ClassVar[str] = "there is no command `{name}`"

    name: str
    commands: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        meant = closest(self.name, self.commands)
        if meant:
            yield f"did you mean `cnnc {meant}`?"
        elif self.name.partition(":")[0].endswith(".cnn"):
            yield f"`cnnc check {self.name}` checks this file"
        yield f"the commands are {', '.join(self.commands)}"


class UnknownOption(Problem):
    """A command was given an option that it does not have.

    Options stand behind the command, long ones are written in full: `cnnc check net.cnn --strict`.
    A file whose name begins with `-` is given behind `--`.
    """

    code: ClassVar[str] = "E052"
    title: ClassVar[str] = "`{command}` has no option `{option}`"

    command: str
    option: str
    options: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        meant = closest(self.option, [name for name in self.options if name.startswith("--")])
        if self.option.endswith(".cnn"):
            yield f"write a file whose name begins with `-` as `./{self.option}`"
        elif meant:
            yield f"did you mean `{meant}`?"
        else:
            yield f"its options are {', '.join(self.options)}"


class BadUsage(Problem):
    """A command was given too much, too little, or something that it cannot use.

    The message names the argument; `cnnc help COMMAND` lists all of them with an example.
    """

    code: ClassVar[str] = "E053"
    title: ClassVar[str] = "`{command}`: {message}"
    note: ClassVar[str] = "{usage}"

    command: str
    message: str
    usage: str

    def helps(self) -> Iterable[str]:
        yield f"`cnnc help {self.command.removeprefix('cnnc ')}` shows every option, with examples"


class UnknownWord(Problem):
    """An option that takes one of a few words was given another one."""

    code: ClassVar[str] = "E054"
    title: ClassVar[str] = "`{option}` cannot be `{word}`"

    option: str
    word: str
    words: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        meant = closest(self.word, self.words)
        if meant:
            yield f"did you mean `{meant}`?"
        yield f"it is one of {', '.join(self.words)}"


class NoFiles(Problem):
    """A folder or a pattern was given, and it holds no `.cnn` file.

    A folder stands for every `.cnn` file in it and in its folders; a pattern may use `*`, `?`,
    `[abc]` and `**`.
    """

    code: ClassVar[str] = "E055"
    title: ClassVar[str] = "no `.cnn` file in `{pattern}`"
    help: ClassVar[str] = "give a file, a folder or a pattern such as `nets/*.cnn`; `cnnc new NAME` writes a first file"

    pattern: str


class BadFileName(Problem):
    """`cnnc new` writes a file with a net of the same name, so the name must be one of the language.

    Names are made of letters, digits and `_`, do not begin with a digit, and are neither words of
    the language nor layers.
    """

    code: ClassVar[str] = "E056"
    title: ClassVar[str] = "a net cannot be called `{name}`: {reason}"
    help: ClassVar[str] = "for example: `cnnc new {example}`"

    name: str
    reason: str
    example: str


class FileExists(Problem):
    """`cnnc new` never replaces a file."""

    code: ClassVar[str] = "E057"
    title: ClassVar[str] = "`{path}` is there already"
    help: ClassVar[str] = "choose another name, or remove the file first"

    path: str


class NotWritten(Problem):
    """The system refused to write a file or the output: a full disk, a missing folder, a permission."""

    code: ClassVar[str] = "E058"
    title: ClassVar[str] = "cannot write {what}: {reason}"
    help: ClassVar[str] = "check that the folder is there, that it may be written to, and that the disk has room"

    what: str
    reason: str


class NothingToExplain(Problem):
    """`cnnc explain` knows the codes of all messages and the names of all layers.

    `cnnc explain` alone lists them.
    """

    code: ClassVar[str] = "E059"
    title: ClassVar[str] = "there is nothing to explain about `{topic}`"

    topic: str
    meant: str
    topics: tuple[str, ...]
    #: the net of the zoo that has the name
    net: str = ""

    def helps(self) -> Iterable[str]:
        meant = closest(self.meant, self.topics)
        if self.net:
            yield f"it is a net of the zoo: `cnnc zoo show {self.net}` prints its source"
        elif meant:
            yield f"did you mean `cnnc explain {meant}`?"
        yield "`cnnc explain` lists every code and every layer"


class BadAssignment(Problem):
    """`--set` gives a parameter of the net a value: `--set classes=100`, once for each parameter.

    The value is written as in the language: a number, `true`, a list `[64, 128]`, a size, the name
    of a layer or block. In a shell, quote what has spaces, brackets or stars.
    """

    code: ClassVar[str] = "E060"
    title: ClassVar[str] = "`{option} {text}` does not give a name a value"
    help: ClassVar[str] = "write it as `{option} {example}`"

    option: str
    text: str
    example: str


class GivenTwice(Problem):
    """The same name was set twice on one command line, so that one of the values would be lost."""

    code: ClassVar[str] = "E061"
    title: ClassVar[str] = "`{option}` gives `{name}` twice"
    help: ClassVar[str] = "leave one of them out"

    option: str
    name: str


class NotInTheZoo(Problem):
    """No net and no file of the zoo has this name. `cnnc zoo` lists them all."""

    code: ClassVar[str] = "E062"
    title: ClassVar[str] = "the zoo has no `{name}`"
    help: ClassVar[str] = "{advice}"

    name: str
    known: tuple[str, ...]
    suggestion: str | None = None

    @property
    def advice(self) -> str:
        return f"did you mean `{self.suggestion}`?" if self.suggestion else f"it has: {', '.join(self.known)}"


class UnknownPath(Problem):
    """A command was asked about a layer that the net does not have.

    A layer is named by its path, which the summary, the diagrams and the weights' files use too:
    `stem.conv1` is the first `conv` in what is labelled `stem`. `cnnc summary FILE` lists them all.
    """

    code: ClassVar[str] = "E063"
    title: ClassVar[str] = "{net} has no layer `{path}`"

    net: str
    path: str
    paths: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        ending = (path for path in self.paths if path.endswith(f".{self.path}"))
        meant = next(ending, None) or closest(self.path, self.paths)
        inside = [path for path in self.paths if path.startswith(f"{self.path}.")]
        if inside:
            yield f"`{self.path}` holds {len(inside)} layers: {', '.join(inside[:3])}{', …' if len(inside) > 3 else ''}"
        elif meant:
            yield f"did you mean `{meant}`?"
        yield f"`cnnc summary` lists the {len(self.paths)} layers of {self.net}"
