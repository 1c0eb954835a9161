"""What commands that work on a net have in common: its file, `--set` and `--input`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadAssignment, GivenTwice

if TYPE_CHECKING:
    from cnndsl.cli._options import Parser
    from cnndsl.cli._terminal import Terminal
    from cnndsl.net import Net


def declare(parser: Parser) -> None:
    """`FILE`, for one net, and what changes it."""
    parser.add_argument("file", metavar="FILE", help="a .cnn file; FILE:NET picks one of its nets, else the last one")
    declare_changes(parser)


def declare_changes(parser: Parser) -> None:
    """`--set` and `--input`."""
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="give a parameter of the net a value"
    )
    parser.add_argument(
        "--input",
        metavar="SIZE",
        action="append",
        default=[],
        help="replace the size of the input: 64x64x3, or NAME=64x64x3 where there are several",
    )


def load(options: Any) -> Net:
    """The net that the options mean. Raises CnnError."""
    import cnndsl

    return cnndsl.load(options.file, set=settings(options.set), input=sizes(options.input))


def settings(texts: Iterable[str]) -> dict[str, Any]:
    """Parameters by name, their values as expressions of the language. Raises CnnError (E060, E061)."""
    from cnndsl.asked import setting

    found: dict[str, Any] = {}
    for text in texts:
        name, value = setting(text)
        if "=" not in text or not name or value is None:
            raise BadAssignment(NOWHERE, option="--set", text=text, example="classes=10").error()
        _once("--set", name, found)
        found[name] = value
    return found


def sizes(texts: Iterable[str]) -> dict[str, str]:
    """Sizes of inputs by name, "" for the only one. Raises CnnError (E060, E061)."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, size = text.rpartition("=")
        if not size or (sign and not name.strip().isidentifier()):
            raise BadAssignment(NOWHERE, option="--input", text=text, example="left=64x64x3").error()
        _once("--input", name.strip(), found)
        found[name.strip()] = size
    return found


def _once(option: str, name: str, found: dict[str, Any]) -> None:
    if name in found:
        raise GivenTwice(NOWHERE, option=option, name=name or "the size").error()


def warn(net: Net, terminal: Terminal) -> None:
    """Prints the warnings of a net, if it has any."""
    if net.diagnostics:
        terminal.show(net.diagnostics)


@contextmanager
def warnings_to(terminal: Terminal) -> Iterator[None]:
    """Prints what `compile` and `fit` warn of as messages, each once."""
    import warnings

    from cnndsl.diagnostic import CnnWarning

    others = warnings.showwarning

    def show(message: Warning | str, *place: Any, **more: Any) -> None:
        if isinstance(message, CnnWarning):
            terminal.show((message.diagnostic,))
        else:
            others(message, *place, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", CnnWarning)
        warnings.showwarning = show
        yield
