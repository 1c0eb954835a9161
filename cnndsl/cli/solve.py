"""Solve W2 = (W - F + 2P)/S + 1 for the letters that are left open, with all answers.

Examples:
  cnnc solve "W=224, F=5, S=2"
  cnnc solve "W2=112, W=224, F=3"
  cnnc solve "W2=28, F=5, S=1, P=same"
  cnnc solve "W=6, F=3, S=2, P=0, ceil=true"
  cnnc solve "W=64, W2=64, S=1, P=2, D=?"

W2 is the extent that comes out of a convolution or pool, W the one that goes in, F the kernel, S the
stride, P the padding: a number, (lo, hi), same or valid. D, the dilation, is 1 unless it is given.
"""

from __future__ import annotations

from typing import Any

from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    parser.add_argument("formula", metavar="FORMULA", nargs="+", help="letters and numbers: W=224, F=5, S=2")
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.analysis.quantities import read
    from cnndsl.analysis.solve import solve
    from cnndsl.errors.base import Refused
    from cnndsl.render.solution import solution

    try:
        found = solve(read(_joined(options.formula)))
    except Refused as refused:
        raise refused.problem.error() from None
    if options.json:
        import json

        terminal.print(json.dumps(found.to_dict(), indent=2))
    else:
        terminal.print(solution(found, terminal.width))
    return CLEAN


def _joined(words: list[str]) -> str:
    """One text of several words: `W=224 F=5` without a comma is as good."""
    return ", ".join(word.strip().rstrip(",") for word in words)
