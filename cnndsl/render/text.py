"""Diagnostics as people read them: rustc's anatomy, in colour only when asked for.

error[E301]: the kernel of `conv` does not fit: it covers 5 cells, its input has 4
 --> net.cnn:5:14
  |
5 |     conv(64, 5)
  |              ^ covers 5 cells of height, the input is 4x4x16
  |
  = note: sizes that led here: 28 -conv 5-> 24
  = help: pad=1 makes it fit
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.diagnostic import Diagnostic, Fix, Severity
from cnndsl.render._cells import paint, visible, wrap
from cnndsl.render._excerpt import CODE, Printed, excerpt, place
from cnndsl.render._repair import repair
from cnndsl.source import Source

#: what a summary calls the diagnostics of each severity, worst first
NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "suggestion"}


def render_all(diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int | None = None) -> str:
    """All diagnostics with an empty line between them, and how many there are if there are several.

    `width` is the terminal's, in cells; None breaks no text and cuts only very long source lines.
    """
    found = list(diagnostics)
    parts = [render(diagnostic, color=color, width=width) for diagnostic in found]
    return "\n\n".join([*parts, summary(found, color=color)] if len(found) > 1 else parts)


def render(diagnostic: Diagnostic, *, color: bool = False, width: int | None = None) -> str:
    """One diagnostic, without a final line end."""
    return "\n".join(_Page(diagnostic, color, width).lines())


def summary(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """`2 errors, 1 warning`; empty for none."""
    counts = dict.fromkeys(NAMES, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return ", ".join(
        paint(f"{count} {NAMES[severity]}{'' if count == 1 else 's'}", severity.value, color)
        for severity, count in counts.items()
        if count
    )


class _Page:
    def __init__(self, diagnostic: Diagnostic, color: bool, width: int | None) -> None:
        self.diagnostic = diagnostic
        self.style = diagnostic.severity.value
        self.color = color
        self.width = max(width, 20) if width else None
        places = [place(label) for label in diagnostic.labels]
        edited = [edit.span.end_position[0] + edit.text.count("\n") for fix in diagnostic.fixes for edit in fix.edits]
        self.digits = len(str(max([spot[2] for spot in places] + edited, default=0)))
        #: cells right of the gutter `12 | `
        self.room = self.width - self.digits - 3 if self.width else None

    def lines(self) -> Iterator[str]:
        yield from self.header()
        labels = self.diagnostic.labels
        main = self.diagnostic.source
        sources = sorted(dict.fromkeys(label.span.source for label in labels), key=lambda source: source is not main)
        for source in sources:
            yield from self.section(source)
        if sources and (self.diagnostic.notes or self.diagnostic.helps):
            yield self.gutter("")
        for word, style, texts in (("note", "strong", self.diagnostic.notes), ("help", "help", self.diagnostic.helps)):
            for text in texts:
                yield from self.remark(word, style, text)
        for fix in self.diagnostic.fixes:
            yield from self.fix(fix)

    def header(self) -> Iterator[str]:
        code = f"[{self.diagnostic.code}]" if self.diagnostic.code else ""
        head = f"{self.style}{code}"
        first, *rest = wrap(f"{head}: {self.diagnostic.title}", self.width)
        if self.width and rest:
            first, *rest = wrap(f"{head}: {self.diagnostic.title}".replace("\n", " "), self.width - 2)
        yield paint(head, self.style, self.color) + paint(first[len(head) :], "strong", self.color)
        for line in rest:
            yield "  " + paint(line, "strong", self.color)

    def section(self, source: Source) -> Iterator[str]:
        """The place in one source and its excerpt."""
        labels = [label for label in self.diagnostic.labels if label.span.source is source]
        main = source is self.diagnostic.source
        span = self.diagnostic.span if main and self.diagnostic.span else labels[0].span
        arrow = paint(" " * self.digits + ("-->" if main else ":::"), "gutter", self.color)
        yield f"{arrow} {visible(str(span))}"
        yield self.gutter("")
        for printed in excerpt(source, labels, self.style, self.room):
            yield self.row(printed)

    def row(self, printed: Printed) -> str:
        return f"{self.gutter(printed.gutter)} {printed.row.paint(self.color)}".rstrip()

    def gutter(self, text: str) -> str:
        """`12 |`, `12 +`, `12 -`, or dots."""
        if text == "...":
            return paint(text.ljust(self.digits + 2), "gutter", self.color)
        number, _, sign = text.partition(" ")
        bar = {"+": "added", "-": "removed"}.get(sign)
        painted = paint(f"{number:>{self.digits}}" + ("" if bar else " |"), "gutter", self.color)
        return f"{painted} {paint(sign, bar, self.color)}" if bar else painted

    def remark(self, word: str, style: str, text: str) -> Iterator[str]:
        """`= note: …`, its further lines under its first."""
        indent = self.digits + 1
        lead = indent + len(f"= {word}: ")
        sign = paint("=", "gutter", self.color)
        for number, line in enumerate(wrap(text, self.width - lead if self.width else None)):
            if number == 0:
                yield f"{' ' * indent}{sign} {paint(f'{word}:', style, self.color)} {line}".rstrip()
            else:
                yield f"{' ' * lead}{line}".rstrip()

    def fix(self, fix: Fix) -> Iterator[str]:
        first, *rest = wrap(f"help: {fix.title}", self.width)
        yield paint("help:", "help", self.color) + first[len("help:") :]
        yield from ("  " + line for line in rest)
        for source, rows in repair(fix, self.room or CODE):
            if source is not self.diagnostic.source:
                yield paint(" " * self.digits + "-->", "gutter", self.color) + f" {visible(source.name)}"
            yield self.gutter("")
            for printed in rows:
                yield self.row(printed)
