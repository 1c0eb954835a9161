"""Statements and stages to nodes: the walk that binds names, expands blocks and infers volumes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate.apply import Applier
from cnndsl.elaborate.context import Context
from cnndsl.elaborate.evaluate import whole_size
from cnndsl.elaborate.scope import Frame, Place
from cnndsl.elaborate.values import UNKNOWN, Partial, Ref, Series, Unknown, described, show
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.limits import MAX_COUNT, TooLarge
from cnndsl.errors.names import DefinedTwice, NameOfLayer
from cnndsl.errors.values import (
    BadInputSize,
    LabelInTheMiddle,
    MisplacedStatement,
    NotAJoin,
    NoVolume,
    WrongType,
)
from cnndsl.graph import Scope
from cnndsl.layers import kinds
from cnndsl.layers.base import Layer
from cnndsl.source import Span
from cnndsl.suggest import closest

#: what flows: a volume, nothing yet (None), or something that an earlier mistake spoilt
Flow = Ref | Unknown | None


class Expander(Applier):
    """Walks bodies. Every method takes the flow before a construct and gives the flow after it."""

    def body(self, body: syntax.Body, context: Context, flow: Flow) -> Flow:
        """The statements of a pair of braces or a branch, in a frame that is already theirs."""
        self.state.descend(body.span)
        try:
            for statement in body.statements:
                try:
                    flow = self._statement(statement, context, flow)
                except Refused as refused:
                    self.state.report(refused.problem)
                    flow = UNKNOWN
        finally:
            self.state.depth -= 1
        return flow

    def _statement(self, statement: syntax.Statement, context: Context, flow: Flow) -> Flow:
        match statement:
            case syntax.Input():
                return self._input(statement, context)
            case syntax.Pipeline(_, label, stages):
                return self._pipeline(label, stages, context, flow)
            case syntax.Let(_, name, value):
                self._variable(name, context)
                context.frame.values[name.text] = self.evaluator.quietly(value, context)
                return flow
            case syntax.For():
                return self._for(statement, context, flow)
            case syntax.Output():
                self._output(statement, context, flow)
                return flow
        raise AssertionError(statement)

    # ---- statements ------------------------------------------------------------------------------

    def _input(self, statement: syntax.Input, context: Context) -> Flow:
        net = context.net
        if net is None:
            why, advice = "a block is given its volume", "leave it out: `in` is the volume that the block is given"
            self.state.report(
                MisplacedStatement(Site(statement.span), what="`input` inside a block", why=why, advice=advice)
            )
            return UNKNOWN
        label = statement.label
        if label is None and len(net.declared) > 1:
            what, why = f"one of {len(net.declared)} inputs has no label", "needs a name"
            advice = "label each: `input left: 64x64x1`"
            self.state.report(MisplacedStatement(Site(statement.span), what=what, why=why, advice=advice))
            return UNKNOWN
        name = label.text if label else "input"
        flow: Flow
        if net.given is not None:
            flow = net.given.get(name, UNKNOWN)
        else:
            flow = self._open_input(statement, name, context)
        if label:
            self._define(label, flow, context)
        if len(net.declared) == 1:
            context.given = flow
        return self._stages(statement.stages, context, flow)

    def _open_input(self, statement: syntax.Input, name: str, context: Context) -> Flow:
        """A new input of the whole network, with its declared or its given size."""
        size = self.sizes.get(name)
        if size is None:
            value = self.evaluator.value(statement.size, context)
            if isinstance(value, Unknown):
                return UNKNOWN
            size = whole_size(value)
            if size is None:
                self.state.report(BadInputSize(Site(statement.size.span), value=described(value)))
                return UNKNOWN
        return self.add_input(name, size, statement, context)

    def _variable(self, name: syntax.Name, context: Context) -> None:
        """A value may hide a layer and an outer value, but not a label that can be seen."""
        place = context.place
        if place is not None and name.text in place.labels:
            first = place.spans[name.text]
            self.state.report(DefinedTwice(Site(name.span), name=name.text, what="a label here", first=first))

    def _for(self, statement: syntax.For, context: Context, flow: Flow) -> Flow:
        values = self.evaluator.value(statement.values, context)
        if isinstance(values, Unknown):
            return UNKNOWN
        if isinstance(values, Series):
            values = values.items
        if not isinstance(values, tuple | range):
            advice = "lists (`[64, 128]`), ranges (`0..4`) and repeated labels can be walked through"
            where = Site(statement.values.span)
            self.state.report(WrongType(where, what="`for` needs a list", value=described(values), advice=advice))
            return UNKNOWN
        for name in statement.names:
            self._variable(name, context)
        for place, value in enumerate(values):
            self.state.spend(statement.span)
            before = len(self.state.nodes)
            inner = context.inner(repeating=True)
            if not self._assign(statement, value, inner.frame):
                return UNKNOWN
            flow = self.body(statement.body, inner, flow)
            if place == 0:
                self.state.room(statement.span, (len(values) - 1) * (len(self.state.nodes) - before))
        return flow

    def _assign(self, statement: syntax.For, value: Any, frame: Frame) -> bool:
        """Gives the loop's names their values: one name the whole, several an item each."""
        names = [name.text for name in statement.names]
        if len(names) == 1:
            frame.values[names[0]] = value
            return True
        if not isinstance(value, tuple) or len(value) != len(names):
            what = f"`for` has {len(names)} names for each item"
            advice = f"give items of {len(names)} values: `[(64, 2), (128, 2)]`"
            where = Site(statement.values.span)
            self.state.report(WrongType(where, what=what, value=f"an item {show(value)}", advice=advice))
            return False
        frame.values.update(zip(names, value))
        return True

    def _output(self, statement: syntax.Output, context: Context, flow: Flow) -> None:
        net = context.net
        if net is None:
            why, advice = "a block gives its last volume", "leave it out, or label the volume: `NAME: …`"
            where = Site(statement.span)
            self.state.report(MisplacedStatement(where, what="`output` inside a block", why=why, advice=advice))
            return
        name = statement.name
        assert context.place is not None
        if statement.stages:
            self._pipeline(name, statement.stages, context, flow)
            found: Any = context.place.own(name.text)
        else:
            found = self.evaluator.value(name, context)
        if isinstance(found, Series):
            found = found.items[-1]
        if not isinstance(found, Ref | Unknown):
            advice = "an output is a label: `output mask: conv(2, 1)`, or `output mask` for a pipeline named so"
            self.state.report(
                WrongType(Site(name.span), what="an output is a volume", value=described(found), advice=advice)
            )
            return
        key = name.text
        if context.repeating:
            key += str(1 + sum(other.rstrip("0123456789") == key for other in net.outputs))
        if key in net.outputs:
            self.state.report(DefinedTwice(Site(name.span), name=key, what="an output"))
        elif isinstance(found, Ref) and found.outputs:
            self.one_output(found, name.span)
        else:
            net.outputs[key] = found

    # ---- pipelines -------------------------------------------------------------------------------

    def _pipeline(
        self, label: syntax.Name | None, stages: Sequence[syntax.Stage], context: Context, flow: Flow
    ) -> Flow:
        if label is None:
            return self._stages(stages, context, flow)
        place = context.place
        assert place is not None
        good = self._label_is_free(label, context)
        name = place.named(label.text, context.repeating)
        if len(stages) == 1 and isinstance(stages[0], syntax.Apply):
            flow = self._stage(stages[0], context, flow, True, name)
        else:
            inner_place = Place(place.full(name), stages, place)
            path = inner_place.path
            span = stages[0].span.to(stages[-1].span)
            self.state.scopes[path] = Scope(path, "label", label.text, "", span)
            inner = context.inner(place=inner_place, repeating=False, scopes=(*context.scopes, path))
            flow = self._stages(stages, inner, flow)
            if isinstance(flow, Ref):
                flow = flow.replace(place=inner_place, single=False, definition=None)
        if good:
            self._define(label, flow, context)
        return flow

    def _label_is_free(self, label: syntax.Name, context: Context) -> bool:
        text, where = label.text, Site(label.span)
        place = context.place
        assert place is not None
        if text in kinds():
            self.state.report(NameOfLayer(where, name=text, what="label"))
        elif context.frame.find(text) is not None:
            self.state.report(DefinedTwice(where, name=text, what="a value here"))
        elif context.module.owner(text) is not None:
            definition = context.module.definitions.get(text)
            span = definition.syntax.name.span if definition else None
            self.state.report(DefinedTwice(where, name=text, what="something in this file", first=span))
        elif text in place.labels and not context.repeating:
            self.state.report(DefinedTwice(where, name=text, what="another label here", first=place.spans[text]))
        else:
            return True
        return False

    def _define(self, label: syntax.Name, flow: Flow, context: Context) -> None:
        """Makes a label mean a volume from here on."""
        place = context.place
        assert place is not None
        name = place.named(label.text, context.repeating)
        path = place.full(name)
        value: Ref | Unknown = UNKNOWN
        if isinstance(flow, Ref):
            value = flow.replace(name=label.text, path=path)
        place.define(label.text, value, label.span)
        self.reached(path, value, context)

    def _stages(self, stages: Iterable[syntax.Stage], context: Context, flow: Flow) -> Flow:
        for number, stage in enumerate(stages):
            flow = self._stage(stage, context, flow, number == 0)
        return flow

    def _stage(self, stage: syntax.Stage, context: Context, flow: Flow, first: bool, name: str | None = None) -> Flow:
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
        if isinstance(expression, syntax.Name):
            value = self.evaluator.name(expression, context, "layer, block or label")
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
        if isinstance(value, Partial):
            value = value.replace(span=value.span or stage.span)
            return self.apply(value, context, flow, name, stage.span)
        advice = "a stage is a layer, a block, a net, or a label at the start of a pipeline"
        self.state.report(
            WrongType(Site(stage.span), what="this is not a layer", value=described(value), advice=advice)
        )
        return UNKNOWN

    def _group(self, group: syntax.Group, context: Context, flow: Flow) -> Flow:
        if group.count is None:
            return self.body(group.body, context.inner(), flow)
        count = self._count(group.count, context)
        if count is None:
            return UNKNOWN
        for time in range(count):
            self.state.spend(group.span)
            before = len(self.state.nodes)
            flow = self.body(group.body, context.inner(repeating=True), flow)
            if time == 0:
                self.state.room(group.span, (count - 1) * (len(self.state.nodes) - before))
                if len(self.state.nodes) == before:
                    break  # repeating what adds no layer changes nothing
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
        for branch in join.branches:
            ends += self._branch(branch, context, flow)
        if layer is None:
            return UNKNOWN
        for end, span in ends:
            if end is None:
                self.state.report(NoVolume(Site(span), what="this branch"))
        return self.add_layer(layer, ends, context, None, join.span)

    def _join_kind(self, join: syntax.Join, context: Context) -> Partial | None:
        joins = ", ".join(f"`{kind}`" for kind, layer in kinds().items() if layer.joins)
        text = join.name.text
        try:
            value = self.evaluator.name(join.name, context, "join")
        except Refused:
            value = None
        if isinstance(value, Unknown):
            return None
        if isinstance(value, Partial) and isinstance(value.target, type) and _joins(value.target):
            return value.replace(span=join.name.span)
        meant = closest(text, [kind for kind, layer in kinds().items() if layer.joins])
        self.state.report(NotAJoin(Site(join.name.span), name=text, joins=joins, suggestion=meant))
        return None

    def _branch(self, branch: syntax.Body, context: Context, flow: Flow) -> list[tuple[Flow, Span]]:
        """The ends of a branch: one, or each of a list of volumes (`c[0..n]`)."""
        inner = context.inner()
        match branch.statements:
            case (syntax.Pipeline(_, None, (syntax.Apply(span, expression),)),) if _may_be_list(expression):
                value = self.evaluator.quietly(expression, inner)
                if isinstance(value, tuple) and all(isinstance(item, Ref | Unknown) for item in value):
                    return [(item, span) for item in value]
                if isinstance(value, Unknown):
                    return [(UNKNOWN, span)]
        return [(self.body(branch, inner, flow), branch.span)]


def _may_be_list(expression: syntax.Expression) -> bool:
    """Whether a branch may stand for several: not a call, and not the name of a layer."""
    if isinstance(expression, syntax.Name):
        return expression.text not in kinds()
    return isinstance(expression, syntax.Index | syntax.List)


def _joins(layer: type[Layer]) -> bool:
    return layer.joins
