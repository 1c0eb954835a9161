"""How a model is to run on its backend: what `compile` is told of that, checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnndsl.engine import PRECISIONS, Backend, Engine, Running, RunningBackend
from cnndsl.errors.backends import NotHeeded
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting, UnknownChoice
from cnndsl.graph import Graph
from cnndsl.suggest import closest


def running(
    graph: Graph,
    deterministic: bool = False,
    recompute: str | Iterable[str] = (),
    memory_limit: str | int | None = None,
    precision: str = PRECISIONS[0],
) -> Running:
    """What `compile` was told. Raises CnnError: E091 (an amount of memory), E521 (a path, a precision), E523."""
    from cnndsl.analysis.bytes import read

    if not isinstance(deterministic, bool):
        raise BadSetting(NOWHERE, "compile", "deterministic", deterministic, "True or False", True).error()
    paths = tuple(map(str.strip, recompute.split(","))) if isinstance(recompute, str) else tuple(recompute)
    known = dict.fromkeys([*graph.scopes, *(node.path for node in graph)])
    for path in paths:
        if path not in known:
            meant = closest(path, known) or ""
            raise UnknownChoice(NOWHERE, f"block or layer of `{graph.name}`", str(path), tuple(known), meant).error()
    bytes = isinstance(memory_limit, int) and not isinstance(memory_limit, bool)
    limit = None if memory_limit is None else read(f"{memory_limit}B" if bytes else str(memory_limit))
    if precision not in PRECISIONS:
        meant = closest(str(precision), PRECISIONS) or ""
        raise UnknownChoice(NOWHERE, "precision", str(precision), PRECISIONS, meant).error()
    return Running(deterministic, paths, limit, precision)


def build(backend: Backend, program: Any, how: Running, **settings: Any) -> Engine:
    """An engine that runs so. Raises CnnError (E623) if the backend cannot be told."""
    asked = [name for name, value in zip(how.fields, how.as_tuple()) if value != how.defaults[name]]
    for name in asked:
        if not isinstance(backend, RunningBackend) or name not in backend.heeds:
            from cnndsl.backends import heeding

            raise NotHeeded(NOWHERE, backend.name, name, heeding(name)).error()
    if asked and isinstance(backend, RunningBackend):
        return backend.build(program, running=how, **settings)
    return backend.build(program, **settings)
