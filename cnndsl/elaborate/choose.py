"""Which nets of a file are meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl import syntax
from cnndsl.elaborate import Definition, Elaboration, Module
from cnndsl.elaborate.call import inputs_of
from cnndsl.errors.base import Site
from cnndsl.errors.names import UnknownNet, UnknownSetting
from cnndsl.errors.structure import MisplacedStatement
from cnndsl.source import Span
from cnndsl.suggest import closest


def choose(module: Module, net: str | None, settings: Mapping[str, Any], all_nets: bool) -> list[Definition]:
    """The nets to check, as `pipeline.check` says. Raises CnnError (E207, E208)."""
    nets = module.nets
    names = tuple(definition.name for definition in nets)
    if net is not None:
        if net not in names:
            raise UnknownNet(Site(), module.source.name, net, names, closest(net, names)).error()
        return [definition for definition in nets if definition.name == net]
    if not nets:
        _refuse_inputs(module)
        if module.definitions and all_nets:
            return []
        raise UnknownNet(Site(_end(module)), module.source.name, None, names).error()
    if not all_nets:
        return nets[-1:]
    ready = [definition for definition in nets if not Elaboration(definition, settings).required()]
    if settings:
        ready = [definition for definition in ready if all(name in _parameters(definition) for name in settings)]
        if not ready:
            _unknown_setting(nets, settings)
    return ready or nets[-1:]


def _refuse_inputs(module: Module) -> None:
    """Raises for a block with an input in a file without nets: one of them is meant."""
    for name, definition in module.definitions.items():
        if isinstance(definition.syntax, syntax.Block) and (inputs := inputs_of(definition.syntax.body.statements)):
            what, why = "`input` inside a block", "a block is given its volume"
            advice = f"a network is written `net {name} {{ … }}`"
            raise MisplacedStatement(Site(inputs[0].span), what, why, advice).error()


def _end(module: Module) -> Span:
    """The empty place behind the last thing that a file says."""
    source = module.source
    return module.file.items[-1].span.after() if module.file.items else Span(source, 0, 0)


def _parameters(definition: Definition) -> tuple[str, ...]:
    return Elaboration(definition).parameters()


def _unknown_setting(nets: list[Definition], settings: Mapping[str, Any]) -> None:
    """Raises for a setting that no net of the file has."""
    known = tuple(dict.fromkeys(name for definition in nets for name in _parameters(definition)))
    for name in settings:
        if name not in known:
            problem = UnknownSetting(
                Site(nets[-1].syntax.name.span), nets[-1].name, name, "parameter", known, closest(name, known)
            )
            raise problem.error()
