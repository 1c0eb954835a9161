"""What must hold for any text: it is examined as `cnnc check`, `fmt`, `summary`, `rf` and `memory` would."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import FrameType

from cnndsl.analysis.cost import cost
from cnndsl.analysis.memory import memory
from cnndsl.analysis.receptive_field import receptive_field
from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.elaborate import Elaboration
from cnndsl.files import source_of_bytes
from cnndsl.format import formatted
from cnndsl.graph import Graph
from cnndsl.lints import every_lint
from cnndsl.parse import parse
from cnndsl.pipeline import check
from cnndsl.pipeline import parse as load
from cnndsl.render import concise, json, text
from cnndsl.render.summary import summary
from cnndsl.source import Source, Span
from cnndsl.syntax import File, same_tree
from cnndsl.train.optimizers import optimizer

#: seconds of CPU time that a stage may take for one input
LIMIT = 2.0
#: every lint, as `--select all`
RULES = {rule: rule.severity for rule in every_lint()}
ADAM = optimizer("adam")
#: one message in two is shown in a terminal, too
WIDTHS = (None, 40, None, 80)
#: imports of an input are looked for here, where nothing is, and in the zoo
EMPTY = tempfile.TemporaryDirectory(prefix="cnndsl-fuzz-")
#: a program that asks for more layers than this by repetition, joins of labels not counted, may take longer than LIMIT:
#: with every lint a node takes a seventh of a millisecond, in a summary a third, either twice that on a busy machine
LARGE = 4_000


class Violation(AssertionError):
    """Something that holds for every input does not hold for one."""


class Hang(BaseException):
    """A stage took too long; no `except Exception` may swallow it."""


def examine(data: bytes) -> str:
    """Raises Violation, Hang, or whatever exception escapes; gives in a word how far the input came.

    The words: "unreadable", "broken" (mistakes of syntax), "refused" (other errors), "checked"; and "large" for
    a program that asks for so many layers that it may take its time.
    """
    try:
        source = source_of_bytes(data, "input.cnn")
    except CnnError as error:
        _said(error.diagnostics)
        return "unreadable"
    try:
        return _examine(source)
    except Hang:
        if _layers(source) > LARGE:
            return "large"
        raise


def _examine(source: Source) -> str:
    with limited():
        checked = check(source, folder=EMPTY.name, rules=RULES)
    with limited():
        _said(checked.diagnostics)
    if checked.module is None or any(diagnostic.code.startswith("E1") for diagnostic in checked.diagnostics):
        if not checked.failed:
            raise Violation("there is no tree, and no error says why")
        return "broken"
    with limited():
        _formats(source, checked.module.file)
    for net in checked.nets:
        if net.graph is not None:
            _analyzed(net.graph)
        elif not checked.failed:
            raise Violation("no error is said, and a net has no graph")
    return "refused" if checked.failed else "checked"


def _layers(source: Source) -> int:
    """How many layers the nets of a source ask for together, at most."""
    with limited():
        module, _ = load(source, EMPTY.name)
        return sum(Elaboration(net).estimate() for net in module.nets) if module else 0


@contextmanager
def limited() -> Iterator[None]:
    """Ends what is inside with Hang after LIMIT seconds of CPU time; without POSIX timers it does nothing."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _too_long(_number: int, frame: FrameType | None) -> None:
    where = f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "?"
    raise Hang(f"more than {LIMIT:g} s of CPU time, at {where}")


if hasattr(signal, "SIGVTALRM"):
    signal.signal(signal.SIGVTALRM, _too_long)


def _said(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Every message has a place within its text, repairs too, and can be shown in every way."""
    for diagnostic in diagnostics:
        about_no_file = diagnostic.code.startswith("E0")
        if not diagnostic.labels and not about_no_file:
            raise Violation(f"{diagnostic.code} has no place: {diagnostic.title}")
        if not diagnostic.title.strip():
            raise Violation(f"{diagnostic.code} has no title")
        for label in diagnostic.labels:
            _within(label.span, diagnostic)
        for fix in diagnostic.fixes:
            spans = sorted((edit.span.start, edit.span.end) for edit in fix.edits)
            for edit in fix.edits:
                _within(edit.span, diagnostic)
            if any(one[1] > other[0] for one, other in pairwise(spans)):
                raise Violation(f"{diagnostic.code}: edits of one fix overlap: {spans}")
    json.render_all(diagnostics).encode("utf-8")  # with the text of each in it
    concise.render_all(diagnostics).encode("utf-8")
    width = WIDTHS[sum(len(diagnostic.title) for diagnostic in diagnostics) % len(WIDTHS)]
    if width:
        text.render_all(diagnostics, width=width, color=True).encode("utf-8")


def _within(span: Span, diagnostic: Diagnostic) -> None:
    if not 0 <= span.start <= span.end <= len(span.source.text):
        raise Violation(f"{diagnostic.code} points at {span.start}:{span.end} of {len(span.source.text)} characters")


def _formats(source: Source, tree: File) -> None:
    """Formatting keeps the tree of a program and changes nothing the second time."""
    once = Source(source.name, formatted(source))
    again, _ = parse(once)
    if not same_tree(tree, again):
        raise Violation("formatting changes the tree")
    if formatted(once) != once.text:
        raise Violation("formatting twice changes the text")


def _analyzed(graph: Graph) -> None:
    """The analyses end with a value, or with diagnostics that hold to the same.

    The page of `summary` takes as long as all the rest: it is drawn for one graph in eight.
    """
    drawn = (summary,) if sum(len(node.path) for node in graph) % 8 == 0 else ()
    for analysis in (cost, receptive_field, _memory, *drawn):
        try:
            with limited():
                analysis(graph)
        except CnnError as error:
            _said(error.diagnostics)


def _memory(graph: Graph) -> None:
    memory(graph, ADAM, batch=1, dtype="float32", loss="cross_entropy")
