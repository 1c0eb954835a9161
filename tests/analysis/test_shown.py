"""Results print, show themselves in a notebook, and turn into dicts."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import cnndsl
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.render.page import html, text

PAGE = Page(
    "Trial <b>&\x1b[2J",
    (
        Table((Heading("path"), Heading("count", "right")), (("conv1 -> relu1", "1,234"), ("<script>", "7"))),
        Facts((Fact("total", "1,241 of them " + "long " * 20), Fact("a name without room", "below")), "Sums"),
    ),
)


class Cells(HTMLParser):
    """What a reader of the HTML sees, tag by tag, and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.seen.append((self.open[-1], data))


def test_html_is_escaped_and_whole():
    cells = Cells()
    cells.feed(html(PAGE))
    assert not cells.open and "\x1b" not in html(PAGE)
    assert ("td", "<script>") in cells.seen and ("th", "count") in cells.seen
    assert cells.seen[0][1].startswith("Trial <b>&")


@pytest.mark.parametrize("width", [20, 40, 80, None])
def test_text_fits(width):
    lines = text(PAGE, width=width).splitlines()
    assert max(map(len, lines)) <= (width or 100)
    assert "\x1b" not in "".join(lines)
    assert sum(line.count("long") for line in lines) == 20
    assert text(PAGE, width=width, unicode=False).replace("\N{REPLACEMENT CHARACTER}", "").isascii()


def test_texts_of_facts_stand_below_each_other():
    lines = text(Page("", (Facts((Fact("a", "one"), Fact("longer name", "two"))),))).splitlines()
    assert lines[-2:] == ["a            one", "longer name  two"]


def test_a_result_shows_its_page():
    class Trial(Shown):
        count: int

        def page(self):
            return Page("Trial", (Facts((Fact("count", str(self.count)),)),))

        def to_dict(self):
            return {"count": self.count}

    bundle = Trial(3)._repr_mimebundle_()
    assert repr(Trial(3)) == str(Trial(3)) == bundle["text/plain"] == "Trial\n\ncount       3"
    assert "<td" in bundle["text/html"]


def test_the_cost_of_a_net_is_such_a_result(capsys):
    net = cnndsl.loads("## Doc.\nnet Digits { input 28x28x1 ; conv(4, 5) -> relu ; fc(10) }")
    net.summary()
    assert str(net.cost()) + "\n" == capsys.readouterr().out
    assert "conv1" in net.cost()._repr_mimebundle_()["text/html"]
    assert json.loads(json.dumps(net.cost().to_dict()))["params"] == 104 + 23050


@pytest.mark.parametrize("name", ["cost", "memory", "sizes", "receptive_field"])
def test_what_a_net_says_of_itself_prints_and_turns_into_json(name):
    result = getattr(cnndsl.loads("net Digits { input 28x28x1 ; conv(4, 5) -> relu ; fc(10) }"), name)()
    assert "Digits" in str(result) and "Record" not in repr(result)
    assert json.loads(json.dumps(result.to_dict()))["net"] == "Digits"


def test_one_layer_prints_its_receptive_field():
    field = cnndsl.loads("net A { input 9x9x1 ; conv(2, 5, stride=2) }").receptive_field("conv1")
    row = next(line for line in str(field).splitlines() if line.startswith("conv1 "))
    assert row.split()[-4:] == ["3x3x2", "5x5", "2", "2"]


def test_neither_rich_nor_html_is_loaded_before_something_is_shown():
    program = (
        "import sys, cnndsl; cnndsl.loads('net A { input 8 ; fc(2) }').cost().to_dict();"
        "print(sorted({'rich', 'html', 'cnndsl.render.page'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
