"""What a construct knows of where it stands, and what the elaborator keeps while it walks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnndsl import syntax
from cnndsl.diagnostic import Diagnostic, Label
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.scope import Frame, Place
from cnndsl.elaborate.values import Definition, Ref, Unknown
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.limits import MAX_DEPTH, MAX_NODES, MAX_WORK, TooDeep, TooManyNodes, TooManyTogether, TooMuchWork
from cnndsl.graph import Node, Scope
from cnndsl.layers.base import Layer
from cnndsl.source import Span
from cnndsl.volume import Volume

#: rounds that are still looked at once there is a mistake: they mostly make the same one again
ENOUGH_AFTER_A_MISTAKE = 1_000

#: nets of fewer nodes are built without being counted first
WORTH_COUNTING = 2_000


DIGITS = "0123456789"


class Net:
    """The inputs and outputs of a net while its body is walked."""

    def __init__(self, name: str, inputs: tuple[syntax.Input, ...], given: Mapping[str, Ref | Unknown] | None) -> None:
        self.name = name
        self.declared = inputs
        #: the identities of their statements, which the tree keeps
        self.own = frozenset(map(id, inputs))
        self.given = given
        self.outputs: dict[str, Ref | Unknown] = {}
        #: of each name how many outputs have it, with an ordinal or without
        self.counts: dict[str, int] = {}

    def give(self, name: str, flow: Ref | Unknown) -> None:
        """One more output."""
        stem = name.rstrip(DIGITS)
        self.outputs[name], self.counts[stem] = flow, self.counts.get(stem, 0) + 1

    def reset(self) -> None:
        """As if no output had been given."""
        self.outputs, self.counts = {}, {}


class Context:
    """Where a construct stands: its values, labels, file, block input, and what applies to its layers."""

    def __init__(self, module: Module, frame: Frame, place: Place | None) -> None:
        self.module = module
        self.frame = frame
        self.place = place
        #: the volume that the block was given; None where there is no `in`
        self.given: Ref | Unknown | None = None
        #: the net whose body this is; None inside a block or a function
        self.net: Net | None = None
        #: labels get ordinals here
        self.repeating = False
        self.frozen = False
        #: own path and the path whose arrays are used instead, for `share=` of a block
        self.shared: tuple[str, str] | None = None
        #: the paths of the labels given to `until=`, of this call and of those around it: each ends its own call
        self.stops: frozenset[str] = frozenset()
        self.scopes: tuple[str, ...] = ()

    def inner(self, **changes: Any) -> Context:
        """The same place with a frame of its own and some changes."""
        made = Context.__new__(Context)
        vars(made).update(vars(self))  # as copy.copy does, in a third of its time
        made.frame = Frame(self.frame)
        for name, value in changes.items():
            setattr(made, name, value)
        return made


class Stop(Exception):
    """Raised when the label given to `until=` has been reached."""

    def __init__(self, path: str, value: Ref | Unknown) -> None:
        super().__init__(path)
        self.path = path
        self.value = value


class Abandoned(Exception):
    """Raised after a limit was reported: nothing more of this net is looked at."""


class Budget:
    """What the nets of one check may expand to together; `estimate` gives at least how much it is."""

    def __init__(self, estimate: Callable[[], int] | None = None, alone: bool = True) -> None:
        self.alone = alone
        self.estimate = None if alone else estimate
        #: nodes of the nets before
        self.built = 0
        #: at least so many in all, once counted
        self.expected = 0
        self.spent = False

    def count(self) -> None:
        """Counts all nets, the first time that it is asked for."""
        if self.estimate:
            estimate, self.estimate = self.estimate, None
            self.expected = estimate()


class State:
    """What is built: nodes, scopes, and what there is to say."""

    def __init__(self, name: str, budget: Budget | None = None, *, silent: bool = False) -> None:
        self.name = name
        #: whether nobody will read what is wrong
        self.silent = silent
        self.nodes: list[Node] = []
        self.by_path: dict[str, Node] = {}
        self.scopes: dict[str, Scope] = {}
        self.inputs: dict[str, int] = {}
        self.diagnostics: list[Diagnostic] = []
        self.failed = False
        self.calls: list[tuple[Definition, Span | None]] = []
        self._active: set[Definition] = set()
        self.budget = budget or Budget()
        self.depth = 0
        self.work = 0
        #: layers that a mistake left without a volume
        self.lost = 0
        #: a lower bound of the whole net's nodes, found without building it
        self.estimate: Callable[[], int] | None = None
        self._counted = False
        self._wasted = 0
        #: what functions gave for arguments that they had before
        self.results: dict[tuple[Any, ...], Any] = {}
        #: layers of calls that were made before, with their arguments and places
        self.built: dict[Any, Any] = {}
        #: what layers, by their ids, made of volumes; the layers are kept so that their ids stay theirs
        self.inferred: dict[tuple[Any, ...], tuple[Layer, Volume]] = {}
        #: how many values lists and calls hold, and how deep; they are kept so that their ids stay theirs
        self.weights: dict[int, tuple[Any, int, int]] = {}
        #: the nodes and axes whose extents the program has used as numbers (`in.height`)
        self.reads: set[tuple[int, int]] = set()
        self._said: set[tuple[str, Span | None]] = set()

    def report(self, problem: Problem) -> None:
        """Keeps a problem, once for each place, with the calls that led to it."""
        self.failed = True
        if self.silent:
            return
        diagnostic = problem.diagnostic()
        key = (diagnostic.code, diagnostic.span)
        if key in self._said:
            return
        self._said.add(key)
        calls = tuple(
            Label(span, f"in this call of `{definition.name}`")
            for definition, span in self.calls[-1:-4:-1]
            if span and not _overlap(span, diagnostic.span)
        )
        self.diagnostics.append(diagnostic.replace(labels=diagnostic.labels + calls))

    def enter(self, definition: Definition, span: Span | None) -> None:
        """Begins a call; `leave` ends it."""
        self.calls.append((definition, span))
        self._active.add(definition)

    def leave(self) -> None:
        self._active.discard(self.calls.pop()[0])

    def active(self, definition: Definition) -> bool:
        """Whether a call of this definition is being expanded."""
        return definition in self._active

    def descend(self, span: Span) -> None:
        """Goes one level down; every call is undone by the caller with `depth -= 1`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.report(TooDeep(Site(span)))
            raise Abandoned

    def spend(self, span: Span, work: int = 1) -> None:
        """One round of a loop, or the `work` of a call of a function."""
        self.work += work
        self._wasted += self.failed
        if self._wasted > ENOUGH_AFTER_A_MISTAKE:
            raise Abandoned
        if self.work > MAX_WORK:
            self.report(TooMuchWork(Site(span)))
            raise Abandoned

    def room(self, span: Span, count: int = 1) -> None:
        """Makes sure that `count` more nodes are within the limit.

        Large nets are counted as a whole before more of them is built.
        """
        wanted, budget = len(self.nodes) + count, self.budget
        if budget.built + wanted > WORTH_COUNTING:
            if not self._counted and self.estimate:
                self._counted = True
                wanted = max(wanted, self.estimate())
            budget.count()
        if wanted > MAX_NODES:
            self.report(TooManyNodes(Site(span), net=self.name, count=wanted))
            raise Abandoned
        if max(budget.built + wanted, budget.expected) > MAX_NODES:
            count = max(budget.built + wanted, budget.expected)
            self.report(TooManyTogether(Site(span), net=self.name, count=count))
            budget.spent = True
            raise Abandoned


def _overlap(one: Span, other: Span | None) -> bool:
    return other is not None and one.source is other.source and one.start < other.end and other.start < one.end
