"""The settings of a project: the table `[tool.cnnc]` of the nearest `pyproject.toml` that has one."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.settings import BadSetting, UnreadableSettings
from cnndsl.record import Record
from cnndsl.source import Source, Span
from cnndsl.suggest import closest

if TYPE_CHECKING:
    from cnndsl.lints._selection import Wish

NAME = "pyproject.toml"
#: what a text needs to be worth reading; reading TOML costs 5 ms
MARK = re.compile(r"tool[\s\"'.\]\[]*cnnc|cnnc[^\n]*=")
LISTS = ("select", "ignore", "error")
SWITCHES = ("strict", "error-on-warning")


class Project(Record):
    """What a project wants of every check: wishes about lints, and switches that are on."""

    wishes: tuple[Wish, ...] = ()
    strict: bool = False
    error_on_warning: bool = False


def project_of(file: str) -> Project:
    """The settings for a file: from its folder or the nearest one above. Raises CnnError (E080 to E082)."""
    return _project(os.path.dirname(os.path.abspath(file)))


def forget() -> None:
    """Reads the files again at the next question."""
    _project.cache_clear()


@cache
def _project(folder: str) -> Project:
    path = os.path.join(folder, NAME)
    found = _read(path) if os.path.isfile(path) else None
    if found is not None:
        return found
    above = os.path.dirname(folder)
    return _project(above) if above != folder else Project()


def _read(path: str) -> Project | None:
    """The settings of a file of a project; None if it has none."""
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError):
        return None
    if not MARK.search(text):
        return None
    # Imported for these files only: a check of a project without settings is to be fast.
    from cnndsl.cli import _toml

    source = Source(_shown(path), text)
    try:
        table = _toml.tables(source).get("tool", {}).get("cnnc")
    except _toml.Unreadable as error:
        raise UnreadableSettings(error.where, file=source.name, reason=error.reason).error() from error
    return None if table is None else _settings(table, source)


def _shown(path: str) -> str:
    """A path as the user would write it."""
    below = os.path.relpath(path)
    return path if below.startswith(os.path.join("..", "..", "..")) else below


def _settings(table: Any, source: Source) -> Project:
    if not isinstance(table, dict):
        advice = 'it is a table: `[tool.cnnc]`, and below it lines such as `select = ["advice"]`'
        raise BadSetting(_key("cnnc", source), source.name, "this is no table", advice).error()
    wishes: list[Wish] = []
    for key, value in table.items():
        if key in LISTS:
            wishes += _wishes(key, value, source)
        elif key not in SWITCHES:
            meant = closest(key, (*LISTS, *SWITCHES))
            advice = f"did you mean `{meant}`?" if meant else f"it may have {', '.join((*LISTS, *SWITCHES))}"
            raise BadSetting(_key(key, source), source.name, f"there is no `{key}`", advice, meant).error()
        elif not isinstance(value, bool):
            raise BadSetting(_key(key, source), source.name, f"`{key}` is no switch", "write `true` or `false`").error()
    return Project(tuple(wishes), table.get("strict", False), table.get("error-on-warning", False))


def _wishes(key: str, value: Any, source: Source) -> list[Wish]:
    from cnndsl.lints._selection import Wish

    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        advice = f'write a list of lints: `{key} = ["advice", "W201"]`'
        raise BadSetting(_key(key, source), source.name, f"`{key}` is no list of words", advice).error()
    return [Wish(key, word, f"{key} in {source.name}", _word(key, word, source)) for word in value]


# ---- places: TOML is read by a library that gives none -----------------------------------------------


def _table(source: Source) -> int:
    """Where `[tool.cnnc]` begins."""
    header = re.search(r"^\s*\[\s*tool\s*\.\s*cnnc\s*\]", source.text, re.MULTILINE)
    return header.end() if header else 0


def _key(key: str, source: Source) -> Site:
    """The place of a key of the table."""
    from cnndsl.cli import _toml

    return _toml.key(key, source, _table(source))


def _word(key: str, word: str, source: Source) -> Site:
    """The place of a word in a list, without its quotes."""
    place = _key(key, source).span
    found = re.compile(rf"""["']{re.escape(word)}["']""").search(source.text, place.end) if place else None
    return Site(Span(source, found.start() + 1, found.end() - 1)) if found else NOWHERE
