"""Stages: what stands between arrows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate.call import Caller
from cnndsl.elaborate.context import Abandoned, Context, State
from cnndsl.elaborate.nodes import Flow
from cnndsl.elaborate.settled import Settled
from cnndsl.elaborate.values import UNKNOWN, Partial, Ref, Series, Unknown, described, is_value
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.limits import MAX_COUNT, MAX_PROBLEMS, TooLarge
from cnndsl.errors.names import UnknownName
from cnndsl.errors.structure import LabelInTheMiddle, NotAJoin, NoVolume
from cnndsl.errors.values import WrongType
from cnndsl.layers import kinds
from cnndsl.layers.base import Layer
from cnndsl.layers.called import Called
from cnndsl.source import Span
from cnndsl.suggest import closest


class Stages(Caller):
    """Takes the flow before a stage and gives the flow after it."""

    def __init__(self, state: State, sizes: Mapping[str, tuple[int | None, ...]]) -> None:
        super().__init__(state, sizes)
        self.settled = Settled()

    def stages(self, stages: Iterable[syntax.Stage], context: Context, flow: Flow) -> Flow:
        for number, stage in enumerate(stages):
            if len(self.state.diagnostics) >= MAX_PROBLEMS:
                raise Abandoned
            flow = self.stage(stage, context, flow, number == 0)
        return flow

    def stage(self, stage: syntax.Stage, context: Context, flow: Flow, first: bool, name: str | None = None) -> Flow:
        try:
            match stage:
                case syntax.Apply():
                    return self._apply(stage, context, flow, first, name)
                case syntax.Group():
                    return self._group(stage, context, flow)
                case syntax.Join():
                    return self._join(stage, context, flow)
                case syntax.Choice(_, condition, then, otherwise):
                    chosen = self.evaluator.condition(condition, context)
                    if isinstance(chosen, Unknown):
                        return UNKNOWN
                    body = then if chosen else otherwise
                    return self.body(body, context.inner(), flow) if body else flow
        except Refused as refused:
            self.state.report(refused.problem)
            return UNKNOWN
        raise AssertionError(stage)

    def _apply(self, stage: syntax.Apply, context: Context, flow: Flow, first: bool, name: str | None = None) -> Flow:
        """A layer, block, net or volume; `name` is its path's last part if it is labelled."""
        expression = stage.value
        if (settled := self.settled.find(expression, context)) is not None:
            return self.apply(settled, context, flow, name, stage.span)
        if isinstance(expression, syntax.Name):
            value = self._named(expression, context, first)
        else:
            value = self.evaluator.value(expression, context)
        if isinstance(value, Series):
            value = value.items[-1]
        if isinstance(value, Unknown):
            return UNKNOWN
        if isinstance(value, Ref):
            if not first:
                self.state.report(LabelInTheMiddle(Site(stage.span), name=stage.span.text))
                return UNKNOWN
            return value
        if isinstance(value, Partial) and not is_value(value):
            if value.span is None:
                value = value.replace(span=stage.span)
            self.settled.keep(expression, value, context)
            return self.apply(value, context, flow, name, stage.span)
        advice = "a stage is a layer, a block, a net, or a label at the start of a pipeline"
        if isinstance(value, tuple) and any(isinstance(item, Ref) for item in value):
            advice = f"a list of volumes is a whole branch of a join: `concat {{ {stage.span.text} }}`"
        self.state.report(
            WrongType(Site(stage.span), what="this is not a layer", value=described(value), advice=advice)
        )
        return UNKNOWN

    def _named(self, name: syntax.Name, context: Context, first: bool) -> Any:
        """What a name that stands alone means; behind an arrow it may be meant to name what comes before."""
        try:
            return self.evaluator.name(name, context, "layer, block or label")
        except Refused as refused:
            problem = refused.problem
            if (
                not first
                and isinstance(problem, UnknownName)
                and not (problem.suggestion or problem.advice or problem.kind)
            ):
                advice = f"a label stands at the beginning of the line: `{name.text}: …`"
                raise Refused(problem.replace(advice=advice)) from None
            raise

    def _group(self, group: syntax.Group, context: Context, flow: Flow) -> Flow:
        if group.count is None:
            return self.body(group.body, context.inner(), flow)
        count = self._count(group.count, context)
        if count is None:
            return UNKNOWN
        before, named = len(self.state.nodes), _labels(context)
        for time in range(count):
            self.state.spend(group.span)
            flow = self.body(group.body, context.inner(repeating=True), flow)
            if time == 0:
                self.state.room(group.span, (count - 1) * (len(self.state.nodes) - before))
                if len(self.state.nodes) == before and _labels(context) == named:
                    break  # repeating what adds no layer and names none changes nothing
        return flow

    def _count(self, expression: syntax.Expression, context: Context) -> int | None:
        value = self.evaluator.value(expression, context)
        if isinstance(value, Unknown):
            return None
        where = Site(expression.span)
        good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        if not good or value != int(value):
            advice = "use a whole number from 0; `//`, `int(…)` and `round(…)` make one"
            self.state.report(WrongType(where, what="a repeat count is whole", value=described(value), advice=advice))
            return None
        if value > MAX_COUNT:
            self.state.report(TooLarge(where, what="this repeat count is too large", limit="2**31"))
            return None
        return int(value)

    # ---- joins -----------------------------------------------------------------------------------

    def _join(self, join: syntax.Join, context: Context, flow: Flow) -> Flow:
        layer = self._join_kind(join, context)
        ends: list[tuple[Flow, Span]] = []
        lists = False
        for branch in join.branches:
            found, several = self._ends(branch, context, flow)
            ends += found
            lists = lists or several
        if layer is None:
            return UNKNOWN
        for end, span in ends:
            if end is None:
                self.state.report(NoVolume(Site(span), what="this branch"))
        if lists and len(ends) == 1 and context.place:
            # all that is left of `c[0..1]`; the ordinals of other joins do not depend on how long the list is
            context.place.automatic(layer.name)
            return ends[0][0]
        return self.add_layer(layer, ends, context, None, join.span)

    def _join_kind(self, join: syntax.Join, context: Context) -> Partial | None:
        if (settled := self.settled.find(join.name, context)) is not None:
            return settled
        try:
            value = self.evaluator.name(join.name, context, "join")
        except Refused:
            value = None
        if isinstance(value, Unknown):
            return None
        if isinstance(value, Partial) and isinstance(value.target, type) and _joins(value.target):
            made = value.replace(span=join.name.span)
            self.settled.keep(join.name, made, context)
            return made
        text, known = join.name.text, [kind for kind, layer in kinds().items() if layer.joins]
        joins = ", ".join(f"`{kind}`" for kind in known)
        self.state.report(NotAJoin(Site(join.name.span), name=text, joins=joins, suggestion=closest(text, known)))
        return None

    def _ends(self, branch: syntax.Body, context: Context, flow: Flow) -> tuple[list[tuple[Flow, Span]], bool]:
        """The volumes of a branch, and whether it is a list of them (`c[0..n]`)."""
        expression = listed(branch)
        if expression is not None:
            value = self.evaluator.quietly(expression, context)
            if isinstance(value, Ref):
                return [(value, branch.span)], False
            if isinstance(value, Unknown):
                return [(UNKNOWN, expression.span)], True
            if isinstance(value, tuple) and all(isinstance(item, Ref | Unknown) for item in value):
                self.state.spend(expression.span, len(value))
                return [(item, expression.span) for item in value], True
        return [(self.body(branch, context.inner(), flow), branch.span)], False


def listed(branch: syntax.Body) -> syntax.Expression | None:
    """The expression of a branch that may be a list of volumes: not a call, and not the name of a layer."""
    match branch.statements:
        case (syntax.Pipeline(_, None, (syntax.Apply(_, syntax.Name() as name),)),):
            return None if name.text in kinds() else name
        case (syntax.Pipeline(_, None, (syntax.Apply(_, (syntax.Index() | syntax.List()) as several),)),):
            return several
    return None


def _joins(target: type[Called]) -> bool:
    return issubclass(target, Layer) and target.joins


def _labels(context: Context) -> int:
    """How many volumes have been named so far where a stage stands."""
    return sum(map(len, context.place.labels.values())) if context.place else 0
