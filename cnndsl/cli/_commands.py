"""The commands of `cnnc`, found by file name: a module of this package is a command, unless it begins with `_`.

A command's docstring is its help: the first line says what it does, a section `Examples:` shows it.
Only the command that runs is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from cnndsl.discover import modules
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import UnknownCommand

if TYPE_CHECKING:
    from cnndsl.cli._options import Parser
    from cnndsl.cli._terminal import Terminal

PACKAGE = "cnndsl.cli"


class Command(Protocol):
    """What a command's module offers."""

    __doc__: str | None

    def arguments(self, parser: Parser) -> None:
        """Declares what the command takes."""

    def run(self, options: Any, terminal: Terminal) -> int:
        """Does it, prints to the terminal, and gives the exit code. Raises CnnError."""


def names() -> tuple[str, ...]:
    """All commands, in alphabetical order."""
    found = modules(import_module(PACKAGE).__path__)
    return tuple(name for name in found if not name.startswith("_"))


def load(name: str) -> Command:
    """The command of that name; raises CnnError (E051) if there is none."""
    if name not in names():
        raise UnknownCommand(NOWHERE, name=name, commands=names()).error()
    return cast(Command, import_module(f"{PACKAGE}.{name}"))


def page(command: Command, parser: Parser) -> str:
    """The help of a command. Its function `choices`, if it has one, lists what its options can be."""
    choices: dict[str, Sequence[str]] = getattr(command, "choices", dict)()
    lines = [f"  {name}: {', '.join(words)}" for name, words in choices.items()]
    return "\n".join([parser.format_help().rstrip(), *(["", "what can be chosen:", *lines] if lines else [])])


def summary(name: str) -> str:
    """The first line of a command's help."""
    return (load(name).__doc__ or "").strip().partition("\n")[0]
