"""Tokens -> tree: the LALR(1) automaton."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from cnndsl import syntax
from cnndsl.errors.base import Problem
from cnndsl.parse.lexer import END, NAME, Token
from cnndsl.parse.newlines import MAX_DEPTH, TooNested
from cnndsl.parse.nodes import Nodes, maker
from cnndsl.parse.table import table
from cnndsl.source import Source, Span

#: what is open at once in a program that is nested as deep as is allowed takes less
DEEPEST_STACK = 20 * MAX_DEPTH


class Stuck(Exception):
    """A token that cannot stand where it stands."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


class Step(NamedTuple):
    """What the automaton does with a rule; see `table.Rule`. `deeper` is 1 if its node is a level of the tree."""

    size: int
    origin: str
    single: int
    parts: tuple[int, ...]
    spread: tuple[int, ...]
    make: Callable[[Nodes, Span, Sequence[Any]], Any] | None
    deeper: int


def grow(source: Source, tokens: Iterable[Token]) -> tuple[syntax.File, list[Problem]]:
    """The tree of the tokens that the new-line filter left, and what is wrong in it beyond its grammar.

    Raises `Stuck` at the first token that the grammar does not allow, `TooNested` where the tree gets
    too deep.
    """
    nodes = Nodes(source)
    return _run(nodes, tokens), nodes.problems


def _run(nodes: Nodes, tokens: Iterable[Token]) -> syntax.File:
    """Four stacks side by side: states, values, places and depths."""
    source, rules = nodes.source, _steps()
    actions, gotos = table().actions, table().gotos
    states: list[int] = [table().start]
    values: list[Any] = [None]
    starts, ends, depths = [0], [0], [0]
    for token in tokens:
        kind, start, end, text = token
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                raise Stuck(token)
            if action >= 0:
                break
            size, origin, single, parts, spread, make, deeper = rules[~action]
            if size == 1 and single == 0:
                states[-1] = gotos[states[-2]][origin]
                continue
            if size:
                begin, stop, depth = starts[-size], ends[-1], max(depths[-size:]) + deeper
                if depth > MAX_DEPTH:
                    raise TooNested(token)
            else:
                # nothing: what ends with it ended before, what begins with it begins after
                begin, stop, depth = start, ends[-1], 0
            if single >= 0:
                value = values[single - size]
            else:
                value = [values[part - size] if part >= 0 else None for part in parts]
                if spread:
                    value = _spread(value, parts, spread)
                if make:
                    value = make(nodes, Span(source, begin, stop), value)
            if size:
                del states[-size:], values[-size:], starts[-size:], ends[-size:], depths[-size:]
            states.append(gotos[states[-1]][origin])
            values.append(value)
            starts.append(begin)
            ends.append(stop)
            depths.append(depth)
        if kind == END:
            break
        if len(states) > DEEPEST_STACK:
            raise TooNested(token)
        states.append(action)
        values.append(syntax.Name(Span(source, start, end), text) if kind == NAME else token)
        starts.append(start)
        ends.append(end)
        depths.append(0)
    file: syntax.File = values[-1]
    return file


def _spread(values: list[Any], parts: tuple[int, ...], spread: tuple[int, ...]) -> list[Any]:
    """The parts with lists of parts opened up; a list that comes first goes on growing (left recursion)."""
    found: list[Any] = values[0] if parts[0] in spread else [values[0]]
    for part, value in zip(parts[1:], values[1:]):
        if part in spread:
            found += value
        else:
            found.append(value)
    return found


@cache
def _steps() -> tuple[Step, ...]:
    """What to do with each rule of the table, which for Lark's helpers is to gather their parts."""
    steps = []
    for rule in table().rules:
        make, level = (None, False) if rule.name.startswith("_") else maker(rule.name)
        deeper = int(level or (rule.single >= 0 and rule.size > 1))
        steps.append(Step(rule.size, rule.origin, rule.single, rule.parts, rule.spread, make, deeper))
    return tuple(steps)
