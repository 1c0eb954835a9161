"""The sample that comes with the package: 5,000 training and 1,000 test digits of MNIST (README.md beside)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cnndsl.data.loader import Loader, Wishes

if TYPE_CHECKING:
    from cnndsl.data.dataset import Dataset

FOLDER = Path(__file__).parent


class Sample(Loader):
    """A balanced part of MNIST, enough to try a net in a minute."""

    form: ClassVar[str] = "sample"
    about: ClassVar[str] = "6,000 digits of MNIST that come with the package"
    word: ClassVar[str] = "sample"

    @classmethod
    def read(cls, path: Path, name: str, wishes: Wishes) -> Dataset:  # noqa: ARG003
        from cnndsl.data.mnist import read_folder

        return read_folder(FOLDER, "sample")
