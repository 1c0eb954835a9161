"""Parts of the summary that are shown when they are asked for: a module here is an option, `--rf`, `--memory`.

A module's docstring is the help of its option, and its `part(graph, options)` gives what it adds. `options` are those
of the command line by name. A module with a METAVAR is an option that takes a value of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from cnndsl.analysis.shown import Fact, Facts, Table
from cnndsl.discover import modules
from cnndsl.graph import Graph
from cnndsl.record import Record


def number(count: int | None) -> str:
    """A count with separators of thousands, `?` for one that is open; nothing for none."""
    return "?" if count is None else f"{count:,}" if count else ""


def total(count: int | None) -> str:
    """A total with separators of thousands; `?` for one that is open."""
    return "?" if count is None else f"{count:,}"


class Column(Record):
    """A column: its heading, a value for every layer in order of execution, and how a value is written.

    `key` is the name of the values in JSON, where they stand as they are.
    """

    heading: str
    values: tuple[Any, ...]
    written: Callable[[Any], str] = number
    key: str = ""
    justify: str = "right"


class Part(Record):
    """What is added to a summary: columns, facts below the table, blocks behind those.

    `data` is what JSON says of the whole network beside the columns' values.
    """

    columns: tuple[Column, ...] = ()
    facts: tuple[Fact, ...] = ()
    blocks: tuple[Table | Facts, ...] = ()
    data: Mapping[str, Any] = {}


class Module(Protocol):
    """What a module of this package offers."""

    __doc__: str | None

    def part(self, graph: Graph, options: Mapping[str, Any]) -> Part:
        """What the option adds."""


def names() -> list[str]:
    """The parts that can be asked for, in alphabetical order."""
    return modules(__path__)


def load(name: str) -> Module:
    """The part of that name, one of `names()`."""
    return cast(Module, import_module(f"{__name__}.{name}"))
