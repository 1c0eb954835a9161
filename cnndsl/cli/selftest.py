"""Run every operation on every device found, and tell what differs.

Examples:
  cnnc selftest
  cnnc selftest --json selftest.json

Values, gradients and some steps of training of about 130 small nets; under two minutes. The exit code is 1
when anything differs: put the JSON into an issue then.
"""

from __future__ import annotations

from typing import Any

from cnndsl.cli._exit import CLEAN, ERRORS
from cnndsl.cli._options import Parser
from cnndsl.cli._progress import progress
from cnndsl.cli._terminal import Terminal


def arguments(parser: Parser) -> None:
    parser.add_argument("--json", metavar="FILE", help="write every result to a JSON file, too (schema 1)")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.render._cells import wrap
    from cnndsl.render.page import text
    from cnndsl.selftest import selftest

    found = selftest(say=progress())
    terminal.print(text(found.page(), color=terminal.color, width=terminal.width, unicode=terminal.unicode))
    if options.json:
        import json

        from cnndsl.cli._files import rewrite

        rewrite(options.json, json.dumps(found.to_dict()) + "\n")
        terminal.print("\n" + "\n".join(wrap(f"written to {options.json}", terminal.width)))
    return CLEAN if found.passed else ERRORS
