"""Writes blocks, nets as layers, and values that are layers, with the calls that use them."""

from __future__ import annotations

from typing import Any

from tests.random_programs.arguments import KINDS
from tests.random_programs.definitions import Definition, File, Piece, apply
from tests.random_programs.model import Callee, Env, Flow, Place
from tests.random_programs.reference import JOINS
from tests.random_programs.stages import Stages
from tests.random_programs.unfit import Unfit, need
from tests.random_programs.values import Expression, literal


class Blocks(Stages):
    """Definitions are written when they are first called, for the volume of that call."""

    main: File
    others: list[File]

    def _home(self) -> File:
        """The file of a new definition: that of its caller, or from the main file another one now and then."""
        if self.file is self.main and self.others and self.rng.random() < 0.5:
            return self.rng.choice(self.others)
        return self.file

    def _within(self, file: File, action: Any) -> Any:
        before, self.file = self.file, file
        try:
            return action()
        finally:
            self.file = before

    # ---- blocks ----------------------------------------------------------------------------------

    def new_block(self, env: Env, flow: Flow) -> tuple[Definition, dict[str, Expression]]:
        """A block, and the arguments of its first call."""
        rng = self.rng
        need(flow is not None and flow.outputs is None and self.level < 2, "a volume")
        block = Definition(self.name("blk"), self._home())
        inner = Env(dict(block.file.values), Place(), flow)
        given: dict[str, Expression] = {}
        for way in rng.sample(["count", "act", "flag", "skip", "default", "unit"], rng.randint(0, 3)):
            name = self.name("par")
            value = self._argument(way, env)
            if way == "default":
                default = self.numbers.whole(inner, rng.randint(1, 4))
                block.parameters.append((name, default))
                inner.values[name] = default.value(inner)
                continue
            late = any(default is not None for _, default in block.parameters)
            default = self._argument(way, inner) if late or (rng.random() < 0.3 and way in ("act", "flag")) else None
            if way == "skip" and late:
                continue
            block.parameters.append((name, default))
            given[name] = value
            inner.values[name] = value.value(env)
        block.pieces = self._within(block.file, lambda: self.inside(inner, flow, 4))
        self._emit(block, "block")
        return block, given

    def _emit(self, made: Definition, word: str) -> None:
        parameters = ", ".join(
            name if default is None else f"{name} = {default.text}" for name, default in made.parameters
        )
        comment = "## What it does.\n" if self.rng.random() < 0.3 else ""
        separator = "\n    "
        inner = separator.join(piece.text for piece in made.pieces)
        head = f"{word} {made.name}" + (f"({parameters})" if parameters else "")
        made.file.items.append(f"{comment}{head} {{{separator}{inner}\n}}")
        self.definitions.append(made)

    def _argument(self, way: str, env: Env) -> Expression:
        rng = self.rng
        if way == "count":
            return self.numbers.whole(env, rng.randint(1, 4))
        if way == "flag":
            return literal(rng.random() < 0.5)
        if way == "skip":
            labels = [name for name, (items, _) in env.place.visible().items() if items[-1].outputs is None]
            need(bool(labels), "a label")
            name = rng.choice(sorted(labels))
            return Expression(name, lambda e: e.place.find(name)[-1])
        if way == "unit":
            return self._partial(rng.choice(["conv", "fc", "maxpool", "leaky_relu", "groupnorm", "lrn", "deconv"]))
        kind = rng.choice(["relu", "tanh", "sigmoid", "batchnorm", "prelu", "softmax", "silu", "scale"])
        return Expression(kind, lambda e: Callee(kind))

    def _partial(self, kind: str) -> Expression:
        """A layer with some of its arguments."""
        some = {
            "conv": {"kernel": 1, "bias": False},
            "fc": {"bias": False},
            "maxpool": {"stride": 1},
            "leaky_relu": {"slope": 0.25},
            "groupnorm": {"eps": 0.01},
            "lrn": {"size": 3},
            "deconv": {"kernel": 2},
        }[kind]
        text = ", ".join(f"{name}={literal(value).text}" for name, value in some.items())

        def value(env: Env) -> Callee:
            return Callee(kind, (), dict(some))

        return Expression(f"{kind}({text})", value)

    def call(self, env: Env, flow: Flow) -> Piece:
        """A call of a block: a known one if it fits, or a new one; sometimes partial first."""
        rng = self.rng
        known = [d for d in self.definitions if d.inputs is None and self._callable(d)]
        if known and rng.random() < 0.4:
            block = rng.choice(known)
            given = {name: self._like(name, block, env) for name, default in block.parameters if default is None}
        else:
            block, given = self.new_block(env, flow)
        extra = {"freeze": literal(True)} if rng.random() < 0.12 else {}
        return self.valid(self._block_call(block, given, extra), env, flow)

    def _callable(self, definition: Definition) -> bool:
        return definition.file is self.file or self.file is self.main

    def _like(self, name: str, block: Definition, env: Env) -> Expression:
        """An argument for a parameter, of the type that its name was first given."""
        return self._argument(self.rng.choice(["count", "act", "flag", "skip", "unit"]), env)

    def _block_call(self, block: Definition, given: dict[str, Expression], extra: dict[str, Expression]) -> Piece:
        rng, name = self.rng, block.name
        parts, by_position = [], True
        for number, (parameter, value) in enumerate(given.items()):
            by_position = by_position and block.parameters[number][0] == parameter and rng.random() < 0.7
            parts.append(value.text if by_position else f"{parameter}={value.text}")
        parts += [f"{key}={value.text}" for key, value in extra.items()]
        split = rng.randrange(len(parts) + 1) if rng.random() < 0.3 else 0
        # called again, a value takes further arguments
        text = f"{name}({', '.join(parts)})" if parts else name
        if split and not any("=" in part for part in parts[split:]):
            text = f"{name}({', '.join(parts[:split])})({', '.join(parts[split:])})"

        def run(env: Env, flow: Flow) -> Flow:
            named = {key: value.value(env) for key, value in (given | extra).items()}
            found = apply(self.model, Callee(block, (), named), env, flow)
            self.model.note("block call" if block.file is self.main else "block of another file")
            if ")(" in text:
                self.model.note("block called in two steps")
            return found

        return Piece(text, run)

    def repeat_shared(self, env: Env, flow: Flow) -> Piece:
        """A block called twice, the second time with the arrays of the first."""
        block, given = self.new_block(env, flow)
        label = self.name("lab")
        first, second = (
            self._block_call(block, given, {}),
            self._block_call(block, given, {"share": Expression(label, lambda e: e.place.find(label)[-1])}),
        )

        def run(e: Env, f: Flow) -> Flow:
            found = first.run(e, f)
            assert found is not None
            e.define(self.model, label, found)
            return second.run(e, f)

        # both start from the same volume, which needs a name
        name = self.name("lab")

        def whole(e: Env, f: Flow) -> Flow:
            need(f is not None and f.outputs is None, "a volume")
            start = self.model.layer("id", {}, [f], e, {})  # type: ignore[list-item]
            e.define(self.model, name, start)
            return run(e, start)

        text = f"{name}: id\n{label}: {first.text}\n{name} -> {second.text}"
        return self.valid(Piece(text, whole), env, flow)

    # ---- values that are layers --------------------------------------------------------------------

    def value_call(self, env: Env, flow: Flow) -> Piece:
        """A parameter or `let` that is a layer, as a stage, perhaps with further arguments."""
        names = [name for name, value in env.values.items() if isinstance(value, Callee)]
        need(bool(names), "a layer as a value")
        name = self.rng.choice(names)
        callee: Callee = env.values[name]
        need(isinstance(callee.target, str) and callee.target not in JOINS, "a layer")
        required = [n for n, item in KINDS[callee.target].arguments.items() if item.required and n not in callee.named]
        more = {key: self._further(callee.target, key, env) for key in required}
        text = ", ".join(f"{key}={value.text}" for key, value in more.items())
        positional = list(more) == list(KINDS[callee.target].arguments)[: len(more)]
        if positional and more and self.rng.random() < 0.7:
            text = ", ".join(value.text for value in more.values())

        def run(e: Env, f: Flow) -> Flow:
            found = e.values.get(name)
            need(isinstance(found, Callee) and found.target == callee.target, "the same layer")
            self.model.note("partial call" if found.named else "layer as a value")  # type: ignore[union-attr]
            return apply(self.model, found.more((), {k: v.value(e) for k, v in more.items()}), e, f)  # type: ignore

        return self.valid(Piece(f"{name}({text})" if text else name, run), env, flow)

    def _further(self, kind: str, key: str, env: Env) -> Expression:
        return literal(1) if key == "groups" else self.numbers.whole(env, self.rng.randint(1, 3))

    def let_layer(self, env: Env, flow: Flow) -> Piece:
        """A `let` that is a layer, plain or with some arguments, and a stage that uses it."""
        way = self.rng.choice(["act", "unit", "unit"])
        value, name = self._argument(way, env), self.name("val")

        def bind(e: Env, f: Flow) -> Flow:
            e.values[name] = value.value(e)
            return f

        known = env.inner()
        bind(known, flow)
        use = self.value_call(known, flow)
        if isinstance(known.values[name], Callee) and name not in use.text:
            raise Unfit("another value")

        def run(e: Env, f: Flow) -> Flow:
            return use.run(e, bind(e, f))

        return self.valid(Piece(f"let {name} = {value.text}\n{use.text}", run), env, flow)
