"""Expressions to values. A mistake raises Refused; what depends on an earlier one is UNKNOWN."""

from __future__ import annotations

from functools import cache
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate import bind, operators
from cnndsl.elaborate.context import Context, State
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.operators import refuse
from cnndsl.elaborate.scope import Frame
from cnndsl.elaborate.values import (
    OPEN,
    UNKNOWN,
    Builtin,
    Definition,
    Given,
    Partial,
    Ref,
    Series,
    Unknown,
    described,
)
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.limits import MAX_COUNT, CallsItself
from cnndsl.errors.names import UnknownMember, UnknownName, UsedBeforeDefined
from cnndsl.errors.values import MisplacedStatement, OpenExtent, WrongType
from cnndsl.layers import Layer, foreign_names, kinds
from cnndsl.suggest import closest
from cnndsl.volume import Volume, axis_names

#: a call takes as long as a few rounds of an empty loop
WORK_OF_A_CALL = 4


class Evaluator:
    """Evaluates expressions in a context; functions are called here, layers and blocks only gathered."""

    def __init__(self, state: State) -> None:
        self.state = state

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
            case syntax.Tuple(_, items) | syntax.List(_, items):
                return tuple(self.value(item, context) for item in items)
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
                return self._attribute(owner, name, context)
            case syntax.Index(span, owner, at):
                items, place = self.value(owner, context), self.value(at, context)
                return UNKNOWN if UNKNOWN in (items, place) else operators.index(items, place, span, at.span)
            case syntax.Call():
                return self._call(expression, context)
        raise AssertionError(expression)

    def quietly(self, expression: syntax.Expression, context: Context) -> Any:
        """The value, or UNKNOWN after reporting what is wrong."""
        try:
            return self.value(expression, context)
        except Refused as refused:
            self.state.report(refused.problem)
            return UNKNOWN

    def condition(self, expression: syntax.Expression, context: Context) -> bool | Unknown:
        value = self.value(expression, context)
        if value is UNKNOWN or isinstance(value, bool):
            return value
        what = "a condition is true or false"
        return refuse(  # type: ignore[no-any-return]
            WrongType(Site(expression.span), what=what, value=described(value), advice="compare it: `x == 0`")
        )

    # ---- names -----------------------------------------------------------------------------------

    def name(self, name: syntax.Name, context: Context, what: str = "value, layer, block or label") -> Any:
        """What a name means: value, label, definition, builtin, layer, option word, in this order."""
        text = name.text
        frame = context.frame.find(text)
        if frame is not None:
            return frame.values[text]
        label = context.place.find(text) if context.place else None
        if label is not None:
            return label
        if (owner := context.module.owner(text)) is not None:
            return self._defined(*owner, name)
        if text in context.module.imported:
            return UNKNOWN
        if text in operators.STARTS:
            return operators.STARTS[text]
        if text in operators.BUILTINS:
            return Builtin(text)
        if text in kinds():
            return Partial(kinds()[text], span=name.span)
        if text in option_words():
            return text
        foretold = context.place.foretold(text) if context.place else None
        if foretold is not None:
            refuse(UsedBeforeDefined(Site(name.span), name=text, defined=foretold.span))
        return refuse(UnknownName(Site(name.span), name=text, what=what, suggestion=self._meant(text, context)))

    def _meant(self, text: str, context: Context) -> str | None:
        """What an unknown name was probably meant to be: a foreign name of a layer, else the nearest."""
        foreign = foreign_names().get(text.lower())
        if foreign:
            return foreign
        known = [*context.frame.names(), *(context.place.visible() if context.place else ())]
        return closest(text, [*known, *context.module.names(), *kinds(), *operators.BUILTINS])

    def _defined(self, module: Module, text: str, name: syntax.Name) -> Any:
        """A definition of a file, or the value of a top-level `let`, computed when first needed."""
        if text in module.definitions:
            definition = module.definitions[text]
            called = isinstance(definition.syntax, syntax.Function)
            return definition if called else Partial(definition, span=name.span)
        if text not in module.values:
            if text in module.evaluating:
                chain = (*module.evaluating[module.evaluating.index(text) :], text)
                refuse(CallsItself(Site(name.span), name=text, chain=chain, defined=module.lets[text].name.span))
            module.evaluating.append(text)
            try:
                module.values[text] = self.quietly(module.lets[text].value, Context(module, Frame(), None))
            finally:
                module.evaluating.pop()
        return module.values[text]

    def given(self, expression: syntax.In, context: Context) -> Ref | Unknown:
        """`in`: the volume that the block was given, or the only input of the net."""
        if context.given is None:
            net = context.net
            if net is not None and len(net.declared) > 1:
                why, advice = "the net has several inputs", "name the input that you mean by its label"
            else:
                why, advice = "nothing is given here", "`in` stands inside a block, or behind the `input` of a net"
            refuse(MisplacedStatement(Site(expression.span), what="`in` means nothing here", why=why, advice=advice))
        return context.given  # type: ignore[return-value]

    def _attribute(self, owner: syntax.Expression, name: syntax.Name, context: Context) -> Any:
        value = self.value(owner, context)
        if isinstance(value, Series):
            value = value.items[-1]
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Ref):
            advice = "labels, blocks behind a label, and `in` have a `.`"
            return refuse(WrongType(Site(owner.span), what="this has no parts", value=described(value), advice=advice))
        extents = {} if value.outputs else dict(zip(_members(value.volume), value.volume.extents))
        if name.text in extents:
            extent = extents[name.text]
            if extent is None:
                refuse(OpenExtent(Site(name.span), what=f"`{owner.span.text}.{name.text}`", volume=str(value.volume)))
            return extent
        inner = value.place.own(name.text) if value.place else None
        if inner is not None:
            return inner
        known = (*(value.place.labels if value.place else ()), *extents)
        shown = f"`{value.name or owner.span.text}`"
        if not value.outputs:
            shown += f" ({value.volume})"
        meant = closest(name.text, known)
        return refuse(UnknownMember(Site(name.span), owner=shown, name=name.text, known=known, suggestion=meant))

    # ---- operators and calls ---------------------------------------------------------------------

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
        return operators.compare(name, one, other, expression.span)

    def _call(self, call: syntax.Call, context: Context) -> Any:
        what = "layer, block or function"
        callee = self.name(call.callee, context, what) if isinstance(call.callee, syntax.Name) else None
        if callee is None:
            callee = self.value(call.callee, context)
        if callee is UNKNOWN:
            for argument in call.arguments:
                self.quietly(argument.value, context)
            return UNKNOWN
        target = callee.target if isinstance(callee, Partial) else None
        positional, named = self.arguments(call, context, target if isinstance(target, type) else None)
        if isinstance(callee, Partial):
            return Partial(
                callee.target,
                (*callee.positional, *positional),
                {**callee.named, **named},
                call.span,
                call.close,
            )
        if isinstance(callee, Builtin):
            values = tuple(given.value for given in positional)
            return UNKNOWN if UNKNOWN in values else operators.builtin(callee.name, values, call.span)
        if isinstance(callee, Definition):
            return self._function(callee, positional, named, call, context)
        advice = "layers, blocks, nets and functions are called"
        return refuse(
            WrongType(Site(call.callee.span), what="this cannot be called", value=described(callee), advice=advice)
        )

    def arguments(
        self, call: syntax.Call, context: Context, layer: type[Layer] | None = None
    ) -> tuple[tuple[Given, ...], dict[str, Given]]:
        """The arguments of a call, each evaluated on its own, so that one mistake hides no other."""
        positional: list[Given] = []
        named: dict[str, Given] = {}
        for argument in call.arguments:
            if argument.name is not None and argument.name.text == "until":
                # a label of the callee, which no name here can mean
                value: Any = argument.value.span.text
            else:
                words = _words_of(layer, argument, len(positional))
                value = self._argument(argument.value, words, context)
            given = Given(value, argument.value.span, argument.name.span if argument.name else None)
            if argument.name is None:
                positional.append(given)
            else:
                named[argument.name.text] = given
        return tuple(positional), named

    def _argument(self, expression: syntax.Expression, words: tuple[str, ...], context: Context) -> Any:
        """The value of an argument; where it takes option words, an unknown name is a slip in one of them."""
        try:
            return self.value(expression, context)
        except Refused as refused:
            problem = refused.problem
            if words and isinstance(problem, UnknownName) and problem.where.span == expression.span:
                meant = closest(problem.name, words) or problem.suggestion
                problem = problem.replace(what="value or option", suggestion=meant, known=words)
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


def _members(volume: Volume) -> tuple[str, ...]:
    """The names of a volume's extents, in order."""
    return (*axis_names(volume.rank), "channels")


def _words_of(layer: type[Layer] | None, argument: syntax.Argument, place: int) -> tuple[str, ...]:
    """The option words of the argument of a layer that a call gives a value."""
    if layer is None:
        return ()
    declared = layer.arguments
    name = argument.name.text if argument.name else next(iter([*declared][place:]), "")
    return declared[name].kind.option_words if name in declared else ()


@cache
def option_words() -> frozenset[str]:
    """Every word that some argument of some layer takes."""
    return frozenset(
        word
        for layer in kinds().values()
        for declared in layer.arguments.values()
        for word in declared.kind.option_words
    )


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
