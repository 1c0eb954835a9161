"""What to say when the compiler itself is at fault."""

from __future__ import annotations

import platform
import traceback
from pathlib import Path

import cnndsl
from cnndsl.cli._terminal import Terminal
from cnndsl.cli._versions import version


def report(error: Exception, terminal: Terminal) -> None:
    """A few lines that can be sent to the authors; the whole trace only with CNNDSL_DEBUG=1."""
    name = type(error).__name__
    words = " ".join(str(error).split())[:500]
    terminal.print(f"internal error: {name}: {words}" if words else f"internal error: {name}")
    terminal.print(f"  in {place(error)}; cnndsl {version('cnndsl')}, Python {platform.python_version()}, {_system()}")
    terminal.print("This is a fault of cnnc and not of yours. Please report it with these lines and the file that")
    terminal.print("brought it about. CNNDSL_DEBUG=1 prints the whole trace.")
    terminal.flush()


def place(error: Exception) -> str:
    """The deepest place within this package: `cnndsl/parse.py:12, in parse`."""
    frames = traceback.extract_tb(error.__traceback__)
    house = Path(cnndsl.__file__).resolve().parent.parent
    for frame in reversed(frames):
        path = Path(frame.filename).resolve()
        if path.is_file() and path.is_relative_to(house):
            return f"{path.relative_to(house).as_posix()}:{frame.lineno}, in {frame.name}"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _system() -> str:
    return f"{platform.system()} {platform.machine()}"
