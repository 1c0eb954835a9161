"""Versions of installed packages. Imported late: reading metadata costs 30 ms."""

from __future__ import annotations

from importlib import metadata


def version(package: str) -> str:
    """The installed version, or `not installed`."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
