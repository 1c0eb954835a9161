"""Expressions to values. A mistake raises Refused; what depends on an earlier one is UNKNOWN."""

from __future__ import annotations

from typing import Any

from cnndsl import syntax
from cnndsl.elaborate import bind, operators
from cnndsl.elaborate.context import Context
from cnndsl.elaborate.names import Names
from cnndsl.elaborate.operators import refuse
from cnndsl.elaborate.scope import Frame
from cnndsl.elaborate.values import (
    OPEN,
    UNKNOWN,
    Builtin,
    Definition,
    Given,
    Partial,
    Unknown,
    described,
)
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.limits import MAX_COUNT, MAX_DEPTH, MAX_VALUES, CallsItself, TooLarge
from cnndsl.errors.names import UnknownName
from cnndsl.errors.values import WrongType
from cnndsl.layers import Called, kinds, named_values
from cnndsl.source import Span

#: the words that `init=` takes
STARTING = (*operators.STARTS, "normal", "uniform")
#: a call takes as long as a few rounds of an empty loop
WORK_OF_A_CALL = 8
#: values that are compared or added up in the time of a round
VALUES_OF_A_ROUND = 8


class Evaluator(Names):
    """Evaluates expressions in a context; functions are called here, layers and blocks only gathered."""

    def value(self, expression: syntax.Expression, context: Context) -> Any:
        """The value of an expression. Raises Refused with what is wrong."""
        match expression:
            case syntax.Number(_, value, _) | syntax.String(_, value) | syntax.Boolean(_, value):
                return value
            case syntax.NoneValue():
                return None
            case syntax.Size(_, extents):
                sizes = tuple(OPEN if extent is None else extent for extent in extents)
                return sizes[0] if len(sizes) == 1 else sizes
            case syntax.Name():
                return self.name(expression, context)
            case syntax.In():
                return self.given(expression, context)
            case syntax.Tuple(span, items) | syntax.List(span, items):
                return self._bounded(tuple(self.value(item, context) for item in items), span)
            case syntax.Unary(span, operator, operand):
                return self._unary(operator, operand, span, context)
            case syntax.Binary():
                return self._binary(expression, context)
            case syntax.Conditional(_, then, condition, otherwise):
                chosen = self.condition(condition, context)
                return UNKNOWN if chosen is UNKNOWN else self.value(then if chosen else otherwise, context)
            case syntax.Range(span, start, stop):
                ends = self.value(start, context), self.value(stop, context)
                return UNKNOWN if UNKNOWN in ends else operators.span_range(*ends, span)
            case syntax.Attribute(_, owner, name):
                return self.attribute(owner, name, context)
            case syntax.Index(span, owner, at):
                place = self.value(at, context)
                if isinstance(place, range) and not place and self._not_yet(owner, context):
                    return ()
                items = self.value(owner, context)
                return UNKNOWN if UNKNOWN in (items, place) else operators.index(items, place, span, at.span)
            case syntax.Call():
                return self._call(expression, context)
        raise AssertionError(expression)

    def _bounded(self, value: Any, span: Span) -> Any:
        """A list or call, unless it holds more than can be walked through: of 60 lines, each twice the one before."""
        size, depth = weight(value, self.state.weights)
        if size > MAX_VALUES:
            refuse(
                TooLarge(Site(span), what="this holds too many values", limit=f"{MAX_VALUES:,}, lists in it included")
            )
        if depth > MAX_DEPTH:
            refuse(TooLarge(Site(span), what="this holds lists in lists too deep", limit=f"{MAX_DEPTH} levels"))
        return value

    def condition(self, expression: syntax.Expression, context: Context) -> bool | Unknown:
        value = self.value(expression, context)
        if value is UNKNOWN or isinstance(value, bool):
            return value
        what = "a condition is true or false"
        return refuse(  # type: ignore[no-any-return]
            WrongType(Site(expression.span), what=what, value=described(value), advice="compare it: `x == 0`")
        )

    def _unary(self, operator: str, operand: syntax.Expression, span: Any, context: Context) -> Any:
        if operator == "not":
            value = self.condition(operand, context)
            return UNKNOWN if value is UNKNOWN else not value
        value = self.value(operand, context)
        if value is UNKNOWN:
            return UNKNOWN
        number = operators.number(value, operand.span, f"`{operator}`")
        return -number if operator == "-" else number

    def _binary(self, expression: syntax.Binary, context: Context) -> Any:
        name, left, right = expression.operator, expression.left, expression.right
        if name in ("and", "or"):
            first = self.condition(left, context)
            if first is UNKNOWN or first is (name == "or"):
                return first
            return self.condition(right, context)
        one, other = self.value(left, context), self.value(right, context)
        if UNKNOWN in (one, other):
            return UNKNOWN
        if name in operators.ARITHMETIC:
            return operators.arithmetic(name, one, other, expression.span, left.span, right.span)
        for value in (one, other):
            if isinstance(value, tuple):
                self.state.spend(expression.span, weight(value, self.state.weights)[0] // VALUES_OF_A_ROUND)
        return operators.compare(name, one, other, expression.span)

    def _not_yet(self, expression: syntax.Expression, context: Context) -> bool:
        """Whether this is a label of a repetition before its first round: none of its volumes is no branch."""
        if not isinstance(expression, syntax.Name) or context.place is None or context.frame.find(expression.text):
            return False
        label = context.place.foretold(expression.text)
        return label is not None and label.repeated and context.place.find(expression.text) is None

    def _call(self, call: syntax.Call, context: Context) -> Any:
        callee = self._callee(call, context)
        if isinstance(callee, str) and callee in named_values():
            callee = Partial(named_values()[callee], span=call.callee.span)
        if callee is UNKNOWN:
            for argument in call.arguments:
                self.quietly(argument.value, context)
            return UNKNOWN
        if callee == Builtin("len") and len(call.arguments) == 1 and self._not_yet(call.arguments[0].value, context):
            return 0
        target = callee.target if isinstance(callee, Partial) else None
        positional, named = self.arguments(call, context, target if isinstance(target, type) else None)
        if isinstance(callee, Partial):
            given = (*callee.positional, *positional), {**callee.named, **named}
            return self._bounded(Partial(callee.target, *given, call.span, call.close), call.span)
        if isinstance(callee, Builtin):
            values = tuple(given.value for given in positional)
            if bind.spoilt(values):
                return UNKNOWN
            longest = max((len(value) for value in values if isinstance(value, tuple | range)), default=0)
            self.state.spend(call.span, longest // VALUES_OF_A_ROUND)
            return operators.builtin(callee.name, values, call.span)
        if isinstance(callee, Definition):
            return self._function(callee, positional, named, call, context)
        advice = "layers, blocks, nets and functions are called"
        return refuse(
            WrongType(Site(call.callee.span), what="this cannot be called", value=described(callee), advice=advice)
        )

    def _callee(self, call: syntax.Call, context: Context) -> Any:
        """What is called; UNKNOWN after reporting that there is nothing of the name, and what it could not be given."""
        try:
            if isinstance(call.callee, syntax.Name):
                return self.name(call.callee, context, "layer, block or function")
            return self.value(call.callee, context)
        except Refused as refused:
            problem = refused.problem
            if not isinstance(problem, UnknownName) or problem.suggestion not in kinds():
                raise
            from cnndsl.elaborate import foreign  # what only mistakes need

            self.state.report(foreign.without_channels(problem, call))
            _, named = self.arguments(call, context, kinds()[problem.suggestion])
            bind.misnamed(self.state, Partial(kinds()[problem.suggestion], (), named, call.span, call.close))
            return UNKNOWN

    def arguments(
        self, call: syntax.Call, context: Context, layer: type[Called] | None = None
    ) -> tuple[tuple[Given, ...], dict[str, Given]]:
        """The arguments of a call, each evaluated on its own, so that one mistake hides no other."""
        positional: list[Given] = []
        named: dict[str, Given] = {}
        for argument in call.arguments:
            if argument.name is not None and argument.name.text == "until":
                value: Any = self._label_of_callee(argument.value, context)
            else:
                words = _words_of(layer, argument, len(positional))
                value = self._argument(argument.value, words, context)
            given = Given(value, argument.value.span, argument.name.span if argument.name else None)
            if argument.name is None:
                positional.append(given)
            else:
                named[argument.name.text] = given
        return tuple(positional), named

    def _label_of_callee(self, expression: syntax.Expression, context: Context) -> Any:
        """The path of the label given to `until=`, which no name here can mean; of `c[1]`, the second c, it is c2."""
        match expression:
            case syntax.Attribute(_, owner, name):
                path = self._label_of_callee(owner, context)
                return path if isinstance(path, Unknown) else f"{path}.{name.text}"
            case syntax.Index(_, owner, at):
                path, place = self._label_of_callee(owner, context), self.quietly(at, context)
                if UNKNOWN in (path, place):
                    return UNKNOWN
                if isinstance(place, int | float) and place >= 0 and place == int(place):
                    return f"{path}{int(place) + 1}"
        return expression.span.text

    def _argument(self, expression: syntax.Expression, words: tuple[str, ...], context: Context) -> Any:
        """The value of an argument; where it takes option words, an unknown name is a slip in one of them."""
        try:
            return self._bounded(self.value(expression, context), expression.span)
        except Refused as refused:
            problem = refused.problem
            if words and isinstance(problem, UnknownName) and problem.where.span == expression.span:
                from cnndsl.elaborate import foreign  # what only mistakes need

                problem = foreign.option(problem, words, starting=words is STARTING)
            self.state.report(problem)
            return UNKNOWN

    def _function(
        self,
        definition: Definition,
        positional: tuple[Given, ...],
        named: dict[str, Given],
        call: syntax.Call,
        context: Context,
    ) -> Any:
        function = definition.syntax
        assert isinstance(function, syntax.Function)
        given = [(name, given.value) for name, given in (*enumerate(positional), *named.items())]
        key = (definition, *((name, type(value), value) for name, value in given))
        plain = all(isinstance(value, int | float | str) for _, value in given)
        if plain and key in self.state.results:
            return self.state.results[key]
        self.state.spend(call.span, WORK_OF_A_CALL)
        if self.state.active(definition):
            refuse(CallsItself(Site(call.span), name=definition.name, defined=function.name.span))
        inner = Context(definition.module, Frame(), None)
        partial = Partial(definition, positional, named, call.span, call.close)
        self.state.enter(definition, call.span)
        self.state.descend(call.span)
        try:
            if not bind.bind_parameters(self, partial, function.parameters, inner, ()):
                return UNKNOWN
            result = self.value(function.value, inner)
        finally:
            self.state.depth -= 1
            self.state.leave()
        if plain:
            self.state.results[key] = result
        return result


def weight(value: Any, known: dict[int, tuple[Any, int, int]]) -> tuple[int, int]:
    """How many values a list or a call with arguments holds, and how deep; what is held often counts as often.

    `known` keeps what was found, so that each list is walked through once.
    """
    if isinstance(value, Partial):
        parts = [given.value for given in (*value.positional, *value.named.values())]
    elif isinstance(value, tuple):
        parts = list(value)
    else:
        return len(value) if isinstance(value, range) else 1, 0
    if id(value) not in known:
        found = [weight(part, known) for part in parts]
        size, depth = sum(size for size, _ in found), max((depth for _, depth in found), default=0)
        known[id(value)] = value, size + 1, depth + 1
    return known[id(value)][1:]


def _words_of(layer: type[Called] | None, argument: syntax.Argument, place: int) -> tuple[str, ...]:
    """The option words of the argument of a layer that a call gives a value."""
    if layer is None:
        return ()
    if argument.name is not None and argument.name.text == "init":
        return STARTING
    declared = layer.arguments
    name = argument.name.text if argument.name else next(iter([*declared][place:]), "")
    return declared[name].kind.option_words if name in declared else ()


def whole_size(value: Any) -> tuple[int | None, ...] | None:
    """A value as the size of an input: 1 to 4 extents from 1 to 2**31 or `?`; None where it is none."""
    extents: list[int | None] = []
    for item in value if isinstance(value, tuple) else (value,):
        number = isinstance(item, int | float) and not isinstance(item, bool)
        if item is OPEN:
            extents.append(None)
        elif number and item == item // 1 and 1 <= item <= MAX_COUNT:
            extents.append(int(item))
        else:
            return None
    return tuple(extents) if 1 <= len(extents) <= 4 else None
