"""Look at data: sizes, classes and their balance, mean and deviation.

Examples:
  cnnc data inspect sample
  cnnc data inspect photos/ --shape 64x64x3 --sheet photos.png
  cnnc data inspect mnist:data/mnist --json

The line `in a net` is a layer for the program that gives each channel mean 0 and deviation 1. A contact
sheet shows examples of every class.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError
from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, count, word
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    parser.add_argument("action", metavar="inspect", type=word("action", ("inspect",)), help="what to do")
    parser.add_argument("data", metavar="DATA", help="a name, or the path of a folder or file")
    parser.add_argument("--sheet", metavar="FILE.png", help="write a contact sheet")
    parser.add_argument("--shape", metavar="SIZE", type=_size, help="bring images to this size: 64x64x3")
    parser.add_argument("--corrupt", metavar="WORD", default="skip", help="skip unreadable images, or fatal (skip)")
    parser.add_argument("-x", metavar="COLUMN", help="the column of images of a table, or the array of an .npz file")
    parser.add_argument("-y", metavar="COLUMN", help="the column or array of labels")
    parser.add_argument("--limit", metavar="N", type=count(1), help="read at most N training examples, evenly spread")
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def _size(text: str) -> tuple[int, ...]:
    """The type of an option that takes height, width and channels."""
    if not re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}x[13]", text):
        raise ArgumentTypeError(f"takes height, width and 1 or 3 channels such as 64x64x3, not `{text}`")
    return tuple(map(int, text.split("x")))


def choices() -> dict[str, tuple[str, ...]]:
    """What options can be, for the help."""
    from cnndsl.data import loaders
    from cnndsl.data.loader import FATAL, SKIP

    return {"DATA": tuple(loader.form for loader in loaders() if loader.text), "--corrupt": (SKIP, FATAL)}


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl import data
    from cnndsl.data.inspect import inspect

    with _net.warnings_to(Terminal(sys.stderr, color=not options.no_color)):
        found = data.open(options.data, shape=options.shape, corrupt=options.corrupt, x=options.x, y=options.y)
        result = inspect(found, options.limit)
    if options.json:
        import json

        terminal.print(json.dumps(result.to_dict(), indent=2))
    else:
        from cnndsl.render.page import text

        terminal.print(text(result.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    if options.sheet:
        from cnndsl.data.sheet import sheet

        sheet(found.train, options.sheet)
    return CLEAN
