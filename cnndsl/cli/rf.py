"""Print the receptive fields of a net's layers: size, jump and first centre.

Examples:
  cnnc rf vgg16.cnn
  cnnc rf resnet50.cnn --input 225x225x3
  cnnc rf unet.cnn --json
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
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.render.page import text

    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    found = net.receptive_field()
    if options.json:
        import json

        terminal.print(json.dumps(found.to_dict(), indent=2))
    else:
        terminal.print(text(found.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    return CLEAN
