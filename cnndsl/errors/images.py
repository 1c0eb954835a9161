"""E516 to E518, W516: images that cannot be read, or not together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem
from cnndsl.volume import Volume

#: files that a message names; the others are counted
NAMED = 8


class ImageCorrupt(Problem):
    """A file that should be an image cannot be read: it is missing, cut off, damaged, or something else.

    The message names it and gives the decoder's reason. With `corrupt="skip"` (`--corrupt skip` in the
    shell) such files are left out, counted, and named in a warning after each pass.
    """

    code: ClassVar[str] = "E516"
    title: ClassVar[str] = "cannot read the image `{path}`: {reason}"

    path: str
    reason: str
    #: whether it was asked for by itself, not as one of a data set
    alone: bool = False

    def helps(self) -> Iterable[str]:
        if self.alone:
            yield "check its name, or fetch it again"
        else:
            yield 'fetch it again or delete it; to train on the others: open(…, corrupt="skip")'


class PillowMissing(Problem):
    """Images are read and contact sheets written by Pillow, which is not installed.

    Arrays, IDX, CIFAR's binary files and `.npz` need nothing more than NumPy.
    """

    code: ClassVar[str] = "E517"
    title: ClassVar[str] = "images need Pillow, which is not installed"
    help: ClassVar[str] = 'pip install "cnndsl[images]"'


class SizesDiffer(Problem):
    """The images of a data set have different sizes, and none was asked for.

    A net takes examples of one size. With a shape every image is scaled until it covers that size, then
    cut around its middle. A grey image among coloured ones is no difference; a coloured one among
    grey ones is.
    """

    code: ClassVar[str] = "E518"
    title: ClassVar[str] = "`{path}` is {found}, `{first}` is {wanted}: the images differ in size"
    help: ClassVar[str] = "say what size they are to be brought to: open(…, shape={shape})"

    path: str
    shape_found: tuple[int, ...]
    first: str
    shape: tuple[int, ...]

    @property
    def found(self) -> str:
        return str(Volume(self.shape_found))

    @property
    def wanted(self) -> str:
        return str(Volume(self.shape))


class ImagesSkipped(Problem):
    """Some images could not be read and were left out, as `corrupt="skip"` asks for.

    `data.train.faults` holds all of them with their reasons.
    """

    code: ClassVar[str] = "W516"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "{count} of {total} images of `{name}` cannot be read and {verb} left out"
    help: ClassVar[str] = "fetch them again, or delete them"

    name: str
    total: int
    faults: tuple[tuple[str, str], ...]

    @property
    def count(self) -> str:
        return f"{len(self.faults):,}"

    @property
    def verb(self) -> str:
        return "is" if len(self.faults) == 1 else "are"

    def notes(self) -> Iterable[str]:
        for path, reason in self.faults[:NAMED]:
            yield f"`{path}`: {reason}"
        if len(self.faults) > NAMED:
            yield f"and {len(self.faults) - NAMED:,} more"


class ClassUnknown(Problem):
    """A validation or test part has a class that the training part does not have.

    Classes are the folders (or the values of the column of labels); their numbers are their places in
    the alphabetical order of the training part's.
    """

    code: ClassVar[str] = "E553"
    title: ClassVar[str] = "`{part}` has the class `{label_name}` (`{path}`), the training part does not"
    note: ClassVar[str] = "its classes: {shown}"
    help: ClassVar[str] = "put one folder a class into both parts, with the same names"

    part: str
    label_name: str
    path: str
    known: tuple[str, ...]

    @property
    def shown(self) -> str:
        more = f", … ({len(self.known)} in all)" if len(self.known) > NAMED else ""
        return ", ".join(self.known[:NAMED]) + more


class SheetImpossible(Problem):
    """A contact sheet cannot be made: the examples are no images, or the file is to be of another kind.

    It shows examples of height, width and channels, and is a PNG file.
    """

    code: ClassVar[str] = "E557"
    title: ClassVar[str] = "cannot make a contact sheet of `{name}`: {reason}"
    help: ClassVar[str] = "leave --sheet out, or give it a name such as sheet.png"

    name: str
    reason: str
