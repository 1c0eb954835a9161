"""A lower bound of how many nodes a body expands to, found without building them.

An expansion bomb (blocks that call blocks that call blocks, repetitions in repetitions) is refused
by its size before it is built. What depends on volumes or labels is unknown here and counts least.
"""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl import syntax
from cnndsl.elaborate.context import Abandoned, Context, State
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.scope import Frame, Place
from cnndsl.elaborate.stages import listed
from cnndsl.elaborate.values import UNKNOWN, Definition, Partial
from cnndsl.errors.base import Refused
from cnndsl.errors.limits import MAX_NODES

#: longer loops are counted as one round with an unknown value, times their length
FEW = 64
ENOUGH = 10**15


#: calls of blocks with different arguments, after which it is enough to know that there are too many nodes
MANY_CALLS = 200


class Enough(Exception):
    """Raised where a part alone has more nodes than a net may have."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Counter:
    """Counts; each block once for each set of arguments."""

    def __init__(self) -> None:
        self.evaluator = Evaluator(State("count", silent=True))
        self._known: dict[tuple[Definition, frozenset[tuple[str, object]]], int] = {}
        self._active: list[Definition] = []
        #: how many choices around this place may be made otherwise
        self._unsure = 0

    def total(self, partial: Partial) -> int:
        """At least how many nodes a call of a net makes."""
        try:
            return self._call(partial)
        except Enough as found:
            return found.count
        except Abandoned:
            return 0

    def _value(self, expression: syntax.Expression, context: Context) -> object:
        try:
            return self.evaluator.value(expression, context)
        except Refused:
            return UNKNOWN

    def _body(self, body: syntax.Body, context: Context, until: str = "") -> int:
        """The nodes of a body, or of its statements before the one that gives a label."""
        inner, total = context.inner(), 0
        for statement in body.statements:
            if until and {until, until.rstrip("0123456789")} & Place("", (statement,)).announced.keys():
                break
            total = min(ENOUGH, total + self._statement(statement, inner))
        return total

    def _statement(self, statement: syntax.Statement, context: Context) -> int:
        match statement:
            case syntax.Input(_, _, _, stages):
                return self._stages(stages, context)
            case syntax.Pipeline(_, _, stages) | syntax.Output(_, _, stages):
                return self._stages(stages, context)
            case syntax.Let(_, name, value):
                context.frame.values[name.text] = self._value(value, context)
            case syntax.For():
                return self._for(statement, context)
        return 0

    def _for(self, statement: syntax.For, context: Context) -> int:
        values = self._value(statement.values, context)
        if not isinstance(values, tuple | range) or not values:
            return 0
        rounds = values if len(values) <= FEW else (UNKNOWN,)
        total = 0
        for value in rounds:
            inner = context.inner()
            several = isinstance(value, tuple) and len(value) == len(statement.names) > 1
            items: Iterable[object] = value if several else [value] * len(statement.names)  # type: ignore[assignment]
            inner.frame.values.update(zip((name.text for name in statement.names), items))
            total += self._body(statement.body, inner)
        return min(ENOUGH, total if rounds is values else total * len(values))

    def _stages(self, stages: Iterable[syntax.Stage], context: Context) -> int:
        return sum(self._stage(stage, context) for stage in stages)

    def _stage(self, stage: syntax.Stage, context: Context) -> int:
        match stage:
            case syntax.Apply(_, expression):
                value = self._value(expression, context)
                return self._call(value) if isinstance(value, Partial) else 0
            case syntax.Group(_, body, count):
                times = 1 if count is None else self._value(count, context)
                good = isinstance(times, int | float) and times >= 1
                return min(ENOUGH, int(times) * self._body(body, context)) if good else 0  # type: ignore[call-overload]
            case syntax.Join(_, _, branches):
                # a join of one volume that is left of a list of them is none
                join = sum(not self._several(branch, context) for branch in branches) > 1
                return join + sum(self._body(branch, context) for branch in branches)
            case syntax.Choice(_, condition, then, otherwise):
                chosen = self._value(condition, context)
                if chosen is not UNKNOWN:
                    side = then if chosen else otherwise
                    return self._body(side, context) if side else 0
                return self._either(then, otherwise, context)
        return 0

    def _several(self, branch: syntax.Body, context: Context) -> bool:
        """Whether a branch may be a list of volumes."""
        expression = listed(branch)
        return expression is not None and not isinstance(self._value(expression, context), Partial)

    def _either(self, then: syntax.Body, otherwise: syntax.Body | None, context: Context) -> int:
        """The smaller side: which one is taken depends on volumes."""
        if otherwise is None:
            return 0
        self._unsure += 1
        least = min(self._body(then, context), self._body(otherwise, context))
        self._unsure -= 1
        return least

    def _call(self, partial: Partial) -> int:
        definition = partial.target
        if not isinstance(definition, Definition):
            return 1
        body = definition.syntax
        if not isinstance(body, syntax.Block | syntax.Net) or definition in self._active:
            return 0
        inner = Context(definition.module, Frame(), None)
        given = dict(zip((p.name.text for p in body.parameters), (g.value for g in partial.positional)))
        given |= {name: argument.value for name, argument in partial.named.items()}
        try:
            key = definition, frozenset(given.items())
            if key in self._known:
                return self._known[key]
        except TypeError:
            return 0
        self._active.append(definition)
        for parameter in body.parameters:
            name = parameter.name.text
            default = parameter.default
            value = given.get(name, UNKNOWN if default is None else self._value(default, inner))
            inner.frame.values[name] = value
        until = given.get("until")
        found = 0 if until is UNKNOWN else self._body(body.body, inner, str(until or "").partition(".")[0])
        self._known[key] = found
        self._active.pop()
        if found > MAX_NODES and len(self._known) > MANY_CALLS and not self._unsure:
            raise Enough(found)
        return found
