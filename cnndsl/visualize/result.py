"""Result: what a look into a net gives, as numbers, as lines of text, and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnndsl.data.decoded import pillow
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten
from cnndsl.errors.visualize import PictureNotPng
from cnndsl.record import Record
from cnndsl.replaced import replaced


class Result(Record):
    """Base: its fields are arrays and names; a subclass says how it is drawn and what is worth printing."""

    def png(self) -> bytes:
        """The picture, as the bytes of a PNG file. Raises CnnError (E517) without Pillow."""
        raise NotImplementedError

    def lines(self) -> tuple[str, ...]:
        """What a terminal shows of it."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the numbers without the images."""
        return {}

    def save(self, path: str | Path) -> Path:
        """Writes the picture. Raises CnnError: no .png (E575), no Pillow (E517), the file cannot be written (E058)."""
        target = png_file(path)
        content = self.png()
        try:
            with replaced(target) as beside:
                beside.write_bytes(content)
        except OSError as failure:
            raise NotWritten(NOWHERE, what=f"`{path}`", reason=failure.strerror or str(failure)).error() from failure
        return target

    def _repr_png_(self) -> bytes:
        return self.png()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def png_file(path: str | Path) -> Path:
    """A path that a picture can be written to. Raises CnnError: no .png (E575), no Pillow (E517)."""
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise PictureNotPng(NOWHERE, str(path), target.stem or "picture").error()
    pillow()
    return target
