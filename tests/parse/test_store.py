"""The kept table: written once, read only where nobody else could have written it, and never needed."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from cnndsl.parse import store
from cnndsl.parse.build import build
from cnndsl.parse.table import unpack

GRAMMAR = 'file: "a" NAME | "b"\nNAME: /[a-z]+/\n'
DATA = build(GRAMMAR)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that keeps the table of GRAMMAR."""
    monkeypatch.setenv("CNNDSL_CACHE_DIR", str(tmp_path / "cache"))
    store.write(GRAMMAR, DATA)
    (path,) = (tmp_path / "cache" / "grammar").iterdir()
    return path


def test_what_was_written_is_read_back(kept: Path):
    assert store.read(GRAMMAR) == DATA
    assert unpack(DATA).words == {"a": "A", "b": "B"}


def test_another_grammar_is_not_found(kept: Path):
    assert store.read(GRAMMAR + "\n") is None


def test_a_collision_of_names_is_noticed(kept: Path):
    content = marshal.dumps(("another grammar", store._lark(), DATA))
    kept.write_bytes(zlib.crc32(content).to_bytes(4, "little") + content)
    assert store.read(GRAMMAR) is None


def test_another_lark_builds_anew(kept: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "_lark", lambda: -1)
    assert store.read(GRAMMAR) is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\0" * 100])
def test_a_damaged_file_is_as_none(kept: Path, damage: bytes):
    kept.write_bytes(damage)
    assert store.read(GRAMMAR) is None


def test_a_changed_byte_is_noticed(kept: Path):
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    assert store.read(GRAMMAR) is None
    store.write(GRAMMAR, DATA)
    assert store.read(GRAMMAR) == DATA


def test_something_else_with_a_right_checksum_is_as_none(kept: Path):
    for content in (marshal.dumps(3), marshal.dumps((GRAMMAR, store._lark(), 3)), b"not marshalled"):
        kept.write_bytes(zlib.crc32(content).to_bytes(4, "little") + content)
        assert store.read(GRAMMAR) is None


needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@needs_posix
def test_the_folder_and_the_file_are_private(kept: Path):
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert kept.stat().st_mode & 0o777 == 0o600


@needs_posix
@pytest.mark.parametrize("mode", [0o722, 0o770, 0o702])
def test_a_folder_in_which_others_may_write_is_not_used(kept: Path, mode: int):
    kept.parent.chmod(mode)
    assert store.read(GRAMMAR) is None
    store.write(GRAMMAR + "\n", DATA)
    assert list(kept.parent.iterdir()) == [kept]


@needs_posix
def test_a_file_that_others_may_write_is_not_read(kept: Path):
    kept.chmod(0o622)
    assert store.read(GRAMMAR) is None


@needs_posix
def test_links_are_not_followed(kept: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    kept.rename(elsewhere)
    kept.symlink_to(elsewhere)
    assert store.read(GRAMMAR) is None
    kept.unlink()
    elsewhere.rename(kept)
    kept.parent.rename(tmp_path / "folder")
    kept.parent.symlink_to(tmp_path / "folder")
    assert store.read(GRAMMAR) is None


@needs_posix
def test_what_belongs_to_somebody_else_is_not_read(kept: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "getuid", lambda: kept.stat().st_uid + 1)
    assert store.read(GRAMMAR) is None


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("CNNDSL_CACHE_DIR", str(tmp_path / "file"))
    store.write(GRAMMAR, DATA)
    assert store.read(GRAMMAR) is None


def test_a_full_disk_is_no_failure_and_leaves_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    store.write(GRAMMAR + "\n", DATA)
    assert list(kept.parent.iterdir()) == [kept]


def test_old_tables_are_forgotten(kept: Path):
    for number in range(20):
        store.write(GRAMMAR + "\n" * number, DATA)
    assert len(list(kept.parent.iterdir())) == store.KEPT


def test_where_tables_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CNNDSL_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    expected = {"linux": ".cache", "darwin": "Library/Caches", "win32": "local"}
    for platform, folder in expected.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert store.folder() == str(tmp_path / folder / "cnndsl" / "grammar")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert store.folder() == str(tmp_path / "xdg" / "cnndsl" / "grammar")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert store.folder() == str(tmp_path / ".cache" / "cnndsl" / "grammar")


PROGRAM = """
import sys
from cnndsl.files import source_of
from cnndsl.parse import parse
file, problems = parse(source_of("net A { input 3 }"))
assert file.items and not problems
print(" ".join(sorted(sys.modules)))
"""


def modules(cache: Path) -> set[str]:
    """The modules that a fresh process imports to parse a program."""
    environment = {**os.environ, "CNNDSL_CACHE_DIR": str(cache)}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_only_the_first_run_imports_lark(tmp_path: Path):
    assert "lark" in modules(tmp_path)
    later = modules(tmp_path)
    assert not later & {"lark", "inspect", "dataclasses", "numpy", "hashlib", "pickle", "cnndsl.parse.recovery"}
