"""Draw a net: a box a layer, a frame a block, sizes on the arrows.

Examples:
  cnnc draw lenet5.cnn -o lenet5.svg
  cnnc draw resnet50.cnn -o resnet50.pdf --set classes=10
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
    parser.add_argument(
        "-o", "--output", metavar="PICTURE", required=True, help="the picture; its suffix says what: svg, png, pdf, dot"
    )


def run(options: Any, terminal: Terminal) -> int:
    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    terminal.print(f"wrote {net.draw(options.output)}")
    return CLEAN
