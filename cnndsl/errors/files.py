"""E00x: files that cannot be read as a program."""

from __future__ import annotations

from typing import ClassVar

from cnndsl.errors.base import Problem


class UnreadableFile(Problem):
    """The file does not exist, is a folder, or may not be read.

    The name is shown as it was given. A relative name is looked for from the folder in which the
    command was started. On Linux, upper and lower case are different.
    """

    code: ClassVar[str] = "E001"
    title: ClassVar[str] = "cannot read {name}: {reason}"
    help: ClassVar[str] = "{advice}"

    name: str
    reason: str
    advice: str = "check the name and its permissions"


class NotText(Problem):
    """The file is not text in UTF-8.

    A `.cnn` file is text in UTF-8, which every editor can save; a byte order mark at its start and
    Windows line ends are accepted. The message shows where the first byte is that does not belong
    into such a text. A byte of 0 means that the file is no text at all: weights, an image, or text
    in UTF-16.
    """

    code: ClassVar[str] = "E002"
    title: ClassVar[str] = "{name} is not text in UTF-8"
    label: ClassVar[str] = "byte {value} at offset {offset}"
    note: ClassVar[str] = "{reason}, at byte {offset:,} (line {line})"
    help: ClassVar[str] = "{advice}"

    name: str
    reason: str
    advice: str
    offset: int
    value: str
    line: int


class EmptyFile(Problem):
    """There is nothing in the file but white space and comments.

    A file holds at least one `net`:

        net Tiny {
            input 28x28x1
            flatten -> fc(10) -> softmax
        }

    `cnnc new NAME` writes a small working file.
    """

    code: ClassVar[str] = "E003"
    title: ClassVar[str] = "{name} is empty{except_for}"
    help: ClassVar[str] = "write a `net NAME {{ … }}`; `cnnc new NAME` writes a small one to start from"

    name: str
    comments: bool = False

    @property
    def except_for(self) -> str:
        return " but for comments" if self.comments else ""


class FileTooLarge(Problem):
    """The file is larger than 4 MiB.

    The largest published networks take a few hundred lines, since `block`, `for` and `{ … } * n`
    say what repeats once. A file of megabytes is something else (weights, data), or was written by
    a program that should use them.
    """

    code: ClassVar[str] = "E004"
    title: ClassVar[str] = "{name} is too large: {size}, and the limit is {limit:,} bytes (4 MiB)"
    help: ClassVar[str] = 'split it with `from "file.cnn" import …`, or let `block` and `for` say what repeats'

    name: str
    size: str
    limit: int
