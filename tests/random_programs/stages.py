"""Writes stages: layers, groups, joins, choices, calls of blocks, nets and values."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.random_programs.arguments import KINDS, Arguments
from tests.random_programs.definitions import Definition, File, Piece, apply, run_all
from tests.random_programs.model import Callee, Env, Flow, Model, Volume
from tests.random_programs.reference import JOINS
from tests.random_programs.unfit import Unfit, need
from tests.random_programs.values import Expression, Numbers, literal

UNARY = [kind for kind, cls in KINDS.items() if not cls.joins]
RARE = ("flatten", "fc", "rbf", "global_avgpool", "global_maxpool", "reshape")
STARTS = ("he", "glorot", "lecun", "orthogonal", "normal(0.1)", "uniform(0.2)", "zeros", "ones", "0.5")


class Stages:
    """Every method gives a piece that is valid on the flow in an environment, and leaves the model as it was."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.model = rng, Model()
        self.numbers = Numbers(rng)
        self.arguments = Arguments(rng, self.numbers)
        self.file = File("main.cnn")
        self.definitions: list[Definition] = []
        self.level = 0
        self.counter = 0

    def name(self, stem: str) -> str:
        """A new name; letters at its end, so that no ordinal can meet it."""
        self.counter += 1
        digits = ""
        number = self.counter
        while number:
            number, digit = divmod(number, 26)
            digits = chr(97 + digit) + digits
        return f"{stem}_{digits}"

    def valid(self, piece: Piece, env: Env, flow: Flow) -> Piece:
        """The piece, if it fits; the model is left as it was."""
        mark, depth = len(self.model.undo), self.model.depth
        try:
            piece.run(env.inner(), flow)
        finally:
            self.model.back(mark)
            self.model.depth = depth
        return piece

    def statements(self, env: Env, flow: Flow, most: int) -> list[Piece]:
        """The inside of braces; written above this class."""
        raise NotImplementedError

    # ---- layers ----------------------------------------------------------------------------------

    def layer(self, env: Env, flow: Flow, kind: str | None = None) -> Piece:
        need(flow is not None and flow.outputs is None, "a volume")
        assert flow is not None
        for _ in range(12):
            chosen = kind or self.rng.choice(UNARY)
            if kind is None and chosen in RARE and len(flow.shape) > 1 and self.rng.random() < 0.6:
                continue
            try:
                given = self.arguments.draw(chosen, env, flow)
                given |= self._common(chosen, env)
                return self.valid(self._called(chosen, given), env, flow)
            except Unfit:
                continue
        return self.valid(self._called("relu", {}), env, flow)

    def _called(self, kind: str, given: dict[str, Expression]) -> Piece:
        text = self.call_text(kind, given)

        def run(env: Env, flow: Flow) -> Flow:
            values = {name: expression.value(env) for name, expression in given.items()}
            return apply(self.model, Callee(kind, (), values), env, flow)

        return Piece(text, run)

    def call_text(self, kind: str, given: dict[str, Expression]) -> str:
        """A call: the leading arguments by position, the others by name or letter."""
        rng, parts, by_position = self.rng, [], True
        names = list(KINDS[kind].arguments)
        order = [name for name in names if name in given]
        for place, name in enumerate(order):
            item = KINDS[kind].arguments[name]
            by_position = by_position and names[place] == name and rng.random() < (0.85 if item.required else 0.3)
            spelled = item.letter if item.letter and rng.random() < 0.15 else name
            parts.append(given[name].text if by_position else f"{spelled}={given[name].text}")
        parts += [f"{name}={given[name].text}" for name in given if name not in names]
        if not parts:
            return kind if rng.random() < 0.9 else f"{kind}()"
        inner = ", ".join(parts) + ("," if rng.random() < 0.05 else "")
        return f"{kind}({inner})"

    def _common(self, kind: str, env: Env) -> dict[str, Expression]:
        """`freeze=`, `init=` or `share=` now and then."""
        rng = self.rng
        way = rng.randrange(14)
        if way == 0:
            return {"freeze": literal(rng.random() < 0.7)}
        if way == 1:
            start = rng.choice(STARTS)
            return {"init": Expression(start, lambda e: start)}
        if way <= 4:
            labels = env.place.visible()
            suiting = [
                name
                for name, (items, _) in labels.items()
                if items[-1].single and items[-1].number >= 0 and self.model.nodes[items[-1].number].kind == kind
            ]
            if suiting:
                name = rng.choice(suiting)
                return {"share": Expression(name, lambda e: e.place.find(name)[-1])}
        return {}

    def shared(self, env: Env, flow: Flow) -> Piece:
        """A layer that uses the arrays of an earlier one that has a label."""
        found = []
        for name, (items, _) in env.place.visible().items():
            if items[-1].single and items[-1].call is None and self.model.nodes[items[-1].number].arrays:
                found.append(name)
        need(bool(found), "a layer to share")
        name = self.rng.choice(found)
        node = self.model.nodes[env.place.find(name)[-1].number]
        need(node.kind not in ("normalize",) and "weights" not in node.args and "to" not in node.args, "learned")
        given = {key: _as_written(value) for key, value in node.args.items()}
        given["share"] = Expression(name, lambda e: e.place.find(name)[-1])
        return self.valid(self._called(node.kind, given), env, flow)

    # ---- groups, joins, choices ------------------------------------------------------------------

    def inside(self, env: Env, flow: Flow, most: int) -> list[Piece]:
        """Statements one level deeper, the model left as it was."""
        need(self.level < 3, "few levels")
        mark = len(self.model.undo)
        self.level += 1
        try:
            return self.statements(env, flow, most)
        finally:
            self.level -= 1
            self.model.back(mark)

    def braces(self, pieces: list[Piece]) -> str:
        separator = "\n" if any("#" in piece.text for piece in pieces) or self.rng.random() < 0.6 else " ; "
        inner = separator.join(piece.text for piece in pieces)
        return f"{{ {inner}\n}}" if separator == "\n" else f"{{ {inner} }}"

    def group(self, env: Env, flow: Flow) -> Piece:
        rng = self.rng
        count = rng.choice([None, 0, 1, 2, 2, 3])
        repeating = {} if count is None else {"repeating": True}
        pieces = self.inside(env.inner(**repeating), flow, 2)
        counted = literal(1) if count is None else self.numbers.whole(env, count)
        text = self.braces(pieces)
        if count is not None:
            plain = counted.text.isidentifier() or counted.text.isdigit()
            text += f" * {counted.text}" if plain else f" * ({counted.text})"

        def run(e: Env, f: Flow) -> Flow:
            times = counted.value(e)
            need(isinstance(times, int) and 0 <= times <= 5, "a small count")
            for _ in range(times):
                f = run_all(pieces, e.inner(**repeating), f)
            self.model.note("group" if count is None else "repeated group" if count else "group * 0")
            return f

        return self.valid(Piece(text, run), env, flow)

    def join(self, env: Env, flow: Flow) -> Piece:
        """A join of two or three branches, one of which may be a cut of a repeated label."""
        rng = self.rng
        kind = rng.choice(JOINS)
        branches = [self._branch(env, flow, number, kind) for number in range(rng.choice([2, 2, 3]))]
        open_line = any("\n" in text or "#" in text for text, _ in branches)
        first = "| " if rng.random() < 0.5 or open_line else ""
        separator = "\n| " if open_line or rng.random() < 0.4 else " | "
        text = f"{kind} {{ {first}{separator.join(text for text, _ in branches)}\n}}"

        def run(e: Env, f: Flow) -> Flow:
            ends: list[Volume] = []
            for _, branch in branches:
                ends += branch(e.inner(), f)
            self.model.note(f"join {kind}")
            if len(ends) == 1:
                self.model.note("join of what is left of a list")
                return ends[0]
            return self.model.layer(kind, {}, ends, e, {})

        return self.valid(Piece(text, run), env, flow)

    def _branch(self, env: Env, flow: Flow, number: int, kind: str) -> tuple[str, Any]:
        rng = self.rng
        repeated = [name for name, (items, often) in env.place.visible().items() if often and len(items) > 1]
        if number and repeated and rng.random() < 0.5:
            name = rng.choice(repeated)
            count = len(env.place.find(name))
            low = rng.randrange(count + 1)

            def cut(e: Env, f: Flow) -> list[Volume]:
                items = e.place.find(name)
                need(len(items) == count and name in _repeated(e), "as many repetitions")
                self.model.note("cut of a repeated label as branches" if low < count else "cut of no branch")
                return items[low:]

            return f"{name}[{low}..{count}]", cut
        if number == 0 or rng.random() < 0.3:
            pieces = [self.layer(env, flow, "id")]
        elif rng.random() < 0.25 and env.place.visible():
            pieces = [self.start(env)]
        else:
            pieces = self.inside(env.inner(), flow, 2)
        if kind != "concat" and rng.random() < 0.3:
            pieces = [self.layer(env, flow, rng.choice(["global_avgpool", "relu", "sigmoid", "id"]))]
        separator = "\n" if len(pieces) > 1 or "#" in pieces[0].text else ""

        def run(e: Env, f: Flow) -> list[Volume]:
            end = run_all(pieces, e, f)
            need(end is not None and end.outputs is None, "a volume")
            return [end]  # type: ignore[list-item]

        return separator.join(piece.text for piece in pieces), run

    def choice(self, env: Env, flow: Flow) -> Piece:
        """`if`, with or without `else` and `else if`."""
        rng = self.rng
        truth = rng.random() < 0.6
        condition = self.numbers.truth(env, truth)
        taken = self.inside(env.inner(), flow, 2)
        other = [self.layer(env, flow, rng.choice(["relu", "id", "tanh"]))]
        way = rng.choice(["plain", "else", "else if"])
        then, rest = (taken, other) if truth else (other, taken)
        text = f"if {condition.text} {self.braces(then)}"
        second = self.numbers.truth(env, True)
        if way != "plain":
            text += f" else {f'if {second.text} ' if way == 'else if' else ''}{self.braces(rest)}"

        def run(e: Env, f: Flow) -> Flow:
            self.model.note(f"if ({way})")
            if condition.value(e):
                return run_all(then, e.inner(), f)
            if way == "plain" or (way == "else if" and not second.value(e)):
                return f
            return run_all(rest, e.inner(), f)

        return self.valid(Piece(text, run), env, flow)

    # ---- volumes ---------------------------------------------------------------------------------

    def start(self, env: Env) -> Piece:
        """A label in one of its forms, or `in`, at the start of a pipeline."""
        rng, labels = self.rng, env.place.visible()
        if not labels or (env.given is not None and rng.random() < 0.15):
            need(env.given is not None, "a volume")

            def given(e: Env, f: Flow) -> Flow:
                need(e.given is not None, "a volume")
                self.model.note("in")
                return e.given

            return Piece("in", given)
        repeated = [name for name, (_, often) in labels.items() if often]
        name = rng.choice(repeated if repeated and rng.random() < 0.6 else sorted(labels))
        items, often = labels[name]
        place = rng.randrange(len(items))
        way = rng.choice(["[]", "[-]", "ordinal", "plain"]) if often else "plain"
        inner = items[-1].place.labels if items[-1].place else {}
        if way == "plain" and inner and rng.random() < 0.7:
            part = rng.choice(sorted(inner))

            def dotted(e: Env, f: Flow) -> Flow:
                found = e.place.find(name)[-1].place
                need(found is not None and part in found.labels, "a label of it")
                self.model.note("label behind a dot")
                return found.labels[part][-1]  # type: ignore[union-attr]

            return Piece(f"{name}.{part}", dotted)
        back = place - len(items)
        text = {"[]": f"{name}[{place}]", "[-]": f"{name}[{back}]", "ordinal": f"{name}{place + 1}"}

        def label(e: Env, f: Flow) -> Flow:
            found = e.place.find(name)
            if way == "plain":
                self.model.note("repeated label by name" if often else "label")
                return found[-1]
            need(name in _repeated(e) and -len(found) <= back and place < len(found), "a repetition")
            self.model.note({"[]": "indexed label", "[-]": "label[-n]", "ordinal": "label by ordinal"}[way])
            return found[back] if way == "[-]" else found[place]

        return Piece(text.get(way, name), label)


def _repeated(env: Env) -> set[str]:
    return {name for name, (_, often) in env.place.visible().items() if often}


def _as_written(value: Any) -> Expression:
    """An argument's value as text again."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple) and not isinstance(value[0][0], int):
        raise Unfit("a table")
    return literal(value)
