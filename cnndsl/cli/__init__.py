"""`cnnc`, the command: arguments in, text out, and what the exit code means.

0: clean, or warnings only. 1: errors. 2: the command line, or a file that cannot be read. 3: an
error of the compiler itself. 130: Ctrl-C. 141: nobody reads the output any more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from cnndsl.cli import _commands
from cnndsl.cli._exit import CLEAN, CLOSED, INTERNAL, INTERRUPTED, worst
from cnndsl.cli._terminal import Terminal, prepare, silence
from cnndsl.diagnostic import CnnError


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `cnnc` with these arguments (those of the process by default) and gives its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    prepare()
    try:
        code = _dispatch(arguments)
        Terminal(sys.stdout).flush()
        return code
    except CnnError as error:
        return _refuse(error, arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        silence()
        return CLOSED
    except Exception as error:
        return _apologize(error)


def _dispatch(arguments: list[str]) -> int:
    if arguments and not arguments[0].startswith("-"):
        return run(arguments[0], arguments[1:])
    from cnndsl.cli import _welcome

    return _welcome.run(arguments, Terminal(sys.stdout))


def run(name: str, arguments: Sequence[str]) -> int:
    """Runs one command. Raises CnnError."""
    from cnndsl.cli._options import Parser, before_dashes

    command = _commands.load(name)
    parser = Parser(name, (command.__doc__ or "").strip())
    command.arguments(parser)
    color = "--no-color" not in arguments
    if {"-h", "--help"} & set(before_dashes(arguments)):
        Terminal(sys.stdout).print(_commands.page(command, parser))
        return CLEAN
    return command.run(parser.parse(arguments), Terminal(sys.stdout, color=color))


def _refuse(error: CnnError, arguments: Sequence[str]) -> int:
    """Prints why the command could not do its work, behind what it has printed already."""
    with suppress(CnnError, OSError):
        Terminal(sys.stdout).flush()
    with suppress(CnnError, OSError):
        Terminal(sys.stderr, color="--no-color" not in arguments).show(error.diagnostics)
    silence()
    return worst(error.diagnostics)


def _apologize(error: Exception) -> int:
    from cnndsl.cli._internal import report

    if os.environ.get("CNNDSL_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    report(error, Terminal(sys.stderr))
    return INTERNAL
