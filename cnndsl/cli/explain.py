"""Explain a message, a kind of layer, or a layer of a net step by step; alone, list them.

Examples:
  cnnc explain E301
  cnnc explain conv
  cnnc explain net.cnn conv1
  cnnc explain net.cnn:Net stage2.conv1 --input 64x64x3
  cnnc explain
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from cnndsl.asked import split_name
from cnndsl.cli import _net, _topics
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage, NothingToExplain
from cnndsl.lints import ABOUT, GROUPS, every_lint, group_of, lints
from cnndsl.lints.base import Lint
from cnndsl.render._cells import paint, wrap

if TYPE_CHECKING:
    from cnndsl.errors.base import Problem
    from cnndsl.layers import Called

#: columns of a page where no terminal sets a limit
WIDTH = 100


def arguments(parser: Parser) -> None:
    parser.add_argument("topic", metavar="CODE|LAYER|FILE", nargs="?", help="what to explain: E301, W201, conv, …")
    parser.add_argument("path", metavar="PATH", nargs="?", help="a layer of the file's net, as the summary names it")
    parser.add_argument("--json", action="store_true", help="of a layer of a net: print JSON (schema 1)")
    _net.declare_changes(parser)


def run(options: Any, terminal: Terminal) -> int:
    if options.topic is None:
        _list(terminal)
        return CLEAN
    if split_name(options.topic)[0].endswith(".cnn"):
        _steps(options, terminal)
        return CLEAN
    if options.path is not None or options.json or options.set or options.input:
        wrong = f"only layers of a net have more to say, and `{options.topic}` is no .cnn file"
        raise BadUsage(NOWHERE, "cnnc explain", wrong, "cnnc explain FILE PATH").error()
    problems, layers = _topics.problems(), _topics.layers()
    code = next((rule.code for rule in every_lint() if rule.name == options.topic), options.topic.upper())
    if code in problems:
        _problem(problems[code], terminal)
    elif options.topic in layers:
        _layer(layers[options.topic], terminal)
    else:
        known = (*layers, *problems, *(rule.name for rule in every_lint()))
        meant = _topics.named_elsewhere(options.topic) or options.topic
        from cnndsl.elaborate.foreign import shipped

        net = shipped().get(options.topic.lower())
        raise NothingToExplain(NOWHERE, options.topic, meant, known, net.name if net else "").error()
    return CLEAN


def _steps(options: Any, terminal: Terminal) -> None:
    """The layer at a path of a net, or all its layers, as a lecture would take them apart."""
    from cnndsl.analysis.derivation import derivations
    from cnndsl.render.page import text

    options.file = options.topic
    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    found = derivations(net.graph) if options.path is None else [net.explain(options.path)]
    if options.json:
        import json

        whole = [each.to_dict() for each in found]
        terminal.print(json.dumps(whole if options.path is None else whole[0], indent=2))
        return
    terminal.print("\n\n".join(text(each.page(), width=terminal.width, color=terminal.color) for each in found))


def _problem(kind: type[Problem], terminal: Terminal) -> None:
    title, rest = _page(kind)
    head = f"{kind.severity}[{kind.code}]"
    first, *more = wrap(f"{head}: {title}", terminal.width or WIDTH)
    terminal.print(paint(head, kind.severity.value, terminal.color) + first[len(head) :])
    _paragraphs([*more, *rest], terminal)
    if issubclass(kind, Lint):
        _paragraphs(["", f"This is the lint `{kind.name}`: {ABOUT[group_of(kind.code)]}."], terminal)


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
    for heading, topics in _headed():
        terminal.print(paint(heading, "strong", terminal.color))
        wide = max(map(len, topics), default=0)
        for name, kind in topics.items():
            sentence = _page(kind)[0].partition(". ")[0].rstrip(".")
            about = f"{kind.name}: {sentence}" if issubclass(kind, Lint) else sentence
            terminal.print(f"  {name:<{wide}}  {about}")
        terminal.print()
    terminal.print("`cnnc explain NAME` prints the page of one.")


def _headed() -> Iterator[tuple[str, dict[str, type[Called]] | dict[str, type[Problem]] | dict[str, type[Lint]]]]:
    """All topics under their headings: layers, messages, and the lints by their groups."""
    yield "Layers", _topics.layers()
    problems = _topics.problems()
    yield "Messages", {code: kind for code, kind in problems.items() if not issubclass(kind, Lint)}
    for group in GROUPS.values():
        found = {rule.code: rule for rule in lints(group)}
        if found:
            yield f"Lints: {ABOUT[group]}", found
