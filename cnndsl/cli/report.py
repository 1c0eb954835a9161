"""Write a page that shows a net: diagram, formulas, receptive fields, memory, source.

Examples:
  cnnc report lenet5.cnn -o lenet5.html
  cnnc report unet.cnn --input 572x572x1 -o unet.html
  cnnc report lenet5.cnn --weights lenet5.safetensors --data sample -o lenet5.html

With trained weights it shows the filters; with data, too, the scores of its test examples (2,000 of them at most),
the confusion matrix and the worst mistakes. The page is one file: it fetches nothing, so that it can be mailed, put
on a server or shown in a lecture hall. `cnnc serve` shows it, and again whenever the file is saved.
"""

from __future__ import annotations

import sys
from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument("--weights", metavar="WEIGHTS", help="show what was learned: a .safetensors file")
    parser.add_argument("--data", metavar="DATA", help="with --weights: data to show scores of, a name or a path")
    parser.add_argument("-o", "--output", metavar="PAGE", required=True, help="the page to write, an .html file")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.report import write

    if options.data is not None and options.weights is None:
        wrong = "--data shows what trained weights make of it, and there are none"
        raise BadUsage(NOWHERE, "cnnc report", wrong, "cnnc report FILE --weights WEIGHTS --data DATA -o PAGE").error()
    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    more = {}
    if options.weights is not None:
        from cnndsl.report.learned import learned

        more = learned(net, options.weights, options.data)
    path = write(net.graph, options.output, net.diagnostics, more)
    terminal.print(f"wrote {path} ({path.stat().st_size / 1000:,.0f} kB)")
    return CLEAN
