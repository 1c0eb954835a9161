"""Print files in their one canonical form: comments kept, the meaning unchanged.

Examples:
  cnnc fmt net.cnn
  cnnc fmt nets/ --check
  cnnc fmt net.cnn --diff
  cnnc fmt - < net.cnn

Files are rewritten in place, with lines that end in a line feed alone; `-` reads standard input and prints the result.
Exit code: 0 done, 1 syntax errors, or files that --check would change, 2 an unreadable file.
"""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from cnndsl.cli._exit import CLEAN, ERRORS
from cnndsl.cli._files import expand, rewrite
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError
from cnndsl.files import read_source, standard_input
from cnndsl.format import formatted

if TYPE_CHECKING:
    from cnndsl.diagnostic import Diagnostic
    from cnndsl.source import Source


def arguments(parser: Parser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="files, folders, patterns, or - for standard input")
    parser.add_argument("--check", action="store_true", help="change nothing; name the files that would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")


def run(options: Any, terminal: Terminal) -> int:
    if options.files == ["-"]:
        source = standard_input()
        text = formatted(source)
        if options.check or options.diff:
            return ERRORS if _told(source, text, options, terminal) and options.check else CLEAN
        terminal.print(text.removesuffix("\n"))
        return CLEAN
    said: list[Diagnostic] = []
    changed = 0
    for file in expand(options.files):
        try:
            changed += _format(file, options, terminal)
        except CnnError as error:
            said += error.diagnostics
    if said:
        raise CnnError(said)
    return ERRORS if changed and options.check else CLEAN


def _format(file: str, options: Any, terminal: Terminal) -> bool:
    """Whether a file was not in canonical form. Raises CnnError."""
    source = read_source(file)
    text = formatted(source)
    if options.check or options.diff:
        return _told(source, text, options, terminal)
    if text == source.text:
        return False
    rewrite(file, text)
    terminal.print(f"formatted {file}")
    return True


def _told(source: Source, text: str, options: Any, terminal: Terminal) -> bool:
    """Whether a source would change; if so, what would is shown."""
    if text == source.text:
        return False
    name = source.name
    lines = source.text.splitlines(), text.splitlines()
    if lines[0] == lines[1]:
        terminal.print(f"would change {name}: only the ends of its lines")
    elif options.diff:
        terminal.print("\n".join(unified_diff(*lines, name, f"{name} (formatted)", lineterm="")))
    else:
        terminal.print(f"would change {name}")
    return True
