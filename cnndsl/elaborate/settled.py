"""Settled stages: those that mean the same however often a loop expands them, and are worked out once."""

from __future__ import annotations

from cnndsl import syntax
from cnndsl.elaborate.context import Context
from cnndsl.elaborate.values import Partial


class Settled:
    """Calls of layers whose arguments are literals and words of the language, by the stage that makes them."""

    def __init__(self) -> None:
        #: keyed by the identity of the stage's expression: the tree outlives the elaboration
        self._known: dict[int, tuple[Partial, tuple[str, ...]]] = {}

    def find(self, expression: syntax.Expression, context: Context) -> Partial | None:
        """The call that a stage made before, unless a name in it means something else by now."""
        known = self._known.get(id(expression))
        if known is None or any(_hidden(name, context) for name in known[1]):
            return None
        return known[0]

    def keep(self, expression: syntax.Expression, made: Partial, context: Context) -> None:
        """Keeps the call that a stage made, if nothing but the tree decides on it."""
        if not isinstance(made.target, type):
            return
        names = _names(expression)
        if names is not None and not any(_hidden(name, context) or _defined(name, context) for name in names):
            self._known[id(expression)] = made, names


def _hidden(name: str, context: Context) -> bool:
    """Whether a value or a label stands for this word of the language."""
    if context.frame.find(name) is not None:
        return True
    return context.place is not None and context.place.find(name) is not None


def _defined(name: str, context: Context) -> bool:
    """Whether the file defines or imports the name, which every use of it in the file then means."""
    return context.module.owner(name) is not None or name in context.module.imported


def _names(expression: syntax.Expression) -> tuple[str, ...] | None:
    """The names that the value of an expression hangs on; None where it hangs on more than names and literals."""
    match expression:
        case syntax.Number() | syntax.String() | syntax.Boolean() | syntax.NoneValue() | syntax.Size():
            return ()
        case syntax.Name():
            return (expression.text,)
        case syntax.Unary(_, _, operand):
            return _names(operand)
        case syntax.Tuple(_, items) | syntax.List(_, items):
            return _all(items)
        case syntax.Call(_, callee, arguments):
            if any(argument.name and argument.name.text == "until" for argument in arguments):
                return None  # a label of what is called
            return _all((callee, *(argument.value for argument in arguments)))
    return None


def _all(parts: tuple[syntax.Expression, ...]) -> tuple[str, ...] | None:
    found: dict[str, None] = {}
    for part in parts:
        names = _names(part)
        if names is None:
            return None
        found.update(dict.fromkeys(names))
    return tuple(found)
