"""E556: augmentation that does not fit the data."""

from __future__ import annotations

from typing import ClassVar

from cnndsl.errors.base import Problem
from cnndsl.errors.data import sized


class AugmentMisfit(Problem):
    """An augmentation cannot be made with these examples, or their targets would not follow it.

    Those of images want examples of height, width and channels, and leave their size as it is. Those that
    move pixels do not go with targets for each position, which would have to be moved too.
    """

    code: ClassVar[str] = "E556"
    title: ClassVar[str] = "`{kind}` does not fit `{name}`, {examples}: {reason}"
    help: ClassVar[str] = "leave `{kind}` out of augment"

    kind: str
    name: str
    shape: tuple[int, ...]
    reason: str

    @property
    def examples(self) -> str:
        return sized(self.shape)
