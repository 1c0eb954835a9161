"""E51x: data that cannot be found or read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class UnknownData(Problem):
    """No loader knows what was given as data.

    Data is named by a short text: `sample` for the digits that come with the package, or the path of
    a folder or file in one of the forms that the message lists. A bare path is recognized by what lies
    there; a prefix (`mnist:FOLDER`) says what should lie there.
    """

    code: ClassVar[str] = "E512"
    title: ClassVar[str] = "`{spec}` names no data"

    spec: str
    forms: tuple[str, ...]
    meant: str = ""

    def helps(self) -> Iterable[str]:
        if self.meant:
            yield f"did you mean `{self.meant}`?"
        yield from self.forms


class DataUnreadable(Problem):
    """A file or folder of data does not exist or cannot be read.

    The message gives the system's reason and, for a folder, the files that were looked for.
    """

    code: ClassVar[str] = "E513"
    title: ClassVar[str] = "cannot read `{path}`: {reason}"
    help: ClassVar[str] = "{remedy}"

    path: str
    reason: str
    remedy: str


class DataCorrupt(Problem):
    """A data file is not what its name says, or it is cut off or damaged.

    An IDX file starts with two zero bytes, a type and a number of axes, then the extents, then
    exactly that many values; a `.gz` file carries a checksum; an `.npz` file is a ZIP archive.
    Often a download broke off, or an error page was saved instead of the file.
    """

    code: ClassVar[str] = "E514"
    title: ClassVar[str] = "`{path}` is not a whole {form} file: {reason}"
    help: ClassVar[str] = "fetch the file again, and compare its size and checksum with the source's"

    path: str
    form: str
    reason: str


class ArraysMissing(Problem):
    """An `.npz` file does not hold the arrays that are looked for, or holds pickled objects.

    Looked for are `x_train`, `y_train` and, if there are any, `x_test`, `y_test`; or `x` and `y`.
    Pickled objects are never loaded: a pickle can run any program.
    """

    code: ClassVar[str] = "E515"
    title: ClassVar[str] = "`{path}` {problem}"
    note: ClassVar[str] = "it holds: {held}"
    help: ClassVar[str] = "write it with numpy.savez({path!r}, x_train=…, y_train=…, x_test=…, y_test=…)"

    path: str
    problem: str
    names: tuple[str, ...]

    @property
    def held(self) -> str:
        return ", ".join(self.names) or "nothing"


class DataFailed(Problem):
    """An iterable, or a source of data of the user's own, raised an exception while it was read.

    The exception is the cause of this error (`error.__cause__`), with its own traceback. What was
    trained before it stays trained.
    """

    code: ClassVar[str] = "E519"
    title: ClassVar[str] = "reading `{name}` failed: {kind}{said}"
    help: ClassVar[str] = "go through it without training: for batch in {name}: …"

    name: str
    kind: str
    message: str

    @property
    def said(self) -> str:
        return f": {self.message}" if self.message else ""


class NoBatches(Problem):
    """An iterable of batches gave none.

    A generator can be gone through once, so a second epoch finds it empty. A function that makes a
    new generator, or an object with `__iter__`, serves every epoch.
    """

    code: ClassVar[str] = "E520"
    title: ClassVar[str] = "`{name}` gave no batches"

    name: str
    once: bool

    def helps(self) -> Iterable[str]:
        if self.once:
            yield "a generator ends after one epoch: give the function that makes it, `batches` and not `batches()`"
        else:
            yield f"look at what it holds: next(iter({self.name}))"


class NotBatches(Problem):
    """An iterable of batches gave something that is no pair of examples and targets.

    Each batch is `(x, y)`: arrays with the examples first, or dicts of them by the names of the
    net's inputs and outputs.
    """

    code: ClassVar[str] = "E551"
    title: ClassVar[str] = "batch {number} of `{name}` is {shown}, not a pair of examples and targets"
    help: ClassVar[str] = "let each batch be (x, y), arrays with the examples first"

    name: str
    number: int
    shown: str


class ColumnMissing(Problem):
    """A table, or a data set of columns, has no column that is known to hold the examples, or the labels.

    Known names are `path`, `file`, `image` … for the first and `label`, `class`, `target` … for the second;
    any other is said with `x=` and `y=`.
    """

    code: ClassVar[str] = "E552"
    title: ClassVar[str] = "`{path}` has no column {asked_for}for {what}"
    note: ClassVar[str] = "its columns: {shown}"
    help: ClassVar[str] = 'name the column: open(…, {argument}="{example}")'

    path: str
    asked: str
    what: str
    argument: str
    columns: tuple[str, ...]

    @property
    def asked_for(self) -> str:
        return f"`{self.asked}` " if self.asked else ""

    @property
    def shown(self) -> str:
        return ", ".join(self.columns) or "none"

    @property
    def example(self) -> str:
        return next(iter(self.columns), "name")


class SeveralFormats(Problem):
    """What lies at a path fits several formats of data, and none is guessed.

    A folder may hold IDX files and folders of images side by side, for example.
    """

    code: ClassVar[str] = "E554"
    title: ClassVar[str] = "`{spec}` can be read in {count} ways"

    spec: str
    forms: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.forms)

    def helps(self) -> Iterable[str]:
        yield "say which one with its prefix:"
        yield from self.forms


class SplitImpossible(Problem):
    """A part of the examples cannot be set aside for validation as it was asked for.

    The part is a share of at least 0 and below 1, and both sides need an example. Batches that come from
    an iterable have no numbers, so nothing can be set aside of them.
    """

    code: ClassVar[str] = "E555"
    title: ClassVar[str] = "cannot set {share!r} of `{name}` aside for validation: {reason}"
    help: ClassVar[str] = "{remedy}"

    name: str
    share: object
    reason: str
    remedy: str
