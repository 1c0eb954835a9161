"""What `cnnc` says without a command."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.cli import _commands
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import UnknownOption
from cnndsl.render._cells import wrap

WELCOME = """\
cnnc: convolutional networks from one readable file: checked, drawn, trained.

First steps
  cnnc new mynet                  writes mynet.cnn, small and commented
  cnnc check mynet.cnn            says everything that is wrong with it, or its size
  cnnc draw mynet.cnn -o net.svg  draws it
  cnnc train mynet.cnn --data sample --epochs 3 -o mynet.safetensors

Commands"""

ENDING = """
`cnnc help COMMAND` tells more about one, with examples; `cnnc --version` prints the version."""

OPTIONS = ("--help", "--version", "-h", "-V")


def run(arguments: Sequence[str], terminal: Terminal) -> int:
    """Prints the help or the version. Raises CnnError (E052) on any other option."""
    for option in arguments[:1]:
        if option in ("-V", "--version"):
            from cnndsl.cli._versions import version

            terminal.print(f"cnnc {version('cnndsl')}")
            return CLEAN
        if option not in OPTIONS:
            raise UnknownOption(NOWHERE, command="cnnc", option=option.partition("=")[0], options=OPTIONS).error()
    welcome(terminal)
    return CLEAN


def welcome(terminal: Terminal) -> None:
    """The commands, a line each."""
    terminal.print(WELCOME)
    names = _commands.names()
    indent = max(map(len, names)) + 4
    for name in names:
        first, *rest = wrap(_commands.summary(name), max(terminal.width - indent, 20) if terminal.width else None)
        terminal.print(f"  {name:<{indent - 2}}{first}")
        for line in rest:
            terminal.print(" " * indent + line)
    terminal.print(ENDING)
