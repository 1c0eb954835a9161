"""One file a lint, found by looking through this package: adding a file is all it takes.

The files here are the lints that are on by default; each folder is a group that is asked for, and
imported only then. Modules that begin with `_` are no lints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module

from cnndsl.diagnostic import Diagnostic, Severity
from cnndsl.discover import modules
from cnndsl.errors.base import Problem
from cnndsl.graph import Graph
from cnndsl.lints.base import Lint, Rules
from cnndsl.syntax import File

__all__ = ["GROUPS", "Lint", "Rules", "defaults", "every_lint", "group_of", "lint", "lint_names", "lints", "permitted"]

#: groups by the beginning of their lints' codes
GROUPS = {"W2": "defects", "W3": "advice", "W4": "training"}

#: what the groups hold, in words
ABOUT = {
    "defects": "certain defects, on by default",
    "advice": "advice, with `--select advice`",
    "training": "what only the loss or the data show, said by `compile` and `fit`",
}


def group_of(code: str) -> str:
    """The group of a lint's code; "" for what is no lint."""
    return GROUPS.get(code[:2], "")


@cache
def lints(group: str = "defects") -> tuple[type[Lint], ...]:
    """The lints of a group, in the order of their codes."""
    package = __name__ if group == "defects" else f"{__name__}.{group}"
    folders = __path__ if group == "defects" else [f"{folder}/{group}" for folder in __path__]
    found: set[type[Lint]] = set()
    for module in modules(folders):
        if module.startswith("_") or module in GROUPS.values():
            continue
        for item in vars(import_module(f"{package}.{module}")).values():
            if isinstance(item, type) and issubclass(item, Lint) and item.code:
                found.add(item)
    return tuple(sorted(found, key=lambda item: item.code))


def every_lint() -> tuple[type[Lint], ...]:
    """The lints of all groups, in the order of their codes."""
    return tuple(rule for group in GROUPS.values() for rule in lints(group))


def defaults() -> Rules:
    """The lints that are on by default, with their own severities."""
    return {rule: rule.severity for rule in lints()}


def lint(graph: Graph, rules: Rules | None = None) -> Iterable[Diagnostic]:
    """What lints find in a graph: those of `rules`, by default all defects.

    A place in a repeated block is named once.
    """
    said = set()
    for rule, severity in (defaults() if rules is None else rules).items():
        for problem in rule.check(graph):
            place = problem.code, problem.primary()
            if place not in said:
                said.add(place)
                yield _diagnostic(problem, severity)


def lint_names(file: File, rules: Rules | None = None) -> Iterable[Diagnostic]:
    """What lints find in the text of a file, whatever its nets are called with."""
    from cnndsl.lints._names import Names

    names = Names(file)
    for rule, severity in (defaults() if rules is None else rules).items():
        for problem in rule.check_names(names):
            yield _diagnostic(problem, severity)


def _diagnostic(problem: Problem, severity: Severity) -> Diagnostic:
    found = problem.diagnostic()
    return found if found.severity is severity else found.replace(severity=severity)


def permitted(
    found: Sequence[Diagnostic], file: File, graphs: Sequence[Graph], rules: Rules | None = None, *, whole: bool = True
) -> list[Diagnostic]:
    """What is left of `found` where comments like `# cnnc: allow(W201) reason` stand, lints last and in order.

    Comments of the given file that say nothing, or allow what nothing has found, are told of too; of
    the latter kind only if it is `whole`: without errors, all its nets checked as they stand.
    """
    said = {(diagnostic.code, diagnostic.span): diagnostic for diagnostic in reversed(found) if _is_lint(diagnostic)}
    sources = {file.span.source, *(diagnostic.source for diagnostic in said.values())}
    if any("cnnc:" in source.text for source in sources if source):
        from cnndsl.lints._allow import Allows

        allows = Allows(defaults() if rules is None else rules)
        said = {place: diagnostic for place, diagnostic in said.items() if not allows.silences(diagnostic)}
        said.update({(item.code, item.span): item for item in allows.complaints(file, graphs, whole=whole)})
    others = [diagnostic for diagnostic in found if not _is_lint(diagnostic)]
    return [*others, *sorted(said.values(), key=_place)]


def _is_lint(diagnostic: Diagnostic) -> bool:
    return bool(group_of(diagnostic.code))


def _place(diagnostic: Diagnostic) -> tuple[str, int, str]:
    span = diagnostic.span
    return (span.source.name, span.start, diagnostic.code) if span else ("", 0, diagnostic.code)
