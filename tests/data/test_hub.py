"""Hugging Face's library itself, where it is installed; what is known of it without is in test_pictures.py."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.data import open
from cnndsl.data.batches import Batches
from tests.data.images import Image

datasets = pytest.importorskip("datasets")
SHAPE = (4, 5, 3)


def split(count: int, kept: str = "image"):
    """Images of one value each, kept by the library as PNG files in Arrow, with labels that alternate."""
    features = datasets.Features({kept: datasets.Image(), "label": datasets.ClassLabel(names=["ant", "cat"])})
    images = [Image.fromarray(np.full(SHAPE, number, np.uint8)) for number in range(count)]
    return datasets.Dataset.from_dict({kept: images, "label": [n % 2 for n in range(count)]}, features=features)


def values(x: np.ndarray) -> list[int]:
    assert x.shape[1:] == SHAPE and (x == x[:, :1, :1, :1]).all()
    return (x[:, 0, 0, 0] * 255).round().astype(int).tolist()


def test_a_split() -> None:
    data = open(split(6))
    assert values(data.x) == list(range(6)) and data.y.tolist() == [0, 1, 0, 1, 0, 1]
    assert data.class_names == ("ant", "cat")


def test_a_split_that_is_shuffled_and_cut_is_as_it_shows_itself() -> None:
    """Such a split has a table of indices, which must not be read past."""
    cut = split(9, "picture").shuffle(seed=1).select(range(2, 7))
    data = open(cut)
    assert values(data.x) == [np.asarray(row["picture"])[0, 0, 0] for row in cut]
    assert data.y.tolist() == [row["label"] for row in cut]


def test_a_dict_of_splits_trains_a_net() -> None:
    data = open(datasets.DatasetDict(train=split(40), test=split(8)), validation=0.25)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [30, 10, 8]
    model = cnndsl.loads("net N { input 4x5x3 ; flatten -> fc(2) -> softmax }").compile(backend="numpy")
    history = model.fit(data, epochs=2, verbose=0)
    assert len(history["val_loss"]) == 2 and model.class_names == ("ant", "cat")
    assert model.evaluate(data).examples == 8


def test_a_streamed_split() -> None:
    part = open(split(40).to_iterable_dataset(num_shards=2)).train
    assert isinstance(part, Batches)
    blocks = list(part.blocks(16))
    assert values(np.concatenate([block.x for block in blocks])) == list(range(40))
    assert np.concatenate([block.y for block in blocks]).tolist() == [number % 2 for number in range(40)]


def test_columns_by_their_names() -> None:
    given = split(4).add_column("weight", [1, 0, 1, 1])
    assert open(given, y="weight").y.tolist() == [1, 0, 1, 1]
