"""Lint, the base of every lint: a problem that a whole graph can have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem
from cnndsl.graph import Graph


class Lint(Problem):
    """A warning or a piece of advice. Its docstring is its page: what, why, example, instead.

    `name` states the pattern, read as "allow NAME"; a code never changes its meaning.
    """

    severity: ClassVar[Severity] = Severity.WARNING
    name: ClassVar[str] = ""

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Problem]:
        """Everywhere in a graph that the pattern stands."""
        raise NotImplementedError
