"""The options of one command: argparse, with the errors of this project and a "did you mean".

argparse costs 3 ms beside what the compiler imports anyway, a tenth of the parsers that are nicer.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage, UnknownOption, UnknownWord


class Parser(argparse.ArgumentParser):
    """The parser of one command; it never exits, it raises CnnError."""

    def __init__(self, command: str, help: str) -> None:
        super().__init__(
            prog=f"cnnc {command}",
            description=help,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=28),
            add_help=False,
            allow_abbrev=False,
        )
        self.known: list[str] = []
        self.add_argument("-h", "--help", action="store_true", help="show this help")
        self.add_argument("--no-color", action="store_true", help="print without colours (also: NO_COLOR=1)")

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        action = super().add_argument(*names, **settings)
        self.known += action.option_strings
        return action

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options; raises CnnError: E052 to E054 and what the types of the arguments raise."""
        for argument in before_dashes(arguments):
            # Looked for first, because argparse would complain about what it then takes for a file.
            if argument.startswith("-") and not re.fullmatch(r"-|-\.?\d.*", argument) and not self.knows(argument):
                option = argument.partition("=")[0]
                raise UnknownOption(NOWHERE, command=self.prog, option=option, options=tuple(self.known)).error()
        found, left = self.parse_known_args(list(arguments))
        # a word behind an option (`FILE --input SIZE PATH`) is taken as if it stood before it; argparse would not
        return self.parse_intermixed_args(list(arguments)) if left else found

    def knows(self, argument: str) -> bool:
        if argument.startswith("--"):
            return argument.partition("=")[0] in self.known
        return argument[:2] in self.known

    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().split())
        raise BadUsage(NOWHERE, command=self.prog, message=message, usage=usage).error()


def before_dashes(arguments: Sequence[str]) -> list[str]:
    """The arguments before `--`, among which options are looked for."""
    found = list(arguments)
    return found[: found.index("--")] if "--" in found else found


def word(option: str, words: Iterable[str]) -> Callable[[str], str]:
    """The type of an option that takes one of a few words."""
    allowed = tuple(words)

    def accept(text: str) -> str:
        if text not in allowed:
            raise UnknownWord(NOWHERE, option=option, word=text, words=allowed).error()
        return text

    return accept


def count(least: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number of `least` or more."""

    def accept(text: str) -> int:
        if re.fullmatch(r"\+?\d{19,}", text):
            raise argparse.ArgumentTypeError(f"takes a whole number of at most 18 digits, not `{text}`")
        number = int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
        if number is None or number < least:
            raise argparse.ArgumentTypeError(f"takes a whole number of {least} or more, not `{text}`")
        return number

    return accept


def positive(text: str) -> float:
    """The type of an option that takes a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"takes a number above 0, not `{text}`")
    return number
