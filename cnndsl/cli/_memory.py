"""What memory is asked for: `--batch`, `--dtype`, `--optimizer` and `--loss` of `--memory` and `--fits`."""

from __future__ import annotations

from typing import Any

from cnndsl.cli._options import Parser, count
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage


def declare(parser: Parser) -> None:
    """The options; one that is left out is None."""
    from cnndsl.analysis.bytes import WIDTHS

    parser.add_argument("--batch", metavar="N", type=count(1), help="of --memory: examples at a time (1)")
    parser.add_argument("--dtype", metavar="TYPE", help=f"of --memory, --fits: {', '.join(WIDTHS)} (float32)")
    parser.add_argument("--optimizer", metavar="NAME", help="of --memory, --fits: how weights are updated (adam)")
    parser.add_argument("--loss", metavar="NAME", help="of --memory, --fits: what is minimized (cross_entropy)")


def settings(options: Any) -> dict[str, Any]:
    """The update rule that is named, for the parts of the summary, which know none by name.

    Raises CnnError (E521), and E053 where an option would change nothing.
    """
    from cnndsl.render.parts.memory import SETTINGS
    from cnndsl.train.optimizers import optimizer

    useful = SETTINGS if options.memory else [name for name in SETTINGS if options.fits and name != "batch"]
    idle = [f"--{name}" for name in SETTINGS if getattr(options, name) is not None and name not in useful]
    if idle:
        where = "--memory" if "--batch" in idle else "--memory or --fits"
        message = f"{' and '.join(idle)} would change nothing without {where}"
        raise BadUsage(NOWHERE, "cnnc summary", message, "cnnc summary FILE --memory --batch 32").error()
    return {"optimizer": optimizer(options.optimizer or "adam")}
