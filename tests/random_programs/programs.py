"""Whole programs: files with definitions, a main net with inputs and outputs, and what must come out."""

from __future__ import annotations

import re
from math import prod
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.random_programs.definitions import File, Piece
from tests.random_programs.model import Env, Flow, Node, Place
from tests.random_programs.nets import ZOO, Nets
from tests.random_programs.unfit import Full, Unfit, need
from tests.random_programs.values import Expression, literal


class Program:
    """Files by name (the main one is `main.cnn`), how it is checked, and the nodes it must have."""

    def __init__(self, writer: ProgramWriter, sizes: dict[str, Any], settings: dict[str, Any]) -> None:
        files = [writer.main, *writer.others]
        self.files = {file.name: file.text for file in files if file is writer.main or file.items}
        self.nodes: list[Node] = list(writer.model.nodes)
        self.notes: set[str] = set(writer.model.notes)
        self.sizes, self.settings = sizes, settings
        self.inputs: dict[str, int] = {}
        self.outputs: dict[str, int] = {}

    @property
    def text(self) -> str:
        return self.files["main.cnn"]

    def __repr__(self) -> str:
        shown = [f"==== {name}\n{text}" for name, text in self.files.items()]
        return "\n".join([*shown, f"==== sizes {self.sizes}, settings {self.settings}"])


class ProgramWriter(Nets):
    """Writes one program from a source of random numbers."""

    def __init__(self, rng: Random) -> None:
        super().__init__(rng)
        self.main = self.file
        self.others = [File("parts/some.cnn"), File("other.cnn")][: rng.randrange(3)]
        for file in (self.main, *self.others):
            self._values(file)

    def _values(self, file: File) -> None:
        """A top-level `let`, and a function that makes another of it."""
        rng = self.rng
        if rng.random() < 0.4:
            name, value = self.name("top"), rng.randint(1, 5)
            file.values[name] = value
            file.items.append(f"let {name} = {value}")
            if rng.random() < 0.6:
                function, other, by = self.name("fun"), self.name("top"), rng.randint(1, 3)
                default = " = 1" if rng.random() < 0.5 else ""
                file.items.append(f"fn {function}(a, b{default}) = a * {by} + b")
                file.values[other] = value * by + 1
                file.items.append(f"let {other} = {function}({value}{'' if default else ', 1'})")

    def program(self) -> Program:
        rng = self.rng
        name = self.name("Net")
        settings, heading = self._parameters()
        env = Env({**self.main.values, **{key: value for key, (value, _) in settings.items()}}, Place(), None)
        env.inputs, env.outputs = {}, {}
        inputs = self._inputs()
        pieces: list[Piece] = []
        flow: Flow = None
        sizes: dict[str, Any] = {}
        for number, (label, shape) in enumerate(inputs):
            piece = self._input(label, shape, len(inputs) > 1)
            flow = piece.run(env, None)
            env.given = flow if len(inputs) == 1 else None
            pieces.append(piece)
            if rng.random() < 0.2:
                sizes["" if len(inputs) == 1 else label] = shape
                opened = "x".join("?" for _ in shape[:-1]) + f"x{shape[-1]}" if len(shape) > 1 else "?"
                named = f"{label}: " if len(inputs) > 1 else ""
                pieces[-1] = Piece(f"input {named}{opened}", piece.run)
            if number == 0 and len(inputs) > 1:
                mark = len(self.model.undo)
                pieces += (more := self.statements(env, flow, 2))
                self.model.back(mark)
                for one in more:
                    flow = one.run(env, flow)
        for _ in range(rng.randint(4, 9)):
            mark = len(self.model.undo)
            try:
                piece = self._commented(self.statement(env, flow))
                flow = piece.run(env, flow)
            except Full:
                self.model.back(mark)
                self.model.depth = 0
                break
            pieces.append(piece)
            if rng.random() < 0.06:
                self._try_output(env, flow, pieces)
        self._try_outputs(env, flow, pieces)
        return self._finish(name, heading, pieces, env, flow, sizes, settings)

    def _inputs(self) -> list[tuple[str, tuple[int, ...]]]:
        rng = self.rng
        count = rng.choice([1, 1, 1, 1, 2])
        rank = rng.choice([0, 1, 1, 2, 2, 2, 2, 3])
        most = {0: 0, 1: 12, 2: 9, 3: 6}[rank]
        shape = (*(rng.randint(max(3, most - 4), most) for _ in range(rank)), rng.choice([1, 2, 3, 4, 4, 6, 6]))
        if rank == 0:
            shape = (rng.randint(2, 16),)
        return [("input", shape)] if count == 1 else [(self.name("in"), shape) for _ in range(count)]

    def _parameters(self) -> tuple[dict[str, tuple[Any, Expression | None]], str]:
        """Parameters of the main net, some without a default, which must be set from outside."""
        rng, found = self.rng, {}
        for _ in range(rng.choice([0, 0, 1, 2])):
            value = rng.randint(1, 5)
            default = literal(value) if rng.random() < 0.6 else None
            found[self.name("par")] = value, default
        shown = [key if default is None else f"{key} = {default.text}" for key, (_, default) in found.items()]
        return found, f"({', '.join(shown)})" if shown else ""

    def _try_outputs(self, env: Env, flow: Flow, pieces: list[Piece]) -> None:
        if self.rng.random() < 0.4:
            for _ in range(self.rng.randint(1, 2)):
                self._try_output(env, flow, pieces)

    def _try_output(self, env: Env, flow: Flow, pieces: list[Piece]) -> None:
        """An output of its own pipeline, or of a label."""
        assert env.outputs is not None
        labels = {
            name: items[-1].number
            for name, (items, often) in env.place.visible().items()
            if not often and items[-1].outputs is None and name not in env.outputs
        }
        labels = {name: number for name, number in labels.items() if self.model.nodes[number].kind != "input"}
        try:
            if labels and self.rng.random() < 0.5:
                name = self.rng.choice(sorted(labels))
                env.outputs[name] = env.place.find(name)[-1]
                pieces.append(Piece(f"output {name}", lambda e, f: f))
                self.model.note("output of a label")
            else:
                piece = self._output(env, flow)
                self.model.attempt(lambda: piece.run(env, flow))
                pieces.append(piece)
        except (Unfit, Full):
            return

    def _finish(
        self, name: str, heading: str, pieces: list[Piece], env: Env, flow: Flow, sizes: Any, settings: Any
    ) -> Program:
        need(flow is not None and flow.outputs is None and env.outputs is not None, "a volume")
        assert flow is not None and env.outputs is not None and env.inputs is not None
        if self.model.nodes[flow.number].kind == "input":
            flow = self.model.layer("tanh", {}, [flow], env, {})
            pieces.append(Piece("tanh", lambda e, f: f))
        if self.rng.random() < 0.3:
            self._budget(pieces)
        inner = "\n    ".join(piece.text for piece in pieces)
        documented = self.rng.random() < 0.3
        self.main.items.append(f"{'## A net.' if documented else ''}\nnet {name}{heading} {{\n    {inner}\n}}")
        given = {key: value for key, (value, default) in settings.items() if default is None}
        if self.rng.random() < 0.15:
            arguments = ", ".join(f"{key}={value}" for key, (value, _) in settings.items())
            self.main.items.append(f"net {self.name('Net')} = {name}{f'({arguments})' if arguments else ''}")
            self.model.note("net = net")
            given = {}
        self._import()
        made = Program(self, sizes, given)
        made.inputs = {label: volume.number for label, volume in env.inputs.items()}
        outputs = env.outputs or {"output": flow}
        made.outputs = {label: volume.number for label, volume in outputs.items()}
        return made

    def _budget(self, pieces: list[Piece]) -> None:
        """An `assert` of how many learned values the whole net has, at any of its lines."""
        nodes = enumerate(self.model.nodes)
        own = [array for number, node in nodes if node.owner == number for array in node.arrays.values()]
        count = sum(prod(shape) for shape, role in own if role == "learned")
        limit = self.rng.choice([f"params == {count}", f"params < {count // 1000 + 1}K", f"{count} >= params"])
        pieces.insert(self.rng.randrange(len(pieces) + 1), Piece(f"assert {limit}", lambda e, f: f))
        self.model.note("assert of the whole net")

    def _import(self) -> None:
        """Every file imports what it names and another defines."""
        for file in (self.main, *self.others):
            words = set(re.findall(r"\w+", "\n".join(file.items)))
            for definition in self.definitions:
                if definition.name in words and definition.file is not file:
                    file.use(definition.file, definition.name)
            if "basic" in words:
                file.use(ZOO, "basic")


def program(rng: Random) -> Program:
    """A random valid program with its meaning."""
    while True:
        try:
            return ProgramWriter(rng).program()
        except (Unfit, Full):
            continue


@st.composite
def programs(draw: Any) -> Program:
    """Random valid programs over the whole language, for hypothesis."""
    return program(draw(st.randoms(use_true_random=False)))
