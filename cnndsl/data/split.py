"""Setting examples aside for validation: seeded, and each class by its share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.dataset import Dataset
from cnndsl.data.examples import Examples, Some
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import SplitImpossible
from cnndsl.random import key, permutation

if TYPE_CHECKING:
    from cnndsl.data.examples import Array, Numbers


def split(data: Dataset, share: float, seed: int = 0) -> Dataset:
    """The same data with a share of the training examples as validation part, those before it replaced.

    The sizes of the classes are held by the largest remainders, so that the parts add up and none is
    off by more than one. The same numbers for the same seed, whatever the format. Raises CnnError (E555).
    """
    train = data.train
    if not isinstance(train, Examples):
        advice = "give validation_data=… to fit, another iterable"
        raise SplitImpossible(NOWHERE, train.name, share, "it comes in batches, without numbers", advice).error()
    _check(train, share)
    aside = chosen(train.y, share, seed)
    kept = np.setdiff1d(np.arange(len(train)), aside)
    return data.replace(
        train=Some(train, kept, train.name), validation=Some(train, aside, f"{train.name} (validation)")
    )


def chosen(y: Array, share: float, seed: int) -> Numbers:
    """The numbers, in rising order, of round(share * N) examples; by class where the targets are labels."""
    total = max(1, round(share * len(y)))
    order = permutation(key(seed, "validation"), len(y))
    if y.ndim != 1 or y.dtype.kind not in "iuSUb":
        return np.sort(order[:total])
    _, labels = np.unique(y, return_inverse=True)
    wanted = _shares(np.bincount(labels), total)
    ranked = labels[order]
    taken = [order[ranked == label][:count] for label, count in enumerate(wanted)]
    return np.sort(np.concatenate(taken))


def _shares(counts: Numbers, total: int) -> list[int]:
    """`total` divided in proportion to the counts, by the largest remainders; ties to the first classes."""
    parts = [divmod(total * int(count), int(counts.sum())) for count in counts]
    whole = [part for part, _ in parts]
    by_rest = sorted(range(len(parts)), key=lambda label: -parts[label][1])
    for label in by_rest[: total - sum(whole)]:
        whole[label] += 1
    return whole


def _check(train: Examples, share: Any) -> None:
    advice = "give a share such as validation=0.1"
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < 1:
        raise SplitImpossible(NOWHERE, train.name, share, "a share is at least 0 and below 1", advice).error()
    if not 0 < max(1, round(share * len(train))) < len(train):
        raise SplitImpossible(NOWHERE, train.name, share, f"it has {len(train)} examples", advice).error()
