"""Compare two nets: layers, parameters, MACs, memory, receptive field.

Examples:
  cnnc diff old.cnn new.cnn
  cnnc diff resnet.cnn:ResNet18 resnet.cnn:ResNet34
  cnnc diff old.cnn new.cnn --input 160x160x3 --json

Layers are matched by what they are and by their order, so that one put in does not change all behind
it: those that only have another path now are told apart. `--set` and `--input` are for both nets.

Exit code: 0 the same, 1 different, 2 a file that is wrong or cannot be read.
"""

from __future__ import annotations

import sys
from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN, ERRORS, USAGE
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError


def arguments(parser: Parser) -> None:
    parser.add_argument("before", metavar="BEFORE", help="a .cnn file; FILE:NET picks one of its nets, else the last")
    parser.add_argument("after", metavar="AFTER", help="the file or net to compare with it")
    _net.declare_changes(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1, exact whole numbers)")


def run(options: Any, terminal: Terminal) -> int:
    import cnndsl
    from cnndsl.analysis.difference import difference
    from cnndsl.render.page import text

    settings, sizes = _net.settings(options.set), _net.sizes(options.input)
    try:
        nets = [cnndsl.load(file, set=settings, input=sizes) for file in (options.before, options.after)]
    except CnnError as error:
        Terminal(sys.stderr, color=not options.no_color).show(error.diagnostics)
        return USAGE
    found = difference(nets[0].graph, nets[1].graph)
    if options.json:
        import json

        terminal.print(json.dumps(found.to_dict(), indent=2))
    else:
        terminal.print(text(found.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    return CLEAN if found.same else ERRORS
