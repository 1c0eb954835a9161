"""IDX files: byte by byte as the format says, and every way in which one can be broken."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cnndsl.data import idx
from cnndsl.diagnostic import CnnError

WHOLE = b"\0\0\x08\x02" + struct.pack(">II", 2, 3) + bytes(range(6))


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


def test_a_file_written_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "digits"
    file.write_bytes(WHOLE)
    np.testing.assert_array_equal(idx.read(file), [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize(
    ("code", "form", "values"),
    [
        (0x08, ">B", [0, 255]),
        (0x09, ">b", [-128, 127]),
        (0x0B, ">h", [-300, 300]),
        (0x0C, ">i", [-70000, 70000]),
        (0x0D, ">f", [-1.5, 2.25]),
        (0x0E, ">d", [1e-300, 0.1]),
    ],
)
def test_every_type_is_big_endian(tmp_path: Path, code: int, form: str, values: list[float]) -> None:
    file = tmp_path / "values"
    file.write_bytes(bytes((0, 0, code, 1)) + struct.pack(">I", 2) + b"".join(struct.pack(form, v) for v in values))
    array = idx.read(file)
    assert array.tolist() == values
    assert array.dtype.isnative


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, max_side=5)), st.sampled_from(["", ".gz"]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, suffix: str) -> None:
    file = tmp_path_factory.mktemp("idx") / f"array{suffix}"
    idx.write(file, array)
    first = file.read_bytes()
    np.testing.assert_array_equal(idx.read(file), array)
    idx.write(file, array)
    assert file.read_bytes() == first


def test_gzip_is_told_by_its_content_not_its_name(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(WHOLE)
    (tmp_path / "zipped").write_bytes(gzip.compress(WHOLE, mtime=0))
    np.testing.assert_array_equal(idx.read(tmp_path / "plain.gz"), idx.read(tmp_path / "zipped"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing"),
        (b"\0\0", "00 00"),
        (b"<html><body>404", "3c 68 74 6d"),
        (b"\0\0\x07\x01" + bytes(8), "00 00 07 01"),
        (WHOLE[:9], "extents of its 2 axes"),
        (WHOLE[:-1], "2x3 values, 6 bytes, and there are 5"),
        (WHOLE[:12], "6 bytes, and there are 0"),
        (WHOLE + b"x", "6 bytes, and there are more"),
        (b"\0\0\x08\x03" + b"\xff" * 12 + b"abc", "and there are 3"),
        (gzip.compress(WHOLE, mtime=0)[:-9], "gzip"),
        (gzip.compress(WHOLE, mtime=0)[:-8] + bytes(8), "gzip"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "broken-idx1-ubyte"
    file.write_bytes(content)
    with pytest.raises(CnnError) as error:
        idx.read(file)
    code, text = said(error)
    assert code == "E514"
    assert str(file) in text
    assert words in text


@pytest.mark.parametrize("part", range(1, len(gzip.compress(WHOLE, mtime=0))))
def test_no_cut_of_a_gzip_file_gets_through(tmp_path: Path, part: int) -> None:
    file = tmp_path / "cut.gz"
    file.write_bytes(gzip.compress(WHOLE, mtime=0)[:part])
    with pytest.raises(CnnError):
        idx.read(file)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(CnnError) as error:
            idx.read(path)
        assert said(error)[0] == "E513"
        assert str(path) in said(error)[1]
