"""E571 to E578: pictures of what a net has learned that cannot be made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class NotAUnit(Problem):
    """A unit is a layer's path, a colon, a channel counted from 0, and, where one position is meant, `@ROW,COLUMN`.

    `conv2:5` is channel 5 of conv2 at all its positions, `conv2:5@3,4` that of row 3 and column 4, `fc3:7` unit 7 of
    a vector.
    """

    code: ClassVar[str] = "E571"
    title: ClassVar[str] = "`{text}` {reason}"
    help: ClassVar[str] = "write LAYER:CHANNEL or LAYER:CHANNEL@ROW,COLUMN, such as {example}"

    text: str
    reason: str
    example: str = "conv1:0"


class NoSuchChannel(Problem):
    """A unit was asked for whose channel the layer does not have. Channels are counted from 0.

    The channels of a vector are its units, those of the output the classes.
    """

    code: ClassVar[str] = "E572"
    title: ClassVar[str] = "`{path}` has {count} {what}, and number {channel} was asked for"
    help: ClassVar[str] = "they are counted from 0: take one from {path}:0 to {path}:{last}"

    path: str
    count: int
    channel: int
    what: str = "channels"

    @property
    def last(self) -> int:
        return self.count - 1


class NoFilters(Problem):
    """The layer has no weights that are filters.

    Convolutions have them (of a first one they are small images), and so have fully connected layers, whose
    weights are shown as the volume that they read.
    """

    code: ClassVar[str] = "E573"
    title: ClassVar[str] = "`{path}` has no filters"

    path: str
    having: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        if self.having:
            more = f", … ({len(self.having)} in all)" if len(self.having) > 8 else ""
            yield f"layers that have some: {', '.join(self.having[:8])}{more}"
        else:
            yield "no layer of this net has some"


class NotAnImage(Problem):
    """Saliency, occlusion, optimised inputs and equivariance are for nets whose only input is an image.

    Other nets are looked into from Python: `model.features(x, at="conv2")` gives what any layer makes of any input.
    """

    code: ClassVar[str] = "E574"
    title: ClassVar[str] = "`{net}` does not take one image: its inputs are {inputs}"
    help: ClassVar[str] = 'look into it from Python: model.features(x, at="{path}")'

    net: str
    inputs: str
    path: str


class PictureNotPng(Problem):
    """Pictures of what a net has learned are PNG files, and the name of the file has to say so."""

    code: ClassVar[str] = "E575"
    title: ClassVar[str] = "`{path}` does not end in .png"
    help: ClassVar[str] = "call it {stem}.png"

    path: str
    stem: str


class NoSklearn(Problem):
    """t-SNE is computed by scikit-learn, which is not installed. The principal components need nothing more."""

    code: ClassVar[str] = "E576"
    title: ClassVar[str] = "t-SNE needs scikit-learn, which is not installed"
    help: ClassVar[str] = "pip install scikit-learn, or take the principal components: pca"


class LayerDoesNotDo(Problem):
    """A layer was asked for that cannot be shown so: it has no positions, or does not lie where it has to.

    Grad-CAM and equivariance look at maps: at layers with rows and columns, before the unit that is asked about. The
    detectors of a unit are those of which a `maxout`, or a `maximum` of branches, takes the largest.
    """

    code: ClassVar[str] = "E577"
    title: ClassVar[str] = "`{path}` cannot be taken: {reason}"

    path: str
    reason: str
    others: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        if self.others:
            more = f", … ({len(self.others)} in all)" if len(self.others) > 8 else ""
            yield f"layers that can: {', '.join(self.others[:8])}{more}"
        else:
            yield "no layer of this net can"


class TooFewExamples(Problem):
    """An embedding places examples by how they differ, which takes a few of them."""

    code: ClassVar[str] = "E578"
    title: ClassVar[str] = "{what} needs at least {least} examples, there {verb} {count}"
    help: ClassVar[str] = "give more examples"

    what: str
    least: int
    count: int

    @property
    def verb(self) -> str:
        return "is" if self.count == 1 else "are"
