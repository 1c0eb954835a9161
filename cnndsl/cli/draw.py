"""Draw a net: boxes of layers, sizes on the arrows; equal blocks are folded.

Examples:
  cnnc draw lenet5.cnn -o lenet5.svg
  cnnc draw lenet5.cnn -o lenet5.pdf --style sizes
  cnnc draw resnet50.cnn -o resnet50.svg --expand stage3
  cnnc draw resnet50.cnn -o resnet50.png --depth 2 --with params,macs,rf --dark

Without --depth and --expand, blocks are opened as deep as can be read on a printed page (A4).
"""

from __future__ import annotations

import sys
from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, count
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument(
        "-o", "--output", metavar="PICTURE", required=True, help="the picture; its suffix says what: svg, png, pdf, dot"
    )
    parser.add_argument("--depth", metavar="N", type=count(0), help="open blocks N frames deep: 0 closes all of them")
    parser.add_argument(
        "--expand", metavar="PATH", action="append", default=[], help="open a block with all that is in it: stage3"
    )
    parser.add_argument("--style", metavar="STYLE", default="plain", help="plain, or sizes: boxes drawn to scale")
    parser.add_argument("--direction", metavar="WAY", help="tb (top to bottom) or lr (left to right)")
    parser.add_argument(
        "--with", dest="extras", metavar="FACTS", action="append", default=[], help="in the boxes: params, macs, rf"
    )
    parser.add_argument("--dark", action="store_true", help="light on dark")


def run(options: Any, terminal: Terminal) -> int:
    messages = Terminal(sys.stderr, color=not options.no_color)
    net = _net.load(options)
    _net.warn(net, messages)
    names = ("depth", "expand", "style", "direction", "extras", "dark")
    with _net.warnings_to(messages):
        path = net.draw(options.output, **{name: getattr(options, name) for name in names})
    terminal.print(f"wrote {path}")
    return CLEAN
