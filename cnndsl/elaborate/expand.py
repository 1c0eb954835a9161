"""Statements: the walk that binds names, expands blocks and infers volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnndsl import syntax
from cnndsl.elaborate.bind import spoilt
from cnndsl.elaborate.context import Abandoned, Context
from cnndsl.elaborate.evaluate import whole_size
from cnndsl.elaborate.nodes import Flow
from cnndsl.elaborate.scope import Frame, Place
from cnndsl.elaborate.stages import Stages
from cnndsl.elaborate.values import UNKNOWN, Ref, Series, Unknown, described, show
from cnndsl.errors.base import Problem, Refused, Site
from cnndsl.errors.limits import MAX_PROBLEMS
from cnndsl.errors.names import DefinedTwice, NameOfLayer
from cnndsl.errors.structure import MisplacedStatement
from cnndsl.errors.values import BadInputSize, WrongType
from cnndsl.graph import Scope
from cnndsl.layers import kinds

if TYPE_CHECKING:
    from cnndsl.elaborate.claims import Claims


class Expander(Stages):
    """Walks bodies. Every method takes the flow before a construct and gives the flow after it."""

    #: the asserts of the net, once there is one
    claims: Claims | None = None

    def body(self, body: syntax.Body, context: Context, flow: Flow) -> Flow:
        """The statements of a pair of braces or a branch, in a frame that is already theirs."""
        self.state.descend(body.span)
        try:
            for statement in body.statements:
                if len(self.state.diagnostics) >= MAX_PROBLEMS:
                    raise Abandoned
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
            case syntax.Assert():
                self._assert(statement, context)
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
        if context.repeating or id(statement) not in net.own:
            what, why = "`input` in a repetition or a branch", "would be several inputs of one name"
            advice = "write it once, in the net's own lines, and start from it by its label"
            self.state.report(MisplacedStatement(Site(statement.span), what=what, why=why, advice=advice))
            return UNKNOWN
        label = statement.label
        if label is None and len(net.declared) > 1:
            what, why = f"one of {len(net.declared)} inputs has no label", "needs a name"
            advice = "label each: `input left: 64x64x1`"
            self.state.report(MisplacedStatement(Site(statement.span), what=what, why=why, advice=advice))
            return UNKNOWN
        name = label.text if label else "input"
        if label and (problem := self._defined_before(label, context)):
            self.state.report(problem)
            return UNKNOWN
        flow: Flow
        if net.given is not None:
            flow = net.given.get(name, UNKNOWN)
        else:
            flow = self._open_input(statement, name, context)
        if label:
            self._define(label, flow, context)
        if len(net.declared) == 1:
            context.given = flow
        return self.stages(statement.stages, context, flow)

    def _open_input(self, statement: syntax.Input, name: str, context: Context) -> Flow:
        """A new input of the whole network, with its declared or its given size."""
        size = self.sizes.get(name)
        if size is None:
            value = self.evaluator.value(statement.size, context)
            if spoilt(value):
                return UNKNOWN
            size = whole_size(value)
            if size is None:
                self.state.report(BadInputSize(Site(statement.size.span), value=f"`{statement.size.span.text}`"))
                return UNKNOWN
        return self.add_input(name, size, statement, context)

    def _assert(self, statement: syntax.Assert, context: Context) -> None:
        if self.claims is None:
            from cnndsl.elaborate.claims import Claims  # what only programs with asserts need

            self.claims = Claims(self.state, self.evaluator)
        self.claims.meet(statement, context)

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
        for number, name in enumerate(statement.names):
            self._variable(name, context)
            same = [other for other in statement.names[:number] if other.text == name.text]
            if same:
                what = "another value of this loop"
                self.state.report(DefinedTwice(Site(name.span), name=name.text, what=what, first=same[0].span))
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
            found = self.evaluator.name(name, context, "label")
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
            key += str(1 + net.counts.get(key, 0))
        if key in net.outputs:
            self.state.report(DefinedTwice(Site(name.span), name=key, what="an output"))
        elif isinstance(found, Ref) and found.outputs:
            self.one_output(found, name.span)
        else:
            net.give(key, found)

    # ---- pipelines -------------------------------------------------------------------------------

    def _pipeline(
        self, label: syntax.Name | None, stages: Sequence[syntax.Stage], context: Context, flow: Flow
    ) -> Flow:
        if label is None:
            return self.stages(stages, context, flow)
        place = context.place
        assert place is not None
        good = self._label_is_free(label, context)
        name = place.named(label.text, context.repeating)
        if len(stages) == 1 and isinstance(stages[0], syntax.Apply):
            flow = self.stage(stages[0], context, flow, True, name)
        else:
            inner_place = Place(place.full(name), stages, place)
            path = inner_place.path
            span = stages[0].span.to(stages[-1].span)
            self.state.scopes[path] = Scope(path, "label", label.text, "", span)
            inner = context.inner(place=inner_place, repeating=False, scopes=(*context.scopes, path))
            flow = self.stages(stages, inner, flow)
            if isinstance(flow, Ref):
                flow = flow.replace(place=inner_place, single=False, definition=None)
        if good:
            self._define(label, flow, context)
        return flow

    def _label_is_free(self, label: syntax.Name, context: Context) -> bool:
        problem = self._label_taken(label, context)
        if problem:
            self.state.report(problem)
        return problem is None

    def _label_taken(self, label: syntax.Name, context: Context) -> Problem | None:
        """What already has the name of a label, as a problem."""
        text = label.text
        if text in kinds():
            return NameOfLayer(Site(label.span), name=text, what="label")
        if context.frame.find(text) is not None:
            return DefinedTwice(Site(label.span), name=text, what="a value here")
        if context.module.owner(text) is not None:
            definition = context.module.definitions.get(text)
            span = definition.syntax.name.span if definition else None
            return DefinedTwice(Site(label.span), name=text, what="something in this file", first=span)
        return self._defined_before(label, context)

    def _defined_before(self, label: syntax.Name, context: Context) -> Problem | None:
        """Another label of that name in the same place, as a problem; those of a repetition are counted."""
        text, place = label.text, context.place
        assert place is not None
        if text in place.labels and not (context.repeating and place.announced[text].repeated):
            first, net = place.spans[text], context.net
            inputs = [item.label.span for item in net.declared if item.label] if net else []
            what = "an input of this net" if first in inputs else "another label here"
            return DefinedTwice(Site(label.span), name=text, what=what, first=first)
        name = place.named(text, context.repeating)
        if name in place.spans:
            what = "another label here, of a repetition"
            return DefinedTwice(Site(label.span), name=name, what=what, first=place.spans[name])
        return None

    def _define(self, label: syntax.Name, flow: Flow, context: Context) -> None:
        """Makes a label mean a volume from here on."""
        place = context.place
        assert place is not None
        name = place.named(label.text, context.repeating)
        path = place.full(name)
        value: Ref | Unknown = UNKNOWN
        if isinstance(flow, Ref):
            value = flow.replace(name=label.text, path=path)
        place.define(label.text, name, value, label.span)
        self.reached(path, value, context)
