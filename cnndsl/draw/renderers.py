"""Which Graphviz is here: the `dot` program, or the one that pygraphviz's wheels carry."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cnndsl.record import Record

#: the first pygraphviz whose wheels carry Graphviz
CARRIES = 2


class Renderer(Record):
    """A way to lay out DOT: a name to show, and a command that reads DOT and writes the picture."""

    name: str
    start: tuple[str, ...]
    option: str

    def command(self, kind: str, *options: str) -> list[str]:
        """The command line for a format: `svg`, `png` or `pdf`."""
        return [*self.start, f"{self.option}{kind}", *options]


def find() -> Renderer | None:
    """The renderer to use: `dot` if it is on the PATH, else pygraphviz, else none."""
    program = shutil.which("dot")
    if program:
        return Renderer(f"Graphviz's dot, {program}", (program,), "-T")
    carried = _pygraphviz()
    if carried and sys.executable:
        # -P: a file in the user's folder must not pass for a module that the renderer imports.
        start = (sys.executable, "-P", str(Path(__file__).with_name("carried.py")))
        return Renderer(f"pygraphviz {carried}, which carries Graphviz", start, "")
    return None


def where() -> str:
    """Which renderer is found, in words, for `cnnc doctor`."""
    found = find()
    if found is None:
        return 'none: pip install "cnndsl[draw]", or install Graphviz from https://graphviz.org/download'
    return found.name + (f" ({_release(found.start[0])})" if found.option else "")


def _pygraphviz() -> str:
    try:
        found = version("pygraphviz")
    except PackageNotFoundError:
        return ""
    major = found.partition(".")[0]
    return found if major.isdigit() and int(major) >= CARRIES else ""


def _release(program: str) -> str:
    """What `dot -V` says: `dot - graphviz version 14.1.5 (…)`, on standard error."""
    try:
        told = subprocess.run([program, "-V"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        return f"does not run: {failure}"
    return (told.stderr or told.stdout).strip().removeprefix("dot - ")
