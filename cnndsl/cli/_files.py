"""The files that a command line names: files, folders, patterns, and `file.cnn:Net`."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cnndsl.asked import split_name
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NoFiles, NotWritten

if TYPE_CHECKING:
    from cnndsl.pipeline import Checked

SUFFIX = ".cnn"
#: of a file that someone may write to, whoever asks
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def expand(arguments: Iterable[str]) -> list[str]:
    """Every file that the arguments mean, in their order and each once.

    A folder means all `.cnn` files in it and below, hidden folders left out; a pattern that no shell
    has expanded means what matches. Raises CnnError (E055) for a folder or pattern without files.
    """
    found: dict[str, None] = {}
    for argument in arguments:
        files = list(_files(argument))
        if not files:
            raise NoFiles(NOWHERE, pattern=argument).error()
        found.update(dict.fromkeys(files))
    return list(found)


def imported(checked: Checked) -> list[str]:
    """The files that a program imports, and what these import, those of the zoo left out."""
    folder = os.path.dirname(checked.source.name)
    return [os.path.join(folder, name) for name in checked.module.imports] if checked.module else []


def rewrite(file: str, text: str, *, marked: bool = False) -> None:
    """Replaces a file's text, written beside it first. Raises CnnError (E058), as for a file that is read-only.

    A byte order mark stays if `marked` says so.
    """
    from pathlib import Path

    from cnndsl.replaced import replaced

    path = Path(file)
    if path.exists() and not path.stat().st_mode & WRITABLE:
        raise NotWritten(NOWHERE, what=f"`{file}`", reason="it is read-only").error()
    try:
        mark = codecs.BOM_UTF8 if marked and path.read_bytes().startswith(codecs.BOM_UTF8) else b""
        with replaced(path) as beside:
            beside.write_bytes(mark + text.encode())
    except OSError as failure:
        raise NotWritten(NOWHERE, what=f"`{file}`", reason=failure.strerror or str(failure)).error() from failure


def _files(argument: str) -> Iterator[str]:
    path, net = split_name(argument)
    if argument == "-":
        yield argument
    elif os.path.isdir(path):
        yield from _below(path)
    elif any(sign in path for sign in "*?[") and not os.path.exists(path):
        from glob import glob

        matches = sorted(file for file in glob(path, recursive=True) if not os.path.isdir(file))
        yield from (f"{file}:{net}" if net else file for file in matches)
    else:
        yield argument


def _below(folder: str) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(path, name) for name in sorted(files) if name.endswith(SUFFIX))
