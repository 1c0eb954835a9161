"""Blocks and nets: a call expands the body of its definition in a place of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate.bind import BLOCK_COMMON, Bound, bind_parameters, latest
from cnndsl.elaborate.context import Context, Net, Stop
from cnndsl.elaborate.evaluate import WORK_OF_A_CALL
from cnndsl.elaborate.modules import MAX_ALIASES, chain_of
from cnndsl.elaborate.nodes import Flow, Nodes
from cnndsl.elaborate.scope import Frame, Place
from cnndsl.elaborate.share import refuse_freeze
from cnndsl.elaborate.values import UNKNOWN, Definition, Given, Partial, Ref, Series, Unknown, described
from cnndsl.errors.base import Site
from cnndsl.errors.limits import CallsItself, TooDeep
from cnndsl.errors.names import CannotShare
from cnndsl.errors.structure import JoinNeedsBranches, NetMismatch, NoVolume
from cnndsl.graph import Scope
from cnndsl.layers.base import Layer
from cnndsl.layers.input import Input
from cnndsl.source import Span
from cnndsl.suggest import closest


class Caller(Nodes):
    """Applies what a stage is worth: a layer, a block or a net."""

    def body(self, body: syntax.Body, context: Context, flow: Flow) -> Flow:
        """Walks a body; the walk itself is above this class."""
        raise NotImplementedError

    def apply(self, partial: Partial, context: Context, flow: Flow, name: str | None, span: Span) -> Flow:
        """A layer, block or net on the current volume; `name` if it is labelled."""
        if isinstance(partial.target, Definition):
            return self._call(partial, context, flow, name, span)
        if issubclass(partial.target, Layer) and partial.target.joins:
            self.state.report(JoinNeedsBranches(Site(span), partial.name, _volumes(partial)))
            return UNKNOWN
        return self.add_layer(partial, [(flow, span)], context, name, span)

    def _call(self, partial: Partial, context: Context, flow: Flow, name: str | None, span: Span) -> Flow:
        """A block or net: its body expanded in a place of its own."""
        resolved = self.resolve(partial)
        if resolved is None:
            return UNKNOWN
        partial = resolved
        definition = partial.target
        assert isinstance(definition, Definition) and context.place is not None
        body = definition.syntax
        assert isinstance(body, syntax.Block | syntax.Net)
        if self.state.active(definition):
            names = [active.name for active, _ in self.state.calls]
            chain = (*names[names.index(definition.name) :], definition.name)
            defined = definition.syntax.name.span
            through = chain if len(chain) > 2 else ()
            self.state.report(CallsItself(Site(partial.span), name=definition.name, chain=through, defined=defined))
            return UNKNOWN
        net, partial, given = self._given_inputs(body, partial, flow)
        if name is None:
            name = context.place.automatic(definition.name)
        else:
            context.place.count(definition.name)
        place = Place(context.place.full(name), body.body.statements)
        inner = Context(definition.module, Frame(), place)
        inner.given, inner.net, inner.frozen = given, net, context.frozen
        inner.scopes, inner.stops = (*context.scopes, place.path), context.stops
        if isinstance(given, Ref) and given.outputs and not self.one_output(given, span):
            inner.given = UNKNOWN
        kind = "net" if isinstance(body, syntax.Net) else "block"
        self.state.enter(definition, span)
        before = len(self.state.nodes)
        try:
            bound = bind_parameters(self.evaluator, partial, body.parameters, inner, BLOCK_COMMON)
            if bound is None:
                return UNKNOWN
            self._common(bound, definition, place, inner, context)
            self.state.scopes[place.path] = Scope(place.path, kind, definition.name, partial.arguments(), span)
            result = self._result(self.walk(body, inner, partial), inner, partial)
        finally:
            self.state.leave()
        self.state.spend(span, 1 if len(self.state.nodes) > before else WORK_OF_A_CALL)
        return result

    def walk(self, body: syntax.Block | syntax.Net, inner: Context, partial: Partial) -> Flow:
        """The callee's body, up to the label of `until=` if there is one; what a net declares as outputs aside."""
        place, until = inner.place, partial.named.get("until")
        assert place is not None
        wanted = None if until is None else place.full(str(until.value))
        if wanted is not None:
            inner.stops |= {wanted}
        try:
            flow = self.body(body.body, inner, inner.given if inner.net is None else None)
        except Stop as stop:
            if stop.path != wanted:
                raise
            if inner.net is not None:
                inner.net.reset()
            return stop.value
        if until is not None and not isinstance(until.value, Unknown) and not self.state.failed:
            self._no_such_label(place, partial, until)
            return UNKNOWN
        return flow

    def _result(self, flow: Flow, inner: Context, partial: Partial) -> Flow:
        """What a call gives: its last volume, the net's only output, or a net with several to choose from."""
        place, net = inner.place, inner.net
        if net is not None and net.outputs:
            if len(net.outputs) > 1:
                path = place.path if place else ""
                return Ref(-1, Input((1,)).output(), partial.name, path, place, outputs=tuple(net.outputs))
            flow = next(iter(net.outputs.values()))
        if flow is None:
            self.state.report(NoVolume(Site(partial.span), what=f"`{partial.name}`"))
            return UNKNOWN
        if isinstance(flow, Ref):
            assert isinstance(partial.target, Definition)
            return flow.replace(place=place, single=False, definition=partial.target)
        return flow

    def _given_inputs(
        self, body: syntax.Block | syntax.Net, partial: Partial, flow: Flow
    ) -> tuple[Net | None, Partial, Ref | Unknown | None]:
        """What the inputs of a called net are: the current volume, or the volumes given by name."""
        if isinstance(body, syntax.Block):
            if flow is None:
                self.state.report(NoVolume(Site(partial.span), what=f"the block `{partial.name}`"))
                return None, partial, UNKNOWN
            return None, partial, flow
        inputs = inputs_of(body.body.statements)
        names = [item.label.text if item.label else "input" for item in inputs]
        given: dict[str, Ref | Unknown] = {}
        rest = dict(partial.named)
        for name in names:
            if name in rest:
                value = latest(rest.pop(name))
                given[name] = value if isinstance(value, Ref) else UNKNOWN
                if not isinstance(value, Ref | Unknown):
                    what = f"the input `{name}` of `{partial.name}` is given {described(value)}"
                    self._mismatch(partial, what, f"give it a label: `{partial.name}({name}=x)`")
        if len(names) == 1 and names[0] not in given:
            given[names[0]] = flow if flow is not None else UNKNOWN
            if flow is None:
                self.state.report(NoVolume(Site(partial.span), what=f"the net `{partial.name}`"))
        missing = [name for name in names if name not in given]
        if missing:
            absent = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not given"
            what = f"`{partial.name}` has {len(names)} inputs, and {absent}"
            self._mismatch(partial, what, f"`{partial.name}({', '.join(f'{name}=…' for name in names)})`")
            given.update(dict.fromkeys(missing, UNKNOWN))
        only = given[names[0]] if len(names) == 1 else None
        return Net(partial.name, inputs, given), partial.replace(named=rest), only

    def _mismatch(self, partial: Partial, what: str, advice: str) -> None:
        self.state.report(NetMismatch(Site(partial.span), what=what, advice=advice))

    def _common(self, bound: Bound, definition: Definition, place: Place, inner: Context, context: Context) -> None:
        """`freeze=` and `share=` of a block or net."""
        inner.frozen = self.flag(definition.name, bound.common.get("freeze")) or context.frozen
        if context.shared is not None:
            own, theirs = context.shared
            inner.shared = place.path, theirs + place.path[len(own) :]
        given = bound.common.get("share")
        if given is not None:
            other = latest(given)
            if isinstance(other, Ref) and other.definition == definition:
                inner.shared = place.path, other.path
                if (freeze := bound.common.get("freeze")) is not None:
                    refuse_freeze(self.state, place.path, freeze.span, other.path)
            elif not isinstance(other, Unknown):
                advice = f"label an earlier call (`a: {definition.name}(…)`) and give that label: `share=a`"
                why = f"{described(other)} is no call of `{definition.name}`"
                self.state.report(CannotShare(Site(given.span), path=place.path, why=why, advice=advice))

    def reached(self, path: str, value: Ref | Unknown, context: Context) -> None:
        """Stops the walk of a call whose `until=` names this label."""
        if path in context.stops:
            raise Stop(path, value)

    def _no_such_label(self, place: Place, partial: Partial, until: Given) -> None:
        labels = [
            f"{label}{ordinal}" if place.announced[label].repeated else label
            for label, items in place.labels.items()
            for ordinal in range(1, len(items) + 1)
        ]
        meant = closest(str(until.value), labels)
        advice = f"its labels are: {', '.join(labels) or 'none'}" + (f"; did you mean `{meant}`?" if meant else "")
        self.bad_common(partial.name, "until", "a label of it", until, advice)

    def resolve(self, partial: Partial) -> Partial | None:
        """`net A(k = 8) = B(x, k)`: a call of A as the call of B that it stands for; None after a mistake."""
        seen: dict[Definition, bool] = {}
        found: Partial | None = partial
        while found and isinstance(found.target, Definition) and isinstance(found.target.syntax, syntax.NetAlias):
            alias = found.target
            plain = not found.positional and not found.named
            if plain and alias in alias.module.resolved:
                found = alias.module.resolved[alias].replace(span=found.span or alias.module.resolved[alias].span)
                break
            over = chain_of(alias).over
            if over is not None:
                where, advice = Site(over.syntax.name.span), "name the last one itself: `net A = …`"
                problem = TooDeep(where, what="nets stand for each other", limit=MAX_ALIASES, advice=advice)
                self.state.report(problem)
                return None
            if alias in seen:
                defined = alias.syntax.name.span
                self.state.report(CallsItself(Site(partial.span or defined), name=alias.name, defined=defined))
                return None
            seen[alias] = plain
            found = self._unalias(found, alias, alias.syntax)
        if found:
            self._keep(seen, found)
        return found

    def _keep(self, seen: Mapping[Definition, bool], found: Partial) -> None:
        """Keeps what aliases stand for, of those that were called without arguments."""
        for alias, plain in seen.items():
            if plain:
                alias.module.resolved[alias] = found

    def _unalias(self, partial: Partial, alias: Definition, definition: Any) -> Partial | None:
        own = {parameter.name.text for parameter in definition.parameters}
        rest = {name: given for name, given in partial.named.items() if name not in own}
        inner = Context(alias.module, Frame(), None)
        mine = partial.replace(named={name: given for name, given in partial.named.items() if name in own})
        if bind_parameters(self.evaluator, mine, definition.parameters, inner, ()) is None:
            return None
        value = self.evaluator.quietly(definition.value, inner)
        if isinstance(value, Unknown):
            return None
        target = value.target if isinstance(value, Partial) else None
        if not isinstance(target, Definition) or isinstance(target.syntax, syntax.Block):
            what = f"`net {alias.name} = …` names {described(value)}, not a net"
            advice = "give it a net of this file, or an imported one"
            self.state.report(NetMismatch(Site(definition.value.span), what=what, advice=advice))
            return None
        return Partial(target, value.positional, {**value.named, **rest}, partial.span or value.span, partial.close)


def _volumes(partial: Partial) -> tuple[str, ...]:
    """The labels that a join's call is given in parentheses, also as a list; none if there is anything else."""
    given = [(each.value, each.span.text) for each in partial.positional]
    if len(given) == 1 and isinstance(given[0][0], tuple):
        given = list(zip(given[0][0], given[0][1].strip("[()]").split(",")))
    good = all(isinstance(value, Ref | Series) for value, _ in given) and not partial.named
    return tuple(text.strip() for _, text in given) if good else ()


def inputs_of(statements: Sequence[syntax.Node]) -> tuple[syntax.Input, ...]:
    """The `input` statements of a net, in source order, wherever they may stand in its body."""
    found: list[syntax.Input] = []
    for node in statements:
        match node:
            case syntax.Input():
                found.append(node)
            case syntax.Group(_, body, None):
                found += inputs_of(body.statements)
            case syntax.Choice(_, _, then, otherwise):
                found += inputs_of(then.statements) + inputs_of(otherwise.statements if otherwise else ())
            case syntax.Pipeline(_, _, stages):
                found += inputs_of(stages)
    return tuple(found)
