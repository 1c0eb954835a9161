"""Augmentation, declared as a list: `augment=[Flip(), Crop(32, pad=4)]`, or in a word, `"flip,crop:4"`.

Each one changes the examples of a batch while a net trains, on the loader's thread. What it draws depends
on the seed, the epoch, its place in the list and the example's number only, so a training that is gone
on with sees the same; evaluation sees the examples as they are.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from cnndsl.data.augment.base import Augment, augmented
from cnndsl.data.augment.color import Color
from cnndsl.data.augment.cutout import Cutout
from cnndsl.data.augment.flip import Flip
from cnndsl.data.augment.mixup import Mixup
from cnndsl.data.augment.move import Crop, Shift
from cnndsl.data.augment.rotate import Rotate
from cnndsl.train.choices import choices, choose

__all__ = ["Augment", "Color", "Crop", "Cutout", "Flip", "Mixup", "Rotate", "Shift", "augmentations", "augmented"]


def augmentations(given: Any) -> tuple[Augment, ...]:
    """A list of augmentations, each an instance, a name or a dict (`kind` and settings); or a text of names.

    In a text they stand between commas, with settings behind colons: `flip,crop:4,color:contrast=0.3`; a
    value without a name is for the setting that says how much. Raises CnnError (E521 to E523).
    """
    if isinstance(given, str):
        return tuple(_parsed(item.strip()) for item in given.split(",") if item.strip())
    each = given if isinstance(given, list | tuple) else (given,)
    found = (augmentations(one) if isinstance(one, str) else (choose(Augment, one),) for one in each)
    return tuple(chain.from_iterable(found))


def _parsed(text: str) -> Augment:
    """One augmentation with its settings, `crop:4` or `crop:pad=4`."""
    name, *rest = (part.strip() for part in text.split(":"))
    known = choices(Augment)
    settings: dict[str, Any] = {}
    for part in rest:
        setting, _, value = part.rpartition("=")
        mains = (setting,) if setting else known[name.lower()].mains if name.lower() in known else ()
        settings |= dict.fromkeys((main.strip() for main in mains), _value(value))
    return choose(Augment, name, **settings)


def _value(text: str) -> Any:
    """A number, True or False, or the text that it is."""
    small = text.strip().lower()
    if small in ("true", "false"):
        return small == "true"
    for kind in (int, float):
        try:
            return kind(small)
        except ValueError:
            continue
    return text
