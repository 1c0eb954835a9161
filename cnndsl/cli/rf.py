"""Print receptive fields: of all layers, of one, or what one position reads or reaches.

Examples:
  cnnc rf vgg16.cnn
  cnnc rf resnet50.cnn --input 225x225x3
  cnnc rf vgg16.cnn conv5
  cnnc rf vgg16.cnn conv5@3,4
  cnnc rf vgg16.cnn --from input@3,4
  cnnc rf unet.cnn --json

conv5 alone shows its field, how often it uses a weight and how densely it is connected; conv5@3,4 is its
row 3 and column 4, counted from 0 (a series has one number, a clip three, a vector none: fc1@).
The field is what a position sees from the first cell to the last, the jump how far its neighbour is.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.regions import NoPosition
from cnndsl.errors.usage import BadUsage

if TYPE_CHECKING:
    from cnndsl.analysis.shown import Shown
    from cnndsl.net import Net


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument(
        "position", metavar="PATH[@POSITION]", nargs="?", help="a layer, or what its one position reads, exactly"
    )
    parser.add_argument("--from", dest="start", metavar="PATH@POSITION", help="which positions that one reaches")
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.render.page import text

    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    found = _asked(net, options)
    if options.json:
        import json

        terminal.print(json.dumps(found.to_dict(), indent=2))
    else:
        terminal.print(text(found.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    return CLEAN


def _asked(net: Net, options: Any) -> Shown:
    if options.position is not None and options.start is not None:
        usage = "cnnc rf FILE PATH@POSITION, or cnnc rf FILE --from PATH@POSITION"
        raise BadUsage(NOWHERE, "cnnc rf", "one position at a time: what it reads, or what it reaches", usage).error()
    if options.position is not None and "@" not in options.position:
        return net.connections(options.position)
    if options.position is not None:
        return net.region(*_position(options.position))
    if options.start is not None:
        return net.influence(*_position(options.start))
    return net.receptive_field()


def _position(text: str) -> tuple[str, tuple[int, ...]]:
    """`conv5@3,4` as the path and the numbers, of which a vector has none. Raises CnnError (E067)."""
    match = re.fullmatch(r"([^@\s]+)(?:@(\d{1,18}(?:\s*,\s*\d{1,18})*)?)?", text.strip())
    if match is None:
        raise NoPosition(NOWHERE, text).error()
    return match[1], tuple(map(int, match[2].split(","))) if match[2] else ()
