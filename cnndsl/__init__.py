"""cnndsl: a declarative language for convolutional networks.

import cnndsl
net = cnndsl.load("lenet5.cnn")
model = net.compile(loss="cross_entropy")
model.fit(x, y, epochs=3)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnndsl.diagnostic import CnnError, CnnWarning, Diagnostic
    from cnndsl.net import Net, compile, draw, load, loads, summary
    from cnndsl.train.history import History
    from cnndsl.train.model import Model

__version__ = "0.1.0"

#: public names and the modules that have them; nothing is imported before it is asked for
_PUBLIC = {
    "CnnError": "cnndsl.diagnostic",
    "CnnWarning": "cnndsl.diagnostic",
    "Diagnostic": "cnndsl.diagnostic",
    "History": "cnndsl.train.history",
    "Model": "cnndsl.train.model",
    "Net": "cnndsl.net",
    "compile": "cnndsl.net",
    "draw": "cnndsl.net",
    "load": "cnndsl.net",
    "loads": "cnndsl.net",
    "summary": "cnndsl.net",
}

__all__ = [
    "CnnError",
    "CnnWarning",
    "Diagnostic",
    "History",
    "Model",
    "Net",
    "__version__",
    "compile",
    "draw",
    "load",
    "loads",
    "summary",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'cnndsl' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext cnndsl`: cells that begin with `%%cnn` are programs from now on."""
    import_module("cnndsl.jupyter").load(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
