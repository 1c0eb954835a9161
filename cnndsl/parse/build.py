"""Grammar -> table, by Lark: the only module that imports it, and only when no table is kept."""

from __future__ import annotations

import re
from typing import Any

START = "file"


def build(grammar: str) -> tuple[Any, ...]:
    """The plain data of a `Table` for a grammar in Lark's notation."""
    from lark import Lark
    from lark.lexer import PatternStr

    lark = Lark(grammar, parser="lalr", lexer="basic", start=START, maybe_placeholders=True)
    parse = lark.parse_interactive(start=START).parser_state.parse_conf
    rules = {rule: number for number, rule in enumerate(lark.rules)}

    states = {state: number for number, state in enumerate(parse.states)}
    actions: list[dict[str, int]] = [{} for _ in states]
    gotos: list[dict[str, int]] = [{} for _ in states]
    for state, number in states.items():
        for symbol, (_, target) in parse.states[state].items():
            if target in rules:
                actions[number][symbol] = ~rules[target]
            else:
                (gotos if symbol.islower() else actions)[number][str(symbol)] = states[target]
    actions[states[parse.end_state]]["$END"] = states[parse.end_state]

    terminals = sorted(
        lark.terminals,
        key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name),
    )
    fixed = {t.name: t.pattern.value for t in terminals if isinstance(t.pattern, PatternStr)}
    (name,) = (t for t in terminals if t.name == "NAME")
    word = re.compile(name.pattern.to_regexp())
    words = {text: kind for kind, text in fixed.items() if word.fullmatch(text)}
    patterns = [(t.name, t.pattern.to_regexp()) for t in terminals if fixed.get(t.name) not in words]
    return (
        states[parse.start_state],
        tuple(actions),
        tuple(gotos),
        tuple(_rule(rule) for rule in rules),
        tuple(patterns),
        words,
        fixed,
    )


def _rule(rule: Any) -> tuple[Any, ...]:
    """The fields of a `Rule`: what Lark's own tree builder would keep of its symbols."""
    symbols = rule.expansion
    absent = rule.options.empty_indices or (False,) * len(symbols)
    parts: list[int] = []
    position = 0
    for missing in absent:
        if missing:
            parts.append(-1)
            continue
        symbol = symbols[position]
        if not (symbol.is_term and symbol.filter_out):
            parts.append(position)
        position += 1
    spread = [p for p in parts if p >= 0 and not symbols[p].is_term and symbols[p].name.startswith("_")]
    single = parts[0] if rule.options.expand1 and not rule.alias and len(parts) == 1 else -1
    name = str(rule.alias or rule.origin.name)
    return (str(rule.origin.name), len(symbols), name, tuple(parts), tuple(spread), single)
