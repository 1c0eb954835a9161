"""Values and expressions: text with what it is worth, wherever it is read again."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

from tests.random_programs.model import Env
from tests.random_programs.unfit import Unfit

AXES = {1: ("channels",), 2: ("length", "channels"), 3: ("height", "width", "channels")}
AXES[4] = ("depth", "height", "width", "channels")


class Expression:
    """A text and its value in an environment; `atom` where it binds tightly enough for any place."""

    def __init__(self, text: str, value: Callable[[Env], Any], atom: bool = True) -> None:
        self.text, self.value, self.atom = text, value, atom

    @property
    def tight(self) -> str:
        return self.text if self.atom else f"({self.text})"


def literal(value: Any, text: str | None = None) -> Expression:
    return Expression(shown(value) if text is None else text, lambda env: value, not shown(value).startswith("-"))


def shown(value: Any) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))}{',' if len(value) == 1 else ''})"
    return f"{value:g}" if isinstance(value, float) else str(value)


def lookup(env: Env, name: str) -> Any:
    if name not in env.values:
        raise Unfit(f"no value {name}")
    return env.values[name]


def variable(name: str, kind: type) -> Expression:
    """A name that is worth a value of a type wherever it is read."""

    def value(env: Env) -> Any:
        found = lookup(env, name)
        if type(found) is not kind:
            raise Unfit("a value of another type")
        return found

    return Expression(name, value)


def calculated(function: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """The result; Unfit where there is none with the values of another place."""
    try:
        return function(one, other)
    except ArithmeticError as error:
        raise Unfit("no result") from error


class Numbers:
    """Writes whole numbers in many ways."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def whole(self, env: Env, wanted: int, depth: int = 0) -> Expression:
        """An expression that is worth `wanted` here."""
        rng = self.rng
        if depth > 1 or rng.random() < 0.55:
            return literal(wanted)
        ways = [self._operator, self._builtin, self._conditional, self._item, self._variable, self._extent]
        return rng.choice(ways)(env, wanted, depth + 1)

    def _operator(self, env: Env, wanted: int, depth: int) -> Expression:
        rng = self.rng
        part = rng.randint(1, 4)
        sign, one, other, function = rng.choice(
            [
                ("+", wanted - part, part, lambda a, b: a + b),
                ("-", wanted + part, part, lambda a, b: a - b),
                ("*", wanted, 1, lambda a, b: a * b),
                ("//", wanted * part + rng.randrange(part), part, lambda a, b: a // b),
                ("%", wanted, wanted + part, lambda a, b: a % b),
                ("/", wanted * part, part, lambda a, b: a / b),
                ("**", wanted, 1, lambda a, b: a**b),
            ]
        )
        if one < 0:
            return literal(wanted)
        left, right = self.whole(env, one, depth), self.whole(env, other, depth)
        if sign == "/":  # always a decimal, which counts accept where it is whole
            return Expression(
                f"int({left.tight} / {right.tight})", lambda e: int(calculated(function, left.value(e), right.value(e)))
            )
        text = f"{left.tight} {sign} {right.tight}"
        return Expression(text, lambda e: calculated(function, left.value(e), right.value(e)), False)

    def _builtin(self, env: Env, wanted: int, depth: int) -> Expression:
        name = self.rng.choice(["min", "max", "int", "ceil", "floor", "round", "sqrt", "len", "abs", "sum"])
        inner = self.whole(env, wanted, depth)
        other = self.rng.randint(0, 3)
        match name:
            case "min":
                return Expression(f"min({inner.text}, {wanted + other})", lambda e: min(inner.value(e), wanted + other))
            case "max":
                less = max(0, wanted - other)
                return Expression(f"max([{less}, {inner.text}])", lambda e: max(less, inner.value(e)))
            case "int" | "floor":
                return Expression(f"{name}({inner.tight} + 0.75)", lambda e: math.floor(inner.value(e) + 0.75))
            case "ceil":
                return Expression(f"ceil({inner.tight} - 0.5)", lambda e: math.ceil(inner.value(e) - 0.5))
            case "round":
                return Expression(f"round({inner.tight} + 0.25)", lambda e: round(inner.value(e) + 0.25))
            case "sqrt":
                return Expression(f"int(sqrt({wanted**2}))", lambda e: wanted)
            case "len":
                items = ", ".join(["7"] * wanted)
                return Expression(f"len([{items}])", lambda e: wanted)
            case "abs":
                return Expression(f"abs(-{inner.tight})", lambda e: abs(inner.value(e)))
        return Expression(f"sum([{inner.text}, {other}]) - {other}", lambda e: inner.value(e), False)

    def _conditional(self, env: Env, wanted: int, depth: int) -> Expression:
        condition = self.truth(env, self.rng.random() < 0.5)
        one, other = self.whole(env, wanted, depth), self.whole(env, wanted + 1, depth)
        if condition.value(env):
            a, b = one, other
        else:
            a, b = other, one
        text = f"{a.tight} if {condition.text} else {b.tight}"
        return Expression(text, lambda e: a.value(e) if condition.value(e) else b.value(e), False)

    def truth(self, env: Env, wanted: bool) -> Expression:
        """A condition that holds here, or does not."""
        flags = [name for name, value in env.values.items() if isinstance(value, bool)]
        if flags and self.rng.random() < 0.4:
            flag = variable(self.rng.choice(flags), bool)
            if flag.value(env) == wanted:
                return flag
            return Expression(f"not {flag.text}", lambda e: not flag.value(e), False)
        sign, function = self.rng.choice(
            [
                ("==", lambda a, b: a == b),
                ("!=", lambda a, b: a != b),
                ("<", lambda a, b: a < b),
                (">", lambda a, b: a > b),
                ("<=", lambda a, b: a <= b),
                (">=", lambda a, b: a >= b),
            ]
        )
        left, number = self.whole(env, self.rng.randint(0, 5), 1), self.rng.randint(0, 5)
        plain = Expression(f"{left.tight} {sign} {number}", lambda e: function(left.value(e), number), False)
        word = self.rng.choice(["", "and", "or"])
        if word:
            inner = plain
            if word == "and":
                plain = Expression(f"{inner.text} and true", lambda e: inner.value(e), False)
            else:
                plain = Expression(f"false or {inner.text}", lambda e: inner.value(e), False)
        if plain.value(env) == wanted:
            return plain
        return Expression(f"not ({plain.text})", lambda e: not plain.value(e), False)

    def _item(self, env: Env, wanted: int, depth: int) -> Expression:
        inner = self.whole(env, wanted, depth)
        way = self.rng.randrange(4)
        if way == 0:
            return Expression(f"[{inner.text}, 9][0]", lambda e: inner.value(e))
        if way == 1:
            return Expression(f"(8, {inner.text})[-1]", lambda e: inner.value(e))
        if way == 2:
            return Expression(f"[7, {inner.text}, 5][1..3][0]", lambda e: inner.value(e))
        return Expression(f"({wanted}x3)[0]", lambda e: wanted)

    def _variable(self, env: Env, wanted: int, depth: int) -> Expression:
        known = [name for name, value in env.values.items() if type(value) is int]
        if not known:
            return literal(wanted)
        name = self.rng.choice(known)
        return self._beside(variable(name, int), env.values[name], wanted)

    def _extent(self, env: Env, wanted: int, depth: int) -> Expression:
        if env.given is None:
            return literal(wanted)
        shape = env.given.shape
        axis = self.rng.randrange(len(shape))
        name = AXES[len(shape)][axis]

        def value(e: Env) -> int:
            if e.given is None or len(e.given.shape) != len(shape):
                raise Unfit("another rank")
            return e.given.shape[axis]

        return self._beside(Expression(f"in.{name}", value), shape[axis], wanted)

    def _beside(self, known: Expression, value: int, wanted: int) -> Expression:
        if value == wanted:
            return known
        step = wanted - value
        sign = "+" if step > 0 else "-"
        return Expression(f"{known.text} {sign} {abs(step)}", lambda e: known.value(e) + step, False)
