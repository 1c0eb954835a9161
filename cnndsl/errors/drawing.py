"""E65x: pictures that cannot be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem
from cnndsl.suggest import closest


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

    The work grows faster than the number of boxes and connections. `--depth 0` closes every block;
    the DOT text (`cnnc draw net.cnn -o net.dot`) is written without any layout, for a patient `dot`.
    """

    code: ClassVar[str] = "E652"
    title: ClassVar[str] = "laying out {boxes:,} boxes took more than {seconds:g} s and was stopped"
    help: ClassVar[str] = "show less of it: --depth 0 closes every block; or write the DOT text: -o {stem}.dot"

    stem: str
    boxes: int
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
    """Even with every block closed and equal parts folded, the picture has too many boxes or arrows.

    Beyond 1,500 boxes, or 600 arrows inside of one frame, a page is unreadable and Graphviz may not
    finish. What is put into blocks (`block stage(k) { … }`, or a label before a pipeline) is drawn as
    one box. The DOT text (`cnnc draw net.cnn -o net.dot`) has no limit.
    """

    code: ClassVar[str] = "E654"
    title: ClassVar[str] = "too much to draw: {boxes:,} boxes, {links:,} arrows in one frame"
    note: ClassVar[str] = "{limit:,} boxes and {most:,} arrows in one frame can be laid out"
    help: ClassVar[str] = "put layers into blocks, which are drawn as one box; or write the DOT text: -o {stem}.dot"

    stem: str
    boxes: int
    links: int
    limit: int
    most: int


class FoldedAllTheSame(Problem):
    """So much was to be opened (`--depth`, `--expand`) that the picture could not be laid out, and less is shown.

    The limit is 1,500 boxes, and 600 arrows inside of one frame. Open less, or one block at a time.
    The DOT text (`cnnc draw net.cnn -o net.dot`) is written as it was asked for.
    """

    code: ClassVar[str] = "W650"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "folded all the same: {boxes:,} boxes, {links:,} arrows in one frame, are too many to draw"
    note: ClassVar[str] = "{limit:,} boxes and {most:,} arrows in one frame can be laid out"
    help: ClassVar[str] = "open less of it: a smaller --depth, or --expand with one block"

    boxes: int
    links: int
    limit: int
    most: int


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


class UnknownBlock(Problem):
    """`--expand` names a block, a labelled pipeline or a net inside of the net, by its path, and there is none.

    The path is what stands before the names of its layers: `stage3` holds `stage3.bottleneck1.conv1`,
    and so does `stage3.bottleneck1`. `cnnc summary FILE` lists the paths of all layers.
    """

    code: ClassVar[str] = "E656"
    title: ClassVar[str] = "{net} has no block `{path}` to expand"

    net: str
    path: str
    blocks: tuple[str, ...]
    layers: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        if not self.blocks:
            yield f"{self.net} has no blocks and no labelled pipelines: every layer is drawn"
            return
        ending = (block for block in self.blocks if block.rpartition(".")[2].rstrip("0123456789") == self.path)
        around = self.path.rpartition(".")[0] if self.path in self.layers else ""
        meant = around or next(ending, None) or closest(self.path, self.blocks)
        if self.path in self.layers:
            yield f"`{self.path}` is a layer" + (f", `{around}` the block that it is in" if around else "")
        elif meant:
            yield f"did you mean `{meant}`?"
        shown = [block for block in self.blocks if "." not in block] or list(self.blocks)
        yield f"its blocks are {', '.join(shown[:8])}{', …' if len(shown) > 8 else ''}"


class BadDepth(Problem):
    """`depth` says how many frames deep blocks are opened: 0 closes them all, 1 opens the outermost, and so on."""

    code: ClassVar[str] = "E657"
    title: ClassVar[str] = "the depth of a picture cannot be {given}"
    help: ClassVar[str] = "give a whole number: 0 closes every block, 1 opens the outermost"

    given: str
