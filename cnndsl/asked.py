"""What a caller asks for: a net of a file, `net.cnn:NAME`, its settings, and sizes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate.evaluate import whole_size
from cnndsl.elaborate.values import OPEN, described
from cnndsl.errors.base import Site
from cnndsl.errors.values import BadInputSize
from cnndsl.source import Source

#: a size as the language writes it ("64x64x3", with ? for an open extent) or as a tuple
Size = str | tuple[int | None, ...]


def split_name(path: str) -> tuple[str, str | None]:
    """`net.cnn:ResNet50` as the file and the name of the net; a drive letter is part of the path."""
    file, colon, name = path.rpartition(":")
    return (file, name) if colon and name.isidentifier() and file.endswith(".cnn") else (path, None)


def setting(text: str) -> tuple[str, syntax.Expression | None]:
    """`NAME=VALUE` from the command line: the name and the value as an expression of the language.

    None where the value cannot be read as one.
    """
    from cnndsl.parse import parse as parse_text

    name, _, value = text.partition("=")
    file, problems = parse_text(Source("--set", f"let {name.strip()} = {value}"))
    if problems or file is None or len(file.items) != 1 or not isinstance(file.items[0], syntax.Let):
        return name.strip(), None
    return name.strip(), file.items[0].value


def sizes_of(given: Size | Mapping[str, Size] | None) -> dict[str, tuple[int | None, ...]]:
    """Input sizes by name, "" for the only one. Raises CnnError for what is no size."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {"": given}
    return {name: _size(value) for name, value in given.items()}


def _size(value: Size) -> tuple[int | None, ...]:
    items: Any = value
    if isinstance(value, str):
        parts = value.strip().split("x")
        if all(part == "?" or (part.isascii() and part.isdigit()) for part in parts):
            items = tuple(None if part == "?" else int(part) for part in parts)
    size = None
    if isinstance(items, tuple | list | int):
        plain = tuple(items) if isinstance(items, tuple | list) else (items,)
        size = whole_size(tuple(OPEN if item is None else item for item in plain))
    if size is None:
        shown = f"`{value}`" if isinstance(value, str) else described(value)
        raise BadInputSize(Site(), value=shown).error()
    return size
