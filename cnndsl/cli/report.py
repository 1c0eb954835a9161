"""Write a page that shows a net: diagram, formulas, receptive fields, memory, source.

Examples:
  cnnc report lenet5.cnn -o lenet5.html
  cnnc report unet.cnn --input 572x572x1 -o unet.html

The page is one file: it fetches nothing, so that it can be mailed, put on a server or shown in a lecture hall.
`cnnc serve` shows the same page and reloads it whenever the file is saved.
"""

from __future__ import annotations

import sys
from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument("-o", "--output", metavar="PAGE", required=True, help="the page to write, an .html file")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.report import write

    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    path = write(net.graph, options.output, net.diagnostics)
    terminal.print(f"wrote {path} ({path.stat().st_size / 1000:,.0f} kB)")
    return CLEAN
