"""Say which sizes the inputs of a net can have, and which layers ask for them.

Examples:
  cnnc sizes resnet50.cnn
  cnnc sizes unet.cnn --set classes=3
  cnnc sizes net.cnn --json

For each spatial axis: the extents that fit at all, those where no row of cells is left unread, those
where every division by a stride is exact, and those that trained weights fit where a layer fixes them.
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
    found = net.sizes()
    if options.json:
        import json

        terminal.print(json.dumps(found.to_dict(), indent=2))
    else:
        terminal.print(text(found.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    return CLEAN
