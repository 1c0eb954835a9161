"""Print a stage of the compiler: a file's tree, a net's graph, or its program.

Examples:
  cnnc show lenet5.cnn --stage graph
  cnnc show resnet.cnn:ResNet50 --stage program --input 64x64x3
"""

from __future__ import annotations

from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, word
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError

STAGES = ("tree", "graph", "program")


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument(
        "--stage",
        metavar="STAGE",
        type=word("--stage", STAGES),
        default="graph",
        help="tree, graph (the default) or program",
    )


def run(options: Any, terminal: Terminal) -> int:
    stages = {"tree": _tree, "graph": _graph, "program": _program}
    terminal.print(stages[options.stage](options))
    return CLEAN


def _tree(options: Any) -> str:
    from cnndsl.asked import split_name
    from cnndsl.files import read_source
    from cnndsl.parse import parse
    from cnndsl.render import stages

    file, problems = parse(read_source(split_name(options.file)[0]))
    if problems or file is None:
        raise CnnError([problem.diagnostic() for problem in problems])
    return stages.tree(file)


def _graph(options: Any) -> str:
    from cnndsl.render import stages

    return stages.graph(_net.load(options).graph)


def _program(options: Any) -> str:
    from cnndsl.lower import show

    return show(_net.load(options).program())
