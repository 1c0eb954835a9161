"""What the compiler says: data only. `render/` prints it, `errors/` and `lints/` make it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from cnndsl.record import Record
from cnndsl.source import Source, Span


class Severity(StrEnum):
    """How bad it is: an error stops compilation, a warning is a certain defect, advice is asked for."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Label(Record):
    """A place in a source with a few words about it; the primary one is where the message points."""

    span: Span
    text: str = ""
    primary: bool = False


class Edit(Record):
    """Replace the characters of `span` by `text` (an empty span inserts)."""

    span: Span
    text: str


class Fix(Record):
    """A repair: what it does, in words, and the edits that do it.

    `safe` means that it changes nothing but what is wrong, so that `--fix` may apply it unasked.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Diagnostic(Record):
    """One message: a code, a title, labelled places, notes (why) and helps (what to do)."""

    code: str
    severity: Severity
    title: str
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    def __hash__(self) -> int:
        return hash((self.code, self.title, self.span))  # of hundreds with their repairs, in a tenth of the time

    @property
    def span(self) -> Span | None:
        """Where the message points: its primary label's place, or none for a message about no file."""
        for label in self.labels:
            if label.primary:
                return label.span
        return self.labels[0].span if self.labels else None

    @property
    def source(self) -> Source | None:
        return self.span.source if self.span else None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The message for an IPython without pictures, as `cnnc check` prints it."""
        printer.text(self._repr_mimebundle_()["text/plain"])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The message for Jupyter, as `cnnc check` prints it."""
        from html import escape

        from cnndsl.render.text import render_all

        text = render_all((self,))
        colour = {Severity.ERROR: "#b42318", Severity.WARNING: "#9a6700"}.get(self.severity, "#1f5fd0")
        looks = f"border-left: 4px solid {colour}; padding-left: 1em; white-space: pre-wrap"
        return {"text/plain": text, "text/html": f'<pre style="{looks}">{escape(text)}</pre>'}


class CnnWarning(UserWarning):
    """What the loss or the data show to be probably not what was meant; the text is the rendered message."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__()
        self.diagnostic = diagnostic

    def __str__(self) -> str:
        from cnndsl.render.text import render_all

        return "\n" + render_all((self.diagnostic,))


class CnnError(Exception):
    """Everything that a user can do wrong ends here; the text is the rendered message.

    `diagnostics` holds all that was found, the errors among them at least one.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        from cnndsl.render.text import render_all

        return render_all(self.diagnostics)
