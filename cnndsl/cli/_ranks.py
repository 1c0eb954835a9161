"""Several processes that train one net: who they are, and what rank 0 tells the others to train."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnndsl.cli._options import Parser, positive

if TYPE_CHECKING:
    from cnndsl.cli._settings import Settings
    from cnndsl.engine import Backend, Ranks

WAIT = 60.0
#: the text of a net, and those that it imports by their names
Texts = tuple[str, dict[str, str]]


def declare(parser: Parser) -> None:
    """`--distributed` and `--wait`."""
    parser.add_argument(
        "--distributed", action="store_true", help="train with the other ranks, on this machine or several"
    )
    parser.add_argument(
        "--wait", metavar="SECONDS", type=positive, default=WAIT, help=f"how long to wait for them ({WAIT:g})"
    )


def joined(options: Any) -> Backend | None:
    """The backend that trains with the others, if it is asked for. Raises CnnError (E605, E606, E608)."""
    if not options.distributed:
        return None
    backend: Backend = import_module("cnndsl.backends").joined(options.backend or "auto", options.wait)
    return backend


def ranks_of(backend: Backend | None) -> Ranks | None:
    """The ranks that it trains with; None where it is alone."""
    ranks: Ranks | None = getattr(backend, "ranks", None)
    return ranks


def tell(ranks: Ranks, settings: Settings, texts: Texts | None) -> None:
    """What rank 0 trains: its settings, and the texts of a run that it goes on with. Raises CnnError (E607)."""
    ranks.first(json.dumps([settings, texts]).encode())


def hear(ranks: Ranks) -> tuple[Settings, Texts | None]:
    """What `tell` told. Raises CnnError (E607)."""
    settings, texts = json.loads(ranks.first(b""))
    return settings, texts
