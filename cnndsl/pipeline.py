"""The five arrows, a function each: source -> Tree -> Graph -> Report -> Program -> running network."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnndsl import syntax
from cnndsl.diagnostic import CnnError, Diagnostic, Severity
from cnndsl.elaborate import Budget, Definition, Elaboration, Loader, Module
from cnndsl.elaborate.choose import choose
from cnndsl.errors.names import UnknownArgument, UnknownName
from cnndsl.errors.values import BadArgument, MissingArgument, TooManyArguments
from cnndsl.graph import Graph
from cnndsl.lints import Rules, lint, lint_names, permitted
from cnndsl.record import Record
from cnndsl.source import Source

if TYPE_CHECKING:
    from cnndsl.elaborate import Sizes
    from cnndsl.engine import Backend, Engine, Optimizer
    from cnndsl.program import Program
    from cnndsl.volume import Volume


def parse(
    source: Source, folder: str | None = None, replaced: Mapping[str, str] | None = None
) -> tuple[Module | None, list[Diagnostic]]:
    """source -> tree, with what it imports from its folder or the zoo.

    `replaced` are other texts for imported files, by the names that are shown.
    """
    root = _folder(source, folder)
    loader = Loader(root, replaced)
    module = loader.load(source, os.path.join(os.path.realpath(root), os.path.basename(source.name)))
    return module, loader.diagnostics


def _folder(source: Source, folder: str | None) -> str:
    return folder if folder is not None else os.path.dirname(source.name) or "."


def elaborate(
    definition: Definition,
    settings: Mapping[str, Any] | None = None,
    sizes: Sizes | None = None,
    budget: Budget | None = None,
) -> Elaboration:
    """tree -> graph: names, values, blocks, volumes; `budget` limits the nets of one check together."""
    return Elaboration(definition, settings, sizes, budget).checked()


def analyze(graph: Graph, strict: bool = False, rules: Rules | None = None) -> list[Diagnostic]:
    """graph -> what is wasteful or will not do what its author thinks."""
    found = list(lint(graph, rules))
    if graph.claims:
        from cnndsl.analysis.budgets import broken

        found += [problem.diagnostic() for problem in broken(graph)]
    if strict:
        from cnndsl.analysis.exact import inexact

        found += [problem.diagnostic() for problem in inexact(graph)]
    return found


def lower(graph: Graph, losses: Mapping[str, str] | None = None) -> Program:
    """graph -> program of few primitives."""
    from cnndsl.lower import lower

    return lower(graph, losses)


def run(program: Program, backend: str = "auto", optimizer: Optimizer | None = None, seed: int = 0) -> Engine:
    """program -> running network."""
    found: Backend = import_module("cnndsl.backends").load(backend)
    return found.build(program, optimizer=optimizer, seed=seed)


def rebuilding(
    source: Source, net: str, settings: Mapping[str, Any], imports: Mapping[str, str] | None = None
) -> Callable[[Mapping[str, Volume]], Graph | str]:
    """A function that makes a net of a file that checks again, with other volumes of its inputs.

    It gives the graph, or the title of the first error.
    """
    module, _ = parse(source, None, imports)
    assert module is not None
    definition = next(each for each in module.nets if each.name == net)

    def rebuild(volumes: Mapping[str, Volume]) -> Graph | str:
        made = elaborate(definition, settings, {name: volume.extents for name, volume in volumes.items()})
        return made.graph or made.diagnostics[0].title

    return rebuild


#: mistakes within one call, whatever stands around it
SLIPS = (BadArgument.code, MissingArgument.code, TooManyArguments.code, UnknownArgument.code)


class CheckedNet(Record):
    """A net of a file: its name, its graph unless it has errors, and what there is to say of it.

    `inputs` are the statements of its inputs, `built` is how many nodes, layers without a
    volume and rounds of loops it took to find out.
    """

    name: str
    graph: Graph | None
    settings: Mapping[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    inputs: tuple[syntax.Input, ...] = ()
    built: int = 0


class Checked(Record):
    """A file: its nets in source order and all diagnostics, those of single nets included, once each."""

    source: Source
    module: Module | None
    nets: tuple[CheckedNet, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)


def check(
    source: Source,
    *,
    folder: str | None = None,
    net: str | None = None,
    settings: Mapping[str, Any] | None = None,
    sizes: Sizes | None = None,
    strict: bool = False,
    all_nets: bool = True,
    rules: Rules | None = None,
    imports: Mapping[str, str] | None = None,
) -> Checked:
    """A whole file, as far as it goes; never raises for what a user wrote.

    `net` picks one net by name. Otherwise every net whose parameters have values is checked (the
    last one alone with `all_nets=False`); if none has, the last is, and is told what it misses.
    `settings` are parameters (values, or expressions of the language), `sizes` replace the inputs'
    sizes by name ("" for the only input); `folder` is where imports are looked for.
    `imports` are texts that go before imported files, by their paths from there, as `Module.imports` has them.
    `rules` are the lints that run, by default all that are certain. Fixes of errors have been tried:
    with one of them the program checks, or has that error less.
    """

    wishes = Wishes(folder, net, settings or {}, sizes or {}, strict, all_nets, rules, imports or {})
    found = _check(source, wishes)
    # what is wrong with the text has its repairs tried on the tokens, by the parser
    return _proven(found, wishes) if found.failed and found.nets else found


class Wishes(Record):
    """How a file is to be checked: what `check` is given besides the source."""

    folder: str | None
    net: str | None
    settings: Mapping[str, Any]
    sizes: Sizes
    strict: bool
    all_nets: bool
    rules: Rules | None
    imports: Mapping[str, str]


def _proven(found: Checked, wishes: Wishes) -> Checked:
    """The same with those fixes of errors alone that help, and larger inputs where a kernel does not fit."""
    from cnndsl.repair.proof import CHARACTERS_OF_A_NODE, Trials
    from cnndsl.repair.tried import tried

    # what is only warned of takes time and decides nothing
    counting = {rule: severity for rule, severity in (wishes.rules or {}).items() if severity is Severity.ERROR}
    trial = wishes.replace(rules=counting)

    def again(texts: Mapping[Source, str]) -> tuple[tuple[Diagnostic, ...], int]:
        others = {source.name: text for source, text in texts.items() if source is not found.source}
        text = texts.get(found.source, found.source.text)
        changed = _check(Source(found.source.name, text), trial, others)
        return changed.diagnostics, _built(changed) + len(text) // CHARACTERS_OF_A_NODE

    def resized(net: str, size: tuple[int | None, ...]) -> tuple[tuple[Diagnostic, ...], int]:
        assert found.module is not None
        changed = _checked(found.source, found.module, trial.replace(net=net, sizes={"": size}))
        return changed.diagnostics, _built(changed)

    def may_change(source: Source) -> bool:
        """Whether it is a file of the user, not one of the zoo."""
        root = _folder(found.source, wishes.folder)
        return source is found.source or os.path.isfile(os.path.join(root, source.name))

    trials = Trials(again, resized, found.diagnostics, may_change)
    return found.replace(diagnostics=tuple(tried(found, trials, resized=bool(wishes.sizes))))


def _check(source: Source, wishes: Wishes, replaced: Mapping[str, str] | None = None) -> Checked:
    """As `check`, with fixes that nobody has tried; `replaced` are other texts for imported files."""
    module, found = parse(source, wishes.folder, {**wishes.imports, **(replaced or {})})
    if module is None:
        return Checked(source, module, (), tuple(found))
    if found:
        return Checked(source, module, (), (*found, *_beside(found, module, wishes.settings)))
    return _checked(source, module, wishes)


def _built(checked: Checked) -> int:
    return sum(net.built for net in checked.nets)


def _checked(source: Source, module: Module, wishes: Wishes) -> Checked:
    """What is to be said of a file that could be read."""
    try:
        chosen = choose(module, wishes.net, wishes.settings, wishes.all_nets)
    except CnnError as error:
        return Checked(source, module, (), error.diagnostics)
    budget = _budget(chosen, wishes.settings)
    nets = [_check_net(definition, wishes, budget) for definition in chosen]
    found: list[Diagnostic] = []
    said: set[Diagnostic] = set()  # by the nets before: what two nets share is told once
    for checked in nets:
        found += [diagnostic for diagnostic in checked.diagnostics if diagnostic not in said]
        said.update(checked.diagnostics)
    graphs = [checked.graph for checked in nets if checked.graph]
    if len(graphs) == len(nets):
        found += lint_names(module.file, wishes.rules)
    plain = not (wishes.net or wishes.settings or wishes.sizes) and (wishes.all_nets or len(module.nets) == 1)
    whole = plain and len(graphs) == len(nets)
    allowed = permitted(found, module.file, graphs, wishes.rules, whole=whole)
    return Checked(source, module, tuple(nets), tuple(allowed))


def _beside(found: list[Diagnostic], module: Module, settings: Mapping[str, Any] | None) -> list[Diagnostic]:
    """What else is wrong in a file that could not be read whole: only what no missing line can cause.

    Those are misspelt names on other lines than the errors that are known, and slips within one call
    on lines that do not even touch theirs: what was missing may have been put into the wrong call.
    Where it is certain what was meant (`True` for `true`), nothing is missing, and all is told.
    """
    lines = {_line(diagnostic) for diagnostic in found if not any(fix.safe for fix in diagnostic.fixes)}
    near = lines | {(line[0], line[1] + by) for line in lines if line for by in (-1, 1)}
    more: list[Diagnostic] = []
    budget = _budget(module.nets, settings)
    for definition in module.nets:
        if budget.spent:
            break
        elaboration = elaborate(definition, settings, budget=budget)
        budget.built += len(elaboration.state.nodes)
        for diagnostic in elaboration.diagnostics:
            line = _line(diagnostic)
            misspelt = diagnostic.code == UnknownName.code and diagnostic.fixes and line not in lines
            slip = diagnostic.code in SLIPS and line not in near
            if (misspelt or slip or not lines) and diagnostic not in more:
                more.append(diagnostic)
    return more


def _line(diagnostic: Diagnostic) -> tuple[str, int] | None:
    span = diagnostic.span
    return (span.source.name, span.position[0]) if span else None


def _budget(nets: list[Definition], settings: Mapping[str, Any] | None) -> Budget:
    """What the nets of a file may expand to together."""
    return Budget(lambda: sum(Elaboration(net, settings).estimate() for net in nets), alone=len(nets) == 1)


def _check_net(definition: Definition, wishes: Wishes, budget: Budget) -> CheckedNet:
    if budget.spent:
        return CheckedNet(definition.name, None, wishes.settings, ())
    sizes = wishes.sizes
    if sizes and not budget.alone:
        # a size by name is for the nets that have such an input
        names = Elaboration(definition).input_names()
        sizes = {name: size for name, size in sizes.items() if name in names or (name == "" and len(names) == 1)}
    elaboration = elaborate(definition, wishes.settings, sizes, budget)
    budget.built += len(elaboration.state.nodes)
    found = list(elaboration.diagnostics)
    if elaboration.graph is not None:
        found += analyze(elaboration.graph, wishes.strict, wishes.rules)
    return CheckedNet(
        definition.name,
        elaboration.graph,
        elaboration.settings,
        tuple(found),
        elaboration.inputs(),
        len(elaboration.state.nodes) + elaboration.state.lost + elaboration.state.work,
    )
