"""Problem, the base of every error and warning, and how one is raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from cnndsl.diagnostic import CnnError, Diagnostic, Edit, Fix, Label, Severity
from cnndsl.record import Record
from cnndsl.source import Span


class Site(Record):
    """Where a problem is: the place, and for a layer call the places of its arguments and its trail.

    `arguments` maps an argument's name to the place of its value; `close` is the empty place before
    the call's `)`, or none where the call has no parentheses; `trail` are the sizes that led there
    (`28 -conv 5-> 24 -maxpool 2-> 12`).
    """

    span: Span | None = None
    arguments: Mapping[str, Span] = {}
    close: Span | None = None
    trail: str = ""

    def of(self, argument: str) -> Span | None:
        """The place of an argument's value if it was written, else the whole place."""
        return self.arguments.get(argument, self.span)

    def edit(self, argument: str, text: str) -> Edit | None:
        """The edit that gives `argument` the value `text`, replacing or adding it; None without a place."""
        if argument in self.arguments:
            return Edit(self.arguments[argument], text)
        if self.close is not None:
            return Edit(self.close, f", {argument}={text}" if self.arguments else f"{argument}={text}")
        return Edit(self.span.after(), f"({argument}={text})") if self.span else None


NOWHERE = Site()


class Problem(Record):
    """Something to tell the user. Subclasses give a `code`, templates, and this text: their page.

    Templates name fields and properties in braces: `title = "no layer called \\`{name}\\`"`.
    Where a template does not do, override `notes`, `helps`, `labels` or `fixes`.
    """

    code: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.ERROR
    title: ClassVar[str] = ""
    label: ClassVar[str] = ""
    note: ClassVar[str] = ""
    help: ClassVar[str] = ""

    where: Site

    def fault(self) -> str:
        """The argument of the call that the primary label points at, if it is about one."""
        return ""

    def format(self, template: str) -> str:
        return template.format_map(_Attributes(self))

    def primary(self) -> Span | None:
        """What the primary label points at."""
        return self.where.of(self.fault()) if self.fault() else self.where.span

    def labels(self) -> Iterable[Label]:
        """The places to show, the primary one first."""
        span = self.primary()
        return (Label(span, self.format(self.label), primary=True),) if span else ()

    def notes(self) -> Iterable[str]:
        """Why: formulas with their numbers, trails, both sides of a disagreement."""
        return (self.format(self.note),) if self.note else ()

    def helps(self) -> Iterable[str]:
        """What to do about it."""
        return (self.format(self.help),) if self.help else ()

    def fixes(self) -> Iterable[Fix]:
        """Edits that mend it, the smallest first."""
        return ()

    def diagnostic(self) -> Diagnostic:
        """This problem as the data that the renderers print."""
        return Diagnostic(
            self.code,
            self.severity,
            self.format(self.title),
            tuple(self.labels()),
            tuple(self.notes()),
            tuple(self.helps()),
            tuple(self.fixes()),
        )

    def placed(self, where: Site) -> Problem:
        """The same problem at a place: layers do not know where they were written."""
        return self.replace(where=where)

    def error(self) -> CnnError:
        """The exception that leaves the compiler."""
        return CnnError([self.diagnostic()])


def meant(suggestion: str | None, otherwise: str) -> str:
    """The label of a name that is not known: what was probably meant, if that is known."""
    return f"did you mean `{suggestion}`?" if suggestion else otherwise


def among(known: Iterable[str], suggestion: str, more: str = "") -> Iterable[str]:
    """What helps where a name is not one of those that are known; `more` ends their list."""
    if suggestion:
        yield f"did you mean `{suggestion}`?"
    yield f"known: {', '.join(known)}{more}"


def respell(where: Site, suggestion: str | None) -> Iterable[Fix]:
    """The safe repair of a misspelt name."""
    if suggestion and where.span:
        yield Fix(f"write `{suggestion}`", (Edit(where.span, suggestion.rstrip("=")),), safe=True)


class Refused(Exception):
    """Raised inside a stage to give up on one construct; the stage catches it, reports and goes on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class _Attributes(dict[str, Any]):
    """Looks the names of a template up as attributes, properties included."""

    def __init__(self, owner: object) -> None:
        super().__init__()
        self.owner = owner

    def __missing__(self, name: str) -> Any:
        return getattr(self.owner, name)
