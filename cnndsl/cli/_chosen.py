"""What is chosen by name on a command line, with its settings: `sgd`, `sgd(momentum=0.9, nesterov=true)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from cnndsl.train.choices import Choice

C = TypeVar("C", bound="Choice")
WORDS = {"true": True, "false": False}


def chosen(base: type[C], text: str, **settings: Any) -> C:
    """The choice of that text, with more settings. Raises CnnError (E521 to E523)."""
    from cnndsl.train.choices import choose

    name, given = _call(base, text)
    return choose(base, name, **given, **{key: value for key, value in settings.items() if key not in given})


def _call(base: type[Choice], text: str) -> tuple[str, dict[str, Any]]:
    """The name and the settings; a text of another form is taken for a name, and refused as one."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.args:
            return tree.func.id, {item.arg or "**": _value(base, item.value) for item in tree.keywords}
    except (SyntaxError, ValueError):
        pass
    return text.strip(), {}


def _value(base: type[Choice], tree: ast.expr) -> Any:
    """A literal, or the name or the call of another choice of the same kind."""
    if isinstance(tree, ast.Name):
        return WORDS.get(tree.id, tree.id)
    return chosen(base, ast.unparse(tree)) if isinstance(tree, ast.Call) else ast.literal_eval(tree)
