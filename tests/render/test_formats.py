"""The formats for programs, and how formats are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cnndsl.render
from cnndsl.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from cnndsl.render import formats, load
from cnndsl.render.text import render
from cnndsl.source import Source, Span

SOURCE = Source("nets/a.cnn", "net A {\n    rleu\n}\n")
TYPO = Span(SOURCE, 12, 16)
UNKNOWN = Diagnostic(
    "E201",
    Severity.ERROR,
    "no layer called `rleu`\nat all",
    (Label(Span(SOURCE, 4, 5), "in this net"), Label(TYPO, "漢", primary=True)),
    ("why",),
    ("did you mean `relu`?",),
    (Fix("write relu", (Edit(TYPO, "relu"),), safe=True),),
)
NOWHERE = Diagnostic("W001", Severity.WARNING, "nowhere")


def document() -> Any:
    return json.loads(load("json").render_all([UNKNOWN, NOWHERE], color=True, width=40))


def test_concise_is_a_line_each() -> None:
    assert load("concise").render_all([UNKNOWN, NOWHERE]).split("\n") == [
        "nets/a.cnn:2:5: error[E201]: no layer called `rleu` at all",
        "warning[W001]: nowhere",
    ]


def test_concise_colours_only_the_head() -> None:
    assert load("concise").render_all([NOWHERE], color=True) == "\x1b[1;33mwarning[W001]\x1b[0m: nowhere"


def test_json_has_schema_1() -> None:
    found = document()
    assert found["schema"] == 1
    place = {"file": "nets/a.cnn", "line": 2, "column": 5, "end_line": 2, "end_column": 9}
    first = {"file": "nets/a.cnn", "line": 1, "column": 5, "end_line": 1, "end_column": 6}
    assert found["diagnostics"][0] == {
        "code": "E201",
        "severity": "error",
        "message": "no layer called `rleu`\nat all",
        **place,
        "labels": [{**first, "text": "in this net", "primary": False}, {**place, "text": "漢", "primary": True}],
        "notes": ["why"],
        "helps": ["did you mean `relu`?"],
        "fixes": [{"title": "write relu", "safe": True, "edits": [{**place, "text": "relu"}]}],
        "rendered": render(UNKNOWN),
    }


def test_json_of_no_place_is_null() -> None:
    found = document()["diagnostics"][1]
    assert [found[key] for key in ("file", "line", "column", "end_line", "end_column")] == [None] * 5
    assert found["labels"] == found["fixes"] == []


def test_json_is_ascii() -> None:
    assert load("json").render_all([UNKNOWN]).isascii()


def test_every_module_that_renders_is_a_format() -> None:
    folder = Path(cnndsl.render.__file__).parent
    renders = [path.stem for path in folder.glob("*.py") if "\ndef render_all(" in path.read_text()]
    assert formats() == sorted(renders)
    assert {"text", "concise", "json"} <= set(formats())
    for name in formats():
        assert "nowhere" in load(name).render_all([NOWHERE])
        assert isinstance(load(name).render_all([]), str)
