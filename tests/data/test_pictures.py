"""Folders, archives and tables of images, and Hugging Face's data sets by what they can do."""

from __future__ import annotations

import builtins
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from cnndsl.data import open, part_of
from cnndsl.data import pictures as module
from cnndsl.data.batches import Batches
from cnndsl.data.examples import numbers
from cnndsl.diagnostic import CnnError, CnnWarning
from tests.data.images import Image, encode, png, tree

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
#: an archive or a folder with CIFAR-10 as images, train/CLASS/*.jpg and test/CLASS/*.jpg
CIFAR = os.environ.get("CNNDSL_CIFAR10_IMAGES", "")


def refused(given: object, **wishes: object) -> tuple[str, str]:
    with pytest.raises(CnnError) as error:
        part = open(given, **wishes).train
        list(part.blocks(2))
    return error.value.diagnostics[0].code, str(error.value)


def values(part) -> list[int]:
    """The value of each image, which the tests make of one value."""
    x, _ = part.whole()
    assert (x == x[:, :1, :1, :1]).all()
    return (x[:, 0, 0, 0] * 255).round().astype(int).tolist()


def test_a_folder_of_classes(tmp_path: Path) -> None:
    tree(tmp_path, "cat/b.png", "cat/a.png", "ant/z.png", "cat/deep/er.png")
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.png").write_bytes(b"")
    for spec in (tmp_path, str(tmp_path), f"folder:{tmp_path}"):
        data = open(spec)
        assert data.class_names == ("ant", "cat")
        assert data.train.shape == (4, 5, 3) and data.train.y.tolist() == [0, 1, 1, 1]
        assert values(data.train) == [2, 1, 0, 3]
        assert data.train.names[0] == "ant/z.png"
        assert data.test is None and data.validation is None


@pytest.mark.parametrize("names", [("train", "test", "val"), ("Training", "testing", "validation")])
def test_parts_in_folders(tmp_path: Path, names: tuple[str, ...]) -> None:
    train, test, val = names
    tree(tmp_path, f"{train}/cat/1.png", f"{train}/ant/2.png", f"{test}/cat/3.png", f"{val}/ant/4.png")
    data = open(tmp_path)
    assert [values(part) for part in (data.train, data.test, data.validation)] == [[1, 0], [2], [3]]
    assert [part.y.tolist() for part in (data.train, data.test, data.validation)] == [[0, 1], [1], [0]]
    assert part_of(data, "test") is data.test


@pytest.mark.parametrize(
    ("mode", "suffix"), [("w", ".tar"), ("w:gz", ".tar.gz"), ("w:xz", ".tar.xz"), ("w:gz", ".tgz")]
)
def test_an_archive_is_the_folder_that_it_was_made_of(tmp_path: Path, mode: str, suffix: str) -> None:
    tree(tmp_path / "pets", "train/cat/1.png", "train/ant/2.png", "test/cat/3.png")
    file = tmp_path / f"pets{suffix}"
    with tarfile.open(file, mode) as archive:
        archive.add(tmp_path / "pets", "pets")
    data, folder = open(file), open(tmp_path / "pets")
    assert values(data.train) == values(folder.train) == [1, 0]
    assert data.test.y.tolist() == [1] and data.class_names == ("ant", "cat")


def test_an_archive_that_is_none(tmp_path: Path) -> None:
    for name, content in (("a.tar", b"no"), ("a.tar.gz", b"\x1f\x8b\x08no"), ("a.tar.xz", b"\xfd7zXZ\0no")):
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name)[0] == "E514"
    tarfile.open(tmp_path / "empty.tar", "w").close()
    assert refused(tmp_path / "empty.tar")[0] == "E513"
    assert refused(tmp_path / "none.tar")[0] == "E513"


@pytest.mark.skipif(not CIFAR, reason="CNNDSL_CIFAR10_IMAGES names no archive")
@pytest.mark.slow
def test_cifar10_as_an_archive() -> None:
    data = open(CIFAR)
    assert (len(data.train), len(data.test)) == (50_000, 10_000)
    assert data.class_names == CLASSES
    np.testing.assert_array_equal(np.bincount(data.train.y), [5000] * 10)
    block = next(data.test.blocks(256))
    assert block.x.shape == (256, 32, 32, 3) and 0.3 < block.x.mean() < 0.6


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table(tmp_path: Path, separator: str) -> None:
    tree(tmp_path, "img/a.png", "img/b, c.png", "img/d.png")
    rows = [("name", "Path", "label", "split"), ("1", "img/d.png", "cat", "train"), ("2", "img/a.png", "ant", "train")]
    rows += [("3", '"img/b, c.png"', "cat", "val")]
    (tmp_path / "t.csv").write_text("\n".join(separator.join(row) for row in rows) + "\n\n", encoding="utf-8-sig")
    data = open(tmp_path / "t.csv")
    assert values(data.train) == [2, 0] and data.train.y.tolist() == [1, 0]
    assert values(data.validation) == [1] and data.validation.y.tolist() == [1]
    assert data.class_names == ("ant", "cat")


def test_a_table_without_a_heading_and_labels_that_are_numbers(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", "b.png")
    (tmp_path / "t.csv").write_text("a.png,3\nb.png,0\n")
    data = open(tmp_path / "t.csv")
    assert data.train.y.tolist() == [3, 0] and data.class_names == ("0", "1", "2", "3")
    (tmp_path / "t.csv").write_text("a.png,0.5\nb.png,-1e2\n")
    data = open(tmp_path / "t.csv")
    assert data.train.y.tolist() == [[0.5], [-100.0]] and data.class_names == ()


def test_a_table_names_its_columns(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", "b.png")
    (tmp_path / "t.csv").write_text("where,left,breed\na.png,b.png,pug\nb.png,a.png,elk\n")
    code, text = refused(tmp_path / "t.csv")
    assert code == "E552" and "its columns: where, left, breed" in text and 'x="where"' in text
    assert 'y="where"' in refused(tmp_path / "t.csv", x="left")[1]
    assert "no column `lift`" in refused(tmp_path / "t.csv", x="lift", y="breed")[1]
    assert values(open(tmp_path / "t.csv", x="left", y="breed").train) == [1, 0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no rows"),
        ("path,label\n", "not train"),
        ("path,label\na.png,1,2\n", "row 1 has 3 cells, the heading has 2"),
        ("path,label,split\na.png,1,tset\n", "its parts are tset"),
        ("path,label,split\na.png,1.5,train\na.png,cat,test\n", "the label of `a.png` is `cat`"),
        ("path,label\n\xff\xfe", "utf-8"),
    ],
)
def test_a_table_that_does_not_do(tmp_path: Path, content: str, words: str) -> None:
    tree(tmp_path, "a.png")
    (tmp_path / "t.csv").write_bytes(content.encode("latin-1"))
    code, text = refused(tmp_path / "t.csv")
    assert code == "E514" and words in text


def test_a_class_that_training_does_not_have(tmp_path: Path) -> None:
    tree(tmp_path, "train/cat/1.png", "train/ant/2.png", "test/cow/3.png")
    code, text = refused(tmp_path)
    assert code == "E553" and "`cow` (`test/cow/3.png`)" in text and "ant, cat" in text


def test_sizes_that_differ_and_a_shape_that_mends_it(tmp_path: Path) -> None:
    tree(tmp_path, "cat/1.png", "cat/2.png")
    (tmp_path / "cat" / "3.png").write_bytes(png(9, 7, 3, value=2))
    code, text = refused(tmp_path)
    assert code == "E518" and "`cat/3.png` is 9x7x3, `cat/1.png` is 4x5x3" in text and "shape=(4, 5, 3)" in text
    data = open(tmp_path, shape=(6, 6, 1))
    assert data.train.shape == (6, 6, 1) and data.train.whole()[0].shape == (3, 6, 6, 1)


def test_grey_among_coloured_is_no_difference_and_coloured_among_grey_is_one(tmp_path: Path) -> None:
    tree(tmp_path, "cat/1.png")
    (tmp_path / "cat" / "2.png").write_bytes(png(4, 5, value=7))
    assert values(open(tmp_path).train) == [0, 7]
    (tmp_path / "cat" / "0.png").write_bytes(png(4, 5, value=7))
    assert refused(tmp_path)[0] == "E518"


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    tree(tmp_path, *(f"cat/{number}.png" for number in range(6)))
    (tmp_path / "cat" / "0.png").write_bytes(b"<html>")
    (tmp_path / "cat" / "4.png").write_bytes(encode(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))[:50])
    return tmp_path


def test_a_corrupt_image_is_named_and_fatal_by_default(spoilt: Path) -> None:
    code, text = refused(spoilt)
    assert code == "E516" and "`cat/0.png`" in text and "no image" in text and 'corrupt="skip"' in text


@pytest.mark.parametrize("kept", [module.KEPT, 0])
def test_corrupt_images_are_left_out_counted_and_named(spoilt: Path, monkeypatch, kept: int) -> None:
    monkeypatch.setattr(module, "KEPT", kept)
    part = open(spoilt, corrupt="skip").train
    for _ in range(2):
        blocks = list(part.blocks(2))
        assert [numbers(block.numbers).tolist() for block in blocks] == [[1], [2, 3], [5]]
        assert [(block.x[:, 0, 0, 0] * 255).round().tolist() for block in blocks] == [[1], [2, 3], [5]]
    assert list(part.faults) == ["cat/0.png", "cat/4.png"]
    with pytest.warns(CnnWarning) as warned:
        part.report()
        part.report()
    assert len(warned) == 1
    text = str(warned[0].message)
    assert "2 of 6 images" in text and "`cat/0.png`: it is no image that Pillow knows" in text and "`cat/4.png`" in text


def test_a_missing_file_of_a_table_is_a_corrupt_image(tmp_path: Path) -> None:
    tree(tmp_path, "a.png")
    (tmp_path / "t.csv").write_text("a.png,0\nb.png,1\n")
    code, text = refused(tmp_path / "t.csv")
    assert code == "E516" and "`b.png`: No such file" in text
    assert values(open(tmp_path / "t.csv", corrupt="skip").train) == [0]


def test_nothing_but_corrupt_images(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(b"")
    assert "none of its images" in refused(tmp_path, corrupt="skip")[1]


def test_small_parts_keep_their_pixels(tmp_path: Path) -> None:
    tree(tmp_path, "cat/1.png", "cat/2.png")
    part = open(tmp_path).train
    first = values(part)
    for file in (tmp_path / "cat").iterdir():
        file.unlink()
    assert values(part) == first


@pytest.mark.parametrize("wishes", [{"corrupt": "ignore"}, {"shape": (28, 28)}, {"shape": (28, 28, 2)}, {"sahpe": 3}])
def test_wishes_that_mean_nothing(tmp_path: Path, wishes: dict) -> None:
    assert refused(tmp_path, **wishes)[0] in ("E522", "E523")


def test_without_pillow_it_says_what_to_install(tmp_path: Path, monkeypatch) -> None:
    tree(tmp_path, "cat/1.png")
    real = builtins.__import__

    def lacking(name, *rest):
        if name == "PIL":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", lacking)
    code, text = refused(tmp_path)
    assert code == "E517" and 'pip install "cnndsl[images]"' in text


class ClassLabel:
    names = ["ant", "cat"]


class Feature:
    """What `datasets.Image` is called; told by its name."""


Feature.__name__ = "Image"


class Split:
    """The part of `datasets.Dataset` that is used."""

    def __init__(self, count: int, image: str = "img", label: str = "label") -> None:
        self.features = {image: Feature(), label: ClassLabel(), "id": object()}
        self.column_names = list(self.features)
        pictures = [Image.fromarray(np.full((4, 5, 3), number, np.uint8)) for number in range(count)]
        self.columns = {image: pictures, label: [number % 2 for number in range(count)], "id": list(range(count))}

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __getitem__(self, which):
        if isinstance(which, str):
            return self.columns[which]
        return {name: column[which] for name, column in self.columns.items()}


class Streamed:
    """The part of `datasets.IterableDataset` that is used."""

    def __init__(self, split: Split) -> None:
        self.split, self.features, self.column_names = split, split.features, split.column_names

    def iter(self, batch_size: int):
        for start in range(0, len(self.split), batch_size):
            yield {name: column[start : start + batch_size] for name, column in self.split.columns.items()}


def test_a_hugging_face_split() -> None:
    data = open(Split(4))
    assert values(data.train) == [0, 1, 2, 3] and data.train.y.tolist() == [0, 1, 0, 1]
    assert data.class_names == ("ant", "cat")
    assert len(open(Split(10), validation=0.2).validation) == 2


def test_a_hugging_face_dict_of_splits() -> None:
    data = open({"train": Split(4), "test": Split(3), "validation": Split(2)})
    assert [len(part) for part in (data.train, data.test, data.validation)] == [4, 3, 2]
    assert part_of({"train": Split(4), "test": Split(3)}, "test").y.tolist() == [0, 1, 0]


def test_a_streamed_hugging_face_split() -> None:
    part = open(Streamed(Split(70))).train
    assert isinstance(part, Batches)
    for _ in range(2):
        assert [len(block.y) for block in part.blocks(5)] == [32, 32, 6]
    np.testing.assert_allclose(next(part.blocks(5)).x[7] * 255, 7, rtol=1e-6)


def test_columns_of_a_hugging_face_split_by_name() -> None:
    assert open(Split(4, label="fine"), y="id").train.y.tolist() == [0, 1, 2, 3]
    code, text = refused(Split(4), x="picture")
    assert code == "E552" and "its columns: img, label, id" in text


def test_encoded_images_keep_their_pixels_through_every_door(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (6, 7, 3), np.uint8)
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(encode(image))
    (tmp_path / "t.csv").write_text("cat/1.png,0\n")
    for spec in (tmp_path, tmp_path / "t.csv"):
        np.testing.assert_allclose(open(spec).x[0] * 255, image, rtol=1e-5)
