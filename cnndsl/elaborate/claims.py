"""`assert`: what must hold of values is decided where it stands, what must hold of the whole net when it is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl import syntax
from cnndsl.claim import Claim, Faulty, Operation, Quantity, Term, Value
from cnndsl.elaborate.context import Context, State
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.operators import refuse
from cnndsl.elaborate.values import UNKNOWN, Ref, Series, described
from cnndsl.elaborate.worth import failures, shown, truth
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.claims import AssertFailed, NotDecided, WholeNetOnly
from cnndsl.errors.names import UnknownArgument, UnknownName
from cnndsl.errors.values import BadArithmetic, OpenExtent, TooManyArguments, WrongType
from cnndsl.suggest import closest

LOGIC = ("and", "or")
#: names in a condition whose values are told
TOLD = 6


class Spoilt(Exception):
    """Raised where an earlier mistake has left a part of a condition without a value."""


class Claims:
    """Decides the asserts of one net, or keeps them until it is built."""

    def __init__(self, state: State, evaluator: Evaluator) -> None:
        self.state = state
        self.evaluator = evaluator
        self._waiting: list[tuple[syntax.Assert, Context]] = []

    def meet(self, statement: syntax.Assert, context: Context) -> None:
        """An assert at its place in the walk. Raises Refused where its condition has no value."""
        asked = next(self._asked(statement.condition, context), None)
        if asked is None:
            self._decide(statement, context)
        elif context.net is None:
            refuse(_out_of_place(asked, "a block is a part of a net", "put the assert into the net"))
        elif context.net.given is None:
            # a copy, because what is named further down has another meaning here
            snapshot = context.inner()
            snapshot.frame.values.update(context.frame.values)
            self._waiting.append((statement, snapshot))

    def kept(self) -> tuple[Claim, ...]:
        """The claims about the whole net, now that every label is there. Reports what is wrong in them."""
        found = []
        for statement, context in self._waiting:
            try:
                condition = self._term(statement.condition, context)
            except Spoilt:
                continue
            except Refused as refused:
                self._refused(refused, statement)
                continue
            found.append(Claim(condition, _message(statement), Site(statement.condition.span)))
        return tuple(found)

    def _decide(self, statement: syntax.Assert, context: Context) -> None:
        try:
            condition = self._term(statement.condition, context)
            if not truth(condition):
                said = _message(statement) or f"`{statement.condition.span.text}` does not hold"
                why = "; ".join(failures(condition))
                told = self._told(statement.condition, context)
                values = tuple(each for each in told if each not in why)
                self.state.report(AssertFailed(Site(statement.condition.span), said, why, values))
        except Spoilt:
            return
        except Refused as refused:
            self._refused(refused, statement)

    def _refused(self, refused: Refused, statement: syntax.Assert) -> None:
        """An open extent leaves an assert undecided; a misspelt name may mean a quantity."""
        problem = refused.problem
        if isinstance(problem, OpenExtent):
            why = f"{problem.what} is not fixed, its volume is {problem.volume}"
            warning = NotDecided(Site(statement.condition.span), why).diagnostic()
            if warning not in self.state.diagnostics:
                self.state.diagnostics.append(warning)
            return
        if isinstance(problem, UnknownName):
            meant = closest(problem.name, tuple(Quantity.known)) or problem.suggestion
            problem = problem.replace(suggestion=meant)
        self.state.report(problem)

    # ---- conditions with their names resolved ------------------------------------------------------

    def _term(self, expression: syntax.Expression, context: Context) -> Term:
        """Comparisons and what joins them stay apart, so that a message can show both sides."""
        match expression:
            case syntax.Binary(span, sign, left, right) if sign in LOGIC:
                first = self._term(left, context)
                if not any(first.quantities()) and truth(first) is not (sign == "or"):
                    # what stands behind it may have no value otherwise: `n == 0 or k % n == 0`
                    second = self._term(right, context)
                    return Operation(span, sign, (first, second)) if sign == "or" else second
                if not any(first.quantities()):
                    return first
                return Operation(span, sign, (first, self._perhaps(right, context)))
            case syntax.Unary(span, "not", operand):
                return Operation(span, "not", (self._term(operand, context),))
            case syntax.Binary(span, sign, left, right) if self._apart(expression, context):
                return Operation(span, sign, (self._term(left, context), self._term(right, context)))
            case syntax.Unary(span, sign, operand) if self._speaks(expression, context):
                return Operation(span, sign, (self._term(operand, context),))
        if self._speaks(expression, context):
            return self._quantity(expression, context)
        value = self.evaluator.value(expression, context)
        if value is UNKNOWN:
            raise Spoilt
        return Value(expression.span, value)

    def _perhaps(self, expression: syntax.Expression, context: Context) -> Term:
        """What stands behind `and` or `or`, and may not be looked at once the quantities before it are known."""
        try:
            return self._term(expression, context)
        except Refused as refused:
            if not isinstance(refused.problem, BadArithmetic):
                raise
            return Faulty(expression.span, refused.problem)

    def _apart(self, expression: syntax.Binary, context: Context) -> bool:
        """Whether both sides are looked at: of a comparison, and where a quantity is in one of them."""
        return expression.operator in ("==", "!=", "<", "<=", ">", ">=") or self._speaks(expression, context)

    def _speaks(self, expression: syntax.Expression, context: Context) -> bool:
        return next(self._asked(expression, context), None) is not None

    def _asked(self, node: syntax.Node, context: Context) -> Iterator[syntax.Name]:
        """The names of quantities in an expression, unless something of the program has such a name."""
        for expression in _expressions(node):
            if isinstance(expression, syntax.Name) and expression.text in Quantity.known:
                place = context.place
                visible = context.frame.find(expression.text) or (place and place.find(expression.text))
                if visible is None and context.module.owner(expression.text) is None:
                    yield expression

    def _quantity(self, expression: syntax.Expression, context: Context) -> Quantity:
        """`params`, `rf(LABEL)`, `memory(batch=32)`."""
        called = isinstance(expression, syntax.Call)
        name = expression.callee if isinstance(expression, syntax.Call) else expression
        if not isinstance(name, syntax.Name) or name.text not in Quantity.known:
            asked = next(self._asked(expression, context))
            why = "it can be compared and calculated with, and is given to nothing"
            refuse(_out_of_place(asked, why, f"write it by itself: `{Quantity.signature(asked.text)} < …`"))
        assert isinstance(name, syntax.Name)
        labelled, options = Quantity.known[name.text]
        positional, named = self.evaluator.arguments(expression, context) if called else ((), {})  # type: ignore[arg-type]
        extra = positional[labelled:] or (() if options else tuple(named.values()))
        if extra:
            what = "takes one label" if labelled else "takes no arguments" if not options else "takes no label"
            refuse(TooManyArguments(Site(extra[0].span), name.text, what, Quantity.signature(name.text)))
        for key, given in named.items():
            if key not in options:
                meant = closest(key, tuple(options))
                where = Site(given.name or given.span)
                refuse(UnknownArgument(where, name.text, key, Quantity.signature(name.text), meant))
        node = self._node(name, positional[0].value if positional else None) if labelled else -1
        values = {key: given.value for key, given in named.items()}
        if UNKNOWN in values.values():
            raise Spoilt
        return Quantity(expression.span, name.text, node, {**options, **values})

    def _node(self, name: syntax.Name, value: Any) -> int:
        """The node of a label that a quantity is asked of."""
        if isinstance(value, Series):
            value = value.items[-1]
        if value is UNKNOWN:
            raise Spoilt
        if isinstance(value, Ref) and not value.outputs:
            return value.number
        what = f"`{name.text}` is asked of a label"
        given = described(value) if value is not None else "given none"
        advice = f"name a layer of this net: `{name.text}(conv5)` with `conv5: conv(…)`"
        return refuse(WrongType(Site(name.span), what=what, value=given, advice=advice))  # type: ignore[no-any-return]

    def _told(self, condition: syntax.Expression, context: Context) -> Iterator[str]:
        """The values of the names in a condition, each once: `in.channels is 6`."""
        told: dict[str, str] = {}
        for expression in _expressions(condition):
            text = expression.span.text
            plain = isinstance(expression, syntax.Attribute) or (
                isinstance(expression, syntax.Name) and context.frame.find(expression.text) is not None
            )
            if plain and text not in told:
                try:
                    value = self.evaluator.value(expression, context)
                except Refused:
                    continue
                told[text] = f"`{text}` is {shown(value)}"
        yield from list(told.values())[:TOLD]


def _expressions(node: syntax.Node) -> Iterator[syntax.Expression]:
    """An expression and all that it holds; behind a dot stands no name of its own."""
    if isinstance(node, syntax.Expression):
        yield node
    for field in type(node).fields:
        value = getattr(node, field)
        if isinstance(node, syntax.Attribute | syntax.Argument) and field == "name":
            continue
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, syntax.Node):
                yield from _expressions(part)


def _message(statement: syntax.Assert) -> str:
    return statement.message.value if statement.message else ""


def _out_of_place(name: syntax.Name, why: str, advice: str) -> WholeNetOnly:
    return WholeNetOnly(Site(name.span), name.text, why, advice)
