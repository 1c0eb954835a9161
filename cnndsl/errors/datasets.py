"""E51x: data that cannot be found or read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class UnknownData(Problem):
    """No loader knows what was given as data.

    Data is named by a short text: `sample` for the digits that come with the package,
    `mnist:FOLDER` for a folder with IDX files, or the path of an `.npz` file.
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
