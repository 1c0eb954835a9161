"""The formats for programs, and how formats are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

import cnndsl.render
from cnndsl.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from cnndsl.render import formats, load
from cnndsl.render import render as rendered
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


def test_jsonl_is_an_object_a_line() -> None:
    lines = load("jsonl").render_all([UNKNOWN, NOWHERE]).split("\n")
    assert [json.loads(line) for line in lines] == document()["diagnostics"]


ELSEWHERE = Source("more nets/ü%.cnn", "net B { add { conv(1, 2) | id } }\n")
TWO_FILES = Diagnostic(
    "E305",
    Severity.ERROR,
    "they do not fit: 100%, a, b",
    (Label(Span(ELSEWHERE, 14, 24), "4x4", primary=True), Label(TYPO, "")),
    fixes=(Fix("both", (Edit(Span(ELSEWHERE, 18, 18), "x"), Edit(TYPO, "relu"))),),
)
ADVICE = Diagnostic("W310", Severity.ADVICE, "half of it", (Label(TYPO, "here", primary=True),))
EVERY = [UNKNOWN, NOWHERE, TWO_FILES, ADVICE, ADVICE]


def sarif(found: list[Diagnostic]) -> Any:
    text = rendered("sarif", found, ["nets/a.cnn", "more nets/ü%.cnn"])
    assert text is not None
    return json.loads(text)


@pytest.mark.parametrize("found", [[], [UNKNOWN], EVERY], ids=["none", "one", "every"])
def test_sarif_is_what_its_schema_says(found: list[Diagnostic]) -> None:
    schema = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(sarif(found))


def test_sarif_counts_characters_and_names_files_by_uri() -> None:
    (run,) = sarif(EVERY)["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [item["location"]["uri"] for item in run["artifacts"]] == ["nets/a.cnn", "more%20nets/%C3%BC%25.cnn"]
    typo, nowhere, two, *advice = run["results"]
    region = {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 9}
    place = {"artifactLocation": {"uri": "nets/a.cnn"}, "region": region}
    assert typo["locations"] == [{"physicalLocation": place}] and nowhere["locations"] == []
    assert two["relatedLocations"][0]["physicalLocation"] == place
    assert [item["level"] for item in (typo, nowhere, advice[0])] == ["error", "warning", "note"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["E201", "E305", "W001", "W310"] and rules[two["ruleIndex"]] == "E305"
    changes = two["fixes"][0]["artifactChanges"]
    assert [change["artifactLocation"]["uri"] for change in changes] == ["more%20nets/%C3%BC%25.cnn", "nets/a.cnn"]
    assert changes[1]["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "relu"}}]


def test_github_escapes_what_would_end_a_command() -> None:
    lines = load("github").render_all(EVERY).split("\n")
    assert len(lines) == len(EVERY)
    assert lines[0] == (
        "::error title=E201%3A no layer called `rleu`%0Aat all,file=nets/a.cnn,line=2,col=5,endLine=2,endColumn=9"
        "::no layer called `rleu`%0Aat all%0Awhy%0Ahelp: did you mean `relu`?"
    )
    assert lines[1] == "::warning title=W001%3A nowhere::nowhere"
    assert "title=E305%3A they do not fit%3A 100%25%2C a%2C b," in lines[2] and lines[2].endswith("100%25, a, b")
    assert lines[3].startswith("::notice ")


def test_gitlab_has_a_fingerprint_for_each_that_lines_elsewhere_do_not_change() -> None:
    found = json.loads(load("gitlab").render_all(EVERY))
    assert [item["severity"] for item in found] == ["critical", "minor", "critical", "info", "info"]
    assert found[0]["location"] == {"path": "nets/a.cnn", "lines": {"begin": 2}}
    assert len({item["fingerprint"] for item in found}) == len(EVERY)
    moved = Source(SOURCE.name, "\n\n" + SOURCE.text)
    later = UNKNOWN.replace(labels=(Label(Span(moved, 14, 18), "", primary=True),))
    (again,) = json.loads(load("gitlab").render_all([later]))
    assert again["fingerprint"] == found[0]["fingerprint"] and again["location"]["lines"] == {"begin": 4}
    assert json.loads(rendered("gitlab", [], []) or "") == []


def test_junit_has_a_suite_for_each_file_and_a_failure_for_each_error() -> None:
    text = rendered("junit", [*EVERY, UNKNOWN.replace(title='a\x00b\ud800 <&">')], ["clean.cnn", "nets/a.cnn"])
    report = ElementTree.fromstring((text or "").encode())
    suites = {suite.get("name"): suite for suite in report}
    assert list(suites) == ["clean.cnn", "nets/a.cnn", "cnnc", ELSEWHERE.name]
    (passed,) = suites["clean.cnn"]
    assert len(passed) == 0
    assert report.get("tests") == "7" and report.get("failures") == "3" == str(len(list(report.iter("failure"))))
    messages = [failure.get("message") for failure in report.iter("failure")]
    assert messages[1] == 'a\ufffdb\ufffd <&">'
    assert sum(int(suite.get("tests") or 0) for suite in report) == len(list(report.iter("testcase"))) == 7


def test_a_document_is_printed_of_nothing_too() -> None:
    printed = {name for name in formats() if rendered(name, [], []) is not None}
    assert printed == {"gitlab", "junit", "sarif"}


def test_every_module_that_renders_is_a_format() -> None:
    folder = Path(cnndsl.render.__file__).parent
    renders = [path.stem for path in folder.glob("*.py") if "\ndef render_all(" in path.read_text()]
    assert formats() == sorted(renders)
    assert {"text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit"} <= set(formats())
    for name in formats():
        assert "nowhere" in load(name).render_all([NOWHERE])
        assert isinstance(load(name).render_all([]), str)
