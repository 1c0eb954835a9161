"""Modules of a package by their files."""

from __future__ import annotations

import pkgutil
import zipfile
from pathlib import Path

import pytest

import cnndsl
import cnndsl.errors
import cnndsl.layers
from cnndsl.discover import modules


@pytest.mark.parametrize("package", [cnndsl, cnndsl.errors, cnndsl.layers], ids=lambda package: package.__name__)
def test_it_finds_what_pkgutil_finds(package: type[cnndsl]) -> None:
    assert modules(package.__path__) == sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def test_only_modules_and_packages_are_found(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "_private.py", "__init__.py", "not-a-name.py", "notes.txt", "folder/data.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    assert modules([str(tmp_path)]) == ["_private", "a", "b", "package"]


def test_a_package_in_an_archive_is_searched_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "house.zip", "w") as archive:
        archive.writestr("room/__init__.py", "")
        archive.writestr("room/chair.py", "")
    assert modules([str(tmp_path / "house.zip" / "room")]) == ["chair"]
