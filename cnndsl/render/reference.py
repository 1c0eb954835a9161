"""The whole language as one Markdown page, made from the code: grammar, constructs, layers, messages.

Nothing here is a second copy: the grammar is the file that the parser is built from, the pages of
layers and messages are their classes' docstrings, signatures and arguments are their declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cnndsl import grammar, syntax
from cnndsl.elaborate import bind, operators
from cnndsl.layers.arguments import show_value
from cnndsl.lints import ABOUT, group_of
from cnndsl.lints.base import Lint

if TYPE_CHECKING:
    from cnndsl.errors.base import Problem
    from cnndsl.layers import Called

#: sections of a page that are formulas or programs; the others are sentences
VERBATIM = {"Equation": "text", "Example": "cnn"}


def reference(layers: Mapping[str, type[Called]], problems: Mapping[str, type[Problem]]) -> str:
    """The page, with these layers, values and messages by name and code."""
    parts = (_opening(), _grammar(), _constructs(), _values(), _layers(layers), _messages(problems))
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _opening() -> Iterator[str]:
    yield "# The language of `.cnn` files"
    yield ""
    yield "This page is printed by `cnnc reference`: everything on it comes from the compiler itself."
    yield ""
    for name in ("Grammar", "Constructs", "Values", "Layers", "Messages"):
        yield f"- [{name}](#{name.lower()})"
    yield ""


def _grammar() -> Iterator[str]:
    yield from ("## Grammar", "", "```lark", grammar.text().rstrip(), "```", "")


def _constructs() -> Iterator[str]:
    """What each rule means: the classes that the parser makes, which have the rules' names."""
    yield from ("## Constructs", "", "| rule | what it is |", "|---|---|")
    rules = set(re.findall(r"^[?]?(\w+):|-> (\w+)\s*$", grammar.text(), re.MULTILINE))
    names = {name.replace("_", "") for pair in rules for name in pair}
    for name, item in vars(syntax).items():
        if isinstance(item, type) and issubclass(item, syntax.Node) and name.lower() in names:
            yield f"| {_words(name)} | {_cell(_page(item))} |"
    yield ""


def _values() -> Iterator[str]:
    yield from ("## Values", "")
    order = ("not", "and", "or", "==", "!=", *operators.ORDER, *operators.ARITHMETIC)
    yield f"Operators: {_codes(order)}."
    yield ""
    yield f"Functions: {_codes(operators.BUILTINS)}."
    yield ""
    yield f"Starts of parameters (`init=`): {_codes(operators.STARTS)}, and the functions that give a distribution."
    yield ""
    yield f"Every layer also takes {_codes(f'{name}=' for name in bind.LAYER_COMMON)};"
    yield f"every block or net used as a layer takes {_codes(f'{name}=' for name in bind.BLOCK_COMMON)}."
    yield ""


# ---- layers ----------------------------------------------------------------------------------------


def _layers(layers: Mapping[str, type[Called]]) -> Iterator[str]:
    """The layers by family, and at the end the values that are called like layers."""
    yield from ("## Layers", "")
    by_family = sorted(layers.values(), key=lambda kind: (not _family(kind), _family(kind), kind.kind))
    families = [(family, list(kinds)) for family, kinds in groupby(by_family, _family)]
    for family, kinds in families:
        links = ", ".join(f"[{kind.kind}](#{kind.kind})" for kind in kinds)
        yield f"- {family or 'given weights'}: {links}"
    yield ""
    for _, kinds in families:
        for kind in kinds:
            yield from _layer(kind)


def _family(kind: type[Called]) -> str:
    return getattr(kind, "family", "")


def _layer(kind: type[Called]) -> Iterator[str]:
    yield from (f"### {kind.kind}", "", "```text", kind.signature(), "```", "")
    yield from _markdown(_page(kind))
    if kind.arguments:
        yield from ("| argument | default | what it may be |", "|---|---|---|")
        for name, item in kind.arguments.items():
            letter = f" (textbooks: `{item.letter}`)" if item.letter else ""
            default = "" if item.required else f"`{item.shown or show_value(item.default)}`"
            yield f"| `{name}`{letter} | {default} | {_cell(item.kind.allowed)} |"
        yield ""


# ---- messages --------------------------------------------------------------------------------------


def _messages(problems: Mapping[str, type[Problem]]) -> Iterator[str]:
    """The messages by the module that holds them, which says what they are about."""
    yield from ("## Messages", "")
    modules: dict[str, dict[str, type[Problem]]] = {}
    for code, problem in problems.items():
        modules.setdefault(problem.__module__, {})[code] = problem
    for module, group in modules.items():
        about = (import_module(module).__doc__ or "").partition("\n")[0].partition(": ")[2].rstrip(".")
        yield from (f"### {_escape(about[:1].upper() + about[1:])}", "")
        for code, problem in group.items():
            yield from _message(code, problem)


def _message(code: str, problem: type[Problem]) -> Iterator[str]:
    yield from (f"#### {code}: {_words(problem.__name__)}", "")
    # where all words of a title depend on what is wrong, the page alone says what it is
    if not re.fullmatch(r"\{\w+\}", problem.title):
        yield from (f"`{problem.severity}[{code}]: {_template(problem.title)}`", "")
    yield from _markdown(_page(problem))
    if issubclass(problem, Lint):
        yield from (f"Lint `{problem.name}`: {ABOUT[group_of(code)]}.", "")


def _template(title: str) -> str:
    """A title with `…` for what it names."""
    shown = re.sub(r"(?<!\{)\{\w[^{}]*\}", "…", title)
    return shown.replace("{{", "{").replace("}}", "}").replace("`", "")


# ---- Markdown --------------------------------------------------------------------------------------


def _page(kind: type) -> str:
    from inspect import cleandoc  # 10 ms, on the path of nothing else here

    return cleandoc(kind.__doc__ or "")


def _markdown(page: str) -> Iterator[str]:
    """A docstring: paragraphs, sections headed `Name:`, indented blocks."""
    section = ""
    for block in re.split(r"\n\s*\n", page):
        heading, _, rest = block.partition("\n")
        if rest.startswith(" ") and re.fullmatch(r"\w[\w ]*:", heading):
            section, block = heading[:-1], rest
            yield from (f"**{section}**", "")
        indented = block.startswith(" ")
        if indented and (section in VERBATIM or not section):
            lines = _outdented(block)
            language = "cnn" if lines[0].startswith("net ") else VERBATIM.get(section, "text")
            yield from (f"```{language}", *lines, "```", "")
        else:
            section = section if indented else ""
            yield from (_escape(" ".join(block.split())), "")


def _outdented(block: str) -> list[str]:
    lines = block.split("\n")
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return [line[margin:] for line in lines]


def _escape(text: str) -> str:
    """Text in which Markdown finds no signs of its own, outside of `code`."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*_<>\[\]|#])", r"\\\1", part) for part in parts)


def _cell(text: str) -> str:
    """Text in a table, whose columns `|` would end even within `code`."""
    return re.sub(r"(?<!\\)\|", r"\\|", _escape(" ".join(text.split())))


def _codes(words: Iterable[Any]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _words(name: str) -> str:
    """`TooManyNodes` as words: `too many nodes`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
