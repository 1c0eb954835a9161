"""Writes nets that are used as layers, with `until=`, `freeze=`, several inputs and several outputs; the zoo's, too."""

from __future__ import annotations

from typing import Any

from tests.random_programs.definitions import Definition, File, Piece, apply
from tests.random_programs.model import Callee, Env, Flow, Place
from tests.random_programs.reference import JOINS
from tests.random_programs.statements import Statements
from tests.random_programs.unfit import need
from tests.random_programs.values import Expression, literal


class Nets(Statements):
    """A net is written for the volume that it is first called with, as a block is."""

    def more_ways(self) -> list[Any]:
        return [self.net_call, self.net_call, self.two_inputs, self.zoo_block] if self.level == 0 else []

    def net_call(self, env: Env, flow: Flow) -> Piece:
        """A new net as a layer: whole, up to a label, or with several outputs."""
        rng = self.rng
        need(flow is not None and flow.outputs is None and self.level < 2, "a volume")
        assert flow is not None
        net = Definition(self.name("Net"), self._home(), ("input",))
        inner = Env(dict(net.file.values), Place(), flow)
        inner.inputs, inner.outputs = {"input": flow}, {}
        begin = self._input("input", flow.shape, False)
        mark = len(self.model.undo)
        flow_in = begin.run(inner, None)
        pieces = self._within(net.file, lambda: self.inside(inner, flow_in, 3))
        end = flow_in
        for piece in pieces:
            end = piece.run(inner, end)
        ends = [self._output(inner, end) for _ in range(rng.choice([0, 0, 1, 2]))]
        for piece in ends:
            piece.run(inner, end)
        labels = {name: len(items) for name, items in inner.place.labels.items()}
        often = set(inner.place.repeated)
        names = list(inner.outputs)
        self.model.back(mark)
        net.pieces = [begin, *pieces, *ends]
        self._emit(net, "net")
        extra: dict[str, Expression] = {}
        if labels and rng.random() < 0.6:
            loops = sorted(often & labels.keys())
            label = rng.choice(loops if loops and rng.random() < 0.6 else sorted(labels))
            ordinal = rng.randint(1, labels[label])
            indexed = label in often and rng.random() < 0.5
            text = label + (f"[{ordinal - 1}]" if indexed else str(ordinal) if label in often else "")

            def until(e: Env) -> tuple[str, int]:
                if indexed:
                    self.model.note("until= with an index")
                return label, ordinal

            extra["until"] = Expression(text, until)
            names = []
        if rng.random() < 0.4:
            extra["freeze"] = literal(True)
        use = self._net_use(net, extra, names)
        return self.valid(use, env, flow)

    def _net_use(self, net: Definition, extra: dict[str, Expression], names: list[str]) -> Piece:
        shown = ", ".join(f"{key}={value.text}" for key, value in extra.items())
        text = f"{net.name}({shown})" if shown else net.name

        def run(e: Env, f: Flow) -> Flow:
            found = apply(self.model, Callee(net, (), {k: v.value(e) for k, v in extra.items()}), e, f)
            self.model.note("net as a layer")
            return found

        if len(names) < 2:
            return Piece(text, run)
        label, chosen = self.name("lab"), self.rng.choice(names)

        def continued(e: Env, f: Flow) -> Flow:
            found = run(e, f)
            assert found is not None
            e.define(self.model, label, found)
            need(found.outputs is not None, "several outputs")
            self.model.note("one of several outputs")
            start = found.place.labels[chosen][-1]  # type: ignore[union-attr]
            return self.model.layer("relu", {}, [start], e, {})

        return Piece(f"{label}: {text}\n{label}.{chosen} -> relu", continued)

    def _input(self, name: str, shape: tuple[int, ...], labelled: bool) -> Piece:
        """An `input` statement, its size in one of the forms of a size."""
        rng = self.rng
        size = "x".join(map(str, shape))
        if len(shape) > 1 and rng.random() < 0.25:
            size = f"({', '.join(map(str, shape))})"

        def run(e: Env, f: Flow) -> Flow:
            assert e.inputs is not None
            given = e.inputs.get(name)
            found = given if given is not None else self.model.input(shape)
            e.inputs.setdefault(name, found)
            if labelled:
                e.define(self.model, name, found)
            return found

        return Piece(f"input {f'{name}: ' if labelled else ''}{size}", run)

    def _output(self, env: Env, flow: Flow) -> Piece:
        """An output with a pipeline of its own: the main flow goes on as it was."""
        mark = len(self.model.undo)
        name = self.name("out")
        inner = env.inner(place=Place(env.place), repeating=False)
        pieces = [self.layer(inner, flow)]
        self.model.back(mark)

        def run(e: Env, f: Flow) -> Flow:
            found = pieces[0].run(e, f)
            assert found is not None and e.outputs is not None
            need(found.outputs is None, "a volume")
            e.define(self.model, name, found)
            e.outputs[name] = found
            self.model.note("output with a pipeline")
            return f

        return Piece(f"output {name}: {pieces[0].text}", run)

    def two_inputs(self, env: Env, flow: Flow) -> Piece:
        """A net with two inputs, used as a layer with both given by name."""
        need(flow is not None and flow.outputs is None, "a volume")
        assert flow is not None
        net = Definition(self.name("Net"), self._home(), (self.name("in"), self.name("in")))
        kind = self.rng.choice(JOINS)
        assert net.inputs is not None
        left, right = net.inputs
        begin = [self._input(name, flow.shape, True) for name in net.inputs]

        def joined(e: Env, f: Flow) -> Flow:
            ends = [e.place.find(name)[-1] for name in (left, right)]
            self.model.note(f"join {kind}")
            return self.model.layer(kind, {}, ends, e, {})

        net.pieces = [*begin, Piece(f"{kind} {{ {left} | {right} }}", joined)]
        one, other = self.name("lab"), self.name("lab")
        text = f"{one}: relu\n{other}: tanh\n{net.name}({left}={one}, {right}={other})"

        def run(e: Env, f: Flow) -> Flow:
            given = {}
            for label, which, name in ((one, "relu", left), (other, "tanh", right)):
                f = self.model.layer(which, {}, [f], e, {})  # type: ignore[list-item]
                e.define(self.model, label, f)
                given[name] = f
            self.model.note("net with two inputs as a layer")
            return apply(self.model, Callee(net, (), given), e, f)

        piece = self.valid(Piece(text, run), env, flow)
        self._emit(net, "net")
        return piece

    def zoo_block(self, env: Env, flow: Flow) -> Piece:
        """A residual unit of the zoo, its meaning written down from the paper."""
        need(flow is not None and len(flow.shape) == 3, "an image")
        assert flow is not None
        count, step = self.rng.choice([flow.shape[-1], 2, 4]), self.rng.choice([1, 2])

        def run(e: Env, f: Flow) -> Flow:
            assert f is not None
            shape = f.shape

            def layer(kind: str, start: Any, **args: Any) -> Any:
                return self.model.layer(kind, args, start if isinstance(start, list) else [start], e.inner(), {})

            def conv(start: Any, size: int, stride: int, pad: int) -> Any:
                made = layer("conv", start, filters=count, kernel=size, stride=stride, pad=pad, bias=False)
                return layer("batchnorm", made)

            begin = len(self.model.nodes)
            long = conv(layer("relu", conv(f, 3, step, 1)), 3, 1, 1)
            short = layer("id", f) if step == 1 and shape[-1] == count else conv(f, 1, step, 0)
            found = layer("relu", layer("add", [long, short]))
            self.model.note("block of the zoo")
            return found.but(single=False, place=Place(), call=(ZOO, begin, len(self.model.nodes) - begin))

        return self.valid(Piece(f"basic({count}, stride={step})", run), env, flow)


ZOO = File("zoo/resnet.cnn")
