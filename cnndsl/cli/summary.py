"""Print the layers of a net with their volumes, parameters and multiply-accumulates.

Examples:
  cnnc summary resnet50.cnn
  cnnc summary resnet50.cnn --input 160x160x3
  cnnc summary resnet50.cnn --sharing
  cnnc summary resnet50.cnn --count timm --params keras
  cnnc summary resnet50.cnn --conventions
  cnnc summary resnet50.cnn --memory --batch 32 --dtype bfloat16
  cnnc summary resnet50.cnn --fits 16GB --optimizer sgd
  cnnc summary resnet50.cnn --json
"""

from __future__ import annotations

import sys
from typing import Any

from cnndsl.cli import _memory, _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, word
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1, exact whole numbers)")
    from cnndsl.analysis.conventions import OPERATIONS, VALUES
    from cnndsl.analysis.cost import USUAL
    from cnndsl.render import parts

    parser.add_argument(
        "--count",
        metavar="HOW",
        type=word("--count", OPERATIONS),
        default=USUAL[0],
        help=f"how operations are counted: {', '.join(OPERATIONS)}",
    )
    parser.add_argument(
        "--params",
        metavar="HOW",
        type=word("--params", VALUES),
        default=USUAL[1],
        help=f"how parameters are counted: {', '.join(VALUES)}",
    )
    _memory.declare(parser)
    for name in parts.names():
        module = parts.load(name)
        takes = {"metavar": module.METAVAR} if hasattr(module, "METAVAR") else {"action": "store_true"}
        parser.add_argument(f"--{name}", **takes, help=(module.__doc__ or "").split("\n")[0].rstrip("."))


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.render.summary import chosen, document, summary

    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    added = chosen(net.graph, {**vars(options), **_memory.settings(options)})
    if options.json:
        import json

        terminal.print(json.dumps(document(net.graph, added, options.count, options.params), indent=2))
    else:
        how = (options.count, options.params)
        made = summary(net.graph, added, *how, color=terminal.color, width=terminal.width, unicode=terminal.unicode)
        terminal.print(made)
    return CLEAN
