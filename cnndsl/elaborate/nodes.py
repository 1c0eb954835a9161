"""Nodes: layers with their paths, volumes and arrays."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from cnndsl import syntax
from cnndsl.elaborate.bind import Bound, build_layer
from cnndsl.elaborate.context import Context, State
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.mend import mends
from cnndsl.elaborate.operators import STARTS
from cnndsl.elaborate.share import owner
from cnndsl.elaborate.trail import trail
from cnndsl.elaborate.values import UNKNOWN, Given, Partial, Ref, Unknown, described
from cnndsl.errors.base import Problem, Refused, Site
from cnndsl.errors.joins import JoinMismatch
from cnndsl.errors.structure import CannotFreeze, ManyOutputs, NoVolume
from cnndsl.graph import Node
from cnndsl.layers.base import Layer, infer
from cnndsl.layers.input import Input
from cnndsl.program import Start
from cnndsl.source import Span
from cnndsl.volume import Volume

#: what flows: a volume, nothing yet (None), or something that an earlier mistake spoilt
Flow = Ref | Unknown | None
Penalties = tuple[tuple[float, float], ...]
Asked = tuple[bool, Start | None, bool, Penalties | None]
NOTHING_ASKED: Asked = (False, None, False, None)
#: the penalties on a layer's weights, and the p of each; `lp` names its own
PENALTIES = {"l1": 1.0, "l2": 2.0, "lp": None}


class Nodes:
    """Adds nodes. `sizes` replace the sizes of inputs by name."""

    def __init__(self, state: State, sizes: Mapping[str, tuple[int | None, ...]]) -> None:
        self.state = state
        self.sizes = sizes
        self.evaluator = Evaluator(state)

    def add_input(
        self, name: str, size: tuple[int | None, ...], statement: syntax.Input, context: Context
    ) -> Ref | Unknown:
        """A node for an input of the whole network."""
        assert context.place is not None
        layer = Input(size)
        path = context.place.full(name)
        self.state.inputs[name] = len(self.state.nodes)
        number = len(self.state.nodes)
        return self._add(Node(number, path, layer, (), layer.output(), Site(statement.span), path, name))

    def add_layer(
        self, partial: Partial, ends: Sequence[tuple[Flow, Span]], context: Context, name: str | None, span: Span
    ) -> Ref | Unknown:
        """A node for a layer on the given volumes; UNKNOWN after a mistake, its name taken all the same."""
        place = context.place
        assert place is not None
        layer, bound, site = build_layer(self.state, partial)
        frozen, start, thawed, penalties = self._asked(partial, layer, bound) if bound.common else NOTHING_ASKED
        label = name or ""
        if name is None:
            name = place.automatic(partial.name)
        else:
            place.count(partial.name)
        path = place.full(name)
        volumes = [self._volume(end, partial, at) for end, at in ends]
        if layer is None or any(volume is None for volume in volumes):
            self.state.lost += 1
            return UNKNOWN
        self.state.room(span)
        inputs = tuple(volume.number for volume in volumes if volume)
        try:
            output = self._infer(layer, inputs)
        except Refused as refused:
            self._misfit(refused.problem, layer, site, inputs, [at for _, at in ends])
            return UNKNOWN
        number, scopes, frozen = len(self.state.nodes), context.scopes, frozen or context.frozen
        node = Node(
            number,
            path,
            layer,
            inputs,
            output,
            site,
            path,
            label,
            scopes,
            frozen,
            start,
            thawed,
            bound.targets,
            penalties,
        )
        if not bound.common and context.shared is None:
            return self._add(node)
        other = owner(self.state, node, bound, context)
        return self._add(node if other == path else node.replace(owner=other))

    def _misfit(
        self, problem: Problem, layer: Layer, site: Site, inputs: tuple[int, ...], spans: Sequence[Span]
    ) -> None:
        """Says why a layer cannot take its volumes, how these came about, and how branches can be made equal."""
        branches = tuple(Site(at, trail=trail(self.state.nodes, n)) for at, n in zip(spans, inputs))
        problem = problem.placed(site.replace(trail=branches[0].trail if branches else ""))
        if isinstance(problem, JoinMismatch):
            found = mends(self.state.nodes, layer, inputs, spans, (problem.one, problem.other))
            problem = problem.replace(branches=branches, mends=found)
        self.state.report(problem)

    def _asked(self, partial: Partial, layer: Layer | None, bound: Bound) -> Asked:
        """What a call asks of the layer's parameters: whether frozen, how they start, whether thawed, penalties."""
        freeze = bound.common.get("freeze")
        frozen = self.flag(partial.name, freeze)
        start = self._start(partial.name, bound.common.get("init"))
        if start and layer is not None and layer.given:
            advice = "leave it out, or leave out the numbers"
            self.bad_common(partial.name, "init", "left out where the numbers are given", bound.common["init"], advice)
        penalties = self._penalties(partial.name, layer, bound)
        return frozen, start, freeze is not None and freeze.value is False, penalties

    def _infer(self, layer: Layer, inputs: tuple[int, ...]) -> Volume:
        """The volume that a layer makes of nodes, known if the very same layer was given such volumes before."""
        volumes = [self.state.nodes[number].volume for number in inputs]
        key = (id(layer), *(volume.extents for volume in volumes))
        if key not in self.state.inferred:
            self.state.inferred[key] = layer, infer(layer, *volumes)
        return self.state.inferred[key][1]

    def _volume(self, flow: Flow, partial: Partial, span: Span) -> Ref | None:
        """A volume that a layer can take; None after saying why there is none."""
        if flow is None:
            self.state.report(NoVolume(Site(span), what=f"`{partial.name}`"))
            return None
        if isinstance(flow, Unknown) or (flow.outputs and not self.one_output(flow, span)):
            return None
        return flow

    def one_output(self, flow: Ref, span: Span) -> bool:
        """Refuses a net with several outputs where one volume is needed."""
        self.state.report(ManyOutputs(Site(span), net=flow.name or "the net", outputs=flow.outputs))
        return False

    def _add(self, node: Node) -> Ref:
        self.state.nodes.append(node)
        self.state.by_path[node.path] = node
        return Ref(node.number, node.volume, node.label, node.path, None, True, None, ())  # all fields: the fast way

    # ---- what every layer takes --------------------------------------------------------------------

    def flag(self, callee: str, given: Given | None) -> bool:
        """The value of `freeze=`; False after reporting that it is none."""
        if given is None or isinstance(given.value, bool | Unknown):
            return given is not None and given.value is True
        advice = "`freeze=true` keeps the parameters as they are while training"
        self.bad_common(callee, "freeze", "true or false", given, advice)
        return False

    def _start(self, callee: str, given: Given | None) -> Start | None:
        if given is None or isinstance(given.value, Start | Unknown):
            return given.value if given and isinstance(given.value, Start) else None
        if _is_number(given.value):
            return Start("constant", float(given.value))
        from cnndsl.elaborate import foreign  # what only mistakes need

        meant = foreign.start(given.value) if isinstance(given.value, str) else None
        advice = "he, glorot, lecun, orthogonal, normal(std), uniform(limit), zeros, ones, or a number"
        if meant or given.value in STARTS:
            advice = f"write it without quotes: `init={meant or given.value}`"
        self.bad_common(callee, "init", "an initializer", given, advice)
        return None

    def _penalties(self, callee: str, layer: Layer | None, bound: Bound) -> Penalties | None:
        """The (p, amount) of `l1=`, `l2=` and `lp=`; None where there is none of them, or after a mistake."""
        given = {name: bound.common[name] for name in PENALTIES if name in bound.common}
        if layer is not None and not layer.learns and given:
            name, one = next(iter(given.items()))
            self.bad_common(callee, name, "left out, as it has no weights", one, "it is for layers with weights")
            return None
        found = [self._penalty(callee, name, one) for name, one in given.items()]
        return tuple(pair for pair in found if pair and pair[1]) if found and None not in found else None

    def _penalty(self, callee: str, name: str, given: Given) -> tuple[float, float] | None:
        """One of them as (p, amount); None after reporting that it is none."""
        p = PENALTIES[name]
        pair = given.value if p is None else (p, given.value)
        if isinstance(given.value, Unknown):
            return None
        if isinstance(pair, tuple) and len(pair) == 2 and all(map(_is_number, pair)) and pair[0] >= 1 and pair[1] >= 0:
            return float(pair[0]), float(pair[1])
        allowed = "a number of at least 0" if p else "(p, amount) with p at least 1 and an amount of at least 0"
        advice = f"for example {name}={'1e-4' if p else '(1.5, 1e-4)'}; it is added to what is minimized"
        self.bad_common(callee, name, allowed, given, advice)
        return None

    def bad_common(self, callee: str, argument: str, allowed: str, given: Given, advice: str) -> None:
        """Refuses a value of an argument that every layer, block or net takes."""
        value = f"`{given.span.text}`" if argument == "until" else described(given.value)
        self.state.report(
            CannotFreeze(
                Site(given.span), callee=callee, argument=argument, allowed=allowed, value=value, advice=advice
            )
        )


def _is_number(value: object) -> bool:
    """Whether it is a number that fits a float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
