"""Write the reference of the whole language: grammar, every layer, every message.

Examples:
  cnnc reference -o reference.md
  cnnc reference

It is Markdown, made from the compiler's own code, so that it says what this version does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnndsl.cli import _topics
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten
from cnndsl.render.reference import reference
from cnndsl.replaced import replaced


def arguments(parser: Parser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it; without, it is printed")


def run(options: Any, terminal: Terminal) -> int:
    text = reference(_topics.layers(), _topics.problems())
    if options.output is None:
        terminal.print(text.removesuffix("\n"))
        return CLEAN
    try:
        with replaced(Path(options.output)) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise NotWritten(NOWHERE, what=f"`{options.output}`", reason=reason).error() from failure
    terminal.print(f"wrote {options.output}")
    return CLEAN
