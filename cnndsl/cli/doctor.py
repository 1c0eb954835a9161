"""Say what is installed and what works here: versions, backends, Graphviz, cache.

Examples:
  cnnc doctor
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Any

from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.cli._versions import version
from cnndsl.render._cells import paint


def arguments(parser: Parser) -> None:
    """Takes nothing."""


def run(options: Any, terminal: Terminal) -> int:  # noqa: ARG001  every command is called alike
    for heading, lines in (
        ("Versions", _versions()),
        ("Backends", _backends()),
        ("Drawing", _drawing()),
        ("Cache", _cache()),
    ):
        terminal.print(paint(heading, "strong", terminal.color))
        for name, text in lines:
            terminal.print(f"  {name:<14}{text}".rstrip())
    return CLEAN


def _versions() -> Iterator[tuple[str, str]]:
    yield "cnndsl", version("cnndsl")
    yield "python", f"{platform.python_version()}, {sys.executable}"
    yield "system", f"{platform.system()} {platform.machine()}"
    for package in _packages():
        yield package, version(package)


def _packages() -> list[str]:
    """What the package needs, and what its extras for users add, from its own metadata."""
    try:
        needs = metadata.requires("cnndsl") or []
    except metadata.PackageNotFoundError:
        return []
    names = [
        re.split(r"[^A-Za-z0-9_.-]", need, maxsplit=1)[0] for need in needs if not re.search(r"extra == .dev", need)
    ]
    return [name for name in dict.fromkeys(names) if name != "cnndsl"]


def _backends() -> Iterator[tuple[str, str]]:
    backends = import_module("cnndsl.backends")
    for name, reason in backends.available().items():
        yield name, f"not here: {reason}" if reason else f"works: {backends.load(name).device()}"
        module = f"cnndsl.backends.{name}.gain"
        if find_spec(module):
            yield "", str(import_module(module).note())
    yield "auto", f"takes {backends.load('auto').name}"


def _drawing() -> Iterator[tuple[str, str]]:
    from cnndsl.draw import where

    yield "Graphviz", where()


def _cache() -> Iterator[tuple[str, str]]:
    from cnndsl.parse import store

    yield "folder", store.folder() or "none: there is no home folder; CNNDSL_CACHE_DIR names one"
