"""E096, E658, W651: pages and notebooks that cannot be served, or miss their picture."""

from __future__ import annotations

from typing import ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem


class NoPicture(Problem):
    """There is no Graphviz here to lay out a diagram: neither its program `dot` nor pygraphviz, which carries it.

    `net.draw("net.dot")` writes its text without any layout, for a Graphviz elsewhere.
    """

    code: ClassVar[str] = "E658"
    title: ClassVar[str] = "cannot draw: neither Graphviz's `dot` nor pygraphviz is installed"
    help: ClassVar[str] = 'pip install "cnndsl[draw]", or install Graphviz from https://graphviz.org/download'


class NoDiagram(Problem):
    """There is no Graphviz here to lay out the diagram of a report; the page lists the layers in its place.

    Boxes and arrows are placed by Graphviz: by its program `dot` if that is on the PATH, otherwise by the Python
    package pygraphviz, whose wheels carry Graphviz and need nothing else.
    """

    code: ClassVar[str] = "W651"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "the page has no diagram: neither Graphviz's `dot` nor pygraphviz is installed"
    help: ClassVar[str] = 'pip install "cnndsl[draw]", or install Graphviz from https://graphviz.org/download'


class PortTaken(Problem):
    """`cnnc serve` listens on a port of this machine, and the system did not give it the one that was asked for.

    Another program has it, often a `cnnc serve` that still runs, or it is below 1024. Without `--port` any free
    port is taken, and the address is printed.
    """

    code: ClassVar[str] = "E096"
    title: ClassVar[str] = "cannot listen on port {port}: {reason}"
    help: ClassVar[str] = "give another port, `--port {other}`, or leave `--port` out"

    port: int
    reason: str

    @property
    def other(self) -> int:
        return self.port + 1 if 1024 <= self.port < 65535 else 8000
