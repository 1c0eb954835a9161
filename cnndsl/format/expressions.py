"""Expressions, and whatever stands on one line, as text with no more parentheses than they need."""

from __future__ import annotations

from cnndsl import syntax
from cnndsl.source import Span

#: how tightly each operator binds, as in the grammar; what binds less is put in parentheses
BINDS = {"or": 1, "and": 2, "not": 3, "..": 5, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7, "**": 9}
CONDITIONAL, COMPARISON, SIGN, ATOM, PRIMARY = 0, 4, 8, 10, 11


def expression(value: syntax.Expression, least: int = 0) -> str:
    """The text of an expression, in parentheses if it binds less tightly than `least`."""
    text, binds = _shown(value)
    return f"({text})" if binds < least else text


def _shown(value: syntax.Expression) -> tuple[str, int]:
    match value:
        case syntax.Name(_, text):
            return text, PRIMARY
        case syntax.Number(_, _, text):
            return text, ATOM
        case syntax.String(_, text):
            return f'"{text}"', ATOM
        case syntax.Boolean(_, flag):
            return str(flag).lower(), ATOM
        case syntax.NoneValue():
            return "none", ATOM
        case syntax.In():
            return "in", PRIMARY
        case syntax.Size(_, extents):
            return "x".join("?" if extent is None else str(extent) for extent in extents), ATOM
        case syntax.Tuple(_, items):
            inner = ", ".join(map(expression, items))
            return f"({inner},)" if len(items) == 1 else f"({inner})", PRIMARY
        case syntax.List(_, items):
            return f"[{', '.join(map(expression, items))}]", PRIMARY
        case syntax.Call(_, callee, arguments, _):
            return f"{expression(callee, PRIMARY)}({', '.join(map(argument, arguments))})", PRIMARY
        case syntax.Attribute(_, owner, name):
            return f"{expression(owner, PRIMARY)}.{name.text}", PRIMARY
        case syntax.Index(_, owner, at):
            return f"{expression(owner, PRIMARY)}[{expression(at)}]", PRIMARY
        case syntax.Range(_, start, stop):
            return f"{expression(start, BINDS['+'])}..{expression(stop, BINDS['+'])}", BINDS[".."]
        case syntax.Conditional(_, then, condition, otherwise):
            sides = (expression(side, BINDS["or"]) for side in (then, condition, otherwise))
            return "{} if {} else {}".format(*sides), CONDITIONAL
        case syntax.Unary(_, "not", operand):
            return f"not {expression(operand, BINDS['not'])}", BINDS["not"]
        case syntax.Unary(_, operator, operand):
            return f"{operator}{expression(operand, SIGN)}", SIGN
        case syntax.Binary(_, operator, left, right):
            return _binary(operator, left, right)
    raise AssertionError(value)


def _binary(operator: str, left: syntax.Expression, right: syntax.Expression) -> tuple[str, int]:
    """Left-associative but for `**`; a comparison compares two ranges or sums."""
    binds = BINDS.get(operator, COMPARISON)
    if operator == "**":
        sides = expression(left, ATOM), expression(right, SIGN)
    elif binds == COMPARISON:
        sides = expression(left, binds + 1), expression(right, binds + 1)
    else:
        sides = expression(left, binds), expression(right, binds + 1)
    return f"{sides[0]} {operator} {sides[1]}", binds


def argument(given: syntax.Argument) -> str:
    value = expression(given.value)
    return f"{given.name.text}={value}" if given.name else value


def parameter(declared: syntax.Parameter) -> str:
    default = declared.default
    return declared.name.text if default is None else f"{declared.name.text} = {expression(default)}"


def count(value: syntax.Expression) -> str:
    """A repeat count: a number or a primary stands as it is, anything else in parentheses."""
    plain = isinstance(
        value, syntax.Number | syntax.Name | syntax.In | syntax.Call | syntax.Attribute | syntax.Index | syntax.Tuple
    )
    return expression(value) if plain or isinstance(value, syntax.List) else f"({expression(value)})"


def flat(node: syntax.Node) -> str | None:
    """A stage, statement or body on one line; None where it takes several."""
    match node:
        case syntax.Apply(_, value):
            return expression(value, PRIMARY)
        case syntax.Group(_, body, times):
            inner = flat(body)
            return inner if inner is None or times is None else f"{inner} * {count(times)}"
        case syntax.Join(_, name, branches):
            if _opened(name.span, branches[0]):
                return None
            parts = [flat(branch.statements[0]) if _simple(branch) else None for branch in branches]
            return None if None in parts else f"{name.text} {{ {' | '.join(filter(None, parts))} }}"
        case syntax.Choice(_, condition, then, otherwise):
            return _choice(condition, flat(then), otherwise)
        case syntax.Body(_, statements):
            if len(statements) > 1 or (statements and _opened(node.span.replace(end=node.span.start), statements[0])):
                return None
            inner = flat(statements[0]) if statements else ""
            return None if inner is None else f"{{ {inner} }}" if inner else "{ }"
        case syntax.Pipeline(_, label, stages):
            return _line(f"{label.text}: " if label else "", stages)
        case syntax.Input(_, label, size, stages):
            head = f"input {label.text}: " if label else "input "
            return _line(head + expression(size), stages, " -> ") if stages else head + expression(size)
        case syntax.Output(_, name, stages):
            return _line(f"output {name.text}: ", stages) if stages else f"output {name.text}"
        case syntax.Let(_, name, value):
            return f"let {name.text} = {expression(value)}"
        case syntax.Assert(_, condition, message):
            return f"assert {expression(condition)}" + (f', "{message.value}"' if message else "")
        case syntax.For(_, _, _, body):
            inner = flat(body)
            return None if inner is None else f"{loop(node)} {inner}"
    raise AssertionError(node)


def loop(node: syntax.For) -> str:
    """The head of a `for`."""
    names = ", ".join(name.text for name in node.names)
    return f"for {f'({names})' if len(node.names) > 1 else names} in {expression(node.values)}"


def _choice(condition: syntax.Expression, then: str | None, otherwise: syntax.Body | None) -> str | None:
    if then is None:
        return None
    head = f"if {expression(condition)} {then}"
    if otherwise is None:
        return head
    nested = chained(otherwise)
    rest = flat(nested) if nested else flat(otherwise)
    return None if rest is None else f"{head} else {rest}"


def chained(otherwise: syntax.Body) -> syntax.Choice | None:
    """The choice of an `else if`, which the tree holds as a body without braces of its own."""
    match otherwise.statements:
        case (syntax.Pipeline(_, None, (syntax.Choice() as choice,)),) if choice.span == otherwise.span:
            return choice
    return None


def _opened(before: Span, first: syntax.Node) -> bool:
    """Whether the author began a new line behind an opening brace: then it stays open."""
    return "\n" in first.span.source.text[before.end : first.span.start]


def _simple(branch: syntax.Body) -> bool:
    """Whether a branch may stand on one line with others: one pipeline without a label."""
    match branch.statements:
        case (syntax.Pipeline(_, None, _),):
            return True
    return False


def _line(head: str, stages: tuple[syntax.Stage, ...], arrow: str = "") -> str | None:
    parts = [flat(stage) for stage in stages]
    return None if None in parts else head + arrow + " -> ".join(filter(None, parts))
