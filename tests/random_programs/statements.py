"""Writes statements: pipelines with labels, loops, values, and starts from earlier volumes."""

from __future__ import annotations

from typing import Any

from tests.random_programs.blocks import Blocks
from tests.random_programs.definitions import Piece, run_all
from tests.random_programs.model import Env, Flow, Place
from tests.random_programs.unfit import Unfit, need
from tests.random_programs.values import Expression


class Statements(Blocks):
    """Statements are written one by one, each run on the model as soon as it stands."""

    def statements(self, env: Env, flow: Flow, most: int) -> list[Piece]:
        pieces: list[Piece] = []
        env = env.inner()
        for _ in range(self.rng.randint(1, most)):
            piece = self.statement(env, flow)
            flow = piece.run(env, flow)
            pieces.append(self._commented(piece))
        return pieces

    def statement(self, env: Env, flow: Flow) -> Piece:
        """A statement that fits; a plain layer if others do not."""
        ways: list[Any] = (
            [self.pipeline] * 9 + [self.loop] * 2 + [self.let, self.claim] + [self.let_layer] + [self.value_call]
        )
        ways += [self.restart] * 2 + [self.shared_statement] + [self.repeat_shared] + self.more_ways()
        for _ in range(6):
            way = self.rng.choice(ways)
            mark = len(self.model.undo)
            try:
                return self.valid(way(env, flow), env, flow)
            except Unfit:
                self.model.back(mark)
        return self.layer(env, flow, "relu")

    def more_ways(self) -> list[Any]:
        """What else may stand there; for classes above."""
        return []

    def _commented(self, piece: Piece) -> Piece:
        comment = self.rng.random() < 0.06
        return Piece(f"{piece.text}  # a note: {{ -> }}", piece.run) if comment else piece

    # ---- pipelines -------------------------------------------------------------------------------

    def stage(self, env: Env, flow: Flow) -> Piece:
        ways: list[Any] = [self.layer] * 8 + [self.group, self.join, self.join, self.choice, self.call, self.call]
        for _ in range(4):
            way = self.rng.choice(ways) if self.level < 3 else self.layer
            mark = len(self.model.undo)
            try:
                return way(env, flow)
            except Unfit:
                self.model.back(mark)
        return self.layer(env, flow)

    def chain(self, env: Env, flow: Flow, most: int) -> list[Piece]:
        """Stages one behind the other; the model is left as it was."""
        mark, pieces = len(self.model.undo), []
        for _ in range(self.rng.randint(1, most)):
            piece = self.stage(env, flow)
            flow = piece.run(env, flow)
            pieces.append(piece)
        self.model.back(mark)
        return pieces

    def pipeline(self, env: Env, flow: Flow, begin: Piece | None = None) -> Piece:
        """`a -> b -> c`, often with a label."""
        rng = self.rng
        label = self.name("lab") if rng.random() < 0.45 else ""
        place = Place(env.place) if label else env.place
        if label:
            # written in the scope that a longer labelled pipeline opens
            inner = env.inner(place=place, repeating=False)
        else:
            inner = env
        start = flow
        if begin is not None:
            start = begin.run(env, flow)
            need(start is not None and start.outputs is None, "a volume")
        pieces = ([begin] if begin else []) + self.chain(inner, start, 3)
        alone = len(pieces) == 1 and not pieces[0].text.startswith(("{", "if ")) and not _is_join(pieces[0].text)
        arrow = rng.choice([" -> ", " -> ", "\n    -> ", " ->\n    "])
        text = arrow.join(piece.text for piece in pieces)
        if any("\n" in piece.text for piece in pieces):
            text = " -> ".join(piece.text for piece in pieces)

        def run(e: Env, f: Flow) -> Flow:
            if not label:
                return run_all(pieces, e, f)
            if alone:
                found = run_all(pieces, e, f)
            else:
                here = Place(e.place)
                found = run_all(pieces, e.inner(place=here, repeating=False), f)
                found = found.but(place=here, single=False, call=None) if found else found
            assert found is not None
            e.define(self.model, label, found)
            return found

        return Piece(f"{label}: {text}" if label else text, run)

    def restart(self, env: Env, flow: Flow) -> Piece:
        """A statement that begins with a label or `in`."""
        return self.pipeline(env, flow, self.start(env))

    def shared_statement(self, env: Env, flow: Flow) -> Piece:
        return self.shared(env, flow)

    # ---- values and loops ------------------------------------------------------------------------

    def let(self, env: Env, flow: Flow) -> Piece:
        name, value = self.name("val"), self.numbers.whole(env, self.rng.randint(1, 6))

        def run(e: Env, f: Flow) -> Flow:
            e.values[name] = value.value(e)
            self.model.note("let")
            return f

        return Piece(f"let {name} = {value.text}", run)

    def claim(self, env: Env, flow: Flow) -> Piece:
        """An `assert` of a value that holds here, and wherever the piece is run again."""
        wanted = self.rng.randint(0, 6)
        number = self.numbers.whole(env, wanted)
        sign, bound = self.rng.choice([("==", wanted), ("<", wanted + 1), ("!=", wanted + 2), (">=", wanted)])
        message = self.rng.choice(["", ', "why: { -> }"'])

        def run(e: Env, f: Flow) -> Flow:
            need(number.value(e) == wanted, "what is asserted")
            self.model.note("assert")
            return f

        return Piece(f"assert {number.tight} {sign} {bound}{message}", run)

    def loop(self, env: Env, flow: Flow) -> Piece:
        """`for` over a list, a range or pairs; the label inside gets ordinals."""
        rng = self.rng
        names, text, values = self._walked(env)
        first = env.inner(repeating=True)
        items = values.value(env)
        need(bool(items), "a value")
        _assign(first, names, items[0])
        mark = len(self.model.undo)
        pieces = self.inside(first, flow, 3)
        label = self.name("lab")
        before = self._run_in(pieces, first, flow)
        last = self.layer(first, before, rng.choice([None, "conv", "relu", "scale"]))
        self.model.back(mark)

        def labelled(e: Env, f: Flow) -> Flow:
            found = last.run(e, f)
            assert found is not None
            e.define(self.model, label, found)
            return found

        pieces = [*pieces, Piece(f"{label}: {last.text}", labelled)]

        def run(e: Env, f: Flow) -> Flow:
            for item in values.value(e):
                inner = e.inner(repeating=True)
                _assign(inner, names, item)
                f = run_all(pieces, inner, f)
            self.model.note(f"for over {'pairs' if len(names) > 1 else 'a range' if '..' in values.text else 'a list'}")
            return f

        return Piece(f"for {text} in {values.text} {self.braces(pieces)}", run)

    def _run_in(self, pieces: list[Piece], env: Env, flow: Flow) -> Flow:
        return run_all(pieces, env.inner(), flow)

    def _walked(self, env: Env) -> tuple[list[str], str, Expression]:
        rng = self.rng
        count = rng.choice([2, 2, 3])
        one, other = self.name("var"), self.name("var")
        way = rng.randrange(3)
        if way == 0:
            low = rng.randint(0, 2)
            high = self.numbers.whole(env, low + count)
            return [one], one, Expression(f"{low}..{high.tight}", lambda e: list(range(low, high.value(e))))
        numbers = [self.numbers.whole(env, rng.randint(1, 4), 1) for _ in range(count)]
        if way == 1:
            text = ", ".join(number.text for number in numbers)
            return [one], one, Expression(f"[{text}]", lambda e: [number.value(e) for number in numbers])
        text = ", ".join(f"({number.text}, {place})" for place, number in enumerate(numbers))
        values = Expression(f"[{text}]", lambda e: [(number.value(e), p) for p, number in enumerate(numbers)])
        return [one, other], f"({one}, {other})", values


def _assign(env: Env, names: list[str], item: Any) -> None:
    env.values.update(zip(names, item if len(names) > 1 else [item]))


def _is_join(text: str) -> bool:
    return text.split(" ", 1)[-1].startswith("{") if " " in text else False
