"""Reading files: what is no program is refused with its name and a reason."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.files import LARGEST, read_source, source_of

PROGRAM = "net A { input 3 }\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.cnn"


def refused(name: str | Path) -> Diagnostic:
    with pytest.raises(CnnError) as error:
        read_source(str(name))
    (found,) = error.value.diagnostics
    assert str(name) in found.title
    return found


def test_a_program_is_read_as_it_is(path: Path):
    path.write_bytes("net Größe { }\r\n# ü\r\n".encode())
    source = read_source(str(path))
    assert source.name == str(path)
    assert source.text == "net Größe { }\r\n# ü\r\n"


def test_a_byte_order_mark_is_no_part_of_the_text(path: Path):
    path.write_bytes(b"\xef\xbb\xbf" + PROGRAM.encode())
    assert read_source(str(path)).text == PROGRAM
    assert source_of("\ufeff" + PROGRAM).text == PROGRAM


def test_a_carriage_return_alone_ends_a_line(path: Path):
    path.write_bytes(b"let a = 1\rlet b = 2\r\n")
    assert read_source(str(path)).text == "let a = 1\nlet b = 2\r\n"


def test_a_missing_file_is_named_with_what_is_there(path: Path):
    path.write_text(PROGRAM)
    found = refused(path.with_name("nett.cnn"))
    assert found.code == "E001"
    assert "there is no such file" in found.title
    assert str(path) in found.helps[0]


def test_a_missing_folder_is_said(path: Path):
    assert "there is no folder" in refused(path.parent / "nowhere" / "net.cnn").helps[0]


def test_a_folder_is_no_file(path: Path):
    path.write_text(PROGRAM)
    found = refused(path.parent)
    assert (found.code, "it is a folder" in found.title) == ("E001", True)
    assert "net.cnn" in found.helps[0]


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="everything may be read")
def test_a_file_that_may_not_be_read(path: Path):
    path.write_text(PROGRAM)
    path.chmod(0)
    assert "permission denied" in refused(path).title


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
def test_odd_names_are_no_exception_of_another_kind(name: str):
    with pytest.raises(CnnError) as error:
        read_source(name)
    assert error.value.diagnostics[0].code == "E001"


@pytest.mark.parametrize(
    ("data", "offset", "line", "column"),
    [
        (b"net A {\n  \xff }\n", 10, 2, 3),
        (b"# caf\xe9\n", 5, 1, 6),
        ("# ü\n".encode() + b"\xc3", 5, 2, 1),
        (b"net\0A { }", 3, 1, 4),
        (PROGRAM.encode("utf-16"), 0, 1, 1),
        (PROGRAM.encode("utf-16-be"), 0, 1, 1),
        (b"\x89PNG\r\n\x1a\n\0\0", 8, 3, 1),
    ],
)
def test_what_is_not_text_in_utf_8_is_shown_at_its_byte(path: Path, data: bytes, offset: int, line: int, column: int):
    path.write_bytes(data)
    found = refused(path)
    assert found.code == "E002"
    assert found.span.position == (line, column)
    assert f"at offset {offset}" in found.labels[0].text
    assert f"0x{data[offset]:02x}" in found.labels[0].text
    assert f"line {line}" in found.notes[0]


@pytest.mark.parametrize("text", ["", "\n", " \t\r\n\n", "# only this", "\n  ## and this\n# too\n", ";\n", "\ufeff"])
def test_an_empty_file_is_refused(path: Path, text: str):
    path.write_text(text, encoding="utf-8")
    found = refused(path)
    assert found.code == "E003"
    assert ("but for comments" in found.title) == ("#" in text)
    with pytest.raises(CnnError):
        source_of(text)


def test_a_large_file_is_refused(path: Path):
    path.write_bytes(PROGRAM.encode() + b"#" * (LARGEST - len(PROGRAM)))
    assert len(read_source(str(path)).text) == LARGEST
    path.write_bytes(PROGRAM.encode() + b"#" * (LARGEST - len(PROGRAM) + 1))
    found = refused(path)
    assert (found.code, f"{LARGEST + 1:,} bytes" in found.title) == ("E004", True)
    with pytest.raises(CnnError):
        source_of(PROGRAM + "#" * LARGEST)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_a_device_without_end_is_refused():
    assert refused("/dev/zero").code == "E004"


def test_four_mebibytes_of_nothing_are_refused_at_once():
    with pytest.raises(CnnError) as error:
        source_of("\n" * LARGEST)
    assert error.value.diagnostics[0].code == "E003"


def test_text_with_lone_surrogates_is_no_exception():
    assert source_of("net A { } # \ud800").text
