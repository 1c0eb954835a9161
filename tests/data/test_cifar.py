"""CIFAR's binary files, byte by byte as its page describes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnndsl.data import open
from cnndsl.diagnostic import CnnError


def record(*labels: int, red: int, green: int, blue: int) -> bytes:
    """An image of one colour, its first red value 7 and its last blue one 9."""
    planes = bytes([red]) * 1024 + bytes([green]) * 1024 + bytes([blue]) * 1024
    return bytes(labels) + b"\x07" + planes[1:-1] + b"\x09"


def refused(spec: object) -> tuple[str, str]:
    with pytest.raises(CnnError) as error:
        open(spec)
    return error.value.diagnostics[0].code, str(error.value)


@pytest.mark.parametrize("below", ["", "cifar-10-batches-bin"])
def test_cifar10(tmp_path: Path, below: str) -> None:
    folder = tmp_path / below
    folder.mkdir(exist_ok=True)
    for number in range(1, 6):
        (folder / f"data_batch_{number}.bin").write_bytes(record(number, red=10, green=20, blue=30) * 2)
    (folder / "test_batch.bin").write_bytes(record(9, red=1, green=2, blue=3))
    (folder / "batches.meta.txt").write_text("airplane\nautomobile\nbird\n\n")
    for spec in (tmp_path, f"cifar:{tmp_path}"):
        data = open(spec)
        assert data.train.y.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] and data.test.y.tolist() == [9]
        assert data.x.shape == (10, 32, 32, 3) and data.class_names == ("airplane", "automobile", "bird")
        np.testing.assert_allclose(data.x[0, 5, 5] * 255, [10, 20, 30], rtol=1e-6)
        np.testing.assert_allclose(data.x[0, 0, 0] * 255, [7, 20, 30], rtol=1e-6)
        np.testing.assert_allclose(data.test_x[0, 31, 31] * 255, [1, 2, 9], rtol=1e-6)


def test_cifar100_takes_the_fine_label(tmp_path: Path) -> None:
    (tmp_path / "train.bin").write_bytes(record(3, 77, red=1, green=2, blue=3) + record(4, 99, red=4, green=5, blue=6))
    data = open(tmp_path)
    assert data.train.y.tolist() == [77, 99]
    np.testing.assert_allclose(data.x[1, 8, 8] * 255, [4, 5, 6], rtol=1e-6)
    assert data.test is None and data.class_names == ()


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    for content in (b"", record(1, red=1, green=1, blue=1)[:-1]):
        (tmp_path / "data_batch_1.bin").write_bytes(content)
        code, text = refused(tmp_path)
        assert code == "E514" and "data_batch_1.bin" in text and f"{len(content):,} bytes" in text and "3,073" in text


def test_the_pickled_form_is_refused_with_what_to_fetch(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02}")
    code, text = refused(tmp_path)
    assert code == "E513" and "pickles" in text and "cifar-10-binary.tar.gz" in text


def test_no_files(tmp_path: Path) -> None:
    assert "data_batch_*.bin" in refused(f"cifar:{tmp_path}")[1]
    assert refused(f"cifar:{tmp_path / 'none'}")[0] == "E513"
