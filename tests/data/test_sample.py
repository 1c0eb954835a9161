"""The sample that is shipped: what its README says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnndsl.data import idx, load
from cnndsl.data.sample import FOLDER
from tests.tools.make_sample import first_of_each, main


def test_counts_balance_and_ranges() -> None:
    data = load("sample")
    assert data.x.shape == (5000, 28, 28, 1)
    assert data.test_x.shape == (1000, 28, 28, 1)
    np.testing.assert_array_equal(np.bincount(data.y), np.full(10, 500))
    np.testing.assert_array_equal(np.bincount(data.test_y), np.full(10, 100))
    for x in (data.x, data.test_x):
        assert x.dtype == np.float32
        assert (x.min(), x.max()) == (0, 1)
        # MNIST's mean is 0.1307 (training) and 0.1325 (test).
        assert x.mean() == pytest.approx(0.13, abs=0.01)
    assert data.class_names == tuple("0123456789")


def test_it_is_mnists_own_order() -> None:
    # The first labels of MNIST, as everyone who has plotted it knows them.
    assert load("sample").y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert load("sample").test_y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_no_image_is_in_both_parts() -> None:
    data = load("sample")
    seen = {image.tobytes() for image in data.x}
    assert len(seen) == 5000
    assert not any(image.tobytes() in seen for image in data.test_x)


def test_it_is_small_and_names_its_source() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.gz")) < 1_300_000
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(words in text for words in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "make_sample.py"))


def test_the_tool_takes_the_first_of_each(tmp_path: Path) -> None:
    np.testing.assert_array_equal(first_of_each(np.array([1, 0, 1, 1, 0]), 1), [0, 1])
    source, made = tmp_path / "source", tmp_path / "made"
    source.mkdir()
    made.mkdir()
    for part in ("train", "t10k"):
        labels = np.arange(1200, dtype=np.uint8) % 2
        idx.write(source / f"{part}-labels-idx1-ubyte.gz", labels)
        idx.write(source / f"{part}-images-idx3-ubyte.gz", np.arange(1200, dtype=np.uint8).reshape(-1, 1, 1))
    main(source, made)
    np.testing.assert_array_equal(idx.read(made / "train-labels-idx1-ubyte.gz"), np.arange(1000) % 2)
    np.testing.assert_array_equal(idx.read(made / "t10k-images-idx3-ubyte.gz")[:, 0, 0], np.arange(200))
