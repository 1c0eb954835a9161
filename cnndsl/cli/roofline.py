"""Say what bounds each layer on a device, its peak or its memory, and the least time.

Examples:
  cnnc roofline resnet50.cnn --device a100 --batch 32 --dtype float16
  cnnc roofline resnet50.cnn --device this
  cnnc roofline --devices

A roofline is a bound and not a measurement. `cnnc calibrate` measures this machine, which is then the
device `this`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, count
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage

if TYPE_CHECKING:
    from cnndsl.analysis.shown import Shown


def arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="a .cnn file; FILE:NET picks one of its nets")
    _net.declare_changes(parser)
    parser.add_argument("--device", metavar="NAME", help="the device; `this` is what `cnnc calibrate` measured")
    parser.add_argument("--batch", metavar="N", type=count(1), default=1, help="examples at a time (1)")
    parser.add_argument("--dtype", metavar="TYPE", default="float32", help="the type of all numbers (float32)")
    parser.add_argument("--devices", action="store_true", help="list the devices, with their sources")
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def choices() -> dict[str, tuple[str, ...]]:
    """What options can be, for the help."""
    from cnndsl.analysis.bytes import WIDTHS
    from cnndsl.analysis.devices import THIS, published

    return {"--device": (*published(), THIS), "--dtype": tuple(WIDTHS)}


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.render.page import text

    found = _found(options)
    if options.json:
        import json

        terminal.print(json.dumps(found.to_dict(), indent=2))
    else:
        terminal.print(text(found.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    return CLEAN


def _found(options: Any) -> Shown:
    from cnndsl.analysis.devices import device, known
    from cnndsl.analysis.roofline import roofline

    if options.devices:
        return known()
    if options.file is None or options.device is None:
        message = "give a file and --device NAME, or --devices for the list of them"
        raise BadUsage(NOWHERE, "cnnc roofline", message, "cnnc roofline FILE --device NAME").error()
    chosen = device(options.device)
    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    return roofline(net.graph, chosen, batch=options.batch, dtype=options.dtype)
