"""A JUnit report: a suite for each file, a failed case for each error, and one that passed for a clean file.

Warnings and advice are cases that pass, with the message as their output: a test report knows no third.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from cnndsl.diagnostic import Diagnostic, Severity
from cnndsl.render.text import render

#: what XML 1.0 cannot hold in any form
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,  # noqa: ARG001  every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    """The document about these diagnostics alone."""
    return document(diagnostics)


def document(diagnostics: Iterable[Diagnostic], files: Iterable[str] = ()) -> str:
    """The report as XML; `files` are those that were checked, whether there is something to say of them or not."""
    suites: dict[str, list[Diagnostic]] = {file: [] for file in files}
    for diagnostic in diagnostics:
        suites.setdefault(diagnostic.span.source.name if diagnostic.span else "cnnc", []).append(diagnostic)
    tests = sum(max(1, len(found)) for found in suites.values())
    failures = sum(_failures(found) for found in suites.values())
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append(f'<testsuites name="cnnc check" tests="{tests}" failures="{failures}">')
    for file, found in suites.items():
        lines += _suite(file, found)
    return "\n".join([*lines, "</testsuites>"])


def _failures(found: list[Diagnostic]) -> int:
    return sum(diagnostic.severity is Severity.ERROR for diagnostic in found)


def _suite(file: str, found: list[Diagnostic]) -> Iterable[str]:
    name = _quoted(file)
    yield f'  <testsuite name={name} tests="{max(1, len(found))}" failures="{_failures(found)}">'
    if not found:
        yield f'    <testcase classname={name} name="check"/>'
    for diagnostic in found:
        place = f":{diagnostic.span.position[0]}" if diagnostic.span else ""
        yield f"    <testcase classname={name} name={_quoted(f'{diagnostic.code}{place}')}>"
        text = escape(_clean(render(diagnostic)))
        if diagnostic.severity is Severity.ERROR:
            yield f'      <failure type="{diagnostic.code}" message={_quoted(diagnostic.title)}>{text}</failure>'
        else:
            yield f"      <system-out>{text}</system-out>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
