"""What each rule of the grammar makes of its parts: a class of the tree, filled in order, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnndsl import syntax
from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.spelling import ForeignWord, NumberTooLarge
from cnndsl.errors.syntax import PositionalAfterNamed, Remedy
from cnndsl.parse.lexer import Token
from cnndsl.source import Source, Span

MAX_DIGITS = 300
"""The digits that a whole number may have: a decimal could hold no more, and far fewer make sense."""

SCALES, SUFFIXES = " KMGT", "KMGTiB"
"""Behind a number: K, M, G, T are the first to fourth power of 1,000, or with `i` (`GiB`) of 1,024."""

PYTHON_WORDS = {"True": "true", "False": "false", "None": "none"}


class Nodes:
    """The rules that do more than to fill a class; a method is named after its rule."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def else_if(self, span: Span, choice: syntax.Choice) -> syntax.Body:
        return syntax.Body(span, (syntax.Pipeline(span, None, (choice,)),))

    def name(self, span: Span, name: syntax.Name) -> syntax.Expression:
        """A name as a value; Python's constants are meant as ours."""
        meant = PYTHON_WORDS.get(name.text)
        if meant is None:
            return name
        self.problems.append(python_word(name, meant))
        return syntax.NoneValue(span) if meant == "none" else syntax.Boolean(span, meant == "true")

    def number(self, span: Span, token: Token) -> syntax.Number:
        text = token.text
        if text.isdigit():
            return syntax.Number(span, self._whole(span, text), text)
        digits = text.rstrip(SUFFIXES)
        if digits != text:
            return syntax.Number(span, self._scaled(span, digits, text[len(digits) :]), text)
        value = float(text)
        if value == float("inf"):
            self.problems.append(NumberTooLarge(Site(span), what="a decimal", limit="1e308"))
            value = 0.0
        return syntax.Number(span, value, text)

    def _scaled(self, span: Span, digits: str, suffix: str) -> int | float:
        """`5M` is 5,000,000, `1.5K` 1,500 and `2GiB` 2 * 1,024**3: exact where it is whole."""
        whole, _, decimals = digits.partition(".")
        power = SCALES.index(suffix[0])
        value = self._whole(span, whole + decimals) * int((1024 if "i" in suffix else 1000) ** power)
        parts = int(10 ** len(decimals))
        return value / parts if value % parts else value // parts

    def size(self, span: Span, token: Token) -> syntax.Size:
        extents = token.text.split("x")
        return syntax.Size(span, tuple(None if extent == "?" else self._whole(span, extent) for extent in extents))

    def _whole(self, span: Span, digits: str) -> int:
        if len(digits) <= MAX_DIGITS:
            return int(digits)
        self.problems.append(NumberTooLarge(Site(span), what=f"{len(digits):,} digits", limit=f"{MAX_DIGITS} digits"))
        return 1

    def string(self, span: Span, token: Token) -> syntax.String:
        return syntax.String(span, token.text.strip('"'))

    def boolean(self, span: Span, token: Token) -> syntax.Boolean:
        return syntax.Boolean(span, token.text == "true")

    def unary(self, span: Span, operator: Token, operand: syntax.Expression) -> syntax.Unary:
        return syntax.Unary(span, operator.text, operand)

    def binary(self, span: Span, left: syntax.Expression, operator: Token, right: syntax.Expression) -> syntax.Binary:
        return syntax.Binary(span, operator.text, left, right)

    def call(self, span: Span, callee: syntax.Expression, arguments: tuple[syntax.Argument, ...]) -> syntax.Call:
        """An argument is added behind the last one, which may have a comma or a new line after it."""
        close = arguments[-1].span.after() if arguments else Span(self.source, span.end - 1, span.end - 1)
        named = next((argument for argument in arguments if argument.name), None)
        for argument in arguments:
            if named and argument.name is None and argument.span.start > named.span.start:
                self.problems.append(PositionalAfterNamed(Site(argument.span), named=named.span))
                break
        return syntax.Call(span, callee, arguments, close)


def python_word(name: syntax.Name, meant: str) -> ForeignWord:
    fix = Fix(f"write `{meant}`", (Edit(name.span, meant),), safe=True)
    return ForeignWord(Site(name.span), Remedy(fix), found=f"`{name.text}`", instead=f"here it is `{meant}`")


Make = Callable[[Nodes, Span, Sequence[Any]], Any]


def maker(rule: str) -> tuple[Make, bool]:
    """How a rule's parts become its value, and whether that is a node: a method, a class, else a tuple."""
    method = getattr(Nodes, rule, None)
    kind = getattr(syntax, "".join(word.capitalize() for word in rule.split("_")), None)
    if method is not None:
        return lambda nodes, span, parts: method(nodes, span, *parts), True
    if kind is None or not issubclass(kind, syntax.Node):
        return _tuple, False
    if issubclass(kind, syntax.Definition):
        return lambda _, span, parts: kind(span, parts[0], documentation(span), *parts[1:]), True
    if len(kind.fields) == 2 and kind.__annotations__[kind.fields[1]].startswith("tuple"):
        return lambda _, span, parts: kind(span, tuple(parts)), True
    return lambda _, span, parts: kind(span, *parts), True


def _tuple(_: Nodes, __: Span, parts: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(parts)


def documentation(definition: Span) -> str:
    """The text of the `##` lines directly above a definition."""
    text = definition.source.text
    start = text.rfind("\n", 0, definition.start) + 1
    if text[start : definition.start].strip():
        return ""
    found: list[str] = []
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[above : start - 1].strip()
        if not line.startswith("##") or line.startswith("###"):
            break
        found.append(line[2:].removeprefix(" "))
        start = above
    return "\n".join(reversed(found))
