"""Tell about a command, or list all of them.

Examples:
  cnnc help
  cnnc help check
"""

from __future__ import annotations

from typing import Any

from cnndsl.cli import _welcome
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    parser.add_argument("command", metavar="COMMAND", nargs="?", help="the command to tell about")


def run(options: Any, terminal: Terminal) -> int:
    if options.command:
        from cnndsl.cli import run

        return run(options.command, ["--help"])
    _welcome.welcome(terminal)
    return CLEAN
