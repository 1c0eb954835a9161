"""E65x: pictures that cannot be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class UnknownPictureFormat(Problem):
    """The name of the picture does not end in a format that can be drawn.

    The suffix decides the format: `net.svg` is drawn as SVG (scales, has tooltips, for web pages),
    `net.png` as an image of points, `net.pdf` for papers; `net.dot` is the text that Graphviz
    draws from, for those who want to lay it out themselves.
    """

    code: ClassVar[str] = "E650"
    title: ClassVar[str] = "`{path}` ends in no format that can be drawn"
    help: ClassVar[str] = "end the name in {listed}, as in `{stem}.svg`"

    path: str
    stem: str
    formats: tuple[str, ...]

    @property
    def listed(self) -> str:
        *first, last = (f".{name}" for name in self.formats)
        return f"{', '.join(first)} or {last}"


class NoRenderer(Problem):
    """There is no Graphviz here to lay the picture out; its DOT text has been written instead.

    Boxes and arrows are placed by Graphviz: by its program `dot` if that is on the PATH, otherwise
    by the Python package pygraphviz, whose wheels carry Graphviz and need nothing else.

    Mend it with `pip install "cnndsl[draw]"`, or install Graphviz (`apt install graphviz`,
    `brew install graphviz`, https://graphviz.org/download). The DOT file that was written can also
    be drawn elsewhere: `dot -Tsvg net.dot -o net.svg`.
    """

    code: ClassVar[str] = "E651"
    title: ClassVar[str] = "cannot draw `{path}`: neither Graphviz's `dot` nor pygraphviz is installed"
    note: ClassVar[str] = "the picture's DOT text is in `{text}`"
    help: ClassVar[str] = 'pip install "cnndsl[draw]", or install Graphviz from https://graphviz.org/download'

    path: str
    text: str


class LayoutTooSlow(Problem):
    """Placing the boxes took longer than it may, and was stopped.

    The work grows faster than the number of layers and connections. The DOT text
    (`cnnc draw net.cnn -o net.dot`) is written without any layout, for a patient `dot`.
    """

    code: ClassVar[str] = "E652"
    title: ClassVar[str] = "laying out {layers:,} layers took more than {seconds:g} s and was stopped"
    help: ClassVar[str] = "draw a part of the net (a block as a net of its own), or write the DOT text: -o {stem}.dot"

    stem: str
    layers: int
    seconds: float


class RendererFailed(Problem):
    """Graphviz gave up or crashed on this picture; the message shows its last words.

    If the installation is at fault, `cnnc doctor` shows which one was used. The DOT text
    (`cnnc draw net.cnn -o net.dot`) needs no Graphviz.
    """

    code: ClassVar[str] = "E653"
    title: ClassVar[str] = "Graphviz failed to draw `{path}` (exit status {status})"
    help: ClassVar[str] = "`cnnc doctor` tells which Graphviz is used; -o {stem}.dot writes the DOT text without it"

    path: str
    stem: str
    status: int
    renderer: str
    words: str

    def notes(self) -> Iterable[str]:
        yield f"drawn by {self.renderer}"
        yield f"it said: {self.words}" if self.words else "it said nothing"


class TooManyLayers(Problem):
    """The net has more layers than a picture with a box for each can show.

    Beyond that number a page is unreadable and Graphviz may not finish. Draw one of its blocks as
    a net of its own, or write the DOT text (`cnnc draw net.cnn -o net.dot`), which has no limit.
    """

    code: ClassVar[str] = "E654"
    title: ClassVar[str] = "{layers:,} layers are too many to draw: {limit:,} at most"
    help: ClassVar[str] = "draw one block as a net of its own, or write the DOT text: -o {stem}.dot"

    stem: str
    layers: int
    limit: int


class PictureNotWritten(Problem):
    """The picture was drawn, and its file could not be written.

    The folder may not exist or not be yours to write to, or the disk may be full; the system's own
    words are in the message. A file of that name that was there before is as it was.
    """

    code: ClassVar[str] = "E655"
    title: ClassVar[str] = "cannot write `{path}`: {reason}"
    help: ClassVar[str] = "name a file in a folder that exists and that you may write to"

    path: str
    reason: str
