"""Explain a message by its code, or a layer by its name; alone, list both.

Examples:
  cnnc explain E301
  cnnc explain conv
  cnnc explain
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _topics
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NothingToExplain
from cnndsl.render._cells import paint, wrap

if TYPE_CHECKING:
    from cnndsl.errors.base import Problem
    from cnndsl.layers import Called

#: columns of a page where no terminal sets a limit
WIDTH = 100


def arguments(parser: Parser) -> None:
    parser.add_argument("topic", metavar="CODE|LAYER", nargs="?", help="what to explain: E301, W201, conv, …")


def run(options: Any, terminal: Terminal) -> int:
    if options.topic is None:
        _list(terminal)
        return CLEAN
    problems, layers = _topics.problems(), _topics.layers()
    if options.topic.upper() in problems:
        _problem(problems[options.topic.upper()], terminal)
    elif options.topic in layers:
        _layer(layers[options.topic], terminal)
    else:
        known = (*layers, *problems)
        meant = _topics.named_elsewhere(options.topic) or options.topic
        raise NothingToExplain(NOWHERE, topic=options.topic, meant=meant, topics=known).error()
    return CLEAN


def _problem(kind: type[Problem], terminal: Terminal) -> None:
    title, rest = _page(kind)
    head = f"{kind.severity}[{kind.code}]"
    first, *more = wrap(f"{head}: {title}", terminal.width or WIDTH)
    terminal.print(paint(head, kind.severity.value, terminal.color) + first[len(head) :])
    _paragraphs([*more, *rest], terminal)


def _layer(kind: type[Called], terminal: Terminal) -> None:
    title, rest = _page(kind)
    for line in wrap(kind.signature(), terminal.width or WIDTH):
        terminal.print(paint(line, "strong", terminal.color))
    _paragraphs(["", title, *rest], terminal)
    lines = [
        f"    {name}{f' (the textbooks call it {item.letter})' if item.letter else ''}: {item.kind.allowed}"
        for name, item in kind.arguments.items()
    ]
    if lines:
        _paragraphs(["", "Arguments:", *lines], terminal)


def _page(kind: type) -> tuple[str, list[str]]:
    """The first paragraph of a page, on one line, and the lines behind it."""
    lines = cleandoc(kind.__doc__ or "").split("\n")
    end = lines.index("") if "" in lines else len(lines)
    return " ".join(lines[:end]), lines[end:]


def _paragraphs(lines: list[str], terminal: Terminal) -> None:
    """The rest of a page; a line that ends with a colon and has no indentation heads a section."""
    for heading, line in _flowing(lines):
        for part in wrap(line, terminal.width or WIDTH):
            terminal.print(paint(part, "strong", terminal.color and heading))


def _flowing(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """Headings, whole paragraphs, and indented lines (formulas, programs) as they are."""
    paragraph: list[str] = []
    for line in lines:
        heading = line.endswith(":") and not line.startswith(" ") and not paragraph
        if line and not heading and not line.startswith(" "):
            paragraph.append(line)
            continue
        if paragraph:
            yield False, " ".join(paragraph)
            paragraph = []
        yield heading, line
    if paragraph:
        yield False, " ".join(paragraph)


def _list(terminal: Terminal) -> None:
    for heading, topics in (("Layers", _topics.layers()), ("Messages", _topics.problems())):
        terminal.print(paint(heading, "strong", terminal.color))
        wide = max(map(len, topics), default=0)
        for name, kind in topics.items():
            sentence = _page(kind)[0].partition(". ")[0].rstrip(".")
            terminal.print(f"  {name:<{wide}}  {sentence}")
        terminal.print()
    terminal.print("`cnnc explain NAME` prints the page of one.")
