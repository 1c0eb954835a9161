"""Messages as people read them: rustc's anatomy."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.diagnostic import CnnError, Diagnostic, Edit, Fix, Label, Severity
from cnndsl.render.text import render, render_all, summary
from cnndsl.source import Source, Span

LENET = Source(
    "lenet.cnn",
    "net LeNet {\n    input 28x28x1\n    add {\n        | conv(6, 5)\n        | id\n    }\n    relu\n}\n",
)


def span(text: str, source: Source = LENET, *, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def error(*labels: Label, title: str = "no", **more: tuple[object, ...]) -> Diagnostic:
    return Diagnostic("E300", Severity.ERROR, title, labels, **more)


def shown(*lines: str) -> str:
    return "\n".join(lines)


def test_the_anatomy() -> None:
    diagnostic = Diagnostic(
        "E304",
        Severity.ERROR,
        "the branches of `add` differ",
        (Label(span("conv(6, 5)"), "24x24x6", primary=True),),
        ("add needs equal extents",),
        ("pad the convolution",),
        (Fix("pad it: pad=2", (Edit(Span(LENET, span("5)").start + 1, span("5)").start + 1), ", pad=2"),)),),
    )
    assert render(diagnostic) == shown(
        "error[E304]: the branches of `add` differ",
        " --> lenet.cnn:4:11",
        "  |",
        "4 |         | conv(6, 5)",
        "  |           ^^^^^^^^^^ 24x24x6",
        "  |",
        "  = note: add needs equal extents",
        "  = help: pad the convolution",
        "help: pad it: pad=2",
        "  |",
        "4 +         | conv(6, 5, pad=2)",
        "  |                    +++++++",
    )


def test_no_place_is_only_the_words() -> None:
    diagnostic = Diagnostic("E001", Severity.ERROR, "there is no file `x.cnn`", (), ("one",), ("two",))
    assert render(diagnostic) == shown("error[E001]: there is no file `x.cnn`", "  = note: one", "  = help: two")


def test_several_labels_on_a_line_hang_below_it() -> None:
    source = Source("a.cnn", "let k = foo(bar, baz)")
    diagnostic = error(
        Label(span("foo", source), "first"),
        Label(span("bar", source), "second", primary=True),
        Label(span("baz", source), "third"),
    )
    assert render(diagnostic) == shown(
        "error[E300]: no",
        " --> a.cnn:1:13",
        "  |",
        "1 | let k = foo(bar, baz)",
        "  |         --- ^^^  --- third",
        "  |         |   |",
        "  |         |   second",
        "  |         first",
    )


def test_labels_of_one_place_are_all_shown() -> None:
    text = render(error(Label(span("relu"), "here", primary=True), Label(span("relu"), "and here")))
    assert "^^^^ " in text
    assert "here" in text and "and here" in text


def test_a_span_over_several_lines_is_tied_by_a_bar() -> None:
    diagnostic = error(Label(span("add {").to(span("}")), "this join", primary=True), Label(span("id"), "28x28x1"))
    assert render(diagnostic) == shown(
        "error[E300]: no",
        " --> lenet.cnn:3:5",
        "  |",
        "3 | /     add {",
        "4 | |         | conv(6, 5)",
        "5 | |         | id",
        "  | |           -- 28x28x1",
        "6 | |     }",
        "  | |_____^ this join",
    )


def test_nested_spans_over_several_lines_have_a_column_each() -> None:
    whole = span("LeNet").to(span("}", nth=1))
    inner = span("{", nth=1).to(span("}"))
    diagnostic = error(Label(inner, "inner", primary=True), Label(whole, "outer"))
    assert render(diagnostic) == shown(
        "error[E300]: no",
        " --> lenet.cnn:3:9",
        "  |",
        "1 |    net LeNet {",
        "  |  ______-",
        "2 | |      input 28x28x1",
        "3 | |      add {",
        "  | | _________^",
        "4 | ||         | conv(6, 5)",
        "5 | ||         | id",
        "6 | ||     }",
        "  | ||_____^ inner",
        "7 | |      relu",
        "8 | |  }",
        "  | |__- outer",
    )


def test_lines_between_distant_labels_are_left_out() -> None:
    source = Source("far.cnn", "".join(f"line{n}\n" for n in range(1, 121)))
    text = render(error(Label(span("line5\n", source), "near", primary=True), Label(span("line112", source), "far")))
    assert text == shown(
        "error[E300]: no",
        "   --> far.cnn:5:1",
        "    |",
        "  5 | line5",
        "    | ^^^^^ near",
        "...",
        "112 | line112",
        "    | ------- far",
    )


def test_a_single_line_between_labels_is_shown() -> None:
    text = render(error(Label(span("conv"), primary=True), Label(span("}"))))
    assert "5 |         | id" in text


def test_another_file_has_an_excerpt_of_its_own() -> None:
    other = Source("blocks.cnn", "block b(k) { relu }\n")
    text = render(
        error(Label(span("k", other, nth=1), "declared here"), Label(span("relu"), "used here", primary=True))
    )
    assert text.index(" --> lenet.cnn:7:5") < text.index(" ::: blocks.cnn:1:9")
    assert "1 | block b(k) { relu }" in text


def test_the_end_of_the_file_can_be_pointed_at() -> None:
    source = Source("open.cnn", "net A {\n    input 3")
    text = render(error(Label(Span(source, len(source.text), len(source.text)), "expected `}`", primary=True)))
    assert text.endswith("2 |     input 3\n  |            ^ expected `}`")


def test_an_empty_file_can_be_pointed_at() -> None:
    source = Source("empty.cnn", "")
    assert render(error(Label(Span(source, 0, 0), "nothing here", primary=True))).endswith("  | ^ nothing here")


def test_a_span_that_ends_behind_a_line_end_stays_on_its_line() -> None:
    assert "| ^^^^^^^^^^^" in render(error(Label(span("net LeNet {\n"), primary=True)))


def test_windows_line_ends_are_not_shown() -> None:
    source = Source("dos.cnn", "net A {\r\n  relu\r\n}\r\n")
    assert render(error(Label(span("relu", source), "x", primary=True))).endswith("2 |   relu\n  |   ^^^^ x")


# ---- cells ---------------------------------------------------------------------------------------


def cells(text: str) -> list[str]:
    """A text as a terminal lays it out, by the Unicode tables: an oracle beside the renderer."""
    found: list[str] = []
    for character in text:
        if combining(character) and found:
            continue
        found += [character, ""] if east_asian_width(character) in "WF" else [character]
    return found


def under_carets(text: str) -> str:
    """What stands above the carets of a message with one label on one line."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if re.search(r"\| .*\^", line) and n > 3)
    marks, code = lines[at], cells(lines[at - 1])
    return "".join(code[marks.index("^") : marks.rindex("^") + 1])


@pytest.mark.parametrize(
    ("before", "meant"),
    [
        ("    ", "conv"),
        ("\t", "conv"),
        ("\t\t let\tx = ", "conv"),
        ('let 漢字 = "日本語" ', "conv"),
        ("let cafe\u0301 = ", "conv"),
        ("x = ", "漢字"),
        ("🙂🙂 ", "conv"),
    ],
)
def test_carets_stand_under_what_they_mean(before: str, meant: str) -> None:
    source = Source("w.cnn", f"{before}{meant} -> relu")
    text = render(error(Label(Span(source, len(before), len(before) + len(meant)), primary=True)))
    assert under_carets(text) == meant


def test_control_characters_and_turned_text_are_harmless() -> None:
    source = Source("evil\x1b[2J.cnn", "let \x1b[31m = \u202e'x' ")
    text = render(error(Label(span("'x'", source), "\x1b[0m", primary=True), title="a \x07 bell"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", text)
    assert under_carets(text) == "'x'"


def test_a_long_line_is_cut_around_the_label() -> None:
    source = Source("long.cnn", "let a = " + "1 + " * 500 + "wrong" + " + 2" * 500)
    for width in (40, 80, None):
        text = render(error(Label(span("wrong", source), "this", primary=True)), width=width)
        assert under_carets(text) == "wrong"
        code = text.split("\n")[3]
        assert code.startswith("1 | ...") and code.endswith("...")
        assert len(code) <= (width or 150)


def test_a_line_of_megabytes_is_no_trouble() -> None:
    source = Source("huge.cnn", "x" * 1_000_000 + " wrong " + "y" * 1_000_000)
    assert under_carets(render(error(Label(span("wrong", source), primary=True)), width=80)) == "wrong"


# ---- widths --------------------------------------------------------------------------------------


def wide(text: str) -> int:
    return max(len(cells(line)) for line in text.split("\n"))


@pytest.mark.parametrize("width", [40, 60, 80])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    words = "the second branch gives another volume than the first, which `add` cannot bring together "
    fix = Fix(words, (Edit(span("conv(6, 5)"), "conv(6, 5, pad=2, bias=false, dilation=1, groups=1)"),))
    diagnostic = error(
        Label(span("conv(6, 5)"), words, primary=True),
        Label(span("add {").to(span("}")), words),
        title=words,
        notes=(words * 2, "formula:\n    W2 = (W - F + 2P)/S + 1 = (28 - 5 + 2*0)/1 + 1 = 24, which is not 28"),
        helps=(words,),
        fixes=(fix,),
    )
    text = render(diagnostic, width=width)
    assert wide(text) <= width
    flat = re.sub(r"[\s|]+", " ", text)
    assert flat.count("which `add` cannot bring together") == 7


def test_without_a_width_no_words_are_broken() -> None:
    note = "word " * 60 + "end"
    assert note in render(error(notes=(note,)))


def test_lines_of_a_note_stand_under_each_other() -> None:
    text = render(error(Label(span("relu"), primary=True), notes=("one\n  two",), helps=("three\nfour",)))
    assert text.endswith(shown("  = note: one", "            two", "  = help: three", "          four"))


# ---- fixes ---------------------------------------------------------------------------------------


def fixed(*edits: Edit) -> str:
    return render(error(fixes=(Fix("mend it", edits),))).split("help: mend it\n")[1]


def test_a_replacement_shows_before_and_after() -> None:
    assert fixed(Edit(span("relu"), "tanh")) == shown("  |", "7 -     relu", "7 +     tanh").replace(
        "  |", "  --> lenet.cnn\n  |"
    ).replace("  -->", " -->")


def test_a_removed_line_is_only_removed() -> None:
    assert fixed(Edit(span("\n        | id"), "")).endswith("  |\n5 -         | id")


def test_edits_of_several_lines_are_all_shown() -> None:
    text = fixed(Edit(span("LeNet"), "Net5"), Edit(span("relu"), "relu6"))
    for line in ("1 - net LeNet {", "1 + net Net5 {", "7 -     relu", "7 +     relu6"):
        assert line in text


def test_two_insertions_in_a_line_are_both_marked() -> None:
    at = span("conv(6, 5)")
    text = fixed(Edit(Span(LENET, at.start, at.start), "x: "), Edit(Span(LENET, at.end, at.end), " -> relu"))
    assert text.endswith(shown("4 +         | x: conv(6, 5) -> relu", "  |           +++          ++++++++"))


def test_inserted_lines_are_added_lines() -> None:
    at = span("relu")
    text = fixed(Edit(Span(LENET, at.start, at.start), "flatten\n    "))
    assert text.endswith("  |\n7 +     flatten")


# ---- several diagnostics, colour -----------------------------------------------------------------


def test_several_end_with_their_numbers() -> None:
    warning = Diagnostic("W201", Severity.WARNING, "unused")
    advice = Diagnostic("W290", Severity.ADVICE, "consider")
    assert summary([error(), error(), warning, advice]) == "2 errors, 1 warning, 1 suggestion"
    assert render_all([error(), warning]).endswith("\n\n1 error, 1 warning")
    assert render_all([error()]) == "error[E300]: no"
    assert render_all([]) == ""


def test_colour_only_when_asked_and_adds_nothing_else() -> None:
    diagnostic = error(
        Label(span("add {").to(span("}")), "outer"),
        Label(span("conv"), "inner", primary=True),
        notes=("n",),
        helps=("h",),
        fixes=(Fix("f", (Edit(span("relu"), "tanh"),)),),
    )
    plain, colored = render(diagnostic), render(diagnostic, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31merror[E300]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


def test_an_exception_reads_as_its_message() -> None:
    assert str(CnnError([error(title="so it is")])) == "error[E300]: so it is"


# ---- any input -----------------------------------------------------------------------------------

TEXT = st.text(st.sampled_from("ab \t\n|{}漢e\u0301🙂\x1b"), max_size=80)


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    sources = [Source("a.cnn", draw(TEXT)), Source("b.cnn", draw(TEXT))]

    def spot() -> Span:
        source = draw(st.sampled_from(sources))
        ends = sorted(draw(st.tuples(*[st.integers(0, len(source.text))] * 2)))
        return Span(source, *ends)

    labels = tuple(Label(spot(), draw(TEXT), draw(st.booleans())) for _ in range(draw(st.integers(0, 5))))
    edit = Edit(spot(), draw(TEXT))
    return error(*labels, title=draw(TEXT), notes=(draw(TEXT),), helps=(draw(TEXT),), fixes=(Fix("f", (edit,)),))


@settings(deadline=None)
@given(diagnostics(), st.sampled_from([None, 1, 40, 80]))
def test_any_diagnostic_can_be_rendered(diagnostic: Diagnostic, width: int | None) -> None:
    text = render(diagnostic, width=width)
    assert "\x1b" not in text and "\t" not in text
    if width and width >= 40:
        assert wide(text) <= width


@settings(deadline=None)
@given(st.text(st.sampled_from("ab\t漢🙂 "), max_size=300), st.data(), st.sampled_from([40, 80, None]))
def test_any_place_on_a_line_is_pointed_at(line: str, data: st.DataObject, width: int | None) -> None:
    at = data.draw(st.integers(0, len(line)))
    source = Source("a.cnn", f"{line[:at]}target{line[at:]}")
    text = render(error(Label(Span(source, at, at + 6), primary=True)), width=width)
    assert under_carets(text) == "target"
