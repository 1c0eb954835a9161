"""Data by name: the folder of four IDX files, npz files, and texts that name nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cnndsl.data import idx, load, loaders
from cnndsl.diagnostic import CnnError

NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


def refused(spec: object) -> tuple[str, str]:
    with pytest.raises(CnnError) as error:
        load(spec)
    return said(error)


@pytest.fixture
def arrays() -> list[np.ndarray]:
    generator = np.random.default_rng(1)
    parts = []
    for count in (12, 5):
        parts += [generator.integers(0, 256, (count, 4, 3), np.uint8), generator.integers(0, 3, count, np.uint8)]
    parts[0][0, 0, :2] = 0, 255
    parts[1][0] = 2
    return parts


@pytest.fixture
def folder(tmp_path: Path, arrays: list[np.ndarray]) -> Path:
    for name, array in zip(NAMES, arrays, strict=True):
        idx.write(tmp_path / f"{name}.gz", array)
    return tmp_path


def test_a_folder_of_idx_files(folder: Path, arrays: list[np.ndarray]) -> None:
    data = load(f"mnist:{folder}")
    assert data.x.shape == (12, 4, 3, 1)
    assert data.x.dtype == np.float32
    np.testing.assert_allclose(data.x[..., 0], arrays[0] / 255, rtol=1e-6)
    np.testing.assert_array_equal(data.y, arrays[1])
    np.testing.assert_allclose(data.test_x[..., 0], arrays[2] / 255, rtol=1e-6)
    assert data.y.dtype == np.int64
    assert data.class_names == ("0", "1", "2")
    assert data.normalization.scale == pytest.approx(1 / 255)
    assert data.x.min() == 0
    assert data.x.max() == 1
    assert "12 training and 5 test examples of 4x3x1" in repr(data)


@pytest.mark.parametrize(
    "form", ["{}-images.idx3-ubyte {}-labels.idx1-ubyte", "{}_images_idx3_ubyte {}_labels_idx1_ubyte"]
)
@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw"])
def test_other_names_and_places(tmp_path: Path, arrays: list[np.ndarray], form: str, below: str) -> None:
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    names = [name for part in ("train", "test") for name in form.format(part, part).split()]
    for name, array in zip(names, arrays, strict=True):
        idx.write(tmp_path / below / name, array)
    np.testing.assert_array_equal(load(f"MNIST:{tmp_path}").test_y, arrays[3])


def test_plain_and_zipped_side_by_side_are_one_file(folder: Path, arrays: list[np.ndarray]) -> None:
    idx.write(folder / NAMES[1], arrays[1][::-1])
    np.testing.assert_array_equal(load(f"mnist:{folder}").y, arrays[1][::-1])


def test_the_test_files_may_be_missing(folder: Path) -> None:
    for name in NAMES[2:]:
        (folder / f"{name}.gz").unlink()
    data = load(f"mnist:{folder}")
    assert data.test is None
    assert data.test_x is None
    assert repr(data).endswith(": 12 training examples of 4x3x1)")


@pytest.mark.parametrize(("missing", "words"), [(0, "training images"), (1, "training labels"), (3, "test labels")])
def test_one_missing_file_is_named(folder: Path, missing: int, words: str) -> None:
    (folder / f"{NAMES[missing]}.gz").unlink()
    code, text = refused(f"mnist:{folder}")
    assert code == "E513"
    assert words in text
    assert "t10k-labels-idx1-ubyte.gz" in text


def test_several_sets_in_one_folder(folder: Path) -> None:
    shutil.copy(folder / f"{NAMES[0]}.gz", folder / "emnist-train-images-idx3-ubyte.gz")
    code, text = refused(f"mnist:{folder}")
    assert code == "E513"
    assert "emnist-train-images-idx3-ubyte.gz, train-images-idx3-ubyte.gz" in text


def test_images_and_labels_of_different_numbers(folder: Path, arrays: list[np.ndarray]) -> None:
    idx.write(folder / f"{NAMES[1]}.gz", arrays[1][:7])
    code, text = refused(f"mnist:{folder}")
    assert code == "E505"
    assert "12 examples" in text
    assert "7 examples" in text


def test_labels_where_images_should_be(folder: Path, arrays: list[np.ndarray]) -> None:
    idx.write(folder / f"{NAMES[0]}.gz", arrays[1])
    assert refused(f"mnist:{folder}")[0] == "E514"
    idx.write(folder / f"{NAMES[0]}.gz", arrays[0])
    idx.write(folder / f"{NAMES[1]}.gz", arrays[0])
    assert "3 axes" in refused(f"mnist:{folder}")[1]


def test_empty_and_missing_folders(tmp_path: Path) -> None:
    assert refused(f"mnist:{tmp_path}")[0] == "E513"
    assert "no IDX files" in refused(f"mnist:{tmp_path}")[1]
    assert "no such file or folder" in refused(f"mnist:{tmp_path / 'none'}")[1]
    (tmp_path / "file").touch()
    assert refused(f"mnist:{tmp_path / 'file'}")[0] == "E513"


def test_npz_as_keras_has_it(tmp_path: Path, arrays: list[np.ndarray]) -> None:
    file = tmp_path / "mnist.npz"
    np.savez_compressed(file, **dict(zip(("x_train", "y_train", "x_test", "y_test"), arrays)), class_names=["a", "b"])
    data = load(file)
    assert data.x.shape == (12, 4, 3, 1)
    np.testing.assert_allclose(data.x[..., 0], arrays[0] / 255, rtol=1e-6)
    assert data.test_x.max() <= 1
    np.testing.assert_array_equal(data.test_y, arrays[3])
    assert data.class_names == ("a", "b")
    assert data.normalization.scale == pytest.approx(1 / 255)


def test_npz_of_decimals_is_taken_as_it_is(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(6, 128, 9)), np.arange(6) % 2
    np.savez(tmp_path / "series.npz", x=x, y=y)
    data = load(str(tmp_path / "series.npz"))
    np.testing.assert_array_equal(data.x, x)
    assert data.normalization.scale == 1
    assert data.test is None


def test_npz_that_does_not_do(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    np.savez(file, images=np.zeros(3), labels=np.zeros(3))
    code, text = refused(file)
    assert code == "E515"
    assert "images, labels" in text
    assert "x_train" in text
    np.savez(file, x_train=np.zeros(3), y_train=np.zeros(3), x_test=np.zeros(3))
    assert "only one of x_test and y_test" in refused(file)[1]
    np.savez(file, x=np.array([{"a": 1}], object), y=np.zeros(1))
    code, text = refused(file)
    assert code == "E515"
    assert "pickled" in text
    assert "`x`" in text


def test_npz_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    file.write_bytes(b"")
    assert refused(file)[0] == "E514"
    with file.open("wb") as stream:
        np.save(stream, np.zeros(3))
    assert "single array" in refused(file)[1]
    np.savez(file, x=np.arange(1000.0), y=np.arange(1000))
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])
    assert refused(file)[0] == "E514"
    file.write_bytes(whole[:500] + b"\xff" * 8 + whole[508:])
    assert refused(file)[0] == "E514"
    assert refused(tmp_path / "none.npz")[0] == "E513"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("smaple", "`sample`"),
        ("mnits:/data", "`mnist:/data`"),
        ("mnist", "`mnist:`"),
        ("cifar10", "mnist:FOLDER"),
        ("", "sample"),
    ],
)
def test_a_text_that_names_nothing_lists_what_does(spec: str, words: str) -> None:
    code, text = refused(spec)
    assert code == "E512"
    assert words in text
    assert "FILE.npz" in text


def test_a_bare_folder_is_recognized_by_what_lies_there(folder: Path, arrays: list[np.ndarray]) -> None:
    np.testing.assert_array_equal(load(folder).y, arrays[1])
    assert refused(folder.parent / "none")[0] == "E512"


def test_every_loader_says_how_it_is_written() -> None:
    assert {loader.form for loader in loaders()} >= {"sample", "mnist:FOLDER", "FILE.npz"}
    assert all(loader.about and loader.__doc__ for loader in loaders())
