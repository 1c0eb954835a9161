"""Elaboration: tree -> graph. Binds names, evaluates values, expands blocks, infers every volume.

All in one walk, because a block may size itself by the volume that it is given (`in.channels`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from cnndsl import syntax
from cnndsl.diagnostic import Diagnostic
from cnndsl.elaborate.bind import bind_parameters
from cnndsl.elaborate.call import inputs_of
from cnndsl.elaborate.context import Abandoned, Budget, Context, Net, State
from cnndsl.elaborate.count import Counter
from cnndsl.elaborate.expand import Expander
from cnndsl.elaborate.modules import Loader, Module
from cnndsl.elaborate.nodes import Flow
from cnndsl.elaborate.scope import Frame, Place
from cnndsl.elaborate.values import Definition, Given, Partial, Ref
from cnndsl.errors.base import Site
from cnndsl.errors.limits import MAX_DEPTH, TooDeep
from cnndsl.errors.names import UnknownSetting
from cnndsl.errors.structure import EmptyNet, ManyOutputs
from cnndsl.errors.values import MissingParameter
from cnndsl.graph import Graph
from cnndsl.suggest import closest

__all__ = ["Budget", "Definition", "Elaboration", "Loader", "Module"]

#: what `net A = B(…)` may give besides B's parameters
OF_A_NET = ("freeze", "until")

Sizes = Mapping[str, tuple[int | None, ...]]


class Elaboration:
    """One net of a program, elaborated: its graph unless there are errors, and what there is to say.

    `settings` are parameters by name, `sizes` replace the sizes of inputs by name; `budget` is what it
    shares with the other nets of a check.
    """

    def __init__(
        self,
        definition: Definition,
        settings: Mapping[str, Any] | None = None,
        sizes: Sizes | None = None,
        budget: Budget | None = None,
    ):
        self.definition = definition
        self.settings = dict(settings or {})
        self.sizes = dict(sizes or {})
        self.state = State(definition.name, budget)
        self._expander = Expander(self.state, self.sizes)
        self.graph: Graph | None = None

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.state.diagnostics

    def checked(self) -> Self:
        """Builds `graph`; it stays None if there are errors, which are in `diagnostics` then."""
        with self._deep():
            self._net()
        return self

    @contextmanager
    def _deep(self) -> Iterator[None]:
        """Room for what is nested as deep as is allowed; what is nested in what is nested may need more still."""
        # a level of nesting in the source takes up to a dozen of Python's
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(max(usual, 20 * MAX_DEPTH + 2000))
        try:
            yield
        except Abandoned:
            self.graph = None
        except RecursionError:
            self.graph = None
            self.state.report(TooDeep(Site(self.definition.syntax.name.span)))
        finally:
            sys.setrecursionlimit(usual)

    def estimate(self) -> int:
        """At least how many nodes the net has, found without building it; 0 after a mistake."""
        found = self._target()
        return Counter().total(found[0]) if found else 0

    def required(self) -> list[str]:
        """The parameters that have no value yet."""
        missing = [p.name.text for p in self._own if p.default is None and p.name.text not in self.settings]
        target = None if missing else self._target()
        if target is None:
            return missing
        partial, body = target
        given = {*(p.name.text for p in body.parameters[: len(partial.positional)]), *partial.named}
        return [p.name.text for p in body.parameters if p.default is None and p.name.text not in given]

    def parameters(self) -> tuple[str, ...]:
        """The parameters that can be set."""
        target = self._target()
        inherited = target[1].parameters if target else ()
        return tuple(dict.fromkeys(p.name.text for p in (*self._own, *inherited)))

    def input_names(self) -> tuple[str, ...]:
        """The names of the net's inputs."""
        target = self._target()
        return _input_names(target[1]) if target else ()

    def inputs(self) -> tuple[syntax.Input, ...]:
        """The statements of the net's inputs."""
        target = self._target()
        return inputs_of(target[1].body.statements) if target else ()

    @property
    def _own(self) -> tuple[syntax.Parameter, ...]:
        definition = self.definition.syntax
        assert isinstance(definition, syntax.Net | syntax.NetAlias)
        return definition.parameters

    def _target(self) -> tuple[Partial, syntax.Net] | None:
        """The net with the settings as its arguments, aliases resolved, and its syntax; None after a mistake."""
        span = self.definition.syntax.name.span
        module = Context(self.definition.module, Frame(), None)
        for name, value in self.settings.items():
            if isinstance(value, syntax.Expression):
                self.settings[name] = self._expander.evaluator.quietly(value, module)
        named = {name: Given(value, span) for name, value in self.settings.items()}
        partial = None
        with self._deep():
            partial = self._expander.resolve(Partial(self.definition, named=named, span=span))
        if partial is None or not isinstance(partial.target, Definition):
            return None
        body = partial.target.syntax
        assert isinstance(body, syntax.Net)
        return partial, body

    def _net(self) -> None:
        found = self._target()
        if found is None:
            return
        partial, body = found
        target = partial.target
        assert isinstance(target, Definition)
        where = Site(self.definition.syntax.name.span)
        inputs = inputs_of(body.body.statements)
        if "" in self.sizes and len(inputs) == 1:
            self.sizes[_input_names(body)[0]] = self.sizes.pop("")
        self._check_settings(body, where)
        place = Place("", body.body.statements)
        context = Context(target.module, Frame(), place)
        context.net = Net(target.name, inputs, None)
        self.state.enter(target, None)
        given = {*(p.name.text for p in body.parameters[: len(partial.positional)]), *partial.named}
        for parameter in body.parameters:
            if parameter.default is None and parameter.name.text not in given:
                problem = MissingParameter(Site(parameter.span), net=self.definition.name, name=parameter.name.text)
                self.state.report(problem)
        bound = None
        if not self.state.failed:
            bound = bind_parameters(self._expander.evaluator, partial, body.parameters, context, OF_A_NET)
        if bound is None:
            return
        context.frozen = self._expander.flag(self.definition.name, bound.common.get("freeze"))
        self.state.estimate = lambda: Counter().total(partial)
        flow = self._expander.walk(body, context, partial)
        self._finish(body, context.net, flow, where)

    def _check_settings(self, body: syntax.Net, where: Site) -> None:
        """Reports settings and sizes that name nothing."""
        known = tuple(dict.fromkeys(p.name.text for p in (*self._own, *body.parameters)))
        inputs = _input_names(body)
        for what, wanted, there in (("parameter", self.settings, known), ("input", self.sizes, inputs)):
            for name in wanted:
                if name not in there:
                    meant = closest(name, there)
                    self.state.report(UnknownSetting(where, self.definition.name, name, what, there, meant))

    def _finish(self, body: syntax.Net, net: Net, flow: Flow, where: Site) -> None:
        claims = self._expander.claims.kept() if self._expander.claims else ()
        if self.state.failed:
            return
        outputs = net.outputs
        if not outputs and isinstance(flow, Ref):
            if flow.outputs:
                self.state.report(ManyOutputs(where, net=flow.name, outputs=flow.outputs))
                return
            outputs = {"output": flow}
        if not self.state.inputs or not outputs:
            what = "layers" if self.state.inputs else "input"
            self.state.report(EmptyNet(where, net=self.definition.name, what=what))
            return
        ends = {name: value.number for name, value in outputs.items() if isinstance(value, Ref)}
        source = self.definition.module.source
        doc = self.definition.syntax.doc or body.doc
        state = self.state
        self.graph = Graph(
            self.definition.name,
            tuple(state.nodes),
            dict(state.inputs),
            ends,
            dict(state.scopes),
            source,
            doc,
            claims,
            tuple(sorted(state.reads)),
        )


def _input_names(net: syntax.Net) -> tuple[str, ...]:
    return tuple(item.label.text if item.label else "input" for item in inputs_of(net.body.statements))
