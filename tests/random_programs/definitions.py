"""Files, blocks and nets, and what calling one means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.random_programs.arguments import KINDS
from tests.random_programs.model import Callee, Env, Flow, Model, Place, Stop, Volume
from tests.random_programs.unfit import need
from tests.random_programs.values import Expression


class Piece:
    """A piece of program: its text, and what it does to the flow."""

    def __init__(self, text: str, run: Callable[[Env, Flow], Flow]) -> None:
        self.text, self.run = text, run


def run_all(pieces: list[Piece], env: Env, flow: Flow) -> Flow:
    for piece in pieces:
        flow = piece.run(env, flow)
    return flow


class File:
    """A file: what it imports, its top-level values, and its definitions in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.imports: dict[str, list[str]] = {}
        self.values: dict[str, Any] = {}
        self.items: list[str] = []

    def use(self, other: File, name: str) -> None:
        """Imports a name of another file, once."""
        names = self.imports.setdefault(other.name, [])
        if name not in names:
            names.append(name)

    @property
    def text(self) -> str:
        imports = [f'from "{name}" import {", ".join(names)}' for name, names in self.imports.items()]
        return "\n".join([*imports, *self.items]) + "\n"


class Definition:
    """A block or a net; `inputs` are a net's names of inputs, None for a block."""

    def __init__(self, name: str, file: File, inputs: tuple[str, ...] | None = None) -> None:
        self.name, self.file, self.inputs = name, file, inputs
        self.parameters: list[tuple[str, Expression | None]] = []
        self.pieces: list[Piece] = []
        self.labels: dict[str, int] = {}
        self.outputs: tuple[str, ...] = ()

    def bound(self, callee: Callee, inner: Env) -> dict[str, Any]:
        """Puts arguments and defaults into an environment; gives the arguments that are common to all blocks."""
        names = [name for name, _ in self.parameters]
        need(len(callee.positional) <= len(names), "not too many arguments")
        given = dict(zip(names, callee.positional))
        need(not set(given) & set(callee.named), "an argument once")
        given |= callee.named
        for name, default in self.parameters:
            need(name in given or default is not None, "every parameter")
            inner.values[name] = given.pop(name) if name in given else default.value(inner)  # type: ignore[union-attr]
        return given


def apply(model: Model, callee: Callee, env: Env, flow: Flow) -> Volume:
    """A layer, block or net on the current volume."""
    if isinstance(callee.target, Definition):
        return call(model, callee, env, flow)
    need(flow is not None and flow.outputs is None, "a volume")
    assert flow is not None
    kind, declared = callee.target, list(KINDS[callee.target].arguments)
    need(len(callee.positional) <= len(declared), "not too many arguments")
    args = dict(zip(declared, callee.positional))
    need(not set(args) & set(callee.named), "an argument once")
    args |= callee.named
    required = [name for name, item in KINDS[kind].arguments.items() if item.required]
    need(all(name in args for name in required), "what it needs")
    common = {name: args.pop(name) for name in ("freeze", "init", "share") if name in args}
    for name in common:
        model.note(f"{name}=")
    return model.layer(kind, args, [flow], env, common)


def call(model: Model, callee: Callee, env: Env, flow: Flow) -> Volume:
    """A block or net expanded in a place of its own."""
    definition: Definition = callee.target
    need(model.depth < 6, "few levels")
    place = Place()
    inner = Env(dict(definition.file.values), place, flow)
    named = dict(callee.named)
    if definition.inputs is not None:
        inner.inputs = {name: named.pop(name) for name in definition.inputs if name in named}
        if len(definition.inputs) == 1 and not inner.inputs:
            inner.inputs = {definition.inputs[0]: flow}  # type: ignore[dict-item]
        need(len(inner.inputs) == len(definition.inputs), "every input")
        need(all(isinstance(v, Volume) and v.outputs is None for v in inner.inputs.values()), "volumes")
        inner.given = next(iter(inner.inputs.values())) if len(definition.inputs) == 1 else None
        inner.outputs = {}
    else:
        need(flow is not None and flow.outputs is None, "a volume")
    inner.frozen, inner.shared = env.frozen, env.shared
    common = definition.bound(Callee(definition, callee.positional, named), inner)
    start = len(model.nodes)
    size = None
    if "share" in common:
        shared = common["share"]
        need(isinstance(shared, Volume) and shared.call is not None and shared.call[0] is definition, "a call of it")
        inner.shared, size = shared.call[1] - start, shared.call[2]
    inner.frozen = inner.frozen or common.get("freeze", False)
    for name in common:
        model.note(f"{name}= of a {'block' if definition.inputs is None else 'net'}")
    if "until" in common:
        label, ordinal = common["until"]
        inner.until = place, label, ordinal
    model.depth += 1
    found = walk(definition, inner)
    model.depth -= 1
    need(found is not None and (size is None or len(model.nodes) - start == size), "the same layers")
    assert found is not None
    return found.but(place=place, single=False, call=(definition, start, len(model.nodes) - start))


def walk(definition: Definition, inner: Env) -> Flow:
    try:
        flow = run_all(definition.pieces, inner, inner.given if definition.inputs is None else None)
    except Stop as stop:
        if inner.until is None or stop.place is not inner.place:
            raise
        return stop.volume
    need(inner.until is None, "the label of until=")
    if inner.outputs:
        if len(inner.outputs) > 1:
            return Volume(-1, (1,)).but(outputs=dict(inner.outputs))
        return next(iter(inner.outputs.values()))
    return flow
