"""Tar archives of images, read without unpacking: what lies in them is what lies in a folder of images."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import IO, ClassVar

from cnndsl.data.dataset import Dataset
from cnndsl.data.files import corrupt, reading, unreadable
from cnndsl.data.loader import Loader, Wishes
from cnndsl.data.tree import dataset, is_image

ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")


class Archive(Loader):
    """A plain `.tar` is read where its images lie; of a compressed one the images are held in memory as they are."""

    form: ClassVar[str] = "FILE.tar"
    about: ClassVar[str] = "a tar archive of such a folder, also .tar.gz and .tar.xz, not unpacked"

    @classmethod
    def sees(cls, path: Path) -> bool:
        return path.name.lower().endswith(ENDINGS)

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:  # noqa: ARG003
        with reading(path):
            members: _Plain | _Held = _Plain(path) if path.suffix.lower() == ".tar" else _Held(path)
            found = dataset(path.name, sorted(members.places), members.content, wishes)
        if found is None:
            raise unreadable(path, "no images in folders in it", "give each class a folder: train/cat/1.jpg")
        return found


class _Plain:
    """An archive that is not compressed: where each image begins, and its length."""

    def __init__(self, path: Path) -> None:
        self.places = {member.name: (member.offset_data, member.size) for member, _ in _images(path)}
        self.file, self.lock = path.open("rb"), Lock()

    def content(self, name: str) -> bytes:
        start, size = self.places[name]
        with self.lock:
            self.file.seek(start)
            return self.file.read(size)


class _Held:
    """A compressed archive, which can only be read from its beginning: the bytes of each image."""

    def __init__(self, path: Path) -> None:
        self.places = {member.name: file.read() for member, file in _images(path)}

    def content(self, name: str) -> bytes:
        return self.places[name]


def _images(path: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Every image in the archive, each with a file to read it from. Raises CnnError (E514)."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() and is_image(member.name) else None
                if file is not None:
                    yield member, file
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError) as reason:
        raise corrupt(path, "tar", str(reason) or type(reason).__name__) from None
