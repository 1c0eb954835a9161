"""Lint, the base of every lint: a problem that a whole graph can have, and no error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem
from cnndsl.graph import Graph, Node

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class Lint(Problem):
    """A warning or a piece of advice. Its docstring is its page: what, why, example, instead.

    `name` states the pattern, read as "allow NAME"; it is the name of the lint's file too, and the
    first two characters of `code` say to which group it belongs (`cnndsl.lints.GROUPS`). A code
    never changes its meaning. `visits` are the families of layers that `visit` is to be asked
    about; a lint about more than single layers has a `check` of its own.
    """

    severity: ClassVar[Severity] = Severity.WARNING
    name: ClassVar[str] = ""
    visits: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Problem]:
        """Everywhere in a graph that the pattern stands."""
        for family in cls.visits:
            for node in graph.families.get(family, ()):
                yield from cls.visit(graph, node)

    @classmethod
    def visit(cls, graph: Graph, node: Node) -> Iterable[Problem]:
        """What is to be said of one layer of a family in `visits`."""
        raise NotImplementedError

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Problem]:  # noqa: ARG003
        """Everywhere in the text of a file that the pattern stands, for a lint about names and structure."""
        return ()


class Advice(Lint):
    """Not wrong, but perhaps not what was meant, or not the best: only for those who ask."""

    severity: ClassVar[Severity] = Severity.ADVICE


#: the lints that run, and how bad what they find is
Rules = Mapping[type[Lint], Severity]
