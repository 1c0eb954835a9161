"""Measure this machine for `cnnc roofline --device this`, in a few seconds.

Examples:
  cnnc calibrate
  cnnc calibrate --backend mlx

The profile is kept in the user's settings and replaces the one before.
"""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._progress import progress
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten

if TYPE_CHECKING:
    from pathlib import Path

    from cnndsl.analysis.devices import Device
    from cnndsl.analysis.measure import Probe


def arguments(parser: Parser) -> None:
    parser.add_argument("--backend", metavar="NAME", default="auto", help="what computes (auto)")
    parser.add_argument("--json", action="store_true", help="print the profile as JSON")


def choices() -> dict[str, tuple[str, ...]]:
    """What options can be, for the help."""
    return {"--backend": ("auto", *import_module("cnndsl.backends").names())}


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.analysis.devices import profile
    from cnndsl.analysis.measure import measure, told

    backend = import_module("cnndsl.backends").load(options.backend)
    path = profile()
    if path is None:
        reason = "there is no home folder; XDG_CONFIG_HOME names the folder of settings"
        raise NotWritten(NOWHERE, what="the profile", reason=reason).error()
    probe = cast("Probe", import_module(f"cnndsl.backends.{backend.name}.probe"))
    name = f"{backend.name} on {backend.device()}"
    made = measure(probe, name, date.today().isoformat(), progress("measuring "))
    _keep(path, made)
    if options.json:
        import json

        terminal.print(json.dumps({"schema": 1, **made.to_dict()}, indent=2))
        return CLEAN
    for line in (name, *told(made), f"kept in {path}: cnnc roofline FILE --device this"):
        terminal.print(line)
    return CLEAN


def _keep(path: Path, made: Device) -> None:
    from cnndsl.analysis.devices import write

    try:
        write(path, made)
    except OSError as failure:
        raise NotWritten(NOWHERE, what=f"`{path}`", reason=failure.strerror or str(failure)).error() from failure
