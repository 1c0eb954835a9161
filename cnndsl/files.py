"""Reading a source file: what cannot be a program is refused here, with its name."""

from __future__ import annotations

import os
import re

from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.files import EmptyFile, FileTooLarge, NotText, UnreadableFile
from cnndsl.source import Source, Span

LARGEST = 4 * 1024 * 1024
"""The bytes that a source file may have."""


def read_source(path: str) -> Source:
    """The source in a file; its name is the path as given.

    Raises `CnnError` for a file that is missing, unreadable or a folder (E001), not text in UTF-8
    (E002), empty (E003) or larger than 4 MiB (E004).
    """
    name = os.fspath(path)
    return source_of_bytes(_read(name), name)


def standard_input(name: str | None = None) -> Source:
    """What standard input holds, as a source of that name, with the same checks as a file."""
    import sys

    name = name or "<stdin>"
    if sys.stdin is None:
        advice = "lead a file into it, as in `cnnc check - < net.cnn`, or name the file"
        raise UnreadableFile(NOWHERE, name=name, reason="it is closed", advice=advice).error()
    try:
        return source_of_bytes(sys.stdin.buffer.read(LARGEST + 4), name)
    except OSError as error:
        raise UnreadableFile(NOWHERE, name=name, reason=(error.strerror or str(error)).lower()).error() from None


def source_of_bytes(data: bytes, name: str) -> Source:
    """What a file holds as a source, with the same checks (E002, E003, E004)."""
    _refuse_binary(name, data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_text(name, data, error.start, "it does not belong into UTF-8").error() from None
    return source_of(text, name)


def source_of(text: str, name: str = "<string>") -> Source:
    """A text as a source, with the same checks as a file where they apply (E003, E004)."""
    text = text.removeprefix("\ufeff")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise FileTooLarge(NOWHERE, name=name, size=f"{size:,} bytes", limit=LARGEST).error()
    if not re.search(r"^[^\S\n]*[^\s#;]", text, re.MULTILINE):
        raise EmptyFile(NOWHERE, name=name, comments="#" in text).error()
    return Source(name, re.sub(r"\r(?!\n)", "\n", text))  # a lone CR ended lines once


def _read(name: str) -> bytes:
    """The bytes of a file, at most one more than is allowed: a device may have no end."""
    if not name:
        raise UnreadableFile(NOWHERE, name="``", reason="the name is empty", advice="name a `.cnn` file").error()
    try:
        with open(name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(LARGEST + 4)
    except IsADirectoryError:
        raise UnreadableFile(NOWHERE, name=name, reason="it is a folder", advice=_inside(name)).error() from None
    except FileNotFoundError:
        reason, advice = _missing(name)
        raise UnreadableFile(NOWHERE, name=name, reason=reason, advice=advice).error() from None
    except PermissionError:
        if os.path.isdir(name):  # so Windows reports a folder
            raise UnreadableFile(NOWHERE, name=name, reason="it is a folder", advice=_inside(name)).error() from None
        raise UnreadableFile(NOWHERE, name=name, reason="permission denied").error() from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(NOWHERE, name=name, reason=reason.lower()).error() from None
    if len(data) > LARGEST:
        found = f"{size:,} bytes" if size > LARGEST else "more than that"
        raise FileTooLarge(NOWHERE, name=name, size=found, limit=LARGEST).error()
    return data


def _refuse_binary(name: str, data: bytes) -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        advice = "it looks like UTF-16: save it as UTF-8 in your editor"
        raise _not_text(name, data, 0, "this begins a text in UTF-16", advice).error()
    zero = data.find(0)
    if zero >= 0:
        advice = "name a `.cnn` file, not weights or data"
        raise _not_text(name, data, zero, "no text has a byte of 0", advice).error()


def _not_text(name: str, data: bytes, offset: int, reason: str, advice: str = "") -> NotText:
    """The problem with its place: the text as far as it can be shown, the byte in it."""
    source = Source(name, data.decode("utf-8", "replace").replace("\0", "\ufffd"))
    start = len(data[:offset].decode("utf-8", "replace"))
    return NotText(
        Site(Span(source, start, start + 1)),
        name=name,
        reason=reason,
        advice=advice or "save it as UTF-8 in your editor",
        offset=offset,
        value=f"0x{data[offset]:02x}",
        line=data.count(b"\n", 0, offset) + 1,
    )


def _inside(folder: str) -> str:
    """The programs in a folder that was given in place of a file."""
    try:
        found = sorted(name for name in os.listdir(folder) if name.endswith(".cnn"))
    except OSError:
        found = []
    return f"name a file in it: {', '.join(found[:8])}" if found else "name a `.cnn` file"


def _missing(name: str) -> tuple[str, str]:
    """Why there is no file of a name, and what to do about it."""
    if os.path.islink(name):
        return f"it is a link to {os.readlink(name)}, which is not there", "make the link anew, or name the file itself"
    if name == "-":
        return "there is no such file", "`check` and `fmt` read standard input as `-`; name a file here"
    return "there is no such file", _beside(name)


def _beside(name: str) -> str:
    """The programs near a file that does not exist."""
    from cnndsl.suggest import closest

    folder = os.path.dirname(name) or "."
    try:
        found = sorted(each for each in os.listdir(folder) if each.endswith(".cnn"))
    except OSError:
        return f"there is no folder {os.path.dirname(name)} either"
    meant = closest(os.path.basename(name), found)
    if meant:
        return f"did you mean {os.path.join(os.path.dirname(name), meant)}?"
    return f"there is: {', '.join(found[:8])}" if found else "check the name"
